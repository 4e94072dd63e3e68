import { gemm } from "@ad/core/internals/backend";
import type { Numbers } from "@ad/core/internals/trace";
import { dot, largestOf, move, normOf } from "../dot.js";
import { own } from "../turns.js";

/**
 * The step of a least-squares solver in plain numbers: where |J·x + r| is least within a region of trust, |D·x| ≤ radius. J has m rows and n
 * columns, which lie one after the other, as forward mode makes them. All numbers are measured in units, so that the squares of those that a step is made of stay in the
 * range: the largest residual comes near to 1 at the start, and each column of J half of the way, as one that is tiny there may be large later. Everything is done in the scaled unknowns z = D·x. A triangle R, too, has its columns one after the other, and behind them one
 * more, Qᵀ·b.
 */

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
/** The point that is tried, as the function takes it; all else is measured in units. */
export const tried = own + 8;

/**
 * R of well-conditioned columns from their products, which are fewer numbers: Cholesky's factor of JᵀJ + λ, where Jᵀ·b is one more column. False where that would lose more
 * than half of the digits.
 */
function factorGram(gram: Float64Array, n: number, r: Float64Array, lambda = 0): boolean {
  for (let k = 0; k < n; k++) {
    const at = k * n;
    const whole = gram[at + k] + lambda;
    const left = whole - dot(r, at, r, at, k);
    if (!(left > 1e-7 * whole)) return false;
    const root = Math.sqrt(left);
    r[at + k] = root;
    for (let j = k + 1; j <= n; j++) r[j * n + k] = (gram[j * n + k] - dot(r, at, r, j * n, k)) / root;
  }
  return true;
}

/**
 * R of A·P = Q·R by reflections, so that nothing is lost where columns are nearly dependent. A has n columns of m numbers, n at the least, and b as one more, and is overwritten. P puts
 * the columns into the order that is written: at each step the one that is largest in what is left comes first.
 */
function factor(a: Float64Array, m: number, n: number, r: Float64Array, order: Float64Array): void {
  for (let k = 0; k < n; k++) {
    const at = k * m;
    let most = -1;
    let top = k;
    for (let j = k; j < n; j++) {
      const left = dot(a, j * m + k, a, j * m + k, m - k);
      if (left > most) [most, top] = [left, j];
    }
    for (let i = 0; i < m; i++) [a[at + i], a[top * m + i]] = [a[top * m + i], a[at + i]];
    [order[k], order[top]] = [order[top], order[k]];
    const size = Math.sqrt(most);
    if (size === 0) continue;
    const head = a[at + k];
    const diagonal = head > 0 ? -size : size;
    // v = column − diagonal·e, and H = 1 − v·vᵀ / (diagonal · (diagonal − head)).
    const scale = 1 / (diagonal * (diagonal - head));
    a[at + k] = head - diagonal;
    for (let j = k + 1; j <= n; j++) move(a, j * m + k, -dot(a, at + k, a, j * m + k, m - k) * scale, a, at + k, m - k);
    a[at + k] = diagonal;
  }
  for (let j = 0; j <= n; j++) for (let i = 0; i < n; i++) r[j * n + i] = a[j * m + i];
}

/** The triangle of [R; √λ·1], by rotations. */
function shifted(r: Float64Array, n: number, lambda: number, s: Float64Array): void {
  const row = new Float64Array(n + 1);
  s.set(r);
  for (let j = 0; j < n; j++) {
    row.fill(0);
    row[j] = Math.sqrt(lambda);
    for (let k = j; k < n; k++) {
      if (row[k] === 0) continue;
      const [own, other] = [s[k * n + k], row[k]];
      // The squares may underflow; hypot takes ten times as long.
      const size = Math.sqrt(own * own + other * other) || Math.hypot(own, other);
      const [cos, sin] = [own / size, other / size];
      for (let i = k; i <= n; i++) {
        const above = s[i * n + k];
        s[i * n + k] = cos * above + sin * row[i];
        row[i] = cos * row[i] - sin * above;
      }
    }
  }
}

/** z with R·z = Qᵀ·b, for the first `rank` unknowns; the others are 0. */
function back(r: Float64Array, n: number, rank: number, z: Float64Array): void {
  for (let j = 0; j < n; j++) z[j] = j < rank ? r[n * n + j] : 0;
  for (let j = rank - 1; j >= 0; j--) {
    z[j] /= r[j * n + j];
    move(z, 0, -z[j], r, j * n, j);
  }
}

/** Half the sum of the squares of numbers, each times another. */
export function halfSquare(v: Numbers, by: number): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += (v[i] * by) ** 2;
  return sum / 2;
}

/** The exponent of the largest of n numbers; 0 where there is none. */
function exponentOf(v: Numbers, from: number, n: number): number {
  let most = 0;
  for (let i = from; i < from + n; i++) if (Math.abs(v[i]) > most) most = Math.abs(v[i]);
  const exponent = Math.log2(most);
  return Math.abs(exponent) < Infinity ? exponent : 0;
}

/**
 * A power of two which takes numbers of an exponent near to 1, in the precision of others: it changes no digit. The exponents go in steps, so that most units
 * are 1.
 */
function unitOf(exponent: number, { BYTES_PER_ELEMENT: size }: Numbers): number {
  const [step, most] = size < 8 ? [4, 120] : [64, 960];
  return 2 ** (Math.round(Math.min(-exponent, most) / step) * step);
}

/** |R·z| of the n numbers from a place on, for which `sum` has room. */
function lengthOf(r: Float64Array, n: number, z: Float64Array, from: number, sum: Float64Array): number {
  sum.fill(0);
  for (let j = 0; j < n; j++) move(sum, 0, z[from + j], r, j * n, j + 1);
  return normOf(sum, 0, n);
}

/** A step of Newton's method for the λ at which |z| is the radius, on the reciprocal of |z|, by the triangle with which z was found. `y` has room. */
function newtonStep(r: Float64Array, n: number, z: Float64Array, length: number, radius: number, y: Float64Array): number {
  for (let i = 0; i < n; i++) y[i] = (z[i] - dot(r, i * n, y, 0, i)) / r[i * n + i];
  return (length / radius - 1) * (length / normOf(y, 0, n)) ** 2;
}

/** Makes the steps of a fit of n unknowns and m residuals, in arrays that are used again: to allocate them takes as long as to compute with them. */
export function planner(isDogleg: boolean, n: number, m: number) {
  // The places of the best point, the scales, the step, JᵀJ, Jᵀr, J, r and the units.
  const x = tried + n;
  const scales = x + n;
  const step = scales + n;
  const gram = step + n;
  const gradient = gram + n * n;
  const columns = gradient + n;
  const residual = columns + m * n;
  const units = residual + m;
  const [products, r, triangle] = Array.from({ length: 3 }, () => new Float64Array(n * n + n));
  const [free, order, down, y, z, part, shares] = Array.from({ length: 7 }, () => new Float64Array(n));
  let shift = 0;

  /** Chooses the units: of each unknown one, and what the residuals are multiplied by. A loss has a unit of its own. */
  const measure = (s: Numbers, r: Numbers, J: Numbers, isLinear: boolean): void => {
    const size = isLinear ? exponentOf(r, 0, m) : 0;
    for (let j = 0; j < n; j++) s[units + j] = unitOf((exponentOf(J, j * m, m) - size) / 2, r);
    s[units + n] = unitOf(size, r);
  };

  /**
   * Takes the point that was tried, with the values there, in units, and returns whether the gradient is finite. If it is not, the vectors of the state are
   * lost.
   */
  const take = (s: Numbers, f: number, own: Numbers, J: Numbers): boolean => {
    s.set(J, columns);
    s.set(own, residual);
    for (let j = 0; j <= n; j++) {
      if (j < n) s[x + j] = s[tried + j] / s[units + j];
      const unit = j < n ? s[units + j] * s[units + n] : s[units + n];
      if (unit !== 1) for (let i = 0; i < m; i++) s[columns + j * m + i] *= unit;
    }
    // JᵀJ and Jᵀr in one product, as r lies behind the columns of J.
    const lines = { storage: s, row: m, column: 1, fixed: undefined };
    gemm(n + 1, n, m, lines, columns, { storage: s, row: 1, column: m, fixed: undefined }, columns, s, gram);
    s[cost] = f;
    return f + largestOf(s, gradient, n) < Infinity;
  };

  /** Makes z the way down the steepest descent and from its lowest point on towards z, as far as the radius. */
  const dogleg = (n: number, radius: number): void => {
    const size = normOf(products, n * n, n);
    const along = (size / lengthOf(r, n, products, n * n, y)) ** 2;
    const way = Math.min(along, radius / size);
    for (let j = 0; j < n; j++) y[j] = way * products[n * n + j];
    if (way === along) {
      move(z, 0, -1, y, 0, n);
      const [p, q] = [dot(z, 0, z, 0, n), dot(y, 0, z, 0, n)];
      const rest = radius ** 2 - dot(y, 0, y, 0, n);
      const root = Math.sqrt(q * q + p * rest);
      move(y, 0, q > 0 ? rest / (q + root) : (root - q) / p, z, 0, n);
    }
    z.set(y);
    shift = 1;
  };

  /** Makes |z(λ)| the radius to a tenth, by Newton's method between bounds (Moré 1978), from the λ of the step before. */
  const levenberg = (n: number, radius: number, isSound: boolean, rank: number): void => {
    let length = normOf(z, 0, n);
    let low = rank === n ? newtonStep(r, n, z, length, radius, y) : 0;
    let high = normOf(products, n * n, n) / radius;
    shift = Math.min(Math.max(shift || (high * radius) / length, low), high);
    for (let turn = 0; turn < 12; turn++) {
      if (shift === 0) shift = Math.max(Number.MIN_VALUE, 0.001 * high);
      if (!isSound || !factorGram(products, n, triangle, shift)) shifted(r, n, shift, triangle);
      back(triangle, n, n, z);
      const before = length;
      length = normOf(z, 0, n);
      if (Math.abs(length - radius) <= 0.1 * radius || (low === 0 && length <= before && before < radius)) break;
      if (length > radius) low = Math.max(low, shift);
      else high = Math.min(high, shift);
      shift = Math.max(low, shift + newtonStep(triangle, n, z, length, radius, y));
    }
  };

  /** Finds the step of the first n free unknowns within a region of trust, into `part`, and returns |J·part|. */
  const region = (s: Numbers, n: number, radius: number): number => {
    const whole = down.length;
    for (let j = 0; j < n; j++) {
      const at = free[j];
      order[j] = j;
      products[n * n + j] = down[at] / s[scales + at];
      for (let i = 0; i <= j; i++) products[j * n + i] = s[gram + at * whole + free[i]] / (s[scales + at] * s[scales + free[i]]);
    }
    let rank = n;
    const isSound = factorGram(products, n, r);
    if (!isSound) {
      const rows = Math.max(m, n);
      const a = new Float64Array(rows * (n + 1));
      for (let j = 0; j < n; j++) move(a, j * rows, -1 / s[scales + free[j]], s, columns + free[j] * m, m);
      move(a, n * rows, 1, s, residual, m);
      for (let j = 0; j < whole; j++) move(a, n * rows, s[step + j], s, columns + j * m, m);
      factor(a, rows, n, r, order);
      for (rank = 0; rank < n && Math.abs(r[rank * n + rank]) > 2 ** -52 * rows * Math.abs(r[0]); ) rank++;
      for (let j = 0; j < n; j++) products[n * n + j] = dot(r, j * n, r, n * n, j + 1);
    }
    back(r, n, rank, z);
    if (normOf(z, 0, n) <= 1.1 * radius) shift = 0;
    else if (isDogleg) dogleg(n, radius);
    else levenberg(n, radius, isSound, rank);
    for (let j = 0; j < n; j++) part[order[j]] = z[j] / s[scales + free[order[j]]];
    return lengthOf(r, n, z, 0, y);
  };

  /** The length of a vector of the state in the scaled unknowns. */
  const scaled = (s: Numbers, at: number): number => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += (s[scales + j] * s[at + j]) ** 2;
    return Math.sqrt(sum);
  };

  /**
   * Plans the next step. Within bounds it is a path along which the model falls: the step of the unknowns that no bound holds as far as the first bound, from there that of the
   * others, and so on, as far as the radius.
   */
  const plan = (s: Numbers, lower: Numbers | undefined, upper: Numbers): void => {
    /** The way that is left to an unknown in the direction of a number. */
    const wayOf = (j: number, by: number): number =>
      lower ? (by > 0 ? upper[j] : lower[j]) / s[units + j] - s[x + j] - s[step + j] : by * Infinity;
    const size = normOf(s, residual, m);
    let count = 0;
    s[cosine] = 0;
    for (let j = 0; j < n; j++) {
      // The scale of an unknown is the largest that its column had.
      const own = Math.sqrt(s[gram + j * n + j]);
      s[scales + j] = Math.max(own, s[scales + j]) || 1;
      s[step + j] = 0;
      down[j] = -s[gradient + j];
      if (wayOf(j, down[j]) === 0) continue;
      free[count++] = j;
      if (own * size > 0) s[cosine] = Math.max(s[cosine], Math.abs(down[j]) / (own * size));
    }
    s[sizeOfX] = scaled(s, x);
    if (s[radius] === Infinity) s[radius] = s[sizeOfX] || 1;
    s[gain] = 0;
    shift = s[lambda];
    s[lambda] = -1;
    for (let left = s[radius]; left > s[radius] * 1e-3; left = s[radius] - scaled(s, step)) {
      const bend = region(s, count, left);
      if (s[lambda] < 0) s[lambda] = shift;
      let most = 1;
      for (let i = 0; i < count; i++) {
        shares[i] = part[i] === 0 ? Infinity : wayOf(free[i], part[i]) / part[i];
        most = Math.min(most, shares[i]);
      }
      s[gain] -= (most * bend) ** 2 / 2;
      let others = 0;
      for (let i = 0; i < count; i++) {
        const j = free[i];
        s[gain] += most * part[i] * down[j];
        s[step + j] += shares[i] > most ? most * part[i] : wayOf(j, part[i]);
        if (shares[i] > most) free[others++] = j;
      }
      if (most === 1) break;
      count = others;
      for (let j = 0; j < n; j++) down[j] = -s[gradient + j] - dot(s, gram + j * n, s, step, n);
    }
    s[slope] = dot(s, gradient, s, step, n);
    s[length] = scaled(s, step);
    for (let j = 0; j < n; j++) {
      const to = (s[x + j] + s[step + j]) * s[units + j];
      s[tried + j] = lower ? Math.min(Math.max(to, lower[j]), upper[j]) : to;
    }
  };
  return { x, gradient, columns, residual, units, end: units + n + 1, measure, take, plan };
}
