import { reflect } from "./qr.js";

const epsilon = 2 ** -52;

/**
 * Eigenvalues, ascending, and eigenvectors, as the columns of a row-major matrix, of a symmetric n × n matrix:
 * Householder's tridiagonal form, then implicit QL steps with Wilkinson's shift (Golub & Van Loan, Matrix Computations, 8.3).
 * Values are right to a few units of rounding of the largest; the largest element of a vector is positive.
 */
export function eigenSymmetric(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  if (!a.every(Number.isFinite)) return { values: new Float64Array(n).fill(Number.NaN), vectors: a.fill(Number.NaN) };
  const scale = magnitude(a);
  const scaled = a.map((x) => x / scale);
  // QL steps want the large elements last.
  const turned = Math.abs(a[0]) > Math.abs(a[n * n - 1]);
  const { diagonal, beside, basis } = tridiagonal(turned ? scaled.reverse() : scaled, n);
  iterate(diagonal, beside, basis, n);
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[i] - diagonal[j]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, j) => {
    const sign = signOf(basis, from * n, n);
    for (let i = 0; i < n; i++) vectors[i * n + j] = sign * basis[from * n + (turned ? n - 1 - i : i)];
  });
  return { values: Float64Array.from(order, (i) => diagonal[i] * scale), vectors };
}

/** The sign of the largest of some elements: what makes a vector's sign a convention, and so continuous. */
export function signOf(x: Float64Array, start: number, count: number): 1 | -1 {
  let largest = 0;
  for (let i = start; i < start + count; i++) if (Math.abs(x[i]) > Math.abs(largest)) largest = x[i];
  return largest < 0 ? -1 : 1;
}

/** The power of two by which the largest element exceeds 1: divided by it, squares neither overflow nor vanish. */
export function magnitude(a: Float64Array): number {
  const largest = a.reduce((x, y) => Math.max(x, Math.abs(y)), 0);
  return largest > 0 && largest < Infinity ? 2 ** Math.max(-1022, Math.floor(Math.log2(largest))) : 1;
}

/** a = basisᵀ·T·basis with T tridiagonal; beside[i] stands between the diagonal's i and i + 1. */
function tridiagonal(a: Float64Array, n: number): { diagonal: Float64Array; beside: Float64Array; basis: Float64Array } {
  const beside = new Float64Array(n);
  const tau = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    // The reflection's vector lies in row k, right of the diagonal.
    const v = k * n;
    tau[k] = reflect(a, v + k + 1, 1, n - 1 - k);
    beside[k] = a[v + k + 1];
    if (tau[k] === 0) continue;
    a[v + k + 1] = 1;
    let dot = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += a[i * n + j] * a[v + j];
      w[i] = tau[k] * sum;
      dot += w[i] * a[v + i];
    }
    for (let i = k + 1; i < n; i++) w[i] -= (tau[k] / 2) * dot * a[v + i];
    for (let i = k + 1; i < n; i++) for (let j = k + 1; j < n; j++) a[i * n + j] -= a[v + i] * w[j] + w[i] * a[v + j];
  }
  const basis = new Float64Array(n * n);
  for (let i = 0; i < n; i++) basis[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) {
    if (tau[k] === 0) continue;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += basis[i * n + j] * a[k * n + j];
      for (let j = k + 1; j < n; j++) basis[i * n + j] -= tau[k] * sum * a[k * n + j];
    }
  }
  return { diagonal: new Float64Array(n).map((_, i) => a[i * n + i]), beside, basis };
}

/** Makes the tridiagonal matrix diagonal; the rows of the basis turn along and end as eigenvectors. */
function iterate(d: Float64Array, e: Float64Array, basis: Float64Array, n: number): void {
  // An element that is this small against the largest ones is rounding.
  const floor = (epsilon / 8) * d.reduce((most, x, i) => Math.max(most, Math.abs(x), Math.abs(e[i])), 0);
  const negligible = (i: number): boolean => Math.abs(e[i]) <= Math.max(floor, epsilon * (Math.abs(d[i]) + Math.abs(d[i + 1])));
  for (let low = 0; low < n; low++) {
    // Two or three steps serve; the bound serves matrices with NaN.
    for (let step = 0; step < 80; step++) {
      let high = low;
      while (high < n - 1 && !negligible(high)) high++;
      if (high === low) break;
      const half = (d[low + 1] - d[low]) / (2 * e[low]);
      let g = d[high] - d[low] + e[low] / (half + (half < 0 ? -1 : 1) * Math.hypot(half, 1));
      let [s, c, shift] = [1, 1, 0];
      let i = high - 1;
      for (; i >= low; i--) {
        const f = s * e[i];
        const b = c * e[i];
        const r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= shift;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - shift;
        const t = (d[i] - g) * s + 2 * c * b;
        shift = s * t;
        d[i + 1] = g + shift;
        g = c * t - b;
        turn(basis, n, i + 1, i, c, s);
      }
      if (i < low) {
        d[low] -= shift;
        e[low] = g;
      }
      e[high] = 0;
    }
  }
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
