// Copies of lines from one layout to another.

/** m lines of n elements: their places in bytes from line to line, and from element to element, there and here. */
@inline function copy<T>(to: usize, from: usize, m: i32, n: i32, toAcross: usize, toStep: usize, across: usize, step: usize): void {
  const bytes = <usize>n * toStep;
  const last = bytes - 16;
  if (step == sizeof<T>() && toStep == sizeof<T>() && bytes >= 16)
    for (; m > 0; m--, to += toAcross, from += across) {
      for (let i: usize = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
      // The last vector begins within the one before.
      v128.store(to + last, v128.load(from + last));
    }
  else
    for (; m > 0; m--, to += toAcross, from += across) {
      let at = from;
      let put = to;
      // A line of one element may have no step.
      for (let left = n; left > 0; left--, put += toStep, at += step) store<T>(put, load<T>(at));
    }
}

export function copy32(to: usize, from: usize, m: i32, n: i32, toAcross: usize, toStep: usize, across: usize, step: usize): void {
  copy<f32>(to, from, m, n, toAcross, toStep, across, step);
}

export function copy64(to: usize, from: usize, m: i32, n: i32, toAcross: usize, toStep: usize, across: usize, step: usize): void {
  copy<f64>(to, from, m, n, toAcross, toStep, across, step);
}

/** Lines of so many bytes, one behind the other, of those from `from` on that `count` whole numbers at `at` name. Up to 15 bytes more are written. */
export function take(to: usize, from: usize, at: usize, count: i32, bytes: usize): void {
  for (const last = at + 4 * count; at < last; at += 4) {
    const end = to + bytes;
    for (let line = from + load<u32>(at) * bytes; to < end; to += 16, line += 16) v128.store(to, v128.load(line));
    to = end;
  }
}
