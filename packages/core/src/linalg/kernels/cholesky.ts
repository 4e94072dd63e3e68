import { block } from "./lu.js";
import { lines, subtract } from "./matrices.js";

/**
 * The lower factor of a symmetric positive definite n × n matrix, in place; its upper triangle is set to zero.
 *
 * @returns the order of the first leading minor that is not positive, or 0
 */
export function factorCholesky(a: Float64Array, n: number): number {
  for (let start = 0; start < n; start += block) {
    const end = Math.min(n, start + block);
    const at = start * n;
    if (start > 0) subtract(n - start, end - start, start, lines(a, n), at, { storage: a, row: 1, column: n }, at, a, at + start, n);
    for (let i = start; i < n; i++)
      for (let j = start; j <= i && j < end; j++) {
        let sum = a[i * n + j];
        for (let k = start; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
        if (j < i) a[i * n + j] = sum / a[j * n + j];
        else if (!(sum > 0)) return i + 1;
        else a[i * n + i] = Math.sqrt(sum);
      }
  }
  for (let i = 0; i < n; i++) a.fill(0, i * n + i + 1, (i + 1) * n);
  return 0;
}
