// Copies of lines from one layout to another.

/** Two or four lines of a square, `across` from each other, become its columns: its rows are `pitch` apart. */
@inline function turn<T>(to: usize, from: usize, across: usize, pitch: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + across);
  if (sizeof<T>() == 8) {
    v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(to + pitch, v128.shuffle<i64>(a, b, 1, 3));
  } else {
    const c = v128.load(from + 2 * across);
    const d = v128.load(from + 3 * across);
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(to + pitch, v128.shuffle<i64>(ab, cd, 1, 3));
    const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(to + 2 * pitch, v128.shuffle<i64>(ef, gh, 0, 2));
    v128.store(to + 3 * pitch, v128.shuffle<i64>(ef, gh, 1, 3));
  }
}

/** m lines of n elements: their places in bytes from line to line, and from element to element, there and here. */
export function copy<T>(to: usize, from: usize, m: i32, n: i32, toAcross: usize, toStep: usize, across: usize, step: usize): void {
  const bytes = <usize>n * toStep;
  const last = bytes - 16;
  if (toStep == sizeof<T>() && bytes >= 16 && (step == sizeof<T>() || step == 0))
    for (; m > 0; m--, to += toAcross, from += across) {
      // A line of one element that is repeated has no step.
      const one = v128.load_splat<T>(from);
      for (let i: usize = 0; i < last; i += 16) v128.store(to + i, step != 0 ? v128.load(from + i) : one);
      // The last vector begins within the one before.
      v128.store(to + last, step != 0 ? v128.load(from + last) : one);
    }
  else {
    const lanes: i32 = 16 / sizeof<T>();
    // Lines side by side: squares are turned, the last of which begins within the one before.
    if (across == sizeof<T>() && toStep == sizeof<T>() && n >= lanes)
      for (; m >= lanes; m -= lanes, to += lanes * toAcross, from += 16)
        for (let i = 0; i < n; i += lanes) {
          const first = min(i, n - lanes);
          turn<T>(to + first * sizeof<T>(), from + first * step, step, toAcross);
        }
    for (; m > 0; m--, to += toAcross, from += across) {
      let at = from;
      let put = to;
      for (let left = n; left > 0; left--, put += toStep, at += step) store<T>(put, load<T>(at));
    }
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
