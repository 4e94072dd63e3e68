import { gemm } from "../../cpu/kernels/gemm.js";
import type { Matrix } from "../../cpu/operands.js";

/** A row-major matrix. */
export const lines = (storage: Float64Array, row: number): Matrix => ({ storage, row, column: 1 });

/** A row-major matrix, transposed. */
export const across = (storage: Float64Array, row: number): Matrix => ({ storage, row: 1, column: row });

/** The product of an m × k and a k × n matrix, row-major. */
export function product(m: number, n: number, k: number, x: Matrix, xt: number, y: Matrix, yt: number): Float64Array {
  const out = new Float64Array(m * n);
  gemm(m, n, k, x, xt, y, yt, out, 0);
  return out;
}

/** Elements of a product that are there at a time, in memory that stays. */
const maxPart = 1 << 16;
let part = new Float64Array(0);

/** Subtracts the product of an m × k and a k × n matrix from a part of a row-major matrix, whose rows are `row` apart. */
export function subtract(
  m: number,
  n: number,
  k: number,
  x: Matrix,
  xt: number,
  y: Matrix,
  yt: number,
  out: Float64Array,
  at: number,
  row: number,
): void {
  const height = Math.max(1, Math.floor(maxPart / n));
  if (part.length < Math.min(m, height) * n) part = new Float64Array(Math.max(maxPart, n));
  for (let top = 0; top < m; top += height) {
    const end = Math.min(m, top + height);
    gemm(end - top, n, k, x, xt + top * x.row, y, yt, part, 0);
    for (let i = top, from = 0; i < end; i++) for (let j = 0, to = at + i * row; j < n; j++) out[to++] -= part[from++];
  }
}

/** The transpose of a row-major m × n matrix. */
export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j];
  return out;
}

/** Rows p and q become c·p + s·q and c·q − s·p. */
export function turn(x: Float64Array, width: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0, i = p * width, j = q * width; k < width; k++, i++, j++) {
    const y = x[i];
    const z = x[j];
    x[i] = c * y + s * z;
    x[j] = c * z - s * y;
  }
}

/** The sign of the largest of some elements: what makes a vector's sign a convention, and so continuous. */
export function signOf(x: Float64Array, start: number, count: number): 1 | -1 {
  let largest = 0;
  for (let i = start; i < start + count; i++) if (Math.abs(x[i]) > Math.abs(largest)) largest = x[i];
  return largest < 0 ? -1 : 1;
}

/** The largest absolute value, or NaN. */
export function largestOf(a: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]));
  return largest;
}

/** The power of two by which a number exceeds 1: with it as the largest element, divided by that power, squares neither overflow nor vanish. */
export const powerOf = (largest: number): number => (largest > 0 ? 2 ** Math.max(-1022, Math.floor(Math.log2(largest))) : 1);

/** The elements, or the elements in reverse, divided by a power of two. */
export function scaled(a: Float64Array, scale: number, reversed = false): Float64Array {
  const n = a.length;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = a[reversed ? n - 1 - i : i] / scale;
  return out;
}

/** The places of values in ascending order, or of the other sign in descending order. */
export function ordered(values: Float64Array, sign: 1 | -1 = 1): number[] {
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) places.push(i);
  return places.sort((i, j) => sign * (values[i] - values[j]));
}

/** √(x² + y²), without overflow on the way. */
export function hypot(x: number, y: number): number {
  const sum = x * x + y * y;
  return sum > 1e-280 && sum < 1e280 ? Math.sqrt(sum) : Math.hypot(x, y);
}
