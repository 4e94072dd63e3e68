import { factorLu, solveFactored } from "./lu.js";
import { lines, product, scaled } from "./matrices.js";

type Times = (x: Float64Array, y: Float64Array) => Float64Array;

/** Numerator's coefficients of the [13/13] Padé approximant of exp, and for which sizes of a matrix it is exact to rounding. */
const pade = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640,
  1323241920, 40840800, 960960, 16380, 182, 1,
];
const reach = 4.25;
const errorTerm = 1 / 1.1325077560602111e35;

/** The exponential of an n × n matrix, by scaling and squaring as in Al-Mohy & Higham, SIAM J. Matrix Anal. 31, 2009. */
export function exponential(a: Float64Array, n: number): Float64Array {
  if (!Number.isFinite(norm1(a, n))) return new Float64Array(n * n).fill(NaN);
  const times: Times = (x, y) => product(n, n, n, lines(x, n), 0, lines(y, n), 0);
  const squarings = squaringsOf(a, n, times);
  const small = scaled(a, 2 ** squarings);
  const a2 = times(small, small);
  const a4 = times(a2, a2);
  const a6 = times(a4, a2);
  /** Adds c₂·a² + c₄·a⁴ + c₆·a⁶ to a matrix, of the coefficients from `first` on in steps of two. */
  const add = (to: Float64Array, first: number): Float64Array => {
    const [c2, c4, c6] = [pade[first], pade[first + 2], pade[first + 4]];
    for (let i = 0; i < n * n; i++) to[i] += c6 * a6[i] + c4 * a4[i] + c2 * a2[i];
    return to;
  };
  /** Every other term of the approximant, those of even or of odd powers, the latter without one factor. */
  const half = (first: 0 | 1): Float64Array => {
    const out = add(times(a6, add(new Float64Array(n * n), first + 8)), first + 2);
    for (let i = 0; i < n; i++) out[i * (n + 1)] += pade[first];
    return out;
  };
  const odd = times(small, half(1));
  const even = half(0);
  const below = new Float64Array(n * n);
  for (let i = 0; i < n * n; i++) [below[i], odd[i]] = [even[i] - odd[i], even[i] + odd[i]];
  const { rows } = factorLu(below, n, n);
  let out = solveFactored(below, rows, odd, n);
  for (let i = 0; i < squarings; i++) out = times(out, out);
  return out;
}

/** The number of times that a matrix must be halved. The sizes of its powers say it better than its own: too many squarings cost digits. */
function squaringsOf(a: Float64Array, n: number, times: Times): number {
  const halvings = (size: number): number => Math.max(0, Math.ceil(Math.log2(size / reach)));
  const maxHalvings = halvings(norm1(a, n));
  if (maxHalvings === 0) return 0;
  const small = scaled(a, 2 ** maxHalvings);
  const a2 = times(small, small);
  const a4 = times(a2, a2);
  const a6 = times(a4, a2);
  const size = (x: Float64Array, power: number): number => norm1(x, n) ** (1 / power) * 2 ** maxHalvings;
  const eighth = size(times(a4, a4), 8);
  const minHalvings = halvings(Math.min(Math.max(size(a6, 6), eighth), Math.max(eighth, size(times(a4, a6), 10))));
  // Rounding in the approximant: its first error term, of the absolute values.
  const back = 2 ** (maxHalvings - minHalvings);
  let sums = new Float64Array(n).fill(1);
  for (let power = 0; power < 27; power++) {
    const next = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) next[j] += sums[i] * Math.abs(small[i * n + j]);
    sums = next.map((x) => x * back);
  }
  const term = (errorTerm * Math.max(...sums)) / (norm1(small, n) * back);
  return Math.min(maxHalvings, minHalvings + Math.max(0, Math.ceil((Math.log2(term) + 53) / 26)));
}

/** The largest sum of absolute values in a column. */
export function norm1(a: Float64Array, n: number): number {
  const sums = new Float64Array(n);
  for (let i = 0; i < a.length; i += n) for (let j = 0; j < n; j++) sums[j] += Math.abs(a[i + j]);
  return sums.reduce((most, x) => (x > most || Number.isNaN(x) ? x : most), 0);
}
