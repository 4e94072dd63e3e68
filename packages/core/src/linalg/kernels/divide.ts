import { hypot, lines, ordered, product, turn } from "./matrices.js";

const epsilon = 2 ** -52;

/** Eigenvalues, ascending, and eigenvectors, one in each line of a square row-major matrix. */
export interface Spectrum {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Copies `count` elements. */
function copy(x: Float64Array, from: number, out: Float64Array, to: number, count: number): void {
  for (let i = 0; i < count; i++) out[to + i] = x[from + i];
}

/**
 * The spectrum of two matrices one below the other plus |β|·u·uᵀ, where u has 1 at the last row of the first and the sign of β at the first
 * row of the second (Cuppen's method; deflation as in LAPACK's dlaed2, vectors by Gu & Eisenstat, SIAM J. Matrix Anal. 16, 1995).
 */
export function joined(low: Spectrum, high: Spectrum, beta: number): Spectrum {
  const [m, n] = [low.values.length, low.values.length + high.values.length];
  const values = new Float64Array(n);
  values.set(low.values);
  values.set(high.values, m);
  const basis = new Float64Array(n * n);
  const z = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (i < m) copy(low.vectors, i * m, basis, i * n, m);
    else copy(high.vectors, (i - m) * (n - m), basis, i * n + m, n - m);
    z[i] = (i < m ? basis[i * n + m - 1] : Math.sign(beta) * basis[i * n + m]) * Math.SQRT1_2;
  }
  // Vectors of the first matrix are zero in the rows of the second, and the reverse, but for those that are turned against each other.
  const parts = new Uint8Array(n).fill(1, 0, m).fill(2, m);
  const kept = deflated(values, z, 2 * Math.abs(beta), (i, j, c, s) => {
    parts[i] = parts[j] |= parts[i];
    turn(basis, n, i, j, c, s);
  });
  const poles = Float64Array.from(kept, (i) => values[i]);
  const { roots, turns } = secular(
    poles,
    Float64Array.from(kept, (i) => z[i]),
    2 * Math.abs(beta),
  );
  const k = kept.length;
  const halves = [1, 2].map((half) => {
    const [start, width] = half === 1 ? [0, m] : [m, n - m];
    const within = kept.flatMap((i, at) => (parts[i] & half ? [at] : []));
    const count = within.length;
    const factor = new Float64Array(k * count);
    for (let j = 0; j < k; j++) for (let i = 0; i < count; i++) factor[j * count + i] = turns[j * k + within[i]];
    const part = new Float64Array(count * width);
    within.forEach((i, to) => {
      copy(basis, kept[i] * n + start, part, to * width, width);
    });
    return product(k, width, count, lines(factor, count), 0, lines(part, width), 0);
  });
  const places = new Int32Array(n).fill(-1);
  kept.forEach((i, j) => {
    [values[i], places[i]] = [roots[j], j];
  });
  const order = ordered(values);
  const vectors = new Float64Array(n * n);
  order.forEach((i, to) => {
    if (places[i] < 0) copy(basis, i * n, vectors, to * n, n);
    else {
      copy(halves[0], places[i] * m, vectors, to * n, m);
      copy(halves[1], places[i] * (n - m), vectors, to * n + m, n - m);
    }
  });
  return { values: values.slice().sort(), vectors };
}

/**
 * Those values, ascending, that ρ·z·zᵀ moves. Of two that are equal but for rounding, vectors are turned so that z has no part of the first; it
 * stays, as does every one of which z has next to nothing.
 */
function deflated(
  values: Float64Array,
  z: Float64Array,
  rho: number,
  turn: (i: number, j: number, c: number, s: number) => void,
): number[] {
  const most = (x: Float64Array): number => x.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  const tolerance = 8 * epsilon * Math.max(most(values), most(z));
  const kept: number[] = [];
  for (const j of ordered(values)) {
    if (rho * Math.abs(z[j]) <= tolerance) continue;
    const i = kept[kept.length - 1] ?? j;
    const size = hypot(z[i], z[j]);
    const [c, s] = [z[j] / size, -z[i] / size];
    if (i !== j && Math.abs((values[j] - values[i]) * c * s) <= tolerance) {
      kept.pop();
      [z[i], z[j]] = [0, size];
      turn(i, j, c, s);
      [values[i], values[j]] = [values[i] * c * c + values[j] * s * s, values[i] * s * s + values[j] * c * c];
    }
    kept.push(j);
  }
  return kept;
}

/** Eigenvalues and, in lines, eigenvectors of diag(poles) + ρ·z·zᵀ, for poles that ascend and z without zeros. */
function secular(poles: Float64Array, z: Float64Array, rho: number): { roots: Float64Array; turns: Float64Array } {
  const n = poles.length;
  const weights = z.map((x) => rho * x * x);
  const turns = new Float64Array(n * n);
  const roots = new Float64Array(n).map((_, j) => root(poles, weights, j, turns.subarray(j * n, (j + 1) * n)));
  // The vector z for which these roots are exact: it makes vectors orthogonal.
  const near = new Float64Array(n).fill(1);
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) near[i] *= turns[j * n + i] / (i === j ? 1 : poles[i] - poles[j]);
  for (let i = 0; i < n; i++) near[i] = Math.sign(z[i]) * Math.sqrt(Math.abs(near[i]));
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const x = (turns[j * n + i] = near[i] / turns[j * n + i]);
      sum += x * x;
    }
    for (let i = 0, size = Math.sqrt(sum); i < n; i++) turns[j * n + i] /= size;
  }
  return { roots, turns };
}

/**
 * The root of 1 + Σ weights/(poles − x) after pole j, and the distances of the poles from it, to all their digits: x is counted from the nearer
 * pole. Steps are those of two poles and a constant, with the weight of the nearer pole fixed (Li, LAPACK Working Note 89).
 */
function root(poles: Float64Array, weights: Float64Array, j: number, distances: Float64Array): number {
  const n = poles.length;
  const isLast = j === n - 1;
  const gap = isLast ? weights.reduce((sum, x) => sum + x, 0) : poles[j + 1] - poles[j];
  let value = 0;
  let size = 0;
  let slope = 0;
  const evaluate = (origin: number, x: number): void => {
    let [left, right] = [0, 0];
    slope = 0;
    for (let i = 0; i < n; i++) {
      const inverse = 1 / (distances[i] = poles[i] - poles[origin] - x);
      const term = weights[i] * inverse;
      if (i <= j) left += term;
      else right += term;
      slope += term * inverse;
    }
    value = 1 + left + right;
    size = 1 - left + right;
  };
  evaluate(j, gap / 2);
  const origin = isLast || value >= 0 ? j : j + 1;
  let [low, high] = origin > j ? [-gap / 2, 0] : value >= 0 ? [0, gap / 2] : [gap / 2, gap];
  let x = origin > j ? -gap / 2 : gap / 2;
  for (let step = 0; step < 100; step++) {
    evaluate(origin, x);
    if (Math.abs(value) <= 16 * epsilon * size) break;
    if (value < 0) low = x;
    else high = x;
    const near = distances[j];
    let next: number;
    if (isLast) next = x + near + (slope * near * near) / (value - near * slope);
    else {
      const far = distances[j + 1];
      const c =
        origin === j
          ? value - far * slope + (gap * weights[j]) / (near * near)
          : value - near * slope - (gap * weights[j + 1]) / (far * far);
      const a = (near + far) * value - near * far * slope;
      const b = near * far * value;
      const discriminant = Math.sqrt(Math.abs(a * a - 4 * b * c));
      next = x + (a <= 0 ? (a - discriminant) / (2 * c) : (2 * b) / (a + discriminant));
    }
    if (next === x) break;
    if (!(next > low && next < high)) next = (low + high) / 2;
    x = next;
  }
  return poles[origin] + x;
}
