import { dot } from "../dot.js";

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
    let left = whole;
    for (let i = 0; i < k; i++) left -= r[i * n + k] ** 2;
    if (!(left > 1e-7 * whole)) return false;
    const root = Math.sqrt(left);
    r[k * n + k] = root;
    for (let j = k + 1; j < n; j++) {
      let sum = gram[k * n + j];
      for (let i = 0; i < k; i++) sum -= r[i * n + k] * r[i * n + j];
      r[k * n + j] = sum / root;
    }
    let sum = -g[k];
    for (let i = 0; i < k; i++) sum -= r[i * n + k] * b[i];
    b[k] = sum / root;
  }
  return true;
}

/**
 * A·P = Q·R for the columns of A, which lie one after the other, in the order `order`: R above and on the diagonal of `a`, Qᵀ·b in `b`. At
 * each step the column that is largest in what is left comes first.
 */
function factor(a: Float64Array, b: Float64Array, m: number, n: number, order: Int32Array): void {
  const sizes = new Float64Array(n);
  const known = new Float64Array(n);
  for (let j = 0; j < n; j++) known[j] = sizes[j] = dot(a, j * m, a, j * m, m);
  for (let k = 0; k < n; k++) {
    let top = k;
    for (let j = k + 1; j < n; j++) if (sizes[j] > sizes[top]) top = j;
    if (top !== k) {
      const column = a.slice(k * m, k * m + m);
      a.copyWithin(k * m, top * m, top * m + m);
      a.set(column, top * m);
      const other = order[k];
      order[k] = order[top];
      order[top] = other;
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
    for (let j = k + 1; j < n; j++) {
      const to = j * m;
      const part = dot(a, at + k, a, to + k, m - k) * scale;
      for (let i = k; i < m; i++) a[to + i] -= part * a[at + i];
      sizes[j] -= a[to + k] * a[to + k];
      // The subtraction leaves rounding: where little is left, it is computed anew.
      if (sizes[j] < known[j] * 1e-6) known[j] = sizes[j] = dot(a, to + k + 1, a, to + k + 1, m - k - 1);
    }
    const part = dot(a, at + k, b, k, m - k) * scale;
    for (let i = k; i < m; i++) b[i] -= part * a[at + i];
    a[at + k] = diagonal;
  }
}

const normOf = (v: Float64Array): number => Math.sqrt(dot(v, 0, v, 0, v.length));

/** z with R·z = b, for the first `rank` unknowns; the others are 0. */
function back(r: Float64Array, n: number, b: Float64Array, rank: number, z: Float64Array): void {
  z.fill(0);
  for (let i = rank - 1; i >= 0; i--) z[i] = (b[i] - dot(r, i * n + i + 1, z, i + 1, rank - i - 1)) / r[i * n + i];
}

/** |R⁻ᵀ·z|². */
function curvature(r: Float64Array, n: number, z: Float64Array, y: Float64Array): number {
  let total = 0;
  for (let i = 0; i < n; i++) {
    let sum = z[i];
    for (let j = 0; j < i; j++) sum -= r[j * n + i] * y[j];
    y[i] = sum / r[i * n + i];
    total += y[i] * y[i];
  }
  return total;
}

/** The triangle of [R; √λ·1], by rotations, and what b becomes. */
function damped(r: Float64Array, b: Float64Array, n: number, lambda: number, s: Float64Array, c: Float64Array): void {
  s.set(r);
  c.set(b.subarray(0, n));
  const row = new Float64Array(n);
  const root = Math.sqrt(lambda);
  for (let k = 0; k < n; k++) {
    row.fill(0);
    row[k] = root;
    let rest = 0;
    for (let i = k; i < n; i++) {
      if (row[i] === 0) continue;
      const size = Math.sqrt(s[i * n + i] ** 2 + row[i] ** 2);
      const cos = s[i * n + i] / size;
      const sin = row[i] / size;
      for (let j = i; j < n; j++) {
        const u = s[i * n + j];
        const v = row[j];
        s[i * n + j] = cos * u + sin * v;
        row[j] = cos * v - sin * u;
      }
      const u = c[i];
      c[i] = cos * u + sin * rest;
      rest = cos * rest - sin * u;
    }
  }
}

/** The arrays of a step of n unknowns. It takes as long to allocate them as to compute with them, so they are kept for the next one. */
function workspace(n: number) {
  const of = (count: number, size: number): Float64Array[] => Array.from({ length: count }, () => new Float64Array(size));
  return { n, order: new Int32Array(n), matrices: of(3, n * n), vectors: of(7, n) };
}

let space = /* @__PURE__ */ workspace(0);

/** Names what {@link trustStep} leaves behind the step and the scales. */
export const scalars = ["lambda", "gain", "slope", "cosine", "length", "size", "radius"] as const;

/** The step of the free ones among all unknowns within a region of trust, [free], with λ and the largest cosine between the residual and one of their columns. */
function region(
  isDogleg: boolean,
  [columns, gram, gradient, residual]: readonly ArrayLike<number>[],
  scales: Float64Array,
  free: readonly number[],
  radius: number,
  m: number,
): readonly [step: Float64Array, lambda: number, cosine: number] {
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
    const a = new Float64Array(rows * n);
    const right = new Float64Array(rows);
    for (let i = 0; i < m; i++) right[i] = -residual[i];
    for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) a[j * rows + i] = columns[free[j] * m + i] / scales[free[j]];
    factor(a, right, rows, n, order);
    r.fill(0);
    for (let i = 0; i < n; i++) for (let j = i; j < n; j++) r[i * n + j] = a[j * rows + i];
    b.set(right.subarray(0, n));
    rank = 0;
    while (rank < n && Math.abs(r[rank * n + rank]) > 2 ** -52 * rows * Math.abs(r[0])) rank++;
  }

  let cosine = 0;
  for (let j = 0; j < n; j++) {
    if (!isSound) {
      // In its order: −Rᵀ·b.
      g[j] = 0;
      for (let i = 0; i <= j; i++) g[j] -= r[i * n + j] * b[i];
    }
    const size = Math.sqrt(products[order[j] * n + order[j]]);
    if (size > 0 && rNorm > 0) cosine = Math.max(cosine, Math.abs(g[j]) / (size * rNorm));
  }
  const gNorm = normOf(g);
  back(r, n, b, rank, z);
  let lambda = 0;
  let length = normOf(z);
  if (length > 1.1 * radius) {
    if (isDogleg) {
      for (let i = 0; i < n; i++) unit[i] = dot(r, i * n + i, g, i, n - i);
      const along = (gNorm / normOf(unit)) ** 2;
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
        return (length - radius) / radius / curvature(triangle, n, unit, y);
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
  return [step, lambda, cosine];
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
  const along = new Float64Array(m);
  let [r, g, free] = [residual, gradient, Array.from(step.keys()).filter((j) => room(j, -gradient[j]) !== 0)];
  let first: readonly number[] | undefined;
  for (let left = radius; left > radius * 1e-3; left = radius - scaled(step)) {
    const [own, ...report] = region(isDogleg, [columns, gram, g, r], scales, free, left, m);
    first ??= report;
    const parts = free.map((j, i) => (own[i] === 0 ? Infinity : room(j, own[i]) / own[i]));
    const part = Math.min(1, ...parts);
    free.forEach((j, i) => {
      const by = part * own[i];
      step[j] += parts[i] > part ? by : room(j, own[i]);
      for (let row = 0; row < m; row++) along[row] += by * columns[j * m + row];
    });
    if (part === 1) break;
    free = free.filter((_, i) => parts[i] > part);
    r = along.map((value, row) => residual[row] + value);
    g = step.map((_, j) => dot(columns, j * m, r, 0, m));
  }
  const slope = dot(gradient, 0, step, 0, n);
  const [lambda, cosine] = first as readonly number[];
  out.set([lambda, -slope - dot(along, 0, along, 0, m) / 2, slope, cosine, scaled(step), size, radius], 2 * n);
}
