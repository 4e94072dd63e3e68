import type { Aval } from "../engine/aval.js";
import { define } from "./define.js";

const same = ([x]: readonly Aval[]): Aval => x;
const real = ([x]: readonly Aval[]): Aval => x.fraction;
const truth = ([x]: readonly Aval[]): Aval => x.with("bool");
/** What meets an array is as strong as that. */
const stronger = ([x, y]: readonly Aval[]): Aval => (x.weak > y.weak ? y : x);

const keeping = define("elementwise", 1)(same);
const unary = define("elementwise", 1)(real);
const arithmetic = define("elementwise", 2)(stronger);
const binary = define("elementwise", 2)((both) => stronger(both).fraction);
const comparison = define("elementwise", 2)(truth);

/** One value in, one value out, element by element. Operands have one shape and one dtype; doors see to that. */
export const elementwise = {
  neg: keeping,
  abs: keeping,
  sign: keeping,
  square: keeping,
  sqrt: unary,
  rsqrt: unary,
  cbrt: unary,
  reciprocal: unary,
  exp: unary,
  exp2: unary,
  expm1: unary,
  log: unary,
  log2: unary,
  log10: unary,
  log1p: unary,
  sin: unary,
  cos: unary,
  tan: unary,
  asin: unary,
  acos: unary,
  atan: unary,
  sinh: unary,
  cosh: unary,
  tanh: unary,
  /** 1 / cosh² x: what every derivative of sigmoid is made of. */
  sechSquare: unary,
  /** 1 − x²: what every derivative of tanh, asin, acos and atanh is made of. */
  oneMinusSquare: unary,
  asinh: unary,
  acosh: unary,
  atanh: unary,
  sigmoid: unary,
  softplus: unary,
  relu: keeping,
  erf: unary,
  erfc: unary,
  /** The part of the normal distribution below x: what gelu is made of, with more digits than by erfc(−x / √2) / 2. */
  normalCdf: unary,
  lgamma: unary,
  /** The n-th derivative of digamma. */
  polygamma: define("elementwise", 1)<{ readonly n: number }>(real),
  floor: keeping,
  ceil: keeping,
  round: keeping,
  trunc: keeping,
  stopGradient: keeping,
  isNaN: define("elementwise", 1)(truth),
  isFinite: define("elementwise", 1)(truth),
  not: keeping,
  /** An index counted from the end becomes one counted from the start; one outside of the axis throws. */
  wrapIndex: define("elementwise", 1)<{ readonly size: number; readonly op: string }>(same),

  add: arithmetic,
  sub: arithmetic,
  mul: arithmetic,
  div: binary,
  pow: binary,
  mod: arithmetic,
  maximum: arithmetic,
  minimum: arithmetic,
  atan2: binary,
  hypot: binary,
  logaddexp: binary,
  and: arithmetic,
  or: arithmetic,
  xor: arithmetic,
  equal: comparison,
  notEqual: comparison,
  less: comparison,
  lessEqual: comparison,

  /** min(max(x, lo), hi). */
  clamp: define("elementwise", 3)(([x, lo, hi]) => stronger([stronger([x, lo]), hi])),
};
