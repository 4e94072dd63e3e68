import { DTypeError } from "@ad/core";
import type { NamesOf } from "@ad/core/internals/trace";
import type { GpuView } from "../../engine/storage.js";
import { polygammaName } from "../glsl/library.js";
import type { operators } from "../glsl/operators.js";
import type { GpuKernel, GpuKernels } from "./define.js";

type Name = NamesOf<"elementwise">;
type Plain = Exclude<Name, "polygamma" | "wrapIndex" | "pow" | "stopGradient">;

/** An operator of the same name, computed with what needs it. */
const same =
  <P extends Plain>(name: P & keyof typeof operators): GpuKernel<P> =>
  (context, inputs, _, out) =>
    context.defer(name, inputs, out);

export const elementwise: GpuKernels<Name> = {
  neg: same("neg"),
  abs: same("abs"),
  sign: same("sign"),
  square: same("square"),
  sqrt: same("sqrt"),
  rsqrt: same("rsqrt"),
  cbrt: same("cbrt"),
  reciprocal: same("reciprocal"),
  exp: same("exp"),
  exp2: same("exp2"),
  expm1: same("expm1"),
  log: same("log"),
  log2: same("log2"),
  log10: same("log10"),
  log1p: same("log1p"),
  sin: same("sin"),
  cos: same("cos"),
  tan: same("tan"),
  asin: same("asin"),
  acos: same("acos"),
  atan: same("atan"),
  sinh: same("sinh"),
  cosh: same("cosh"),
  tanh: same("tanh"),
  sechSquare: same("sechSquare"),
  oneMinusSquare: same("oneMinusSquare"),
  asinh: same("asinh"),
  acosh: same("acosh"),
  atanh: same("atanh"),
  sigmoid: same("sigmoid"),
  softplus: same("softplus"),
  relu: same("relu"),
  erf: same("erf"),
  erfc: same("erfc"),
  normalCdf: same("normalCdf"),
  lgamma: same("lgamma"),
  /** The terms of high orders leave the range of float32, where n! does not yet. */
  polygamma: (context, inputs, { n }, out) =>
    n > 20 ? context.onHost("polygamma", inputs, { n }, out) : context.defer(n === 0 ? "digamma" : polygammaName(n), inputs, out),
  floor: same("floor"),
  ceil: same("ceil"),
  round: same("round"),
  trunc: same("trunc"),
  stopGradient: (context, inputs, _, out) => context.defer("copy", inputs, out),
  isNaN: same("isNaN"),
  isFinite: same("isFinite"),
  not: same("not"),
  /** What the host knows is checked there. What the GPU has computed cannot be waited for: it is kept within the axis. */
  wrapIndex: (context, inputs, params, out) =>
    isKnown(inputs[0])
      ? context.onHost("wrapIndex", inputs, params, out)
      : context.defer("wrapIndex", [inputs[0], context.filled(params.size, out)], out),

  add: same("add"),
  sub: same("sub"),
  mul: same("mul"),
  div: same("div"),
  pow(context, inputs, _, out) {
    const exponent = inputs[1].storage.constant;
    if (out.dtype === "int32" && exponent !== undefined && exponent < 0)
      throw new DTypeError(
        `pow: an int32 base meets the negative exponent ${exponent}; whole numbers have no such powers. Use x.astype("float32").`,
      );
    return context.defer("pow", inputs, out);
  },
  mod: same("mod"),
  maximum: same("maximum"),
  minimum: same("minimum"),
  atan2: same("atan2"),
  hypot: same("hypot"),
  logaddexp: same("logaddexp"),
  and: same("and"),
  or: same("or"),
  xor: same("xor"),
  equal: same("equal"),
  notEqual: same("notEqual"),
  less: same("less"),
  lessEqual: same("lessEqual"),
  clamp: same("clamp"),
};

const isKnown = ({ storage }: GpuView): boolean => storage.place.host !== undefined;
