import type { ArrayLike, NDArray } from "@ad/core";
import { type Domain, exactly, near, of, real, signed, truth, whole } from "../inputs.js";
import { derive } from "../rows/derive.js";
import { type Binary, binaries, namedUnaries, type Unary } from "../rows/elementwise.js";
import { type Call, type Calls, calls, family, flagged } from "./operation.js";

type Op1 = (x: ArrayLike) => NDArray;
type Op2 = (x: ArrayLike, y: ArrayLike) => NDArray;

const any = real(-2, 2);
const positive = real(0.5, 3);

const unary = (...domains: readonly Domain[]): Call<Op1>[] =>
  domains.flatMap((from) => family((op: Op1, x) => op(x), [of(from, 2, 3)], [of(from)], [of(from, 0, 2)]));

/** Operands that broadcast in every manner, one of them whole, and a JS number on the right. */
const binary = (a: Domain, b: Domain, number: number, int: Domain = whole(1, 5)): Call<Op2>[] => [
  ...family(
    (op: Op2, x, y) => op(x, y),
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
  ...family((op: Op2, x) => op(x, number), [of(a, 2, 2)]),
];

/** Both operands are one array: what comes back for it is the sum of two parts. */
const withItself = (from: Domain): Call<Op2>[] => family((op: Op2, x) => op(x, x), [of(from, 2, 2)]);

/** As many whole numbers as make some of them equal. */
const meeting = family((op: Op2, x, y) => op(x, y), [of(whole(0, 2), 3, 4), of(whole(0, 2), 4)]);
const comparison = [...binary(real(-1, 1), real(1.5, 2), 0.123), ...meeting];
const logical: Call<Op2>[] = [
  ...family((op: Op2, x, y) => op(x, y), [of(truth, 3, 3), of(truth, 3, 3)], [of(truth, 4, 1), of(truth, 4)], [of(any, 3), of(truth, 3)]),
  ...family((op: Op2, x, y) => op(x, y), [of(exactly([0, 1, Number.NaN]), 3), of(whole(0, 1), 3)]),
];

const made = derive(binaries, ({ domain: [a, b], number, int }: Binary) => binary(a, b, number, int));

export const elementwise: Calls<
  | keyof typeof namedUnaries
  | keyof typeof binaries
  | "gelu"
  | "silu"
  | "digamma"
  | "logicalNot"
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
  ...derive(namedUnaries, ({ domain, calls = [] }: Unary) => unary(domain, ...calls)),
  ...made,
  gelu: [
    ...unary(any),
    ...calls("gelu")((gelu, x) => gelu(x, { approximate: true }), [of(any, 2, 3)]),
    ...calls("gelu")((gelu, x) => gelu(x, { approximate: false }), [of(any, 3)]),
  ],
  silu: unary(any, whole(-3, 3)),
  digamma: unary(real(1, 4)),
  logicalNot: unary(truth, any, whole(0, 1)),

  add: [...made.add, ...withItself(any), ...calls("add")((add, x) => add(1.5, x), [of(any, 2, 2)])],
  sub: [...made.sub, ...calls("sub")((sub, x) => sub(2, x), [of(any, 2, 2)])],
  mul: [
    ...made.mul,
    ...withItself(any),
    ...flagged(
      { wide: true },
      calls("mul")((mul, x) => mul(x, [1, 2]), [of(any, 3, 2)]),
    ),
  ],
  div: [...made.div, ...withItself(signed(0.6, 2)), ...calls("div")((div, x) => div(2, x), [of(positive, 2, 2)])],
  pow: [
    ...calls("pow")((pow, x, y) => pow(x, y), [of(positive, 4), of(exactly([0, 1, 2, -1]), 4)]),
    ...made.pow,
    ...withItself(positive),
    ...calls("pow")((pow, x) => pow(x, 2), [of(any, 4)], [of(exactly([0, -1, 2]), 3)]),
    ...calls("pow")((pow, x) => pow(x, 3), [of(exactly([0, -1, 2]), 3)]),
    ...calls("pow")((pow, x) => pow(x, -1), [of(signed(0.6, 2), 4)]),
    ...calls("pow")((pow, x) => pow(x, 0), [of(any, 4)], [of(exactly([0, -1, 2]), 3)]),
    ...calls("pow")((pow, x) => pow(2, x), [of(any, 4)]),
  ],
  mod: [...made.mod, ...calls("mod")((mod, x, y) => mod(x, y), [of(real(-1.2, -0.2), 2, 3), of(real(1.5, 2), 3)])],
  hypot: [...made.hypot, ...withItself(signed(0.5, 2))],
  equal: [...made.equal, ...meeting],
  notEqual: [...made.notEqual, ...meeting],
  less: [...made.less, ...meeting],
  lessEqual: [...made.lessEqual, ...meeting],
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
