import { across, hypot, lines, product, subtract } from "./matrices.js";

/** √Σx², of `count` elements from start on in steps, without overflow on the way. */
export function length(x: Float64Array, start: number, step: number, count: number): number {
  const end = start + step * count;
  let sum = 0;
  for (let i = start; i < end; i += step) sum += x[i] * x[i];
  // Squares that neither overflow nor lose digits.
  if (sum > 1e-280 && sum < 1e280) return Math.sqrt(sum);
  let largest = 0;
  for (let i = start; i < end; i += step) largest = Math.max(largest, Math.abs(x[i]));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  sum = 0;
  for (let i = start; i < end; i += step) sum += (x[i] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** The sum of products of n elements from i of x and from j of y on. */
export function dot(x: Float64Array, i: number, y: Float64Array, j: number, n: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const end = i + n;
  for (; i < end - 3; i += 4, j += 4) {
    s0 += x[i] * y[j];
    s1 += x[i + 1] * y[j + 1];
    s2 += x[i + 2] * y[j + 2];
    s3 += x[i + 3] * y[j + 3];
  }
  for (; i < end; i++, j++) s0 += x[i] * y[j];
  return s0 + s1 + (s2 + s3);
}

/**
 * The reflection I − τ·v·vᵀ that leaves only the first of `count` elements: v takes the place of the elements after the first, with an
 * implied 1 before them, and the first becomes what is left. As in LAPACK, what is already so stays as it is (τ = 0), and −0 counts as
 * negative.
 */
export function reflect(x: Float64Array, start: number, count: number): number {
  const rest = length(x, start + 1, 1, count - 1);
  if (rest === 0) return 0;
  const first = x[start];
  const left = (first < 0 || Object.is(first, -0) ? 1 : -1) * hypot(first, rest);
  for (let i = start + 1; i < start + count; i++) x[i] /= first - left;
  x[start] = left;
  // That of v itself: the numbers of a tiny column have few digits, and the reflection is orthogonal all the same.
  return 2 / (1 + length(x, start + 1, 1, count - 1) ** 2);
}

/** Reflections, of which each vector begins with more zeros than those before it, and then a 1. */
export interface Reflections {
  /** One after the other. */
  readonly vectors: Float64Array;
  readonly taus: Float64Array;
  /** The number of elements of each vector. */
  readonly size: number;
}

/** Applies reflection j to lines that are `row` apart, from `start`, where the 1 of its vector belongs, up to `end`. */
export function reflectLines(
  { vectors, taus, size }: Reflections,
  j: number,
  x: Float64Array,
  start: number,
  row: number,
  end = x.length,
): void {
  const tau = taus[j];
  if (tau === 0) return;
  let at = j * size;
  while (vectors[at] === 0) at++;
  const count = (j + 1) * size - at;
  // Two lines at a time; the last of an odd number is taken with itself.
  for (; start < end; start += 2 * row) {
    const other = start + row < end ? start + row : start;
    let [p0, p1, q0, q1] = [0, 0, 0, 0];
    let i = 0;
    for (; i < count - 1; i += 2) {
      const v0 = vectors[at + i];
      const v1 = vectors[at + i + 1];
      p0 += v0 * x[start + i];
      p1 += v1 * x[start + i + 1];
      q0 += v0 * x[other + i];
      q1 += v1 * x[other + i + 1];
    }
    if (i < count) {
      p0 += vectors[at + i] * x[start + i];
      q0 += vectors[at + i] * x[other + i];
    }
    const p = tau * (p0 + p1);
    const q = other === start ? 0 : tau * (q0 + q1);
    for (i = 0; i < count; i++) {
      const v = vectors[at + i];
      x[start + i] -= p * v;
      x[other + i] -= q * v;
    }
  }
}

/** Their product I − V·T·Vᵀ, which applies the last of them first (Schreiber & Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989). */
export interface Panel extends Reflections {
  /** T, upper triangular. */
  readonly weights: Float64Array;
}

export function panelOf({ vectors, taus, size }: Reflections): Panel {
  const count = taus.length;
  const products = product(count, count, size, lines(vectors, size), 0, across(vectors, size), 0);
  const weights = new Float64Array(count * count);
  for (let j = 0; j < count; j++) {
    weights[j * count + j] = taus[j];
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let l = i; l < j; l++) sum += weights[i * count + l] * products[l * count + j];
      weights[i * count + j] = -taus[j] * sum;
    }
  }
  return { vectors, taus, size, weights };
}

/** Applies a panel, or its transpose, to `count` lines of as many elements as its vectors have, from `at` on and `row` apart. */
export function applyPanel(
  { vectors, taus, size, weights }: Panel,
  transpose: boolean,
  x: Float64Array,
  at: number,
  count: number,
  row: number,
): void {
  const k = taus.length;
  const inner = product(count, k, size, lines(x, row), at, across(vectors, size), 0);
  const weighted = product(count, k, k, lines(inner, k), 0, (transpose ? lines : across)(weights, k), 0);
  subtract(count, size, k, lines(weighted, k), 0, lines(vectors, size), 0, x, at, row);
}
