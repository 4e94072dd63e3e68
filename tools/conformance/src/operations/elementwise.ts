import type { ArrayLike, NDArray } from "@ad/core";
import { type Domain, distinct, exactly, fractions, near, of, real, signed, truth, whole } from "../inputs.js";
import { type Call, type Calls, calls, family, flagged } from "./operation.js";

type Unary = (x: ArrayLike) => NDArray;
type Binary = (x: ArrayLike, y: ArrayLike) => NDArray;

const any = real(-2, 2);
const positive = real(0.5, 3);

const unary = (...domains: readonly Domain[]): Call<Unary>[] =>
  domains.flatMap((from) => family((op: Unary, x) => op(x), [of(from, 2, 3)], [of(from)], [of(from, 0, 2)]));

/** Operands that broadcast in every manner, one of them whole, and a JS number on the right. */
const binary = (a: Domain, b: Domain, number: number, int: Domain = whole(1, 5)): Call<Binary>[] => [
  ...family(
    (op: Binary, x, y) => op(x, y),
    [of(a, 2, 3), of(b, 2, 3)],
    [of(a, 2, 3), of(b, 3)],
    [of(a, 3), of(b, 2, 1)],
    [of(a), of(b, 2, 2)],
    [of(a, 2, 1, 2), of(b)],
    [of(a), of(b)],
    [of(a, 0, 2), of(b, 2)],
    [of(int, 2, 3), of(b, 3)],
    [of(a, 2), of(int, 3, 2)],
    [of(int, 3), of(int, 3)],
  ),
  ...family((op: Binary, x) => op(x, number), [of(a, 2, 2)]),
];

/** Both operands are one array: what comes back for it is the sum of two parts. */
const withItself = (from: Domain): Call<Binary>[] => family((op: Binary, x) => op(x, x), [of(from, 2, 2)]);

const comparison = [
  ...binary(real(-1, 1), real(1.5, 2), 0.123),
  ...family((op: Binary, x, y) => op(x, y), [of(whole(0, 2), 3, 4), of(whole(0, 2), 4)]),
];
const logical: Call<Binary>[] = [
  ...family(
    (op: Binary, x, y) => op(x, y),
    [of(truth, 3, 3), of(truth, 3, 3)],
    [of(truth, 4, 1), of(truth, 4)],
    [of(any, 3), of(truth, 3)],
  ),
  ...family((op: Binary, x, y) => op(x, y), [of(exactly([0, 1, Number.NaN]), 3), of(whole(0, 1), 3)]),
];

export const elementwise: Calls<
  | "neg"
  | "abs"
  | "sign"
  | "square"
  | "sqrt"
  | "rsqrt"
  | "cbrt"
  | "reciprocal"
  | "exp"
  | "exp2"
  | "expm1"
  | "log"
  | "log2"
  | "log10"
  | "log1p"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "sigmoid"
  | "softplus"
  | "relu"
  | "gelu"
  | "silu"
  | "erf"
  | "erfc"
  | "lgamma"
  | "digamma"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "isNaN"
  | "isFinite"
  | "logicalNot"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "mod"
  | "maximum"
  | "minimum"
  | "atan2"
  | "hypot"
  | "logaddexp"
  | "equal"
  | "notEqual"
  | "less"
  | "lessEqual"
  | "greater"
  | "greaterEqual"
  | "logicalAnd"
  | "logicalOr"
  | "logicalXor"
  | "where"
  | "clip"
  | "astype"
  | "stopGradient"
> = {
  neg: unary(any, whole(-3, 3)),
  abs: unary(signed(0.2, 2), whole(-3, 3)),
  sign: unary(signed(0.2, 2), whole(-3, 3)),
  square: unary(any, whole(-3, 3)),
  sqrt: unary(positive, whole(1, 5)),
  rsqrt: unary(positive, whole(1, 5)),
  cbrt: unary(signed(0.5, 3)),
  reciprocal: unary(signed(0.6, 2), whole(1, 5)),
  exp: unary(any, whole(-3, 3)),
  exp2: unary(any),
  expm1: unary(any),
  log: unary(positive),
  log2: unary(positive),
  log10: unary(positive),
  log1p: unary(real(-0.5, 2)),
  sin: unary(any, whole(-3, 3)),
  cos: unary(any),
  tan: unary(real(-1, 1)),
  asin: unary(real(-0.8, 0.8)),
  acos: unary(real(-0.8, 0.8)),
  atan: unary(any),
  sinh: unary(any),
  cosh: unary(any),
  tanh: unary(any),
  asinh: unary(any),
  acosh: unary(real(1.5, 4)),
  atanh: unary(real(-0.8, 0.8)),
  sigmoid: unary(real(-4, 4)),
  softplus: unary(real(-4, 4)),
  relu: unary(signed(0.2, 2), whole(-3, 3)),
  gelu: [
    ...unary(any),
    ...calls("gelu")((gelu, x) => gelu(x, { approximate: true }), [of(any, 2, 3)]),
    ...calls("gelu")((gelu, x) => gelu(x, { approximate: false }), [of(any, 3)]),
  ],
  silu: unary(any, whole(-3, 3)),
  erf: unary(any),
  erfc: unary(any),
  lgamma: unary(real(0.7, 4), whole(1, 6)),
  digamma: unary(real(1, 4)),
  floor: unary(fractions(-3, 3), whole(-3, 3)),
  ceil: unary(fractions(-3, 3)),
  round: unary(fractions(-3, 3), near(-1.3, 0.8, 2.2)),
  trunc: unary(fractions(-3, 3)),
  isNaN: unary(exactly([1, Number.NaN, Number.POSITIVE_INFINITY]), whole(0, 3)),
  isFinite: unary(exactly([1, Number.NaN, Number.POSITIVE_INFINITY]), whole(0, 3)),
  logicalNot: unary(truth, any, whole(0, 1)),

  add: [...binary(any, any, 1.5), ...withItself(any), ...calls("add")((add, x) => add(1.5, x), [of(any, 2, 2)])],
  sub: [...binary(any, any, 1.5), ...calls("sub")((sub, x) => sub(2, x), [of(any, 2, 2)])],
  mul: [
    ...binary(any, any, 1.5),
    ...withItself(any),
    ...flagged(
      { wide: true },
      calls("mul")((mul, x) => mul(x, [1, 2]), [of(any, 3, 2)]),
    ),
  ],
  div: [...binary(any, signed(0.6, 2), 1.5), ...withItself(signed(0.6, 2)), ...calls("div")((div, x) => div(2, x), [of(positive, 2, 2)])],
  pow: [
    ...calls("pow")((pow, x, y) => pow(x, y), [of(positive, 4), of(exactly([0, 1, 2, -1]), 4)]),
    ...binary(positive, any, 2.5),
    ...withItself(positive),
    ...calls("pow")((pow, x) => pow(x, 2), [of(any, 4)], [of(exactly([0, -1, 2]), 3)]),
    ...calls("pow")((pow, x) => pow(x, 3), [of(exactly([0, -1, 2]), 3)]),
    ...calls("pow")((pow, x) => pow(x, -1), [of(signed(0.6, 2), 4)]),
    ...calls("pow")((pow, x) => pow(x, 0), [of(any, 4)], [of(exactly([0, -1, 2]), 3)]),
    ...calls("pow")((pow, x) => pow(2, x), [of(any, 4)]),
  ],
  mod: [
    ...binary(real(2.2, 2.8), real(1.5, 2), 0.9, whole(3, 3)),
    ...calls("mod")((mod, x, y) => mod(x, y), [of(real(-1.2, -0.2), 2, 3), of(real(1.5, 2), 3)]),
  ],
  maximum: binary(distinct(-1), distinct(-1, 0.15), -0.35),
  minimum: binary(distinct(-1), distinct(-1, 0.15), -0.35),
  atan2: binary(signed(0.5, 2), signed(0.5, 2), 1.5),
  hypot: [...binary(signed(0.5, 2), signed(0.5, 2), 1.5), ...withItself(signed(0.5, 2))],
  logaddexp: binary(any, any, 0.5),
  equal: comparison,
  notEqual: comparison,
  less: comparison,
  lessEqual: comparison,
  greater: comparison,
  greaterEqual: comparison,
  logicalAnd: logical,
  logicalOr: logical,
  logicalXor: logical,

  where: [
    ...calls("where")(
      (where, condition, a, b) => where(condition, a, b),
      [of(truth, 2, 3), of(any, 2, 3), of(any, 2, 3)],
      [of(truth, 3), of(any, 2, 1), of(any)],
      [of(truth, 2, 1), of(any, 3), of(any, 1, 3)],
      [of(truth), of(any), of(any, 2)],
      [of(truth, 0, 2), of(any, 2), of(any, 2)],
      [of(truth, 3), of(whole(-3, 3), 3), of(any, 3)],
      [of(whole(0, 1), 3), of(any, 3), of(any, 3)],
    ),
    ...calls("where")((where, condition, a) => where(condition, a, 0), [of(truth, 2, 3), of(any, 3)]),
    ...calls("where")((where, condition, b) => where(condition, 1.5, b), [of(truth, 2, 3), of(any, 3)]),
    ...calls("where")((where, x) => where(x.greater(0), x.sin(), x.mul(2)), [of(signed(0.2, 2), 2, 3)]),
  ],
  clip: [
    ...calls("clip")((clip, x) => clip(x, -0.75, 0.75), [of(near(-1.5, 0, 1.5), 2, 3)], [of(near(-1.5, 0, 1.5))], [of(any, 0, 2)]),
    ...calls("clip")(
      (clip, x, lo, hi) => clip(x, lo, hi),
      [of(near(-1.5, 0, 1.5), 3, 3), of(near(-0.75), 3), of(near(0.75), 3, 1)],
      [of(near(-1.5, 0, 1.5)), of(near(-0.75), 3), of(near(0.75))],
      [of(near(-1.5, 0, 1.5), 2, 3), of(near(0.75), 3), of(near(-0.75))],
    ),
    ...calls("clip")((clip, x) => clip(x, -1, 2), [of(whole(-4, 4), 5)]),
  ],
  astype: [
    ...flagged(
      { wide: true },
      calls("astype")((astype, x) => astype(x, "float64"), [of(any, 2, 3)], [of(whole(-4, 4), 3)], [of(truth, 3)], [of(any)], [of(any, 0)]),
    ),
    ...calls("astype")((astype, x) => astype(x, "int32"), [of(any, 2, 3)], [of(truth, 3)]),
    ...calls("astype")((astype, x) => astype(x, "bool"), [of(whole(-1, 1), 3)]),
  ],
  stopGradient: flagged({ constant: true }, unary(any)),
};
