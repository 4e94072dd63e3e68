import type { Aval } from "../aval.js";
import { define } from "./define.js";

const same = ([x]: readonly Aval[]): Aval => x;
const truth = ([x]: readonly Aval[]): Aval => x.with("bool");

const unary = define("elementwise", 1)(same);
const binary = define("elementwise", 2)(same);
const comparison = define("elementwise", 2)(truth);

/** One value in, one value out, element by element. Operands have one shape and one dtype; doors see to that. */
export const elementwise = {
  neg: unary,
  abs: unary,
  sign: unary,
  square: unary,
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
  relu: unary,
  erf: unary,
  erfc: unary,
  /** The part of the normal distribution below x: what gelu is made of, with more digits than by erfc(−x / √2) / 2. */
  normalCdf: unary,
  lgamma: unary,
  /** The n-th derivative of digamma. */
  polygamma: define("elementwise", 1)<{ readonly n: number }>(same),
  floor: unary,
  ceil: unary,
  round: unary,
  trunc: unary,
  stopGradient: unary,
  isNaN: define("elementwise", 1)(truth),
  isFinite: define("elementwise", 1)(truth),
  not: unary,
  /** An index counted from the end becomes one counted from the start; one outside of the axis throws. */
  wrapIndex: define("elementwise", 1)<{ readonly size: number; readonly op: string }>(same),

  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  pow: binary,
  mod: binary,
  maximum: binary,
  minimum: binary,
  atan2: binary,
  hypot: binary,
  logaddexp: binary,
  and: binary,
  or: binary,
  xor: binary,
  equal: comparison,
  notEqual: comparison,
  less: comparison,
  lessEqual: comparison,

  /** min(max(x, lo), hi). */
  clamp: define("elementwise", 3)(same),
};
