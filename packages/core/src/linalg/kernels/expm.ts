import { factorLu, solveFactored } from "./lu.js";
import { lines, product } from "./matrices.js";

/** A matrix x as [x], or [[x, e], [0, x]] as [x, e]. A function of the latter has the derivative of the former in direction e in the place of e. */
type Blocks = readonly Float64Array[];

/** Numerator's coefficients of the [13/13] Padé approximant of exp, and for which sizes of a matrix it is exact to rounding. */
const pade = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640,
  1323241920, 40840800, 960960, 16380, 182, 1,
];
const reach = 4.25;
const errorDivisor = 1.1325077560602111e35;

/** Adds a multiple of y to x. */
function add(x: Float64Array, y: Float64Array, factor = 1): Float64Array {
  for (let i = 0; i < x.length; i++) x[i] += factor * y[i];
  return x;
}

const multiplied = (x: Float64Array, y: Float64Array, n: number): Float64Array => product(n, n, n, lines(x, n), 0, lines(y, n), 0);

function times([x, dx]: Blocks, [y, dy]: Blocks, n: number): Blocks {
  const out = multiplied(x, y, n);
  return dx ? [out, add(multiplied(x, dy, n), multiplied(dx, y, n))] : [out];
}

function halved(a: Blocks, count: number): Blocks {
  const factor = 2 ** -count;
  return a.map((x) => x.map((each) => each * factor));
}

/** The square of a matrix, and the square's square and cube. */
function powers(a: Blocks, n: number): readonly Blocks[] {
  const a2 = times(a, a, n);
  const a4 = times(a2, a2, n);
  return [a2, a4, times(a4, a2, n)];
}

/** The exponential of an n × n matrix, which may be overwritten, by scaling and squaring as in Al-Mohy & Higham, SIAM J. Matrix Anal. 31, 2009. */
export function exponential(a: Blocks, n: number): Blocks {
  if (!Number.isFinite(norm1(a, n))) return a.map((x) => x.fill(NaN));
  const squarings = squaringsOf(a, n);
  const scaled = halved(a, squarings);
  const [a2, a4, a6] = powers(scaled, n);
  /** c₀·I + c₁·a² + c₂·a⁴ + c₃·a⁶, of every second coefficient from `first` on; c₀ may be another. */
  const series = (first: number, c0 = pade[first]): Blocks =>
    a2.map((x, part) => {
      const terms = [a6, a4, a2].map((power) => power[part]);
      const out = terms.reduce((sum, term, i) => add(sum, term, pade[first + 6 - 2 * i]), new Float64Array(x.length));
      if (part === 0) for (let at = 0; at < out.length; at += n + 1) out[at] += c0;
      return out;
    });
  const joined = (low: Blocks, high: Blocks): Blocks => times(a6, high, n).map((x, part) => add(x, low[part]));
  const odd = times(scaled, joined(series(1), series(7, 0)), n);
  const even = joined(series(0), series(6, 0));
  const [below, along] = even.map((x, part) => add(x.slice(), odd[part], -1));
  const { rows } = factorLu(below, n, n);
  const solved = (b: Float64Array): Float64Array => solveFactored(below, rows, b, n);
  const [above, across] = even.map((x, part) => add(x, odd[part]));
  const x = solved(above);
  let out: Blocks = along ? [x, solved(add(across, multiplied(along, x, n), -1))] : [x];
  for (let i = 0; i < squarings; i++) out = times(out, out, n);
  return out;
}

/** The number of times that a matrix must be halved. The sizes of its powers say it better than its own: too many squarings cost digits. */
function squaringsOf(a: Blocks, n: number): number {
  const halvings = (size: number): number => Math.max(0, Math.ceil(Math.log2(size / reach)));
  const maxHalvings = halvings(norm1(a, n));
  if (maxHalvings === 0) return 0;
  const scaled = halved(a, maxHalvings);
  const [, a4, a6] = powers(scaled, n);
  const size = (x: Blocks, power: number): number => norm1(x, n) ** (1 / power) * 2 ** maxHalvings;
  const minHalvings = halvings(Math.max(size(times(a4, a4, n), 8), Math.min(size(a6, 6), size(times(a4, a6, n), 10))));
  // Rounding in the approximant: its first error term, of the absolute values.
  const least = halved(a, minHalvings);
  let sums: Blocks | undefined;
  for (let power = 0; power < 27; power++) sums = columnSums(least, n, sums);
  const term = largest(sums as Blocks) / norm1(least, n) / errorDivisor;
  return Math.min(maxHalvings, minHalvings + Math.max(0, Math.ceil((Math.log2(term) + 53) / 26)));
}

const largest = (sums: Blocks): number => Math.max(...sums.map((x) => Math.max(0, ...x)));

/** The sums of absolute values in each column; rows may have weights. */
function columnSums(a: Blocks, n: number, [weights, more]: Blocks = a.map(() => new Float64Array(n).fill(1))): Blocks {
  const of = (x: Float64Array, weights: Float64Array): Float64Array => {
    const sums = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sums[j] += weights[i] * Math.abs(x[i * n + j]);
    return sums;
  };
  return a.map((x, part) => (part === 0 ? of(x, weights) : add(of(x, weights), of(a[0], more))));
}

/** The largest sum of absolute values in a column. */
export const norm1 = (a: Blocks, n: number): number => largest(columnSums(a, n));
