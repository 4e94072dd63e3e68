import {
  array,
  copysign,
  elu,
  fmax,
  fmin,
  fmod,
  hardtanh,
  interp,
  leakyRelu,
  linalg,
  logcumsumexp,
  logit,
  maxPool,
  median,
  multigammaln,
  type NDArray,
  nanmax,
  nanstd,
  nanToNum,
  nanvar,
  piecewise,
  ptp,
  quantile,
  sinc,
  softsign,
  topK,
  where,
} from "@ad/core";
import { bind, none } from "@ad/core/internals/trace";
import { type Binary, binaries, type Unary, unaries } from "./rows/elementwise.js";

/** A function at a point where it has no derivative, and the gradient of its sum that is documented to be given there. */
export interface Kink {
  readonly name: string;
  readonly f: (x: NDArray) => NDArray;
  readonly at: readonly number[];
  readonly gradient: readonly number[];
  /** There is no second derivative, and it is not finite: it may not look as if there were. */
  readonly singular?: true;
}

const parts = (x: NDArray): [NDArray, NDArray] => [x.slice([0, null, 2]), x.slice([1, null, 2])];
const third = 1 / 3;

/** The subgradients that the library promises: at ties, at bounds, and at the origin. */
export const kinks: readonly Kink[] = [
  ...Object.entries<Unary>(unaries).flatMap(([op, row]) =>
    (row.kinks ?? []).map((kink): Kink => ({ ...kink, name: `${op} ${kink.name}`, f: (x) => bind(op as "sin", [x], none) })),
  ),
  ...Object.entries<Binary>(binaries).flatMap(([op, row]) =>
    (row.kinks ?? []).map((kink): Kink => ({ ...kink, name: `${op} ${kink.name}`, f: (x) => bind(op as "add", parts(x), none) })),
  ),
  { name: "pow by 2 at 0", f: (x) => x.pow(2), at: [0, -1], gradient: [0, -2] },
  { name: "pow by 1 at 0", f: (x) => x.pow(1), at: [0, -1], gradient: [1, 1] },
  { name: "pow by 0 at 0", f: (x) => x.pow(0), at: [0, -1], gradient: [0, 0] },
  { name: "pow of 0 by an exponent", f: (x) => array([0, 0]).pow(x), at: [2, 1], gradient: [0, 0] },
  { name: "max at ties", f: (x) => x.max(), at: [3, 1, 3, 3], gradient: [third, 0, third, third] },
  { name: "min at ties", f: (x) => x.min(), at: [1, 1, 3, 2], gradient: [0.5, 0.5, 0, 0] },
  { name: "clip at its bounds", f: (x) => x.clip(-1, 1), at: [-1, 1, 2, -3, 0], gradient: [1, 1, 0, 0, 1] },
  { name: "norm at 0", f: (x) => x.norm(), at: [0, 0], gradient: [0, 0], singular: true },
  { name: "norm of order 3 at 0", f: (x) => x.norm(0, { ord: 3 }), at: [0, 0], gradient: [0, 0], singular: true },
  { name: "norm of order 1.5 with a zero", f: (x) => x.norm(0, { ord: 1.5 }), at: [0, 2], gradient: [0, 1], singular: true },
  { name: "norm of order 3 with a zero", f: (x) => x.norm(0, { ord: 3 }), at: [0, 2], gradient: [0, 1] },
  {
    name: "nuclear norm at 0",
    f: (x) => linalg.norm(x.reshape([2, 2]), [0, 1], { ord: "nuc" }),
    at: [0, 0, 0, 0],
    gradient: [0, 0, 0, 0],
    singular: true,
  },
  { name: "norm of order 1 at 0", f: (x) => x.norm(0, { ord: 1 }), at: [0, -2], gradient: [0, -1] },
  { name: "norm of order ∞ at a tie", f: (x) => x.norm(0, { ord: Infinity }), at: [2, -2, 1], gradient: [0.5, -0.5, 0] },
  { name: "std of equal elements", f: (x) => x.std(), at: [2, 2, 2], gradient: [0, 0, 0], singular: true },
  { name: "prod with a zero", f: (x) => x.prod(), at: [2, 0, 5], gradient: [0, 10, 0] },
  { name: "prod with two zeros", f: (x) => x.prod(), at: [2, 0, 0], gradient: [0, 0, 0] },
  { name: "cumprod with a zero", f: (x) => x.cumprod(), at: [2, 0, 5], gradient: [1, 12, 0] },
  { name: "the branch of where that is not taken", f: (x) => where(x.greater(0), x.mul(2), 0), at: [0, 1], gradient: [0, 2] },
  { name: "sort at ties", f: (x) => x.sort().mul([1, 10, 100]), at: [2, 1, 2], gradient: [10, 1, 100] },
  {
    name: "maxPool at ties",
    f: (x) => maxPool(x.reshape([1, 1, 4]), { window: 3, padding: 1 }),
    at: [2, 2, 1, 5],
    gradient: [0.5, 0.5, 0, 1],
  },
  { name: "median of an even number", f: (x) => median(x), at: [5, 1, 2, 9], gradient: [0.5, 0, 0.5, 0] },
  { name: "quantile beside an infinite element", f: (x) => quantile(x, 0.5), at: [1, Infinity, 2], gradient: [0, 0, 1] },
  { name: "logcumsumexp from -∞", f: (x) => logcumsumexp(x).slice([2, null]), at: [-Infinity, 1, 1], gradient: [0, 0.5, 0.5] },
  { name: "logcumsumexp with ∞", f: (x) => logcumsumexp(x).slice([1, null]), at: [1, Infinity, 2], gradient: [0, 2, 0] },
  { name: "fmax at a tie and beside NaN", f: (x) => fmax(...parts(x)), at: [1, 1, Number.NaN, 3], gradient: [0.5, 0.5, 0, 1] },
  { name: "fmin at a tie and beside NaN", f: (x) => fmin(...parts(x)), at: [1, 1, 2, Number.NaN], gradient: [0.5, 0.5, 1, 0] },
  { name: "fmod at 0", f: (x) => fmod(x, 3), at: [0, -0, 1], gradient: [1, 1, 1] },
  { name: "copysign at 0", f: (x) => copysign(x, -1), at: [0, 2, -2], gradient: [0, -1, 1] },
  { name: "sinc at 0", f: (x) => sinc(x), at: [0], gradient: [0] },
  { name: "nanToNum where it replaces", f: (x) => nanToNum(x), at: [Number.NaN, Infinity, -Infinity, 2], gradient: [0, 0, 0, 1] },
  { name: "nanmax at a tie", f: (x) => nanmax(x), at: [2, Number.NaN, 2, 1], gradient: [0.5, 0, 0.5, 0] },
  { name: "nanstd of too few elements", f: (x) => nanstd(x, null, { ddof: 1 }), at: [5], gradient: [Number.NaN], singular: true },
  { name: "nanvar of too few elements", f: (x) => nanvar(x, null, { ddof: 1 }), at: [5], gradient: [Number.NaN], singular: true },
  { name: "logit outside of its range", f: logit, at: [-1.2], gradient: [Number.NaN], singular: true },
  { name: "multigammaln below its range", f: (x) => multigammaln(x, 2), at: [0.3], gradient: [Number.NaN], singular: true },
  { name: "interp beside an infinite value", f: (x) => interp(x, [0, 1, 2], [1, Infinity, 3]), at: [0, 0.5, 1, 2], gradient: [0, 0, 0, 0] },
  { name: "nanstd of equal elements", f: (x) => nanstd(x), at: [2, Number.NaN, 2], gradient: [0, 0, 0], singular: true },
  { name: "ptp at a tie", f: (x) => ptp(x), at: [1, 3, 3], gradient: [-1, 0.5, 0.5] },
  { name: "topK at a tie", f: (x) => topK(x, 2).values.mul([1, 10]), at: [2, 3, 2], gradient: [10, 1, 0] },
  { name: "interp at a place", f: (x) => interp(x, [0, 1, 2], [0, 1, 3]), at: [0, 1, 2, -1, 3], gradient: [1, 2, 2, 0, 0] },
  {
    name: "a piece whose function has no value elsewhere",
    f: (x) => piecewise(x, [x.greater(0)], [(y) => y.sqrt()]),
    at: [0, -1, 4],
    gradient: [0, 0, 0.25],
  },
  { name: "leakyRelu at 0", f: (x) => leakyRelu(x), at: [0, 1, -1], gradient: [0.01, 1, 0.01] },
  { name: "elu at 0", f: (x) => elu(x, { alpha: 2 }), at: [0, 1], gradient: [2, 1] },
  { name: "softsign at 0", f: (x) => softsign(x), at: [0, 1], gradient: [1, 0.25] },
  { name: "hardtanh at its bounds", f: (x) => hardtanh(x), at: [-1, 1, 2], gradient: [1, 1, 0] },
];
