import * as core from "@ad/core";
import { atan2, hypot, logaddexp, maximum, minimum, type NDArray } from "@ad/core";
import { type Domain, distinct, exactly, fractions, type Interval, near, real, signed, whole } from "../inputs.js";

/** Points without a derivative, and the gradient of the sum that is documented to be given there. */
interface KinkOf {
  readonly name: string;
  readonly at: readonly number[];
  readonly gradient: readonly number[];
  /** There is no second derivative, and it is not finite. */
  readonly singular?: true;
}

interface Common {
  /** NumPy's answer, in Python. Without it, tools/expectations/numpy.py asks for it in a way of its own, or there is nothing to ask. */
  readonly numpy?: string;
  /** NumPy is asked at moderate values only: poles and limits are pinned beside the kernels. */
  readonly tame?: true;
  readonly kinks?: readonly KinkOf[];
  /** Not smooth between two points of the domain: random programs do not hold it against central differences. */
  readonly kinked?: true;
}

/**
 * A step of a random program, for values in [-2, 2] and with moderate derivatives. Where it is not said, the domain makes it; "none" where truth
 * values come out.
 */
type Stepped<D, F> =
  | { readonly domain: D; readonly step: F | "none" }
  | { readonly domain: D extends Domain ? Interval : readonly [Interval, Interval]; readonly step?: undefined };

/** A function of one number, element by element. Samples, calls and steps draw from `domain`, away from kinks by 0.05. */
export type Unary = Common &
  Stepped<Domain, (x: NDArray) => NDArray> & {
    /** Of samples besides: points at which a rule may have a case of its own, and whole numbers, where a kernel has. */
    readonly more?: readonly Domain[];
    /** Of calls besides: other dtypes. */
    readonly calls?: readonly Domain[];
    /** Its meaning: another formula than the kernel's, so that the two cannot be wrong alike. */
    readonly reference: (x: number) => number;
  };

/** A function of two numbers. */
export type Binary = Common &
  Stepped<readonly [Domain, Domain], (x: NDArray, y: NDArray) => NDArray> & {
    readonly more?: readonly (readonly [Domain, Domain])[];
    /** A JS number on the right. */
    readonly number: number;
    /** Whole numbers for either side; from 1 to 5 if it is not said. */
    readonly int?: Domain;
    readonly reference: (x: number, y: number) => number;
  };

const any = real(-2, 2);
const positive = real(0.5, 3);
const open = real(-0.8, 0.8);
const small = whole(-3, 3);
/** Values at which rules tend to have cases, though the functions have none. */
const atZero = exactly([0, 0.7, 0, -0.7]);
const integers = whole(-5, 5);
const large = whole(-70000, 70000);
const special = exactly([Number.NaN, 1, Number.POSITIVE_INFINITY, -2, Number.NEGATIVE_INFINITY, 0]);

/** ∫ by Simpson's rule. */
const integral = (f: (t: number) => number, from: number, to: number): number => {
  const n = 4000;
  const h = (to - from) / n;
  let sum = 0;
  for (let i = 0; i <= n; i++) sum += f(from + i * h) * (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2);
  return (sum * h) / 3;
};
const erf = (x: number): number => (2 / Math.sqrt(Math.PI)) * integral((t) => Math.exp(-t * t), 0, x);

/** Γ by its recurrence up to where Stirling's series is exact to rounding. */
function lgamma(x: number): number {
  let shift = 0;
  for (; x < 20; x++) shift += Math.log(Math.abs(x));
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - shift;
}

export const mod = (x: number, y: number): number => x - y * Math.floor(x / y);

/** Functions of one number: all that the tests know of them. Samples, calls, meanings, steps, forms, and the lists of the GPU and of NumPy are made of a row. */
export const unaries = {
  neg: { domain: any, more: [integers, atZero], calls: [small], reference: (x) => -x, step: (x) => x.neg() },
  abs: {
    domain: signed(0.2, 2),
    more: [integers],
    calls: [small],
    reference: (x) => (x < 0 ? -x : x),
    numpy: "np.abs",
    kinks: [{ name: "at 0", at: [0, -2, 3], gradient: [0, -1, 1] }],
    kinked: true,
    step: (x) => x.sub(0.0713).abs().mul(0.9),
  },
  sign: {
    domain: signed(0.2, 2),
    more: [integers],
    calls: [small],
    reference: (x) => (x > 0 ? 1 : x < 0 ? -1 : x),
    numpy: "np.sign",
    kinks: [{ name: "at 0", at: [0, -2], gradient: [0, 0] }],
    kinked: true,
    step: (x) => x.add(0.0931).sign(),
  },
  square: {
    domain: any,
    more: [large, atZero],
    calls: [small],
    reference: (x) => x * x,
    numpy: "np.square",
    step: (x) => x.square().mul(0.5),
  },
  sqrt: {
    domain: positive,
    calls: [whole(1, 5)],
    reference: (x) => x ** 0.5,
    numpy: "np.sqrt",
    kinks: [{ name: "at 0", at: [0, 4], gradient: [Infinity, 0.25], singular: true }],
    step: (x) => x.square().add(0.5).sqrt().mul(0.9),
  },
  rsqrt: {
    domain: positive,
    calls: [whole(1, 5)],
    reference: (x) => x ** -0.5,
    numpy: "lambda x: (1 / np.sqrt(x)).astype(x.dtype)",
    step: (x) => x.square().add(0.5).rsqrt(),
  },
  cbrt: {
    domain: signed(0.5, 3),
    reference: (x) => Math.sign(x) * Math.abs(x) ** (1 / 3),
    numpy: "np.cbrt",
    step: (x) => x.add(3).cbrt(),
  },
  reciprocal: {
    domain: signed(0.6, 2),
    calls: [whole(1, 5)],
    reference: (x) => x ** -1,
    numpy: "lambda x: (1 / x).astype(x.dtype)",
    step: (x) => x.add(3.5).reciprocal(),
  },
  exp: {
    domain: any,
    more: [atZero],
    calls: [small],
    reference: (x) => Math.E ** x,
    numpy: "np.exp",
    step: (x) => x.exp().mul(0.25),
  },
  exp2: { domain: any, more: [atZero], reference: (x) => Math.exp(x * Math.LN2), numpy: "np.exp2", step: (x) => x.exp2().mul(0.5) },
  expm1: { domain: any, more: [atZero], reference: (x) => Math.exp(x) - 1, numpy: "np.expm1", step: (x) => x.expm1().mul(0.25) },
  log: { domain: positive, reference: (x) => Math.log2(x) * Math.LN2, numpy: "np.log", step: (x) => x.softplus().add(0.5).log() },
  log2: { domain: positive, reference: (x) => Math.log(x) / Math.LN2, numpy: "np.log2", step: (x) => x.square().add(1).log2().mul(0.8) },
  log10: { domain: positive, reference: (x) => Math.log(x) / Math.LN10, numpy: "np.log10", step: (x) => x.add(3).log10() },
  log1p: {
    domain: real(-0.5, 2),
    more: [atZero],
    reference: (x) => Math.log(1 + x),
    numpy: "np.log1p",
    step: (x) => x.square().log1p(),
  },
  sin: { domain: any, more: [atZero], calls: [small], reference: (x) => Math.sin(x), numpy: "np.sin", step: (x) => x.sin() },
  cos: { domain: any, more: [atZero], reference: (x) => Math.sin(x + Math.PI / 2), numpy: "np.cos", step: (x) => x.cos() },
  tan: {
    domain: real(-1, 1),
    more: [atZero],
    reference: (x) => Math.sin(x) / Math.cos(x),
    numpy: "np.tan",
    step: (x) => x.mul(0.5).tan(),
  },
  asin: {
    domain: open,
    more: [atZero],
    reference: (x) => Math.atan2(x, Math.sqrt(1 - x * x)),
    numpy: "np.arcsin",
    step: (x) => x.mul(0.4).asin(),
  },
  acos: {
    domain: open,
    more: [atZero],
    reference: (x) => Math.atan2(Math.sqrt(1 - x * x), x),
    numpy: "np.arccos",
    step: (x) => x.mul(0.4).acos().mul(0.8),
  },
  atan: { domain: any, more: [atZero], reference: (x) => Math.atan2(x, 1), numpy: "np.arctan", step: (x) => x.atan() },
  sinh: {
    domain: any,
    more: [atZero],
    reference: (x) => (Math.exp(x) - Math.exp(-x)) / 2,
    numpy: "np.sinh",
    step: (x) => x.mul(0.5).sinh(),
  },
  cosh: {
    domain: any,
    more: [atZero],
    reference: (x) => (Math.exp(x) + Math.exp(-x)) / 2,
    numpy: "np.cosh",
    step: (x) => x.mul(0.5).cosh(),
  },
  tanh: { domain: any, more: [atZero], reference: (x) => 1 - 2 / (Math.exp(2 * x) + 1), numpy: "np.tanh", step: (x) => x.tanh() },
  sigmoidSlope: { domain: any, more: [atZero], reference: (x) => (2 * Math.cosh(x / 2)) ** -2 },
  oneMinusSquare: { domain: any, more: [atZero], reference: (x) => 1 - x * x },
  asinh: { domain: any, more: [atZero], reference: (x) => Math.log(x + Math.sqrt(x * x + 1)), numpy: "np.arcsinh", step: (x) => x.asinh() },
  acosh: {
    domain: real(1.5, 4),
    reference: (x) => Math.log(x + Math.sqrt(x * x - 1)),
    numpy: "np.arccosh",
    step: (x) => x.square().add(1.5).acosh().mul(0.8),
  },
  atanh: {
    domain: open,
    more: [atZero],
    reference: (x) => Math.log((1 + x) / (1 - x)) / 2,
    numpy: "np.arctanh",
    step: (x) => x.mul(0.4).atanh(),
  },
  sigmoid: {
    domain: real(-4, 4),
    more: [atZero],
    reference: (x) => 1 / (1 + Math.exp(-x)),
    numpy: "sp.expit",
    step: (x) => x.sigmoid(),
  },
  softplus: {
    domain: real(-4, 4),
    more: [atZero],
    reference: (x) => Math.log(1 + Math.exp(x)),
    numpy: "lambda x: np.logaddexp(x, 0).astype(x.dtype)",
    step: (x) => x.softplus().mul(0.9),
  },
  relu: {
    domain: signed(0.2, 2),
    calls: [small],
    reference: (x) => (x > 0 ? x : 0),
    numpy: "lambda x: np.where(x <= 0, 0, x)",
    kinks: [{ name: "at 0", at: [0, -2, 3], gradient: [0, 0, 1] }],
    kinked: true,
    step: (x) => x.add(0.0371).relu().mul(0.9),
  },
  erf: { domain: any, more: [atZero], reference: erf, numpy: "sp.erf", tame: true, step: (x) => x.erf() },
  erfc: { domain: any, more: [atZero], reference: (x) => 1 - erf(x), numpy: "sp.erfc", tame: true, step: (x) => x.erfc() },
  normalCdf: { domain: any, more: [atZero], reference: (x) => (1 + erf(x * Math.SQRT1_2)) / 2 },
  lgamma: {
    domain: real(0.7, 4),
    more: [real(5, 30), fractions(-3, 0)],
    calls: [whole(1, 6)],
    reference: lgamma,
    numpy: "sp.gammaln",
    tame: true,
    step: (x) => x.add(3.5).lgamma().mul(0.4),
  },
  floor: {
    domain: fractions(-3, 3),
    calls: [small],
    reference: (x) => x - mod(x, 1),
    numpy: "np.floor",
    kinks: [{ name: "at a whole number", at: [1, 2.5], gradient: [0, 0] }],
    kinked: true,
    step: (x) => x.mul(1.7).add(0.3191).floor().mul(0.3),
  },
  ceil: {
    domain: fractions(-3, 3),
    reference: (x) => x + mod(-x, 1),
    numpy: "np.ceil",
    kinked: true,
    step: (x) => x.mul(1.7).add(0.3191).ceil().mul(0.3),
  },
  round: {
    domain: fractions(-3, 3),
    more: [near(-1.3, 0.8, 2.2)],
    calls: [near(-1.3, 0.8, 2.2)],
    reference: (x) => x + 0.5 - mod(x + 0.5, 1),
    numpy: "np.round",
    kinked: true,
    step: (x) => x.mul(1.7).add(0.2191).round().mul(0.3),
  },
  trunc: {
    domain: fractions(-3, 3),
    reference: (x) => x - (x % 1),
    numpy: "np.trunc",
    kinked: true,
    step: (x) => x.mul(1.7).add(0.3191).trunc().mul(0.3),
  },
  isNaN: { domain: special, calls: [whole(0, 3)], reference: (x) => +!(x <= Infinity), step: "none" },
  isFinite: { domain: special, calls: [whole(0, 3)], reference: (x) => +(x - x === 0), step: "none" },
} satisfies Readonly<Record<string, Unary>>;

const apart = [distinct(-1), distinct(-1, 0.15)] as const;
const either = [signed(0.5, 2), signed(0.5, 2)] as const;
const ints = [integers, integers] as const;
const unlike = [real(-1, 1), real(1.5, 2)] as const;

/** Functions of two numbers. */
export const binaries = {
  add: {
    domain: [any, any],
    more: [ints],
    number: 1.5,
    reference: (x, y) => x + y,
    numpy: "plain(np.add)",
    step: (x, y) => x.add(y).mul(0.5),
  },
  mul: {
    domain: [any, any],
    more: [
      [large, large],
      [atZero, exactly([0, 0, 1, 2])],
    ],
    number: 1.5,
    reference: (x, y) => x * y,
    numpy: "plain(np.multiply)",
    step: (x, y) => x.mul(y).mul(0.5),
  },
  div: {
    domain: [any, signed(0.6, 2)],
    more: [[atZero, signed(0.6, 2)]],
    number: 1.5,
    reference: (x, y) => x / y,
    numpy: "real_pair(np.divide)",
    step: (x, y) => x.div(y.square().add(1)),
  },
  pow: {
    domain: [positive, any],
    more: [
      [integers, whole(0, 5)],
      [positive, exactly([0, 1, 2, -1])],
    ],
    number: 2.5,
    reference: (x, y) => x ** y,
    numpy: "of_int(np.power)",
    step: (x, y) => x.add(3).pow(y.mul(0.5)).mul(0.4),
  },
  mod: {
    domain: [real(2.2, 2.8), real(1.5, 2)],
    more: [
      [real(-1.2, -0.2), real(1.5, 2)],
      [real(4.2, 4.8), real(-2, -1.7)],
      [integers, exactly([3, -3, 2, -2, 5, 1], "int32")],
    ],
    number: 0.9,
    int: whole(3, 3),
    reference: mod,
    numpy: "of_int(np.mod)",
    kinked: true,
    step: (x) => x.add(0.0517).mod(0.8313),
  },
  maximum: {
    domain: apart,
    more: [ints],
    number: -0.35,
    reference: (x, y) => (x > y ? x : y),
    numpy: "plain(np.maximum)",
    kinks: [{ name: "at a tie", at: [1, 1, 2, 5], gradient: [0.5, 0.5, 0, 1] }],
    kinked: true,
    step: (x, y) => maximum(x, y.mul(0.9).add(0.0517)),
  },
  minimum: {
    domain: apart,
    more: [ints],
    number: -0.35,
    reference: (x, y) => (x < y ? x : y),
    numpy: "plain(np.minimum)",
    kinks: [{ name: "at a tie", at: [1, 1, 2, 5], gradient: [0.5, 0.5, 1, 0] }],
    kinked: true,
    step: (x, y) => minimum(x, y.mul(0.9).add(0.0517)),
  },
  atan2: {
    domain: either,
    more: [
      [real(0.5, 2), any],
      [exactly([0, 1.5, -2]), exactly([1, 0, 0.5])],
    ],
    number: 1.5,
    reference: (y, x) => 2 * Math.atan(y / (Math.sqrt(x * x + y * y) + x)),
    numpy: "real_pair(np.arctan2)",
    step: (x, y) => atan2(x, y.add(3.5)),
  },
  hypot: {
    domain: either,
    more: [[exactly([0, 1.5, -2]), exactly([1, 0, 0.5])]],
    number: 1.5,
    reference: (x, y) => Math.sqrt(x * x + y * y),
    numpy: "real_pair(np.hypot)",
    kinks: [{ name: "at 0", at: [0, 0, 3, 4], gradient: [0, 0, 0.6, 0.8], singular: true }],
    step: (x, y) => hypot(x.add(3), y).mul(0.35),
  },
  logaddexp: {
    domain: [real(-3, 3), real(-3, 3)],
    more: [[exactly([0, 1, -2, 0.5]), exactly([0, 1, 2, 0.5])]],
    number: 0.5,
    reference: (x, y) => Math.log(Math.exp(x) + Math.exp(y)),
    numpy: "real_pair(np.logaddexp)",
    kinks: [
      { name: "at a tie", at: [1, 1], gradient: [0.5, 0.5] },
      { name: "of two -∞", at: [-Infinity, -Infinity], gradient: [0.5, 0.5] },
    ],
    step: (x, y) => logaddexp(x, y).mul(0.7),
  },
  equal: { domain: unlike, number: 0.123, reference: (x, y) => +(x === y), numpy: "plain(np.equal)", step: "none" },
  notEqual: { domain: unlike, number: 0.123, reference: (x, y) => +(x !== y), numpy: "plain(np.not_equal)", step: "none" },
  less: { domain: unlike, more: [[any, any]], number: 0.123, reference: (x, y) => +(x < y), numpy: "plain(np.less)", step: "none" },
  lessEqual: {
    domain: unlike,
    more: [[any, any]],
    number: 0.123,
    reference: (x, y) => +(x <= y),
    numpy: "plain(np.less_equal)",
    step: "none",
  },
  sub: {
    domain: [any, any],
    more: [ints],
    number: 1.5,
    reference: (x, y) => x - y,
    numpy: "plain(np.subtract)",
    step: (x, y) => x.sub(y).mul(0.5),
  },
} satisfies Readonly<Record<string, Binary>>;

type Named<T> = { readonly [K in Extract<keyof T, keyof typeof core>]: T[K] };

/** Those with a function of their name: some primitives are parts of others' derivatives only. */
export const namedUnaries = Object.fromEntries(Object.entries(unaries).filter(([name]) => name in core)) as Named<typeof unaries>;
