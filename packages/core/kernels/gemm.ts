// Products of matrices in tiles of two rows by four vectors: eight sums in registers, one product after the other.

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

/**
 * c = a·b, or c += a·b where `more`: b is in panels, c row-major, and a in groups of `width` rows, element (i, p) of a group at
 * i·row + p·column: so it may lie in lines or in panels of its transpose. A tile that reaches over the edge goes through 128 bytes
 * at 0.
 */
@inline function multiply<T>(m: i32, n: i32, k: i32, a: usize, group: usize, row: usize, column: usize, b: usize, c: usize, more: bool): void {
  const line = n * sizeof<T>();
  for (let j = 0, panel = b; j < n; j += width<T>(), panel += 64 * k) {
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
      const next: usize = i + 1 < m ? row : 0;
      let at = a + <usize>(i / width<T>()) * group + <usize>(i % width<T>()) * row;
      for (let y = panel, end = panel + 64 * k; y < end; y += 64, at += column) {
        const b0 = v128.load(y);
        const b1 = v128.load(y, 16);
        const b2 = v128.load(y, 32);
        const b3 = v128.load(y, 48);
        const x0 = v128.load_splat<T>(at);
        c0 = v128.add<T>(c0, v128.mul<T>(x0, b0));
        c1 = v128.add<T>(c1, v128.mul<T>(x0, b1));
        c2 = v128.add<T>(c2, v128.mul<T>(x0, b2));
        c3 = v128.add<T>(c3, v128.mul<T>(x0, b3));
        const x1 = v128.load_splat<T>(at + next);
        d0 = v128.add<T>(d0, v128.mul<T>(x1, b0));
        d1 = v128.add<T>(d1, v128.mul<T>(x1, b1));
        d2 = v128.add<T>(d2, v128.mul<T>(x1, b2));
        d3 = v128.add<T>(d3, v128.mul<T>(x1, b3));
      }
      const corner = c + i * line + j * sizeof<T>();
      const inside = i + 1 < m && j + width<T>() <= n;
      const first = inside ? corner : 0;
      const second = inside ? corner + line : 64;
      if (inside && more) {
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
      if (!inside) {
        for (let r = 0; r < min(2, m - i); r++) {
          for (let l = 0; l < min(width<T>(), n - j); l++) {
            const cell = corner + r * line + l * sizeof<T>();
            const sum = load<T>(r * 64 + l * sizeof<T>());
            store<T>(cell, more ? load<T>(cell) + sum : sum);
          }
        }
      }
    }
  }
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
