/** √Σx², of the elements from start on in steps, without overflow on the way. */
export function length(x: Float64Array, start: number, step: number, count: number): number {
  let largest = 0;
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(x[start + i * step]));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (x[start + i * step] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/**
 * The reflection I − τ·v·vᵀ that leaves only the first of some elements, which lie at start, start + step, …: v takes the place of
 * the elements after the first, with an implied 1 before them, and the first becomes what is left. As in LAPACK, what is
 * already so stays as it is (τ = 0), and −0 counts as negative.
 */
export function reflect(x: Float64Array, start: number, step: number, count: number): number {
  const rest = length(x, start + step, step, count - 1);
  if (rest === 0) return 0;
  const first = x[start];
  const left = (first < 0 || Object.is(first, -0) ? 1 : -1) * Math.hypot(first, rest);
  for (let i = 1; i < count; i++) x[start + i * step] /= first - left;
  x[start] = left;
  // That of v itself: the numbers of a tiny column have few digits, and the reflection is orthogonal all the same.
  return 2 / (1 + length(x, start + step, step, count - 1) ** 2);
}

/** Applies the reflection of column k of `a`, m × n, to the columns from `from` on of the row-major matrix b of width w. */
function apply(a: Float64Array, m: number, n: number, k: number, tau: number, b: Float64Array, w: number, from: number): void {
  if (tau === 0) return;
  const dots = b.slice(k * w, (k + 1) * w);
  for (let i = k + 1; i < m; i++) {
    const v = a[i * n + k];
    for (let j = from; j < w; j++) dots[j] += v * b[i * w + j];
  }
  for (let j = from; j < w; j++) b[k * w + j] -= tau * dots[j];
  for (let i = k + 1; i < m; i++) {
    const v = tau * a[i * n + k];
    for (let j = from; j < w; j++) b[i * w + j] -= v * dots[j];
  }
}

/** Householder's factors of a row-major m × n matrix, which is overwritten: a[:, columns] = q·r, with q m × k, r k × n, k = min(m, n). */
export function factorQr(a: Float64Array, m: number, n: number, pivot = false): { q: Float64Array; r: Float64Array; columns: Int32Array } {
  const k = Math.min(m, n);
  const tau = new Float64Array(k);
  const columns = new Int32Array(n).map((_, i) => i);
  for (let i = 0; i < k; i++) {
    if (pivot) {
      const sizes = Array.from({ length: n - i }, (_, j) => length(a, i * n + i + j, n, m - i));
      const chosen = i + sizes.indexOf(Math.max(...sizes));
      for (let row = 0; row < m; row++) [a[row * n + i], a[row * n + chosen]] = [a[row * n + chosen], a[row * n + i]];
      [columns[i], columns[chosen]] = [columns[chosen], columns[i]];
    }
    tau[i] = reflect(a, i * n + i, n, m - i);
    apply(a, m, n, i, tau[i], a, n, i + 1);
  }
  const q = new Float64Array(m * k);
  for (let i = 0; i < k; i++) q[i * k + i] = 1;
  for (let i = k - 1; i >= 0; i--) apply(a, m, n, i, tau[i], q, k, i);
  const r = a.slice(0, k * n);
  for (let i = 1; i < k; i++) r.fill(0, i * n, i * n + i);
  return { q, r, columns };
}
