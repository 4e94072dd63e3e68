import { eigenSymmetric } from "./eigh.js";
import { across, hypot, largestOf, lines, ordered, powerOf, product, scaled, signOf, transposed, turn } from "./matrices.js";
import { factorLines } from "./qr.js";
import { dot, length } from "./reflections.js";

const epsilon = 2 ** -52;

/** Rows with smaller squares count as zero. */
const minSquare = 2 ** -1000;

/** So many rows are turned all at once, if none is shorter than another by more than this. */
const minTogether = 12;
const comparable = 2 ** -10;

/** Angles so small are turned all at once, between rows with cosines so small. */
const small = 2 ** -20;

/**
 * Singular values, descending, and vectors of a row-major m × n matrix: a = u·diag(s)·vt with u m × k, vt k × n, k = min(m, n).
 * One-sided Jacobi rotations of the triangle of a pivoted QR factorisation, made triangular once more from the other side (Drmač & Veselić, SIAM J. Matrix Anal. 29, 2008):
 * small singular values come out to a relative accuracy that bidiagonal methods do not have. The largest element of each row of vt is
 * positive (of each column of u, where there are fewer rows than columns).
 */
export function singular(a: Float64Array, m: number, n: number): { u: Float64Array; s: Float64Array; vt: Float64Array } {
  const [most, k] = [Math.max(m, n), Math.min(m, n)];
  const largest = largestOf(a);
  if (!Number.isFinite(largest)) {
    const unknown = (size: number): Float64Array => new Float64Array(size).fill(Number.NaN);
    return { u: unknown(m * k), s: unknown(k), vt: unknown(k * n) };
  }
  const scale = powerOf(largest);
  const columns = new Int32Array(k);
  const { q, r } = factorLines(scaled(m < n ? a : transposed(a, m, n), scale), most, k, columns);
  const { q: right, r: x } = factorLines(r, k, k);
  // The rows of x are turned against each other until they are orthogonal: w·x = diag(s)·left, and the triangle is leftᵀ·diag(s)·w·right.
  const w = new Float64Array(k * k);
  for (let i = 0; i < k; i++) w[i * k + i] = 1;
  approach(x, w, k);
  orthogonalise(x, w, k);
  const sizes = sizesOf(x, k);
  const vectors = product(k, k, k, lines(w, k), 0, lines(right, k), 0);
  const left = new Float64Array(k * k);
  const s = new Float64Array(k);
  const vt = new Float64Array(k * k);
  let rank = 0;
  ordered(sizes, -1).forEach((from, to) => {
    s[to] = sizes[from] * scale;
    const sign = signOf(vectors, from * k, k);
    for (let j = 0; j < k; j++) vt[to * k + columns[j]] = sign * vectors[from * k + j];
    if (sizes[from] === 0) return;
    rank++;
    for (let j = 0; j < k; j++) left[to * k + j] = (sign * x[from * k + j]) / sizes[from];
  });
  for (let i = rank; i < k; i++) complete(left, k, i);
  if (m < n) return { u: transposed(vt, k, k), s, vt: product(k, n, k, lines(left, k), 0, lines(q, n), 0) };
  return { u: product(m, k, k, across(q, m), 0, across(left, k), 0), s, vt };
}

/** Lengths of the rows. */
function sizesOf(x: Float64Array, n: number): Float64Array {
  const sizes = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const size = length(x, i * n, 1, n);
    if (size * size >= minSquare) sizes[i] = size;
  }
  return sizes;
}

/** Makes rows of comparable lengths nearly orthogonal, by the eigenvectors of their products, and turns those of the identity w along. */
function approach(x: Float64Array, w: Float64Array, n: number): void {
  if (n < minTogether) return;
  const sizes = sizesOf(x, n);
  for (let start = 0, end = 0; start < n; start = end) {
    let [least, most] = [sizes[start], sizes[start]];
    while (end < n && Math.min(least, sizes[end]) >= comparable * Math.max(most, sizes[end])) {
      [least, most] = [Math.min(least, sizes[end]), Math.max(most, sizes[end])];
      end++;
    }
    const count = end - start;
    if (count < minTogether || most === 0) continue;
    const rows = scaled(x.subarray(start * n, end * n), powerOf(most));
    const { vectors } = eigenSymmetric(product(count, count, n, lines(rows, n), 0, across(rows, n), 0), count);
    x.set(product(count, n, count, across(vectors, count), 0, lines(x, n), start * n), start * n);
    for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) w[(start + i) * n + start + j] = vectors[j * count + i];
  }
}

/** Turns the rows of x against each other until all are orthogonal, and those of w along with them. */
function orthogonalise(x: Float64Array, w: Float64Array, n: number): void {
  const enough = epsilon * Math.sqrt(n);
  // Squared lengths, as they are now and as they were when they were last summed.
  const [squares, summed] = [new Float64Array(n), new Float64Array(n)];
  const cosine = (product: number, p: number, q: number): number => {
    const sizes = Math.sqrt(squares[p]) * Math.sqrt(squares[q]);
    return squares[p] < minSquare || squares[q] < minSquare ? 0 : Math.abs(product) / sizes;
  };
  const tangent = (product: number, p: number, q: number): number => {
    const half = (squares[q] - squares[p]) / (2 * product);
    return (half < 0 ? -1 : 1) / (Math.abs(half) + hypot(half, 1));
  };
  for (let sweep = 0, turned = true; turned && sweep < 60; sweep++) {
    // Products of rows, as they are before any is turned.
    const products = n < minTogether ? undefined : product(n, n, n, lines(x, n), 0, across(x, n), 0);
    for (let i = 0; i < n; i++) squares[i] = summed[i] = products ? products[i * (n + 1)] : dot(x, i * n, x, i * n, n);
    const angles = products && new Float64Array(n * n);
    let [single, together] = [false, false];
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        const before = angles ? products[p * n + q] : 0;
        if (angles) {
          const far = cosine(before, p, q);
          if (far <= enough) continue;
          const t = tangent(before, p, q);
          if (far < small && Math.abs(t) < small) {
            [angles[p * n + q], angles[q * n + p], together] = [-t, t, true];
            continue;
          }
        }
        const now = dot(x, p * n, x, q * n, n);
        if (cosine(now, p, q) <= enough) continue;
        single = true;
        const t = tangent(now, p, q);
        const c = 1 / Math.sqrt(t * t + 1);
        turn(x, n, p, q, c, -c * t);
        turn(w, n, p, q, c, -c * t);
        squares[p] -= t * now;
        squares[q] += t * now;
        // Differences keep too few digits below this.
        for (const i of [p, q]) if (squares[i] < 0.1 * summed[i]) squares[i] = summed[i] = dot(x, i * n, x, i * n, n);
      }
    turned = single || together;
    if (angles && together && !single) turnTogether(angles, x, w, n);
  }
}

/** Turns all rows by small angles: the matrix exponential, of which two terms serve. */
function turnTogether(angles: Float64Array, x: Float64Array, w: Float64Array, n: number): void {
  const squared = product(n, n, n, lines(angles, n), 0, lines(angles, n), 0);
  for (let i = 0; i < n * n; i++) angles[i] += squared[i] / 2;
  for (const rows of [x, w]) {
    const moved = product(n, n, n, lines(angles, n), 0, lines(rows, n), 0);
    for (let i = 0; i < n * n; i++) rows[i] += moved[i];
  }
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
      const part = dot(x, i * n, x, k * n, n);
      for (let j = 0; j < n; j++) x[k * n + j] -= part * x[i * n + j];
    }
  const size = length(x, k * n, 1, n);
  for (let j = 0; j < n; j++) x[k * n + j] /= size;
}
