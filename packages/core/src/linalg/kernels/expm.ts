import { gemm } from "../../cpu/gemm.js";
import { factorLu, solveFactored } from "./lu.js";

/** Numerator's coefficients of the [13/13] Padé approximant of exp, and the 1-norm up to which it is exact to rounding. */
const pade = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640,
  1323241920, 40840800, 960960, 16380, 182, 1,
];
const reach = 5.371920351148152;

/** The exponential of an n × n matrix, by scaling and squaring (Higham, SIAM J. Matrix Anal. 26, 2005). */
export function exponential(a: Float64Array, n: number): Float64Array {
  const norm = norm1(a, n);
  if (!Number.isFinite(norm)) return new Float64Array(n * n).fill(NaN);
  const squarings = Math.max(0, Math.ceil(Math.log2(norm / reach)));
  const times = (x: Float64Array, y: Float64Array): Float64Array => {
    const out = new Float64Array(n * n);
    const matrix = (storage: Float64Array) => ({ storage, row: n, column: 1 });
    gemm(n, n, n, matrix(x), 0, matrix(y), 0, out, 0);
    return out;
  };
  const scaled = a.map((x) => x / 2 ** squarings);
  const a2 = times(scaled, scaled);
  const a4 = times(a2, a2);
  const a6 = times(a4, a2);
  /** c₀·I + c₂·a² + c₄·a⁴ + c₆·a⁶, of the coefficients from `first` on in steps of two. */
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

/** The largest sum of absolute values in a column. */
export function norm1(a: Float64Array, n: number): number {
  const sums = new Float64Array(n);
  a.forEach((x, at) => {
    sums[at % n] += Math.abs(x);
  });
  return sums.reduce((most, x) => (x > most || Number.isNaN(x) ? x : most), 0);
}
