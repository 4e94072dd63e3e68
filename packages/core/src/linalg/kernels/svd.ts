import { eigenSymmetric } from "./eigh.js";
import { across, largestOf, lines, powerOf, product, scaled, signOf, transposed, turn } from "./matrices.js";
import { factorQr } from "./qr.js";
import { dot, length } from "./reflections.js";

const epsilon = 2 ** -52;

/** Rows shorter than this have squares that vanish, and count as zero. */
const minNorm = 2 ** -500;

/** So many rows are turned all at once, if none is shorter than another by more than this. */
const minTogether = 24;
const comparable = 2 ** -10;

/** Angles so small are turned all at once: the fourth power of their matrix is nothing beside 1. */
const small = 2 ** -24;

/**
 * Singular values, descending, and vectors of a row-major m × n matrix: a = u·diag(s)·vt with u m × k, vt k × n, k = min(m, n).
 * One-sided Jacobi rotations of the transposed triangle of a pivoted QR factorisation (Drmač & Veselić, SIAM J. Matrix Anal. 29, 2008):
 * small singular values come out to a relative accuracy that bidiagonal methods do not have. The largest element of each row of vt is
 * positive (of each column of u, where there are fewer rows than columns).
 */
export function singular(a: Float64Array, m: number, n: number): { u: Float64Array; s: Float64Array; vt: Float64Array } {
  const k = Math.min(m, n);
  const largest = largestOf(a);
  if (!Number.isFinite(largest)) {
    const unknown = (size: number): Float64Array => new Float64Array(size).fill(Number.NaN);
    return { u: unknown(m * k), s: unknown(k), vt: unknown(k * n) };
  }
  if (m < n) {
    const { u, s, vt } = singular(transposed(a, m, n), n, m);
    return { u: transposed(vt, m, m), s, vt: transposed(u, n, m) };
  }
  const scale = powerOf(largest);
  const { q, r, columns } = factorQr(scaled(a, scale), m, n, true);
  // The rows of r, turned against each other until they are orthogonal: w·r = diag(s)·x.
  const w = new Float64Array(n * n);
  for (let i = 0; i < n; i++) w[i * n + i] = 1;
  turnTogether(r, w, n);
  orthogonalise(r, w, n);
  const sizes = sizesOf(r, n);
  const order = Array.from(sizes.keys()).sort((i, j) => sizes[j] - sizes[i]);
  const turned = new Float64Array(n * n);
  const vt = new Float64Array(n * n);
  order.forEach((from, k) => {
    const sign = sizes[from] > 0 ? signOf(r, from * n, n) : 1;
    for (let j = 0; j < n; j++) turned[k * n + j] = sign * w[from * n + j];
    if (sizes[from] > 0) for (let j = 0; j < n; j++) vt[k * n + columns[j]] = (sign * r[from * n + j]) / sizes[from];
    else complete(vt, n, k);
  });
  const u = product(m, n, n, lines(q, n), 0, across(turned, n), 0);
  return { u, s: Float64Array.from(order, (i) => sizes[i] * scale), vt };
}

/** Lengths of the rows. */
const sizesOf = (x: Float64Array, n: number): Float64Array =>
  new Float64Array(n).map((_, i) => length(x, i * n, 1, n)).map((size) => (size < minNorm ? 0 : size));

/** Makes rows of comparable lengths nearly orthogonal, by the eigenvectors of their products, and turns those of the identity w along. */
function turnTogether(x: Float64Array, w: Float64Array, n: number): void {
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
    // The greatest first.
    const columns = { storage: vectors, row: -1, column: count };
    x.set(product(count, n, count, columns, count - 1, lines(x, n), start * n), start * n);
    for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) w[(start + i) * n + start + j] = vectors[j * count + count - 1 - i];
  }
}

/** Turns the rows of x against each other until all are orthogonal, and those of w along with them. */
function orthogonalise(x: Float64Array, w: Float64Array, n: number): void {
  const enough = epsilon * Math.sqrt(n);
  for (let sweep = 0, turned = true; turned && sweep < 60; sweep++) {
    turned = false;
    // Products of rows, as they are before any is turned.
    const products = n < minTogether ? undefined : product(n, n, n, lines(x, n), 0, across(x, n), 0);
    const squares = new Float64Array(n).map((_, i) => (products ? products[i * (n + 1)] : dot(x, i * n, x, i * n, n)));
    const angles = products && new Float64Array(n * n);
    const isOff = (product: number, p: number, q: number): boolean =>
      Math.abs(product) > enough * Math.sqrt(squares[p]) * Math.sqrt(squares[q]);
    const tangent = (product: number, p: number, q: number): number => {
      const half = (squares[q] - squares[p]) / (2 * product);
      return (half < 0 ? -1 : 1) / (Math.abs(half) + Math.sqrt(half * half + 1));
    };
    let [few, many] = [0, 0];
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        if (angles) {
          const before = products[p * n + q];
          if (!isOff(before, p, q)) continue;
          const t = tangent(before, p, q);
          if (Math.abs(t) < small) {
            [angles[p * n + q], angles[q * n + p]] = [-t, t];
            many++;
            continue;
          }
        }
        const now = dot(x, p * n, x, q * n, n);
        if (!isOff(now, p, q)) continue;
        few++;
        const t = tangent(now, p, q);
        const c = 1 / Math.sqrt(t * t + 1);
        turn(x, n, p, q, c, -c * t);
        turn(w, n, p, q, c, -c * t);
        squares[p] = dot(x, p * n, x, p * n, n);
        squares[q] = dot(x, q * n, x, q * n, n);
      }
    turned = few + many > 0;
    if (angles && few === 0 && many > 0) turnSlightly(angles, x, w, n);
  }
}

/** Turns all rows by small angles: the matrix exponential, of which two terms serve. */
function turnSlightly(angles: Float64Array, x: Float64Array, w: Float64Array, n: number): void {
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
