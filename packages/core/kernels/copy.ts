// Copies of lines that lie apart, one behind the other.

/** m lines of n elements, `across` bytes from each other, their elements `step` bytes apart. Up to 15 bytes behind the last are written too. */
@inline function copy<T>(to: usize, from: usize, m: i32, n: i32, across: usize, step: usize): void {
  for (; m > 0; m--, from += across) {
    const end = to + <usize>n * sizeof<T>();
    let at = from;
    if (step == sizeof<T>()) for (; to < end; to += 16, at += 16) v128.store(to, v128.load(at));
    else for (; to < end; to += sizeof<T>(), at += step) store<T>(to, load<T>(at));
    to = end;
  }
}

export function copy32(to: usize, from: usize, m: i32, n: i32, across: usize, step: usize): void {
  copy<f32>(to, from, m, n, across, step);
}

export function copy64(to: usize, from: usize, m: i32, n: i32, across: usize, step: usize): void {
  copy<f64>(to, from, m, n, across, step);
}

/** Lines of so many bytes, one behind the other, of those from `from` on that `count` whole numbers at `at` name. Up to 15 bytes more are written. */
export function take(to: usize, from: usize, at: usize, count: i32, bytes: usize): void {
  for (const last = at + 4 * count; at < last; at += 4) {
    const end = to + bytes;
    for (let line = from + load<u32>(at) * bytes; to < end; to += 16, line += 16) v128.store(to, v128.load(line));
    to = end;
  }
}
