import type { Data } from "../../engine/aval.js";
import type { Matrix } from "../operands.js";
import { isFloats } from "../wasm/fold.js";
import { dots, multiply } from "../wasm/gemm.js";

/** Rows and columns that one tile of the result has: its sixteen sums stay in registers. */
const side = 4;

/** So few rows are taken for columns, so that the other operand is read where it lies. */
const narrow = 32;

let scratch = new Float64Array(0);

/** The least number of products that are left to WebAssembly: its memory costs a fifth of a microsecond. */
const minProducts = 512;

/** Whether products of these sizes are left to WebAssembly. */
export const isVectorised = (m: number, n: number, k: number, out: Data): out is Float32Array | Float64Array =>
  m * n * k >= minProducts && isFloats(out);

/**
 * The product of an m × k matrix at `at` and a k × n matrix at `bt`, row-major into `out` from o on. int32 wraps around. Large
 * products of floats are left to WebAssembly: lines times one line where they lie so, else a matrix times a column as a row times the transpose.
 */
export function gemm(m: number, n: number, k: number, a: Matrix, at: number, b: Matrix, bt: number, out: Data, o: number): void {
  if (isVectorised(m, n, k, out)) {
    const [x, y] = [transposed(b), transposed(a)];
    if (n === 1 && (dots(m, k, a, at, b.storage, bt, b.row, out, o) || multiply(1, m, k, x, bt, y, at, out, o))) return;
    if (m === 1 && dots(n, k, x, bt, a.storage, at, a.column, out, o)) return;
    if (n !== 1 && multiply(m, n, k, a, at, b, bt, out, o)) return;
  }
  plain(m, n, k, a, at, b, bt, out, o);
}

const transposed = ({ storage, row, column, fixed }: Matrix): Matrix => ({ storage, row: column, column: row, fixed });

/** The same in JavaScript. Sums run in float64 and are rounded once. */
export function plain(m: number, n: number, k: number, a: Matrix, at: number, b: Matrix, bt: number, out: Data, o: number): void {
  const [x, y] = [a.storage, b.storage];
  const sum = out instanceof Int32Array ? wholeLines : lines;
  if (m < 2 || n < 2 || m * n * k < 64 || sum === wholeLines) {
    if (n === 1) sum(m, k, x, at, a.row, a.column, y, bt, b.row, out, o);
    else for (let i = 0; i < m; i++) sum(n, k, y, bt, b.column, b.row, x, at + i * a.row, a.column, out, o + i * n);
  } else if (m < n && m <= narrow) tiles(n, m, k, y, bt, b.column, b.row, x, at, a.row, a.column, out, o, 1, n);
  else tiles(m, n, k, x, at, a.row, a.column, y, bt, b.column, b.row, out, o, n, 1);
}

/** out[o + i] = Σ x[i, p]·y[p] for n lines of x, four at a time. Lines that are not there are read as the first one, and not stored. */
function lines(
  n: number,
  k: number,
  x: Data,
  at: number,
  across: number,
  along: number,
  y: Data,
  from: number,
  step: number,
  out: Data,
  o: number,
): void {
  for (; n > 0; n -= side, o += side, at += side * across) {
    const x1 = n > 1 ? across : 0;
    const x2 = n > 2 ? 2 * across : 0;
    const x3 = n > 3 ? 3 * across : 0;
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    for (let p = 0, s = at, t = from; p < k; p++, s += along, t += step) {
      const q = y[t];
      c0 += x[s] * q;
      c1 += x[s + x1] * q;
      c2 += x[s + x2] * q;
      c3 += x[s + x3] * q;
    }
    store(out, o, 1, n, c0, c1, c2, c3);
  }
}

/** The same in whole numbers. */
function wholeLines(
  n: number,
  k: number,
  x: Data,
  at: number,
  across: number,
  along: number,
  y: Data,
  from: number,
  step: number,
  out: Data,
  o: number,
): void {
  for (; n > 0; n -= side, o += side, at += side * across) {
    const x1 = n > 1 ? across : 0;
    const x2 = n > 2 ? 2 * across : 0;
    const x3 = n > 3 ? 3 * across : 0;
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    for (let p = 0, s = at, t = from; p < k; p++, s += along, t += step) {
      const q = y[t];
      c0 = (c0 + Math.imul(x[s], q)) | 0;
      c1 = (c1 + Math.imul(x[s + x1], q)) | 0;
      c2 = (c2 + Math.imul(x[s + x2], q)) | 0;
      c3 = (c3 + Math.imul(x[s + x3], q)) | 0;
    }
    store(out, o, 1, n, c0, c1, c2, c3);
  }
}

/** Copies `count` lines of k elements into panels of four side by side, the last panel filled up with zeros. */
function pack(count: number, k: number, x: Data, at: number, across: number, along: number): void {
  for (let line = 0, to = 0; line < count; line += side, to += side * k)
    for (let l = 0; l < side; l++) {
      const inside = line + l < count;
      let from = at + (line + l) * across;
      for (let p = 0, t = to + l; p < k; p++, t += side, from += along) scratch[t] = inside ? x[from] : 0;
    }
}

/** The sums of all pairs of m lines of x and n lines of y, of which the latter are packed, `down` and `right` from each other in `out`. */
function tiles(
  m: number,
  n: number,
  k: number,
  x: Data,
  at: number,
  row: number,
  column: number,
  y: Data,
  bt: number,
  across: number,
  along: number,
  out: Data,
  o: number,
  down: number,
  right: number,
): void {
  const need = Math.ceil(n / side) * side * k;
  if (scratch.length < need) scratch = new Float64Array(need);
  pack(n, k, y, bt, across, along);
  for (let j = 0; j < n; j += side)
    for (let i = 0; i < m; i += side)
      tile(x, at + i * row, row, column, scratch, j * k, k, out, o + i * down + j * right, down, right, m - i, n - j);
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
  down: number,
  right: number,
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
  store(out, o, right, width, c00, c01, c02, c03);
  if (height > 1) store(out, o + down, right, width, c10, c11, c12, c13);
  if (height > 2) store(out, o + 2 * down, right, width, c20, c21, c22, c23);
  if (height > 3) store(out, o + 3 * down, right, width, c30, c31, c32, c33);
}

function store(out: Data, o: number, step: number, count: number, c0: number, c1: number, c2: number, c3: number): void {
  out[o] = c0;
  if (count > 1) out[o + step] = c1;
  if (count > 2) out[o + 2 * step] = c2;
  if (count > 3) out[o + 3 * step] = c3;
}
