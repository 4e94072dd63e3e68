import type { Data } from "../aval.js";

/** A matrix in storage: element (i, j) at offset + i·row + j·column. Any strides will do. */
export interface Matrix {
  readonly storage: Data;
  readonly row: number;
  readonly column: number;
}

/** Rows and columns that one tile of the result has: its sixteen sums stay in registers. */
const side = 4;

let scratch = new Float64Array(0);

/** Copies `count` lines of k elements into panels of four side by side, the last panel filled up with zeros. */
function pack(to: number, count: number, k: number, x: Data, at: number, across: number, along: number): void {
  for (let line = 0; line < count; line += side, to += side * k)
    for (let l = 0; l < side; l++) {
      const inside = line + l < count;
      let from = at + (line + l) * across;
      for (let p = 0, t = to + l; p < k; p++, t += side, from += along) scratch[t] = inside ? x[from] : 0;
    }
}

/** One element after the other: for whole numbers, and where packing would not pay. */
function plain(m: number, n: number, k: number, a: Matrix, at: number, b: Matrix, bt: number, out: Data, o: number): void {
  const [x, y] = [a.storage, b.storage];
  const whole = out instanceof Int32Array;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let [s, t] = [at + i * a.row, bt + j * b.column];
      for (let p = 0; p < k; p++, s += a.column, t += b.row) sum = whole ? (sum + Math.imul(x[s], y[t])) | 0 : sum + x[s] * y[t];
      out[o++] = sum;
    }
}

/** From so many columns on, rows are packed as well: a cache line then serves four of them. */
const long = 128;

/**
 * The product of an m × k matrix at `at` and a k × n matrix at `bt`, row-major into `out` from o on. Sums run in float64 and are
 * rounded once; int32 wraps around.
 */
export function gemm(m: number, n: number, k: number, a: Matrix, at: number, b: Matrix, bt: number, out: Data, o: number): void {
  if (m < 2 || n < 2 || m * n * k < 64 || out instanceof Int32Array) return plain(m, n, k, a, at, b, bt, out, o);
  const packsRows = k >= long;
  const [height, width] = [Math.ceil(m / side), Math.ceil(n / side)];
  const start = packsRows ? height * side * k : 0;
  const need = start + width * side * k;
  if (scratch.length < need) scratch = new Float64Array(need);
  if (packsRows) pack(0, m, k, a.storage, at, a.row, a.column);
  pack(start, n, k, b.storage, bt, b.column, b.row);
  const x = packsRows ? scratch : a.storage;
  const [origin, panel, row, column] = packsRows ? [0, side * k, 1, side] : [at, side * a.row, a.row, a.column];
  const y = scratch;
  // So many row panels at a time as stay in the second-level cache while all columns pass.
  const block = Math.max(1, Math.floor(2 ** 13 / k));
  for (let first = 0; first < height; first += block)
    for (let j = 0; j < width; j++)
      for (let i = first; i < Math.min(height, first + block); i++)
        tile(x, origin + i * panel, row, column, y, start + j * side * k, k, out, o + (i * n + j) * side, n, m - i * side, n - j * side);
}

/** One tile: sixteen sums over k, of which `height` × `width` are stored. */
function tile(
  a: Data,
  x: number,
  row: number,
  column: number,
  b: Float64Array,
  y: number,
  k: number,
  out: Data,
  o: number,
  n: number,
  height: number,
  width: number,
): void {
  // Rows that are not there are read as the first one, and not stored.
  const x1 = height > 1 ? row : 0;
  const x2 = height > 2 ? 2 * row : 0;
  const x3 = height > 3 ? 3 * row : 0;
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  for (const end = y + side * k; y < end; x += column, y += side) {
    const b0 = b[y];
    const b1 = b[y + 1];
    const b2 = b[y + 2];
    const b3 = b[y + 3];
    let q = a[x];
    c00 += q * b0;
    c01 += q * b1;
    c02 += q * b2;
    c03 += q * b3;
    q = a[x + x1];
    c10 += q * b0;
    c11 += q * b1;
    c12 += q * b2;
    c13 += q * b3;
    q = a[x + x2];
    c20 += q * b0;
    c21 += q * b1;
    c22 += q * b2;
    c23 += q * b3;
    q = a[x + x3];
    c30 += q * b0;
    c31 += q * b1;
    c32 += q * b2;
    c33 += q * b3;
  }
  store(out, o, width, c00, c01, c02, c03);
  if (height > 1) store(out, o + n, width, c10, c11, c12, c13);
  if (height > 2) store(out, o + 2 * n, width, c20, c21, c22, c23);
  if (height > 3) store(out, o + 3 * n, width, c30, c31, c32, c33);
}

function store(out: Data, o: number, columns: number, c0: number, c1: number, c2: number, c3: number): void {
  out[o] = c0;
  if (columns > 1) out[o + 1] = c1;
  if (columns > 2) out[o + 2] = c2;
  if (columns > 3) out[o + 3] = c3;
}
