import { lines, subtract } from "./matrices.js";

/** So many rows or columns are computed one by one; what those before them add is a product. */
export const block = 24;

/**
 * Elimination with partial pivoting, in place of a row-major m × n matrix: the unit lower factor below the diagonal, the upper one
 * on and above it. A column without a pivot is passed over, as a zero on the diagonal says.
 *
 * @returns the order of the rows, so that a[rows] = l·u, and the sign of that permutation
 */
export function factorLu(a: Float64Array, m: number, n: number): { rows: Int32Array; sign: number } {
  const rows = new Int32Array(m).map((_, i) => i);
  let sign = 1;
  const steps = Math.min(m, n);
  for (let start = 0; start < steps; start += block) {
    const end = Math.min(steps, start + block);
    for (let k = start; k < end; k++) {
      let pivot = k;
      let largest = Math.abs(a[k * n + k]);
      for (let i = k + 1; i < m; i++) {
        const size = Math.abs(a[i * n + k]);
        if (size > largest) [pivot, largest] = [i, size];
      }
      if (pivot !== k) {
        for (let c = 0; c < n; c++) [a[k * n + c], a[pivot * n + c]] = [a[pivot * n + c], a[k * n + c]];
        [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
        sign = -sign;
      }
      if (largest === 0) continue;
      const diagonal = a[k * n + k];
      for (let i = k + 1; i < m; i++) {
        const factor = (a[i * n + k] /= diagonal);
        if (factor !== 0) for (let j = k + 1; j < end; j++) a[i * n + j] -= factor * a[k * n + j];
      }
    }
    if (end === n) break;
    for (let i = start; i < end; i++)
      for (let k = start; k < i; k++) {
        const factor = a[i * n + k];
        if (factor !== 0) for (let j = end; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      }
    subtract(m - end, n - end, end - start, lines(a, n), end * n + start, lines(a, n), start * n + end, a, end * n + end, n);
  }
  return { rows, sign };
}

/** The first zero on the diagonal of an n × n matrix, or -1. */
export function zeroOnDiagonal(a: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) if (a[i * n + i] === 0) return i;
  return -1;
}

/** Solves t·x = b for a triangular n × n matrix, in place of the row-major n × k matrix b. The other triangle is not read. */
export function substitute(t: Float64Array, n: number, b: Float64Array, k: number, lower: boolean, unit = false): void {
  for (let solved = 0; solved < n; solved += block) {
    const size = Math.min(block, n - solved);
    const start = lower ? solved : n - solved - size;
    const from = lower ? 0 : start + size;
    if (solved > 0) subtract(size, k, solved, lines(t, n), start * n + from, lines(b, k), from * k, b, start * k, k);
    for (let s = 0; s < size; s++) {
      const i = start + (lower ? s : size - 1 - s);
      const [from, to] = lower ? [start, i] : [i + 1, start + size];
      for (let j = from; j < to; j++) {
        const factor = t[i * n + j];
        if (factor !== 0) for (let c = 0; c < k; c++) b[i * k + c] -= factor * b[j * k + c];
      }
      if (!unit) for (let c = 0; c < k; c++) b[i * k + c] /= t[i * n + i];
    }
  }
}

/** The solution of a·x = b, given the factors of a; b is n × k. */
export function solveFactored(factors: Float64Array, rows: Int32Array, b: Float64Array, k: number): Float64Array {
  const n = rows.length;
  const x = new Float64Array(n * k);
  for (let i = 0; i < n; i++) for (let c = 0; c < k; c++) x[i * k + c] = b[rows[i] * k + c];
  substitute(factors, n, x, k, true, true);
  substitute(factors, n, x, k, false);
  return x;
}
