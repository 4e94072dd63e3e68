import { ADError } from "@ad/core";
import type { NamesOf, Promoting } from "@ad/core/internals/trace";
import type { Host } from "../../engine/kernel.js";
import type { Type } from "./define.js";

/** The text of an elementwise operation, for operands that are floats and for ones that are ints (bool is 0 and 1). */
export interface Operator {
  readonly gives: Type;
  readonly needs: readonly string[];
  readonly write: (...operands: readonly string[]) => string;
}
/** The operators of an elementwise primitive: one for each type of operands that its row in core lets in. */
type Needed<P> =
  P extends Promoting<"real">
    ? { readonly float: Operator }
    : P extends Promoting<"whole">
      ? { readonly int: Operator }
      : { readonly float: Operator; readonly int: Operator };

const inline = (gives: Type, write: (...operands: readonly string[]) => string): Operator => ({ gives, needs: [], write });
const calls = (name: string, gives: Type): Operator => ({
  gives,
  needs: [name],
  write: (...operands) => `${name}(${operands.join(", ")})`,
});

const both = (write: (...operands: readonly string[]) => string) => ({
  float: inline("float", write),
  int: inline("int", write),
});
const real = (name: string) => ({ float: calls(name, "float") });
const keeping = (name: string) => ({ float: calls(name, "float"), int: inline("int", (x) => x) });
const whole = (write: (...operands: readonly string[]) => string) => ({ int: inline("int", write) });
const comparison = (name: string) => ({ float: calls(`${name}Float`, "int"), int: calls(`${name}Int`, "int") });

/**
 * The elementwise primitives: the operators of each, or why the host computes it. Of `polygamma` there is one for each order, and
 * `stopGradient` is a copy.
 */
export const operators: { readonly [P in Exclude<NamesOf<"elementwise">, "polygamma" | "stopGradient">]: Needed<P> | Host } = {
  neg: both((x) => `(-${x})`),
  abs: both((x) => `abs(${x})`),
  sign: { float: calls("sign_", "float"), int: inline("int", (x) => `sign(${x})`) },
  square: both((x) => `(${x} * ${x})`),
  sqrt: real("sqrt_"),
  rsqrt: real("rsqrt_"),
  cbrt: real("cbrt_"),
  reciprocal: { float: inline("float", (x) => `(1.0 / ${x})`) },
  exp: real("exp_"),
  exp2: real("exp2_"),
  expm1: real("expm1_"),
  log: real("log_"),
  log2: real("log2_"),
  log10: real("log10_"),
  log1p: real("log1p_"),
  sin: { float: { gives: "float", needs: ["turning"], write: (x) => `quarter(${x}, 0)` } },
  cos: { float: { gives: "float", needs: ["turning"], write: (x) => `quarter(${x}, 1)` } },
  tan: real("tan_"),
  asin: real("asin_"),
  acos: real("acos_"),
  atan: real("atan_"),
  sinh: real("sinh_"),
  cosh: real("cosh_"),
  tanh: real("tanh_"),
  sigmoidSlope: real("sigmoidSlope_"),
  oneMinusSquare: { float: inline("float", (x) => `((1.0 - ${x}) * (1.0 + ${x}))`) },
  asinh: real("asinh_"),
  acosh: real("acosh_"),
  atanh: real("atanh_"),
  sigmoid: real("sigmoid_"),
  softplus: real("softplus_"),
  relu: { float: calls("relu_", "float"), int: inline("int", (x) => `max(${x}, 0)`) },
  erf: real("erf_"),
  erfc: real("erfc_"),
  normalCdf: real("normalCdf_"),
  lgamma: real("lgamma_"),
  floor: keeping("floor_"),
  ceil: keeping("ceil_"),
  round: keeping("round_"),
  trunc: keeping("trunc_"),
  isNaN: { float: calls("isNaN_", "int"), int: inline("int", (x) => `(${x} * 0)`) },
  isFinite: { float: calls("isFinite_", "int"), int: inline("int", (x) => `(${x} * 0 + 1)`) },
  not: whole((x) => `(1 - ${x})`),
  wrapIndex: { int: calls("wrapIndex_", "int") },

  add: both((x, y) => `(${x} + ${y})`),
  sub: both((x, y) => `(${x} - ${y})`),
  mul: both((x, y) => `(${x} * ${y})`),
  div: { float: inline("float", (x, y) => `(${x} / ${y})`) },
  pow: { float: calls("pow_", "float"), int: calls("powInt", "int") },
  mod: { float: calls("mod_", "float"), int: calls("modInt", "int") },
  maximum: { float: calls("max_", "float"), int: inline("int", (x, y) => `max(${x}, ${y})`) },
  minimum: { float: calls("min_", "float"), int: inline("int", (x, y) => `min(${x}, ${y})`) },
  atan2: real("atan2_"),
  hypot: real("hypot_"),
  logaddexp: real("logaddexp_"),
  and: whole((x, y) => `(${x} & ${y})`),
  or: whole((x, y) => `(${x} | ${y})`),
  xor: whole((x, y) => `(${x} ^ ${y})`),
  equal: comparison("equal"),
  notEqual: {
    float: { gives: "int", needs: ["equalFloat"], write: (x, y) => `(1 - equalFloat(${x}, ${y}))` },
    int: { gives: "int", needs: ["equalInt"], write: (x, y) => `(1 - equalInt(${x}, ${y}))` },
  },
  less: comparison("less"),
  lessEqual: comparison("lessEqual"),
  clamp: { float: calls("clamp_", "float"), int: inline("int", (x, lo, hi) => `min(max(${x}, ${lo}), ${hi})`) },
};

/** Operators that only kernels use. */
const others = {
  copy: both((x) => x),
  digamma: real("digamma_"),
  selectFloat: { int: calls("selectFloat", "float") },
  selectInt: { int: calls("selectInt", "int") },
  toBool: { float: calls("toBoolFloat", "int"), int: calls("toBoolInt", "int") },
  toInt: { float: calls("toInt", "int"), int: inline("int", (x) => x) },
  toFloat: { int: calls("toFloat", "float"), float: inline("float", (x) => x) },
  /** e^(x − y), for sums of exponentials. */
  anchored: real("anchored"),
};

const known: Readonly<Record<string, { readonly [T in Type]?: Operator } | Host>> = { ...operators, ...others };

/** An operator by the type of its first operand; that of `polygamma3` and the like is a function of that name. */
export function operatorOf(name: string, type: Type): Operator {
  if (/^polygamma\d+$/.test(name)) return calls(name, "float");
  const row = known[name];
  const found = row && !("why" in row) ? row[type] : undefined;
  if (found === undefined) throw new ADError(`@ad/gpu has no operator ${name} for operands of type ${type}.`);
  return found;
}
