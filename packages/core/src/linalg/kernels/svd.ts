import { magnitude, signOf, turn } from "./eigh.js";
import { factorQr, length } from "./qr.js";

const epsilon = 2 ** -52;

/** Rows shorter than this have squares that vanish, and count as zero. */
const minNorm = 2 ** -500;

/**
 * Singular values, descending, and vectors of a row-major m × n matrix: a = u·diag(s)·vt with u m × k, vt k × n, k = min(m, n).
 * One-sided Jacobi rotations of the transposed triangle of a pivoted QR factorisation (Drmač & Veselić, SIAM J. Matrix Anal. 29, 2008):
 * small singular values come out to a relative accuracy that bidiagonal methods do not have. The largest element of each row of vt is
 * positive (of each column of u, where there are fewer rows than columns).
 */
export function singular(a: Float64Array, m: number, n: number): { u: Float64Array; s: Float64Array; vt: Float64Array } {
  if (!a.every(Number.isFinite)) {
    const unknown = (size: number): Float64Array => new Float64Array(size).fill(Number.NaN);
    const k = Math.min(m, n);
    return { u: unknown(m * k), s: unknown(k), vt: unknown(k * n) };
  }
  if (m < n) {
    const { u, s, vt } = singular(transposed(a, m, n), n, m);
    return { u: transposed(vt, m, m), s, vt: transposed(u, n, m) };
  }
  const scale = magnitude(a);
  const { q, r, columns } = factorQr(
    a.map((x) => x / scale),
    m,
    n,
    true,
  );
  // The rows of r, turned against each other until they are orthogonal: w·r = diag(s)·x.
  const w = new Float64Array(n * n);
  for (let i = 0; i < n; i++) w[i * n + i] = 1;
  orthogonalise(r, w, n);
  const sizes = new Float64Array(n).map((_, i) => length(r, i * n, 1, n)).map((size) => (size < minNorm ? 0 : size));
  const order = Array.from(sizes.keys()).sort((i, j) => sizes[j] - sizes[i]);
  const u = new Float64Array(m * n);
  const vt = new Float64Array(n * n);
  order.forEach((from, k) => {
    const sign = sizes[from] > 0 ? signOf(r, from * n, n) : 1;
    for (let i = 0; i < m; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += q[i * n + j] * w[from * n + j];
      u[i * n + k] = sign * sum;
    }
    if (sizes[from] > 0) for (let j = 0; j < n; j++) vt[k * n + columns[j]] = (sign * r[from * n + j]) / sizes[from];
    else complete(vt, n, k);
  });
  return { u, s: Float64Array.from(order, (i) => sizes[i] * scale), vt };
}

export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j];
  return out;
}

/** Turns the rows of x against each other until all are orthogonal, and those of w along with them. */
function orthogonalise(x: Float64Array, w: Float64Array, n: number): void {
  const squares = new Float64Array(n).map((_, i) => dot(x, i * n, i * n, n));
  const enough = epsilon * Math.sqrt(n);
  for (let sweep = 0, turned = true; turned && sweep < 60; sweep++) {
    turned = false;
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        const product = dot(x, p * n, q * n, n);
        if (!(Math.abs(product) > enough * Math.sqrt(squares[p]) * Math.sqrt(squares[q]))) continue;
        turned = true;
        const half = (squares[q] - squares[p]) / (2 * product);
        const t = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.hypot(half, 1));
        const c = 1 / Math.hypot(t, 1);
        turn(x, n, p, q, c, -c * t);
        turn(w, n, p, q, c, -c * t);
        squares[p] = dot(x, p * n, p * n, n);
        squares[q] = dot(x, q * n, q * n, n);
      }
  }
}

/** The sum of products of n elements from i and from j on. */
function dot(x: Float64Array, i: number, j: number, n: number): number {
  let even = 0;
  let odd = 0;
  let k = 0;
  for (; k < n - 1; k += 2) {
    even += x[i + k] * x[j + k];
    odd += x[i + k + 1] * x[j + k + 1];
  }
  return k < n ? even + odd + x[i + k] * x[j + k] : even + odd;
}

/** Row k as a unit vector at right angles to the rows before it: the unit vector of the axis that they reach least. */
function complete(x: Float64Array, n: number, k: number): void {
  let axis = 0;
  let shortest = Infinity;
  for (let j = 0; j < n; j++) {
    const reach = length(x, j, n, k);
    if (reach < shortest) [axis, shortest] = [j, reach];
  }
  x[k * n + axis] = 1;
  // Once more takes away what rounding left.
  for (let pass = 0; pass < 2; pass++)
    for (let i = 0; i < k; i++) {
      const part = dot(x, i * n, k * n, n);
      for (let j = 0; j < n; j++) x[k * n + j] -= part * x[i * n + j];
    }
  const size = length(x, k * n, 1, n);
  for (let j = 0; j < n; j++) x[k * n + j] /= size;
}
