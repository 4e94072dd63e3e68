// Products of matrices in tiles of two rows by four vectors: eight sums in registers, one product after the other.

import { fma } from "./lanes";

/** Columns of a panel. */
@inline function width<T>(): i32 {
  return 64 / sizeof<T>();
}

/** Two or four lines of a square become the columns of as many rows of a panel. */
@inline function turn<T>(to: usize, from: usize, across: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + across);
  if (sizeof<T>() == 8) {
    v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(to, v128.shuffle<i64>(a, b, 1, 3), 64);
  } else {
    const c = v128.load(from + 2 * across);
    const d = v128.load(from + 3 * across);
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(to, v128.shuffle<i64>(ab, cd, 1, 3), 64);
    const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(ef, gh, 0, 2), 128);
    v128.store(to, v128.shuffle<i64>(ef, gh, 1, 3), 192);
  }
}

/**
 * Lays a k × n matrix, element (p, j) at from + p·along + j·across, out in panels of `width` columns, row after row of each. What
 * stands where the last panel has no column is never read as a result.
 */
@inline function pack<T>(to: usize, from: usize, along: usize, across: usize, n: i32, k: i32): void {
  for (let j = 0; j < n; j += width<T>(), from += across * width<T>()) {
    if (across == sizeof<T>()) {
      for (let p = 0, at = from; p < k; p++, at += along, to += 64) {
        v128.store(to, v128.load(at));
        v128.store(to, v128.load(at, 16), 16);
        v128.store(to, v128.load(at, 32), 32);
        v128.store(to, v128.load(at, 48), 48);
      }
    } else {
      const count = min(width<T>(), n - j);
      const lanes: i32 = 16 / sizeof<T>();
      // Whole squares by vectors, where columns are lines.
      const squares = along == sizeof<T>() ? k - (k % lanes) : 0;
      let l = 0;
      let column = from;
      for (; l + lanes <= count; l += lanes, column += across * lanes) {
        let cell = to + l * sizeof<T>();
        for (let p = 0, at = column; p < squares; p += lanes, at += 16, cell += 64 * lanes) turn<T>(cell, at, across);
      }
      for (l = 0, column = from; l < count; l++, column += across) {
        const first = l < count - (count % lanes) ? squares : 0;
        let cell = to + l * sizeof<T>() + 64 * first;
        for (let p = first, at = column + <usize>first * along; p < k; p++, at += along, cell += 64) store<T>(cell, load<T>(at));
      }
      to += 64 * k;
    }
  }
}

/** Writes the first elements of a vector, or adds them where `more`. */
@inline function put<T>(at: usize, x: v128, count: i32, more: bool): void {
  const lanes: i32 = 16 / sizeof<T>();
  const y = more ? v128.add<T>(x, v128.load(at)) : x;
  if (count >= lanes) v128.store(at, y);
  else {
    v128.store_lane<T>(at, y, 0);
    if (sizeof<T>() == 4) {
      if (count > 1) v128.store_lane<T>(at, y, 1, 4);
      if (count > 2) v128.store_lane<T>(at, y, 2, 8);
    }
  }
}

/** Of the product below what a panel of n columns, fewer than it has room for, gives: by tiles of four rows and a vector. */
@inline function narrow<T>(m: i32, n: i32, k: i32, a: usize, group: usize, row: usize, column: usize, panel: usize, c: usize, line: usize, more: bool): void {
  const lanes: i32 = 16 / sizeof<T>();
  for (; n > 0; n -= lanes, panel += 16, c += 16) {
    const end = panel + 64 * k;
    for (let i = 0; i < m; i += 4) {
      let c0 = v128.splat<T>(0);
      let c1 = c0;
      let c2 = c0;
      let c3 = c0;
      // Rows that are not there are read as the first, and not stored.
      let a0 = a + <usize>(i / width<T>()) * group + <usize>(i % width<T>()) * row;
      let a1 = i + 1 < m ? a0 + row : a0;
      let a2 = i + 2 < m ? a0 + 2 * row : a0;
      let a3 = i + 3 < m ? a0 + 3 * row : a0;
      let y = panel;
      do {
        const b = v128.load(y);
        c0 = fma<T>(v128.load_splat<T>(a0), b, c0);
        c1 = fma<T>(v128.load_splat<T>(a1), b, c1);
        c2 = fma<T>(v128.load_splat<T>(a2), b, c2);
        c3 = fma<T>(v128.load_splat<T>(a3), b, c3);
        a0 += column;
        a1 += column;
        a2 += column;
        a3 += column;
        y += 64;
      } while (y < end);
      const cell = c + <usize>i * line;
      put<T>(cell, c0, n, more);
      if (i + 1 < m) put<T>(cell + line, c1, n, more);
      if (i + 2 < m) put<T>(cell + 2 * line, c2, n, more);
      if (i + 3 < m) put<T>(cell + 3 * line, c3, n, more);
    }
  }
}

/**
 * c = a·b, or c += a·b where `more`: b is in panels, c row-major, and a in groups of `width` rows, element (i, p) of a group at
 * i·row + p·column: so it may lie in lines or in panels of its transpose. A row that has none below it is computed twice, the second
 * time into 64 bytes at 0.
 */
@inline function multiply<T>(m: i32, n: i32, k: i32, a: usize, group: usize, row: usize, column: usize, b: usize, c: usize, more: bool): void {
  const line = n * sizeof<T>();
  for (let j = 0, panel = b; j < n; j += width<T>(), panel += 64 * k) {
    if (n - j < width<T>()) {
      narrow<T>(m, n - j, k, a, group, row, column, panel, c + j * sizeof<T>(), line, more);
      break;
    }
    const end = panel + 64 * k;
    for (let i = 0; i < m; i += 2) {
      let c0 = v128.splat<T>(0);
      let c1 = c0;
      let c2 = c0;
      let c3 = c0;
      let d0 = c0;
      let d1 = c0;
      let d2 = c0;
      let d3 = c0;
      // A row that is not there is read as the one before, and not stored.
      let a0 = a + <usize>(i / width<T>()) * group + <usize>(i % width<T>()) * row;
      let a1 = i + 1 < m ? a0 + row : a0;
      let y = panel;
      do {
        let b0 = v128.load(y);
        let b1 = v128.load(y, 16);
        let b2 = v128.load(y, 32);
        let b3 = v128.load(y, 48);
        let x0 = v128.load_splat<T>(a0);
        c0 = fma<T>(x0, b0, c0);
        c1 = fma<T>(x0, b1, c1);
        c2 = fma<T>(x0, b2, c2);
        c3 = fma<T>(x0, b3, c3);
        let x1 = v128.load_splat<T>(a1);
        d0 = fma<T>(x1, b0, d0);
        d1 = fma<T>(x1, b1, d1);
        d2 = fma<T>(x1, b2, d2);
        d3 = fma<T>(x1, b3, d3);
        a0 += column;
        a1 += column;
        y += 64;
        // A second term, behind a branch: without one, the engine loads the operands of both terms first, and has no registers for them.
        if (y == end) break;
        b0 = v128.load(y);
        b1 = v128.load(y, 16);
        b2 = v128.load(y, 32);
        b3 = v128.load(y, 48);
        x0 = v128.load_splat<T>(a0);
        c0 = fma<T>(x0, b0, c0);
        c1 = fma<T>(x0, b1, c1);
        c2 = fma<T>(x0, b2, c2);
        c3 = fma<T>(x0, b3, c3);
        x1 = v128.load_splat<T>(a1);
        d0 = fma<T>(x1, b0, d0);
        d1 = fma<T>(x1, b1, d1);
        d2 = fma<T>(x1, b2, d2);
        d3 = fma<T>(x1, b3, d3);
        a0 += column;
        a1 += column;
        y += 64;
      } while (y < end);
      const first = c + i * line + j * sizeof<T>();
      const second = i + 1 < m ? first + line : 0;
      if (more) {
        c0 = v128.add<T>(c0, v128.load(first));
        c1 = v128.add<T>(c1, v128.load(first, 16));
        c2 = v128.add<T>(c2, v128.load(first, 32));
        c3 = v128.add<T>(c3, v128.load(first, 48));
        d0 = v128.add<T>(d0, v128.load(second));
        d1 = v128.add<T>(d1, v128.load(second, 16));
        d2 = v128.add<T>(d2, v128.load(second, 32));
        d3 = v128.add<T>(d3, v128.load(second, 48));
      }
      v128.store(first, c0);
      v128.store(first, c1, 16);
      v128.store(first, c2, 32);
      v128.store(first, c3, 48);
      v128.store(second, d0);
      v128.store(second, d1, 16);
      v128.store(second, d2, 32);
      v128.store(second, d3, 48);
    }
  }
}

/** The elements of a vector, added up. */
@inline function total<T>(x: v128): T {
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1));
  return <T>(f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3)));
}

/** The products of m rows of k elements, one behind the other, with one line: four rows at a time. Those that are not there are read as the first. */
@inline function dots<T>(to: usize, a: usize, m: i32, k: i32, b: usize): void {
  const line = <usize>k * sizeof<T>();
  const whole = line & ~15;
  for (let i = 0; i < m; i += 4, a += 4 * line) {
    const r1: usize = i + 1 < m ? line : 0;
    const r2: usize = i + 2 < m ? 2 * line : 0;
    const r3: usize = i + 3 < m ? 3 * line : 0;
    let c0 = v128.splat<T>(0);
    let c1 = c0;
    let c2 = c0;
    let c3 = c0;
    for (let p: usize = 0; p < whole; p += 16) {
      const y = v128.load(b + p);
      c0 = fma<T>(v128.load(a + p), y, c0);
      c1 = fma<T>(v128.load(a + p + r1), y, c1);
      c2 = fma<T>(v128.load(a + p + r2), y, c2);
      c3 = fma<T>(v128.load(a + p + r3), y, c3);
    }
    let s0 = total<T>(c0);
    let s1 = total<T>(c1);
    let s2 = total<T>(c2);
    let s3 = total<T>(c3);
    for (let p = whole; p < line; p += sizeof<T>()) {
      const y = load<T>(b + p);
      s0 += load<T>(a + p) * y;
      s1 += load<T>(a + p + r1) * y;
      s2 += load<T>(a + p + r2) * y;
      s3 += load<T>(a + p + r3) * y;
    }
    store<T>(to, s0);
    if (i + 1 < m) store<T>(to, s1, sizeof<T>());
    if (i + 2 < m) store<T>(to, s2, 2 * sizeof<T>());
    if (i + 3 < m) store<T>(to, s3, 3 * sizeof<T>());
    to += 4 * sizeof<T>();
  }
}

export function dots32(to: usize, a: usize, m: i32, k: i32, b: usize): void {
  dots<f32>(to, a, m, k, b);
}

export function dots64(to: usize, a: usize, m: i32, k: i32, b: usize): void {
  dots<f64>(to, a, m, k, b);
}

export function pack32(to: usize, from: usize, along: usize, across: usize, n: i32, k: i32): void {
  pack<f32>(to, from, along, across, n, k);
}

export function pack64(to: usize, from: usize, along: usize, across: usize, n: i32, k: i32): void {
  pack<f64>(to, from, along, across, n, k);
}

export function multiply32(m: i32, n: i32, k: i32, a: usize, group: usize, row: usize, column: usize, b: usize, c: usize, more: bool): void {
  multiply<f32>(m, n, k, a, group, row, column, b, c, more);
}

export function multiply64(m: i32, n: i32, k: i32, a: usize, group: usize, row: usize, column: usize, b: usize, c: usize, more: bool): void {
  multiply<f64>(m, n, k, a, group, row, column, b, c, more);
}
