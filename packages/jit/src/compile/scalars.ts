import { type DType, DTypeError, ShapeError } from "@ad/core";
import { special } from "@ad/core/internals/backend";
import type { NamesOf, Params } from "@ad/core/internals/trace";

type Name = NamesOf<"elementwise">;

/** The JavaScript expression of an operation on single elements; `dtype` is that of the operands. */
type Scalar = (operands: readonly string[], params: never, dtype: DType) => string;

const isInt = (dtype: DType): boolean => dtype === "int32" || dtype === "bool";

/** An index that is checked as eager code checks it. */
function wrapIndex(i: number, size: number, op: string): number {
  if (i < -size || i >= size)
    throw new ShapeError(
      `${op}: index ${i} is out of bounds for an axis of ${size}; ${size ? `use ${-size} to ${size - 1}` : "there is no element to take"}.`,
    );
  return i < 0 ? i + size : i;
}

function powInt(x: number, n: number): number {
  if (n < 0)
    throw new DTypeError(
      `pow: an int32 base meets the negative exponent ${n}; whole numbers have no such powers. Use x.astype("float64").`,
    );
  let result = 1;
  for (let base = x, m = n; m > 0; m >>>= 1, base = Math.imul(base, base)) if (m & 1) result = Math.imul(result, base);
  return result;
}

const modInt = (x: number, y: number): number => (y === 0 ? 0 : special.mod(x, y));

/** The functions that expressions call, as `F.name`. */
export const functions = { ...special, wrapIndex, powInt, modInt };

const math =
  (name: string): Scalar =>
  ([x, y]) =>
    `Math.${name}(${y === undefined ? x : `${x}, ${y}`})`;
const own =
  (name: keyof typeof functions): Scalar =>
  ([x, y]) =>
    `F.${name}(${y === undefined ? x : `${x}, ${y}`})`;
const operator =
  (sign: string): Scalar =>
  ([x, y], _, dtype) =>
    isInt(dtype) ? `(${x} ${sign} ${y} | 0)` : `(${x} ${sign} ${y})`;
const comparison =
  (sign: string): Scalar =>
  ([x, y]) =>
    `(${x} ${sign} ${y} ? 1 : 0)`;
const bits =
  (sign: string): Scalar =>
  ([x, y]) =>
    `(${x} ${sign} ${y})`;

/** Every elementwise primitive. Where it is not listed how a value is rounded, the caller does it by the dtype of the result. */
export const scalars: { readonly [P in Name]: Scalar } = {
  neg: ([x], _, dtype) => (isInt(dtype) ? `(-${x} | 0)` : `(-${x})`),
  abs: math("abs"),
  sign: math("sign"),
  square: ([x], _, dtype) => (isInt(dtype) ? `Math.imul(${x}, ${x})` : `(${x} * ${x})`),
  sqrt: math("sqrt"),
  rsqrt: ([x]) => `(1 / Math.sqrt(${x}))`,
  cbrt: math("cbrt"),
  reciprocal: ([x]) => `(1 / ${x})`,
  exp: math("exp"),
  exp2: ([x]) => `F.pow(2, ${x})`,
  expm1: math("expm1"),
  log: math("log"),
  log2: math("log2"),
  log10: math("log10"),
  log1p: math("log1p"),
  sin: math("sin"),
  cos: math("cos"),
  tan: math("tan"),
  asin: math("asin"),
  acos: math("acos"),
  atan: math("atan"),
  sinh: math("sinh"),
  cosh: math("cosh"),
  tanh: math("tanh"),
  sechSquare: own("sechSquare"),
  oneMinusSquare: ([x]) => `((1 - ${x}) * (1 + ${x}))`,
  asinh: math("asinh"),
  acosh: math("acosh"),
  atanh: math("atanh"),
  sigmoid: own("sigmoid"),
  softplus: own("softplus"),
  relu: ([x]) => `(${x} <= 0 ? 0 : ${x})`,
  erf: own("erf"),
  erfc: own("erfc"),
  normalCdf: own("normalCdf"),
  lgamma: own("lgamma"),
  polygamma: ([x], { n }: Params<"polygamma">) => `F.polygamma(${n}, ${x})`,
  floor: math("floor"),
  ceil: math("ceil"),
  round: own("roundHalfEven"),
  trunc: math("trunc"),
  stopGradient: ([x]) => x,
  isNaN: ([x]) => `(${x} !== ${x} ? 1 : 0)`,
  isFinite: ([x]) => `(Number.isFinite(${x}) ? 1 : 0)`,
  not: ([x]) => `(${x} ? 0 : 1)`,
  wrapIndex: ([x], { size, op }: Params<"wrapIndex">) => `F.wrapIndex(${x}, ${size}, ${JSON.stringify(op)})`,
  add: operator("+"),
  sub: operator("-"),
  mul: ([x, y], _, dtype) => (isInt(dtype) ? `Math.imul(${x}, ${y})` : `(${x} * ${y})`),
  div: ([x, y]) => `(${x} / ${y})`,
  pow: ([x, y], _, dtype) =>
    isInt(dtype) ? `F.powInt(${x}, ${y})` : y === "2" ? `(${x} * ${x})` : y === "3" ? `(${x} * ${x} * ${x})` : `F.pow(${x}, ${y})`,
  mod: ([x, y], _, dtype) => (isInt(dtype) ? `F.modInt(${x}, ${y})` : `F.mod(${x}, ${y})`),
  maximum: math("max"),
  minimum: math("min"),
  atan2: math("atan2"),
  hypot: own("hypot2"),
  logaddexp: own("logaddexp"),
  and: bits("&"),
  or: bits("|"),
  xor: bits("^"),
  equal: comparison("==="),
  notEqual: comparison("!=="),
  less: comparison("<"),
  lessEqual: comparison("<="),
  clamp: ([x, lo, hi]) => `Math.min(Math.max(${x}, ${lo}), ${hi})`,
};

/** A value as its dtype holds it. */
export const rounded = (expression: string, dtype: DType): string => (dtype === "float32" ? `Math.fround(${expression})` : expression);

/** A cast of a single element. */
export function castOf(x: string, from: DType, to: DType): string {
  if (to === "bool") return from === "bool" ? x : `(${x} === 0 ? 0 : 1)`;
  if (to === "int32") return isInt(from) ? x : `(${x} | 0)`;
  return to === "float32" && from !== "float32" ? `Math.fround(${x})` : x;
}
