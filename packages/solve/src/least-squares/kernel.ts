import { dot, move, strided } from "../dot.js";

/**
 * The step of a least-squares solver in plain numbers: x where |J·x + r| is least within a region of trust, |D·x| ≤ radius. J has m rows and n
 * columns, which lie one after the other, as forward mode makes them. Everything is done in the scaled unknowns z = D·x, by an orthogonal factorisation with the columns in the order of their size, so that
 * nothing is lost where J is nearly singular.
 */

/**
 * The same R and Qᵀ·b for well-conditioned columns from their scaled products JᵀJ and Jᵀr alone, which are fewer numbers: R is Cholesky's factor of JᵀJ + λ. False
 * where that would lose more than half of the digits.
 */
function factorGram(gram: Float64Array, g: Float64Array, n: number, r: Float64Array, b: Float64Array, lambda = 0): boolean {
  for (let k = 0; k < n; k++) {
    const whole = gram[k * n + k] + lambda;
    const left = whole - strided(r, k, r, k, k, n, n);
    if (!(left > 1e-7 * whole)) return false;
    const root = Math.sqrt(left);
    r[k * n + k] = root;
    for (let j = k + 1; j < n; j++) r[k * n + j] = (gram[k * n + j] - strided(r, k, r, j, k, n, n)) / root;
    b[k] = (-g[k] - strided(r, k, b, 0, k, n, 1)) / root;
  }
  return true;
}

/**
 * R and Qᵀ·b of A·P = Q·R, into `r` and `z`, for a matrix of m rows whose elements a function gives. With an order, P puts the columns into it: at each step
 * the one that is largest in what is left comes first.
 */
function factor(
  m: number,
  n: number,
  element: (row: number, column: number) => number,
  b: Float64Array,
  r: Float64Array,
  z: Float64Array,
  order?: Int32Array,
): void {
  const a = new Float64Array(m * n).map((_, at) => element(at % m, Math.floor(at / m)));
  const sizes = new Float64Array(n);
  const known = new Float64Array(n);
  for (let j = 0; j < n; j++) known[j] = sizes[j] = dot(a, j * m, a, j * m, m);
  for (let k = 0; k < n; k++) {
    let top = k;
    for (let j = k + 1; order && j < n; j++) if (sizes[j] > sizes[top]) top = j;
    if (order && top !== k) {
      const column = a.slice(k * m, k * m + m);
      a.copyWithin(k * m, top * m, top * m + m);
      a.set(column, top * m);
      [order[k], order[top]] = [order[top], order[k]];
      sizes[top] = sizes[k];
      known[top] = known[k];
    }
    const at = k * m;
    const size = Math.sqrt(dot(a, at + k, a, at + k, m - k));
    if (size === 0) continue;
    const head = a[at + k];
    const diagonal = head > 0 ? -size : size;
    // v = column − diagonal·e, and H = 1 − v·vᵀ / (diagonal · (diagonal − head)).
    const scale = 1 / (diagonal * (diagonal - head));
    a[at + k] = head - diagonal;
    /** Reflects what begins at an element of the row. */
    const reflect = (x: Float64Array, to: number): void => move(x, to, -dot(a, at + k, x, to, m - k) * scale, a, at + k, m - k);
    for (let j = k + 1; j < n; j++) {
      const to = j * m + k;
      reflect(a, to);
      sizes[j] -= a[to] * a[to];
      // The subtraction leaves rounding: where little is left, it is computed anew.
      if (sizes[j] < known[j] * 1e-6) known[j] = sizes[j] = dot(a, to + 1, a, to + 1, m - k - 1);
    }
    reflect(b, k);
    a[at + k] = diagonal;
  }
  r.fill(0);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) r[i * n + j] = a[j * m + i];
  z.set(b.subarray(0, n));
}

const normOf = (v: Float64Array): number => Math.sqrt(dot(v, 0, v, 0, v.length));

/** z with R·z = b, for the first `rank` unknowns; the others are 0. */
function back(r: Float64Array, n: number, b: Float64Array, rank: number, z: Float64Array): void {
  z.fill(0);
  for (let i = rank - 1; i >= 0; i--) z[i] = (b[i] - dot(r, i * n + i + 1, z, i + 1, rank - i - 1)) / r[i * n + i];
}

/** |R·z|. */
function lengthOf(r: Float64Array, n: number, z: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += dot(r, i * n + i, z, i, n - i) ** 2;
  return Math.sqrt(sum);
}

/** |R⁻ᵀ·z|. */
function curvature(r: Float64Array, n: number, z: Float64Array, y: Float64Array): number {
  for (let i = 0; i < n; i++) y[i] = (z[i] - strided(r, i, y, 0, i, n, 1)) / r[i * n + i];
  return normOf(y);
}

/** The triangle of [R; √λ·1], and what b becomes. */
function damped(r: Float64Array, b: Float64Array, n: number, lambda: number, s: Float64Array, c: Float64Array): void {
  const right = new Float64Array(2 * n);
  right.set(b);
  factor(2 * n, n, (i, j) => (i <= j ? r[i * n + j] : i === j + n ? Math.sqrt(lambda) : 0), right, s, c);
}

/** The arrays of a step of n unknowns. It takes as long to allocate them as to compute with them, so they are kept for the next one. */
function workspace(n: number) {
  const of = (count: number, size: number): Float64Array[] => Array.from({ length: count }, () => new Float64Array(size));
  return { n, order: new Int32Array(n), matrices: of(3, n * n), vectors: of(7, n) };
}

let space = /* @__PURE__ */ workspace(0);

/** Names what {@link trustStep} leaves behind the step and the scales. */
export const scalars = ["lambda", "gain", "slope", "cosine", "length", "size", "radius"] as const;

/** The step of the free ones among all unknowns within a region of trust, [free], with |J·step|, λ and the largest cosine between the residual and one of their columns. */
function region(
  isDogleg: boolean,
  [columns, gram, gradient, residual]: readonly ArrayLike<number>[],
  scales: Float64Array,
  free: readonly number[],
  radius: number,
  m: number,
): readonly [step: Float64Array, bend: number, lambda: number, cosine: number] {
  const n = free.length;
  const own = space.n === n ? space : workspace(n);
  // Those of many unknowns take memory, and little time beside the rest.
  if (n <= 64) space = own;
  const {
    order,
    matrices: [products, r, s],
    vectors: [step, b, g, z, y, c, unit],
  } = own;
  const rNorm = Math.sqrt(dot(residual, 0, residual, 0, m));

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
    const right = new Float64Array(rows);
    for (let i = 0; i < m; i++) right[i] = -residual[i];
    factor(rows, n, (i, j) => (i < m ? columns[free[j] * m + i] / scales[free[j]] : 0), right, r, b, order);
    rank = 0;
    while (rank < n && Math.abs(r[rank * n + rank]) > 2 ** -52 * rows * Math.abs(r[0])) rank++;
  }

  let cosine = 0;
  for (let j = 0; j < n; j++) {
    // In its order.
    if (!isSound) g[j] = -strided(r, j, b, 0, j + 1, n, 1);
    const size = Math.sqrt(products[order[j] * n + order[j]]);
    if (size > 0 && rNorm > 0) cosine = Math.max(cosine, Math.abs(g[j]) / (size * rNorm));
  }
  const gNorm = normOf(g);
  back(r, n, b, rank, z);
  let lambda = 0;
  let length = normOf(z);
  if (length > 1.1 * radius) {
    if (isDogleg) {
      const along = (gNorm / lengthOf(r, n, g)) ** 2;
      // The lowest point of the steepest descent, or the border of the region.
      const way = Math.min(along, radius / gNorm);
      for (let j = 0; j < n; j++) y[j] = -way * g[j];
      if (way === along) {
        let [p, q] = [0, 0];
        for (let j = 0; j < n; j++) {
          z[j] -= y[j];
          p += z[j] * z[j];
          q += y[j] * z[j];
        }
        const rest = radius ** 2 - normOf(y) ** 2;
        const root = Math.sqrt(q * q + p * rest);
        const t = q > 0 ? rest / (q + root) : (root - q) / p;
        for (let j = 0; j < n; j++) y[j] += t * z[j];
      }
      z.set(y);
      lambda = 1;
    } else {
      // |z(λ)| = radius to a tenth, by Newton's method on its reciprocal, between bounds (Moré 1978).
      const newton = (triangle: Float64Array): number => {
        for (let j = 0; j < n; j++) unit[j] = z[j] / length;
        return (length - radius) / radius / curvature(triangle, n, unit, y) ** 2;
      };
      let low = rank === n ? newton(r) : 0;
      let high = gNorm / radius;
      lambda = Math.min(Math.max(gNorm / length, low), high);
      for (let turn = 0; turn < 12; turn++) {
        if (lambda === 0) lambda = Math.max(Number.MIN_VALUE, 0.001 * high);
        if (!isSound || !factorGram(products, g, n, s, c, lambda)) damped(r, b, n, lambda, s, c);
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
  return [step, lengthOf(r, n, z), lambda, cosine];
}

/**
 * Fills `out`: the step [n], the scales [n], and the scalars: λ, how much ½|r|² falls by the model, its slope along the step, the largest cosine between r and a column of J
 * whose unknown no bound holds, |D·step|, |D·x|, and the radius, which an infinite one stands for at the start. Within bounds it is a path along which the model falls:
 * the step of the unknowns that no bound holds as far as the first bound, from there that of the others, and so on, as far as the radius.
 */
export function trustStep(
  isDogleg: boolean,
  [columns, gram, gradient, residual, scalesBefore, x, radii, lower, upper]: readonly ArrayLike<number>[],
  m: number,
  n: number,
  out: Float64Array,
): void {
  const [step, scales] = [out.subarray(0, n), out.subarray(n, 2 * n)];
  // The scale of an unknown is the largest that its column had.
  for (let j = 0; j < n; j++) scales[j] = Math.max(Math.sqrt(gram[j * n + j]), scalesBefore[j]) || 1;
  const scaled = (v: ArrayLike<number>): number => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += (scales[j] * v[j]) ** 2;
    return Math.sqrt(sum);
  };
  const size = scaled(x);
  const radius = radii[0] < Infinity ? radii[0] : size || 1;
  /** The way that is left to an unknown in the direction of a number. */
  const room = (j: number, by: number): number => (lower ? (by > 0 ? upper[j] : lower[j]) - x[j] - step[j] : by * Infinity);
  let [r, g, free] = [residual, gradient, Array.from(step.keys()).filter((j) => room(j, -gradient[j]) !== 0)];
  let gain = 0;
  let first: readonly number[] | undefined;
  for (let left = radius; left > radius * 1e-3; left = radius - scaled(step)) {
    const [own, bend, ...report] = region(isDogleg, [columns, gram, g, r], scales, free, left, m);
    first ??= report;
    const parts = free.map((j, i) => (own[i] === 0 ? Infinity : room(j, own[i]) / own[i]));
    const part = Math.min(1, ...parts);
    gain -= (part * bend) ** 2 / 2;
    free.forEach((j, i) => {
      gain -= part * own[i] * g[j];
      step[j] += parts[i] > part ? part * own[i] : room(j, own[i]);
    });
    if (part === 1) break;
    free = free.filter((_, i) => parts[i] > part);
    const rest = Float64Array.from(residual);
    step.forEach((by, j) => move(rest, 0, by, columns, j * m, m));
    g = step.map((_, j) => dot(columns, j * m, rest, 0, m));
    r = rest;
  }
  const [lambda, cosine] = first as readonly number[];
  out.set([lambda, gain, dot(gradient, 0, step, 0, n), cosine, scaled(step), size, radius], 2 * n);
}
