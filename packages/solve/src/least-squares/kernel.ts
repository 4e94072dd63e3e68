import type { Numbers } from "@ad/core/internals/trace";
import { dot, move, normOf } from "../dot.js";
import { own } from "../turns.js";

/**
 * The step of a least-squares solver in plain numbers: x where |J·x + r| is least within a region of trust, |D·x| ≤ radius. J has m rows and n
 * columns, which lie one after the other, as forward mode makes them. Everything is done in the scaled unknowns z = D·x, by an orthogonal factorisation with the columns in the order of their size, so that
 * nothing is lost where J is nearly singular. Triangles, too, have their columns one after the other.
 */

/**
 * The same R and Qᵀ·b for well-conditioned columns from their scaled products JᵀJ and Jᵀr alone, which are fewer numbers: R is Cholesky's factor of JᵀJ + λ. False
 * where that would lose more than half of the digits.
 */
function factorGram(gram: Float64Array, g: Float64Array, n: number, r: Float64Array, b: Float64Array, lambda = 0): boolean {
  for (let k = 0; k < n; k++) {
    const at = k * n;
    const whole = gram[at + k] + lambda;
    const left = whole - dot(r, at, r, at, k);
    if (!(left > 1e-7 * whole)) return false;
    const root = Math.sqrt(left);
    r[at + k] = root;
    for (let j = k + 1; j < n; j++) r[j * n + k] = (gram[at + j] - dot(r, at, r, j * n, k)) / root;
    b[k] = (-g[k] - dot(r, at, b, 0, k)) / root;
  }
  return true;
}

/**
 * R and Qᵀ·b of A·P = Q·R, into `r` and `z`, for a matrix of m rows whose elements a function gives; b ends in zeros where it is shorter. With an order, P puts the columns into it: at each step
 * the one that is largest in what is left comes first.
 */
function factor(
  m: number,
  n: number,
  element: (row: number, column: number) => number,
  b: ArrayLike<number>,
  r: Float64Array,
  z: Float64Array,
  order?: Float64Array,
): void {
  const a = new Float64Array(m * n);
  for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) a[j * m + i] = element(i, j);
  const right = new Float64Array(m);
  right.set(b);
  for (let k = 0; k < n; k++) {
    const at = k * m;
    /** The square of what is left of a column. */
    const left = (j: number): number => dot(a, j * m + k, a, j * m + k, m - k);
    let most = left(k);
    let top = k;
    for (let j = k + 1; order && j < n; j++) {
      const own = left(j);
      if (own > most) [most, top] = [own, j];
    }
    if (order && top !== k) {
      const column = a.slice(at, at + m);
      a.copyWithin(at, top * m, top * m + m);
      a.set(column, top * m);
      [order[k], order[top]] = [order[top], order[k]];
    }
    const size = Math.sqrt(most);
    if (size === 0) continue;
    const head = a[at + k];
    const diagonal = head > 0 ? -size : size;
    // v = column − diagonal·e, and H = 1 − v·vᵀ / (diagonal · (diagonal − head)).
    const scale = 1 / (diagonal * (diagonal - head));
    a[at + k] = head - diagonal;
    /** Reflects what begins at an element of the row. */
    const reflect = (x: Float64Array, to: number): void => move(x, to, -dot(a, at + k, x, to, m - k) * scale, a, at + k, m - k);
    for (let j = k + 1; j < n; j++) reflect(a, j * m + k);
    reflect(right, k);
    a[at + k] = diagonal;
  }
  for (let j = 0; j < n; j++) r.set(a.subarray(j * m, j * m + j + 1), j * n);
  z.set(right.subarray(0, n));
}

/** z with R·z = b, for the first `rank` unknowns; the others are 0. */
function back(r: Float64Array, n: number, b: Float64Array, rank: number, z: Float64Array): void {
  z.fill(0);
  z.set(b.subarray(0, rank));
  for (let j = rank - 1; j >= 0; j--) {
    z[j] /= r[j * n + j];
    move(z, 0, -z[j], r, j * n, j);
  }
}

/** |R·z|, for which `sum` has room. */
function lengthOf(r: Float64Array, n: number, z: Float64Array, sum: Float64Array): number {
  sum.fill(0);
  for (let j = 0; j < n; j++) move(sum, 0, z[j], r, j * n, j + 1);
  return normOf(sum);
}

/** The arrays of a step of n unknowns, three matrices first. It takes as long to allocate them as to compute with them, so they are kept for the next one. */
const workspace = (n: number): Float64Array[] => Array.from({ length: 10 }, (_, i) => new Float64Array(i < 3 ? n * n : n));

let space: Float64Array[] = [];

// The places of numbers in the state of a fit. Vectors stand behind them.
export const cost = own;
export const lambda = own + 1;
/** The fall of the cost along the step, as the model says, and the slope. */
export const gain = own + 2;
export const slope = own + 3;
/** The largest cosine between r and a column of J whose unknown no bound holds. */
export const cosine = own + 4;
/** |D·step| and |D·x|. */
export const length = own + 5;
export const sizeOfX = own + 6;
/** An infinite one stands for |D·x| at the start. */
export const radius = own + 7;
export const tried = own + 8;

/** The step of the free ones among all unknowns within a region of trust, [free], with |J·step|, λ and the largest cosine between the residual and one of their columns. */
function region(
  isDogleg: boolean,
  [columns, gram, gradient, residual]: readonly ArrayLike<number>[],
  scales: Numbers,
  free: readonly number[],
  radius: number,
  m: number,
): readonly [step: Float64Array, bend: number, lambda: number, cosine: number] {
  const n = free.length;
  const own = space.at(-1)?.length === n ? space : workspace(n);
  // Those of many unknowns take memory, and little time beside the rest.
  if (n <= 64) space = own;
  const [products, r, s, order, step, b, g, z, y, c] = own;
  const rNorm = normOf(residual);

  let rank = n;
  for (let k = 0; k < n; k++) {
    const at = free[k];
    order[k] = k;
    g[k] = gradient[at] / scales[at];
    for (let j = k; j < n; j++) products[k * n + j] = gram[at * scales.length + free[j]] / (scales[at] * scales[free[j]]);
  }
  const isSound = factorGram(products, g, n, r, b);
  if (!isSound) {
    const rows = Math.max(m, n);
    factor(rows, n, (i, j) => (i < m ? -columns[free[j] * m + i] / scales[free[j]] : 0), residual, r, b, order);
    rank = 0;
    while (rank < n && Math.abs(r[rank * n + rank]) > 2 ** -52 * rows * Math.abs(r[0])) rank++;
  }

  let cosine = 0;
  for (let j = 0; j < n; j++) {
    // In its order.
    if (!isSound) g[j] = -dot(r, j * n, b, 0, j + 1);
    const size = normOf(r, j * n, j + 1);
    if (size > 0 && rNorm > 0) cosine = Math.max(cosine, Math.abs(g[j]) / (size * rNorm));
  }
  const gNorm = normOf(g);
  back(r, n, b, rank, z);
  let lambda = 0;
  let length = normOf(z);
  if (length > 1.1 * radius) {
    if (isDogleg) {
      const along = (gNorm / lengthOf(r, n, g, y)) ** 2;
      // The lowest point of the steepest descent, or the border of the region.
      const way = Math.min(along, radius / gNorm);
      for (let j = 0; j < n; j++) y[j] = -way * g[j];
      if (way === along) {
        move(z, 0, -1, y, 0, n);
        const [p, q] = [dot(z, 0, z, 0, n), dot(y, 0, z, 0, n)];
        const rest = radius ** 2 - dot(y, 0, y, 0, n);
        const root = Math.sqrt(q * q + p * rest);
        move(y, 0, q > 0 ? rest / (q + root) : (root - q) / p, z, 0, n);
      }
      z.set(y);
      lambda = 1;
    } else {
      // |z(λ)| = radius to a tenth, by Newton's method on its reciprocal, between bounds (Moré 1978).
      const newton = (triangle: Float64Array): number => {
        for (let i = 0; i < n; i++) y[i] = (z[i] - dot(triangle, i * n, y, 0, i)) / triangle[i * n + i];
        return (length / radius - 1) * (length / normOf(y)) ** 2;
      };
      let low = rank === n ? newton(r) : 0;
      let high = gNorm / radius;
      lambda = Math.min(Math.max(gNorm / length, low), high);
      for (let turn = 0; turn < 12; turn++) {
        if (lambda === 0) lambda = Math.max(Number.MIN_VALUE, 0.001 * high);
        if (!isSound || !factorGram(products, g, n, s, c, lambda)) {
          // The triangle of [R; √λ·1], and what b becomes.
          const below = Math.sqrt(lambda);
          factor(2 * n, n, (i, j) => (i <= j ? r[j * n + i] : i === j + n ? below : 0), b, s, c);
        }
        back(s, n, c, n, z);
        const before = length;
        length = normOf(z);
        if (Math.abs(length - radius) <= 0.1 * radius || (low === 0 && length <= before && before < radius)) break;
        if (length > radius) low = Math.max(low, lambda);
        else high = Math.min(high, lambda);
        lambda = Math.max(low, lambda + newton(s));
      }
    }
    length = normOf(z);
  }
  for (let j = 0; j < n; j++) step[order[j]] = z[j] / scales[free[order[j]]];
  return [step, lengthOf(r, n, z, y), lambda, cosine];
}

/**
 * Plans the next step by the vectors of a state: the point that is tried, the best one, the scales, the step, Jᵀr, JᵀJ, r, and the columns of J. Within bounds it is a path along which the model falls:
 * the step of the unknowns that no bound holds as far as the first bound, from there that of the others, and so on, as far as the radius.
 */
export function trustStep(
  isDogleg: boolean,
  s: Numbers,
  [next, x, scales, step, gradient, gram, residual, columns]: readonly Numbers[],
  lower: Numbers | undefined,
  upper: Numbers,
): void {
  const n = x.length;
  const m = residual.length;
  step.fill(0);
  // The scale of an unknown is the largest that its column had.
  for (let j = 0; j < n; j++) scales[j] = Math.max(Math.sqrt(gram[j * n + j]), scales[j]) || 1;
  const scaled = (v: ArrayLike<number>): number => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += (scales[j] * v[j]) ** 2;
    return Math.sqrt(sum);
  };
  s[sizeOfX] = scaled(x);
  if (s[radius] === Infinity) s[radius] = s[sizeOfX] || 1;
  /** The way that is left to an unknown in the direction of a number. */
  const wayOf = (j: number, by: number): number => (lower ? (by > 0 ? upper[j] : lower[j]) - x[j] - step[j] : by * Infinity);
  let [r, g, free]: [ArrayLike<number>, ArrayLike<number>, number[]] = [residual, gradient, []];
  for (let j = 0; j < n; j++) if (wayOf(j, -g[j]) !== 0) free.push(j);
  s[gain] = 0;
  s[cosine] = -1;
  for (let left = s[radius]; left > s[radius] * 1e-3; left = s[radius] - scaled(step)) {
    const [own, bend, shift, nearest] = region(isDogleg, [columns, gram, g, r], scales, free, left, m);
    if (s[cosine] < 0) [s[lambda], s[cosine]] = [shift, nearest];
    const parts = free.map((j, i) => (own[i] === 0 ? Infinity : wayOf(j, own[i]) / own[i]));
    const part = Math.min(1, ...parts);
    s[gain] -= (part * bend) ** 2 / 2;
    free.forEach((j, i) => {
      s[gain] -= part * own[i] * g[j];
      step[j] += parts[i] > part ? part * own[i] : wayOf(j, own[i]);
    });
    if (part === 1) break;
    free = free.filter((_, i) => parts[i] > part);
    const rest = Float64Array.from(residual);
    step.forEach((by, j) => move(rest, 0, by, columns, j * m, m));
    g = step.map((_, j) => dot(columns, j * m, rest, 0, m));
    r = rest;
  }
  s[slope] = dot(gradient, 0, step, 0, n);
  s[length] = scaled(step);
  for (let j = 0; j < n; j++) next[j] = lower ? Math.min(Math.max(x[j] + step[j], lower[j]), upper[j]) : x[j] + step[j];
}
