/**
 * The lower factor of a symmetric positive definite n × n matrix, in place; its upper triangle is set to zero.
 *
 * @returns the order of the first leading minor that is not positive, or 0
 */
export function factorCholesky(a: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (j < i) a[i * n + j] = sum / a[j * n + j];
      else if (!(sum > 0)) return i + 1;
      else a[i * n + i] = Math.sqrt(sum);
    }
    a.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return 0;
}
