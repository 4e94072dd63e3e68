import { gemm } from "../../cpu/kernels/gemm.js";
import { factorLu, solveFactored } from "./lu.js";

/** Numerator's coefficients of the [13/13] Padé approximant of exp, and for which sizes of a matrix it is exact to rounding. */
const pade = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640,
  1323241920, 40840800, 960960, 16380, 182, 1,
];
const reach = 4.25;
const errorTerm = 1 / 1.1325077560602111e35;

const product = (x: Float64Array, y: Float64Array, n: number): Float64Array => {
  const out = new Float64Array(n * n);
  const matrix = (storage: Float64Array) => ({ storage, row: n, column: 1 });
  gemm(n, n, n, matrix(x), 0, matrix(y), 0, out, 0);
  return out;
};

/** The exponential of an n × n matrix, by scaling and squaring as in Al-Mohy & Higham, SIAM J. Matrix Anal. 31, 2009. */
export function exponential(a: Float64Array, n: number): Float64Array {
  if (!Number.isFinite(norm1(a, n))) return new Float64Array(n * n).fill(NaN);
  const times = (x: Float64Array, y: Float64Array): Float64Array => product(x, y, n);
  const squarings = squaringsOf(a, n);
  const scaled = a.map((x) => x / 2 ** squarings);
  const a2 = times(scaled, scaled);
  const a4 = times(a2, a2);
  const a6 = times(a4, a2);
  /** c₀·I + c₂·a² + c₄·a⁴ + c₆·a⁶ without the first term or with it, of the coefficients from `first` on in steps of two. */
  const sum = (first: number, identity: boolean): Float64Array =>
    a2.map((_, at) => {
      const [c2, c4, c6] = [2, 4, 6].map((power) => pade[first + power - (identity ? 0 : 2)]);
      return c6 * a6[at] + c4 * a4[at] + c2 * a2[at] + (identity && at % (n + 1) === 0 ? pade[first] : 0);
    });
  const joined = (low: Float64Array, high: Float64Array): Float64Array => times(a6, high).map((x, at) => x + low[at]);
  const odd = times(scaled, joined(sum(1, true), sum(9, false)));
  const even = joined(sum(0, true), sum(8, false));
  const below = even.map((x, at) => x - odd[at]);
  const { rows } = factorLu(below, n, n);
  let out = solveFactored(
    below,
    rows,
    even.map((x, at) => x + odd[at]),
    n,
  );
  for (let i = 0; i < squarings; i++) out = times(out, out);
  return out;
}

/** The number of times that a matrix must be halved. The sizes of its powers say it better than its own: too many squarings cost digits. */
function squaringsOf(a: Float64Array, n: number): number {
  const halvings = (size: number): number => Math.max(0, Math.ceil(Math.log2(size / reach)));
  const maxHalvings = halvings(norm1(a, n));
  if (maxHalvings === 0) return 0;
  const scaled = a.map((x) => x / 2 ** maxHalvings);
  const a2 = product(scaled, scaled, n);
  const a4 = product(a2, a2, n);
  const a6 = product(a4, a2, n);
  const size = (x: Float64Array, power: number): number => norm1(x, n) ** (1 / power) * 2 ** maxHalvings;
  const eighth = size(product(a4, a4, n), 8);
  const minHalvings = halvings(Math.min(Math.max(size(a6, 6), eighth), Math.max(eighth, size(product(a4, a6, n), 10))));
  // Rounding in the approximant: its first error term, of the absolute values.
  let sums = new Float64Array(n).fill(1);
  for (let power = 0; power < 27; power++) {
    const next = new Float64Array(n);
    for (let at = 0; at < a.length; at++)
      next[at % n] += sums[Math.floor(at / n)] * Math.abs(scaled[at] * 2 ** (maxHalvings - minHalvings));
    sums = next;
  }
  const term = (errorTerm * Math.max(...sums)) / (norm1(scaled, n) * 2 ** (maxHalvings - minHalvings));
  return Math.min(maxHalvings, minHalvings + Math.max(0, Math.ceil((Math.log2(term) + 53) / 26)));
}

/** The largest sum of absolute values in a column. */
export function norm1(a: Float64Array, n: number): number {
  const sums = new Float64Array(n);
  a.forEach((x, at) => {
    sums[at % n] += Math.abs(x);
  });
  return sums.reduce((most, x) => (x > most || Number.isNaN(x) ? x : most), 0);
}
