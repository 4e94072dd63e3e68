import type { Aval } from "../engine/aval.js";
import { DTypeError, ShapeError } from "../engine/errors.js";
import type { None, Primitive, Promotion } from "../engine/primitive.js";
import { ahead, along, coSquare, gap, gaussian, perSquare, polygamma, powerPartial, sigmoidSlope, times } from "../rules/partials.js";
import {
  ofOut,
  ofX,
  ofXOut,
  ofXY,
  ofY,
  passesOut,
  passesX,
  passesXOut,
  passesXY,
  passesXYOut,
  passesXYZ,
  passesYOut,
  type Rule,
} from "../rules/reads.js";
import * as special from "./special.js";

/**
 * A partial derivative: a factor of the tangent or cotangent t, which is a constant, or a rule that says what it reads of the operands and the
 * result, and what passes of t. A rule is no product where a factor may be out of range, or where the operation chooses among its operands: to
 * choose is no product, and 0 · ∞ would be NaN.
 */
type PartialOf<P> = number | Rule<P>;

type Of1 = (x: number) => number;
type Of2 = (x: number, y: number) => number;
type Of3 = (x: number, y: number, z: number) => number;

/**
 * The value as a function of numbers, one of each operand. Where floats and whole numbers come in, the latter have a form of their own, or the
 * same; a result in int32 is wrapped to 32 bits.
 */
type Form<R, F> = { readonly promote: R; readonly value: F } & (R extends "fraction" | "same" ? { readonly int: F | "same" } : unknown);

/** The cost of a value: `function` is more than to write the value and to read it again, so that a fused value that several read is kept. */
type Cost = "arithmetic" | "function";

/** All that an elementwise primitive is: the CPU's kernels, both modes of differentiation and fusion read it here. */
export interface Row<N, P, R, F, L> extends Primitive<"elementwise", N, P> {
  readonly promote: R;
  readonly value: F;
  /** The form for whole numbers, where it is another one. */
  readonly int: F | undefined;
  /** ∂out/∂operand, stated once: the tape applies it to cotangents, forward mode to tangents. At a kink it is the documented subgradient. */
  readonly partials: L;
  readonly cost: Cost;
}

const row = <N extends number, P, R, F, L>(
  arity: N,
  shape: Primitive<"elementwise", N, P>["shape"],
  { promote, value, int, cost }: { readonly promote: R; readonly value: F; readonly int?: F | "same"; readonly cost: Cost },
  partials: L,
): Row<N, P, R, F, L> => ({
  kind: "elementwise",
  arity,
  shape,
  promote,
  value,
  int: int === "same" ? undefined : int,
  partials,
  cost,
});

const [same, real, truth] = [
  ([x]: readonly Aval[]): Aval => x,
  ([x]: readonly Aval[]): Aval => x.fraction,
  ([x]: readonly Aval[]): Aval => x.with("bool"),
];
/** The result is as strong as the stronger operand. */
const stronger = ([x, y]: readonly Aval[]): Aval => (x.weak > y.weak ? y : x);
const strongerReal = (both: readonly Aval[]): Aval => stronger(both).fraction;

const shapes1 = { same, whole: same, real, fraction: real, truth };
const shapes2 = { same: stronger, whole: stronger, real: strongerReal, fraction: strongerReal, truth };

type Given<R, F, L> = Form<R, F> & { readonly cost: Cost } & L;
type Partials1<P> = readonly [PartialOf<P>];
type Partials3 = readonly [PartialOf<None>, PartialOf<None>, PartialOf<None>];
type Partials2 = readonly [PartialOf<None>, PartialOf<None>];

const ofOne = <R extends Promotion, P, F>(given: Given<R, F, { readonly partial: PartialOf<P> }>): Row<1, P, R, F, Partials1<P>> =>
  row(1, shapes1[given.promote], given, [given.partial]);

export const unary: <R extends Promotion>(
  given: Given<R, Of1, { readonly partial: PartialOf<None> }>,
) => Row<1, None, R, Of1, Partials1<None>> = ofOne;

/** A function that has parameters: they make the function of a number. */
const family = <P>(): (<R extends Promotion>(
  given: Given<R, (params: P) => Of1, { readonly partial: PartialOf<P> }>,
) => Row<1, P, R, (params: P) => Of1, Partials1<P>>) => ofOne;

export const binary = <R extends Promotion>(given: Given<R, Of2, { readonly partials: Partials2 }>): Row<2, None, R, Of2, Partials2> =>
  row(2, shapes2[given.promote], given, given.partials);

/** An integer power by squares. */
function powInt(x: number, n: number): number {
  if (n < 0)
    throw new DTypeError(
      `pow: an int32 base meets the negative exponent ${n}; whole numbers have no such powers. Use x.astype("float64").`,
    );
  let result = 1;
  for (let base = x; n > 0; n >>>= 1, base = Math.imul(base, base)) if (n & 1) result = Math.imul(result, base);
  return result;
}

/** One row per elementwise primitive. Operands have one shape and one dtype; the public doors see to that. */
export const elementwise = {
  neg: unary({ promote: "same", value: (x) => -x, int: "same", partial: -1, cost: "arithmetic" }),
  abs: unary({ promote: "same", value: Math.abs, int: "same", partial: ofX((x) => x.sign()), cost: "arithmetic" }),
  sign: unary({ promote: "same", value: Math.sign, int: "same", partial: 0, cost: "arithmetic" }),
  square: unary({
    promote: "same",
    value: (x) => x * x,
    int: (x) => Math.imul(x, x),
    partial: ofX((x) => x.mul(2)),
    cost: "arithmetic",
  }),
  sqrt: unary({ promote: "real", value: Math.sqrt, partial: ofOut((out) => out.reciprocal().mul(0.5)), cost: "arithmetic" }),
  // Partials out of range make no product that is within: t meets one factor after the other.
  rsqrt: unary({
    promote: "real",
    value: (x) => 1 / Math.sqrt(x),
    partial: passesXOut((t, x, out) => t.mul(-0.5).div(x).mul(out)),
    cost: "arithmetic",
  }),
  cbrt: unary({ promote: "real", value: Math.cbrt, partial: ofOut((out) => out.reciprocal().square().div(3)), cost: "function" }),
  reciprocal: unary({
    promote: "real",
    value: (x) => 1 / x,
    partial: passesOut((t, out) => t.mul(out).mul(out).neg()),
    cost: "arithmetic",
  }),
  exp: unary({ promote: "real", value: Math.exp, partial: ofOut((out) => out), cost: "function" }),
  exp2: unary({ promote: "real", value: (x) => special.pow(2, x), partial: ofOut((out) => out.mul(Math.LN2)), cost: "function" }),
  expm1: unary({ promote: "real", value: Math.expm1, partial: ofX((x) => x.exp()), cost: "function" }),
  log: unary({ promote: "real", value: Math.log, partial: ofX((x) => x.reciprocal()), cost: "function" }),
  log2: unary({ promote: "real", value: Math.log2, partial: ofX((x) => x.mul(Math.LN2).reciprocal()), cost: "function" }),
  log10: unary({ promote: "real", value: Math.log10, partial: ofX((x) => x.mul(Math.LN10).reciprocal()), cost: "function" }),
  log1p: unary({ promote: "real", value: Math.log1p, partial: ofX((x) => x.add(1).reciprocal()), cost: "function" }),
  sin: unary({ promote: "real", value: Math.sin, partial: ofX((x) => x.cos()), cost: "function" }),
  cos: unary({ promote: "real", value: Math.cos, partial: ofX((x) => x.sin().neg()), cost: "function" }),
  tan: unary({ promote: "real", value: Math.tan, partial: ofOut((out) => out.square().add(1)), cost: "function" }),
  asin: unary({ promote: "real", value: Math.asin, partial: ofX((x) => coSquare(x).rsqrt()), cost: "function" }),
  acos: unary({ promote: "real", value: Math.acos, partial: ofX((x) => coSquare(x).rsqrt().neg()), cost: "function" }),
  // 1 / (1 + x²), whose own derivative would need the square of that.
  atan: unary({ promote: "real", value: Math.atan, partial: ofX((x) => x.hypot(1).reciprocal().square()), cost: "function" }),
  sinh: unary({ promote: "real", value: Math.sinh, partial: ofX((x) => x.cosh()), cost: "function" }),
  cosh: unary({ promote: "real", value: Math.cosh, partial: ofX((x) => x.sinh()), cost: "function" }),
  // It is made of its value, so that the tape keeps no operand besides: errors count against 1.
  tanh: unary({ promote: "real", value: special.tanh, partial: ofOut((out) => coSquare(out)), cost: "function" }),
  /** 1 / (2 cosh (x / 2))²: what every derivative of sigmoid is made of. */
  sigmoidSlope: unary({
    promote: "real",
    value: special.sigmoidSlope,
    partial: ofXOut((x, out) => out.mul(x.mul(-0.5).tanh())),
    cost: "function",
  }),
  /** 1 − x²: what every derivative of tanh, asin, acos and atanh is made of. As a product, which loses no digits where |x| is near 1. */
  oneMinusSquare: unary({ promote: "real", value: (x) => (1 - x) * (1 + x), partial: ofX((x) => x.mul(-2)), cost: "arithmetic" }),
  asinh: unary({ promote: "real", value: Math.asinh, partial: ofX((x) => x.hypot(1).reciprocal()), cost: "function" }),
  acosh: unary({
    promote: "real",
    value: Math.acosh,
    partial: ofX((x) => x.add(1).rsqrt().mul(x.sub(1).rsqrt())),
    cost: "function",
  }),
  atanh: unary({ promote: "real", value: Math.atanh, partial: ofX((x) => coSquare(x).reciprocal()), cost: "function" }),
  sigmoid: unary({
    promote: "real",
    value: special.sigmoid,
    partial: ofX(sigmoidSlope),
    cost: "function",
  }),
  softplus: unary({ promote: "real", value: special.softplus, partial: ofX((x) => x.sigmoid()), cost: "function" }),
  relu: unary({
    promote: "same",
    value: (x) => (x <= 0 ? 0 : x),
    int: "same",
    partial: passesX((t, x) => x.greater(0).where(t, 0)),
    cost: "arithmetic",
  }),
  erf: unary({ promote: "real", value: special.erf, partial: ofX((x) => gaussian(x, -1, 2 / Math.sqrt(Math.PI))), cost: "function" }),
  erfc: unary({ promote: "real", value: special.erfc, partial: ofX((x) => gaussian(x, -1, -2 / Math.sqrt(Math.PI))), cost: "function" }),
  /** The part of the normal distribution below x: what gelu is made of, with more digits than by erfc(−x / √2) / 2. */
  normalCdf: unary({
    promote: "real",
    value: special.normalCdf,
    partial: ofX((x) => gaussian(x, -0.5, 1 / Math.sqrt(2 * Math.PI))),
    cost: "function",
  }),
  lgamma: unary({ promote: "real", value: special.lgamma, partial: ofX((x) => x.digamma()), cost: "function" }),
  /** The n-th derivative of digamma. */
  polygamma: family<{ readonly n: number }>()({
    promote: "real",
    value:
      ({ n }) =>
      (x) =>
        special.polygamma(n, x),
    partial: ofX((x, { n }) => polygamma(x, n + 1)),
    cost: "function",
  }),
  floor: unary({ promote: "same", value: Math.floor, int: "same", partial: 0, cost: "arithmetic" }),
  ceil: unary({ promote: "same", value: Math.ceil, int: "same", partial: 0, cost: "arithmetic" }),
  round: unary({ promote: "same", value: special.roundHalfEven, int: "same", partial: 0, cost: "arithmetic" }),
  trunc: unary({ promote: "same", value: Math.trunc, int: "same", partial: 0, cost: "arithmetic" }),
  stopGradient: unary({ promote: "same", value: (x) => x, int: "same", partial: 0, cost: "arithmetic" }),
  isNaN: unary({ promote: "truth", value: (x) => +Number.isNaN(x), partial: 0, cost: "arithmetic" }),
  isFinite: unary({ promote: "truth", value: (x) => +Number.isFinite(x), partial: 0, cost: "arithmetic" }),
  not: unary({ promote: "whole", value: (x) => +!x, partial: 0, cost: "arithmetic" }),
  /** An index counted from the end becomes one counted from the start; one outside of the axis, or below the least that is named, throws: an effect, unless it `isKnown` to be inside. */
  wrapIndex: family<{ readonly size: number; readonly op: string; readonly least?: number; readonly isKnown?: boolean }>()({
    promote: "whole",
    value:
      ({ size, op, least = -size }) =>
      (i) => {
        if (i < least || i >= size)
          throw new ShapeError(
            `${op}: index ${i} is out of bounds for an axis of ${size}; ${size ? `use ${least} to ${size - 1}` : "there is none to take"}.`,
          );
        return i < 0 ? i + size : i;
      },
    partial: 0,
    cost: "arithmetic",
  }),

  add: binary({ promote: "same", value: (x, y) => x + y, int: "same", partials: [1, 1], cost: "arithmetic" }),
  sub: binary({ promote: "same", value: (x, y) => x - y, int: "same", partials: [1, -1], cost: "arithmetic" }),
  mul: binary({
    promote: "same",
    value: (x, y) => x * y,
    int: Math.imul,
    partials: [ofY((y) => y), ofX((x) => x)],
    cost: "arithmetic",
  }),
  div: binary({
    promote: "real",
    value: (x, y) => x / y,
    partials: [ofY((y) => y.reciprocal()), passesYOut((t, y, out) => t.div(y).mul(out).neg())],
    cost: "arithmetic",
  }),
  // log(0) is never taken, so that ∂/∂y is 0 at x = 0.
  pow: binary({
    promote: "fraction",
    value: special.pow,
    int: powInt,
    partials: [ofXY(powerPartial), ofXOut((x, out) => x.equal(0).where(1, x).log().mul(out))],
    cost: "function",
  }),
  mod: binary({
    promote: "same",
    value: special.mod,
    // NumPy's remainder of whole numbers by zero is 0.
    int: (x, y) => (y === 0 ? 0 : ((((x % y) | 0) + y) % y) | 0),
    partials: [1, passesXYOut((t, x, y, out) => times(t, out.sub(x).div(y).round()))],
    cost: "arithmetic",
  }),
  maximum: binary({
    promote: "same",
    value: Math.max,
    int: "same",
    partials: [passesXY(ahead), passesXY((t, x, y) => ahead(t, y, x))],
    cost: "arithmetic",
  }),
  minimum: binary({
    promote: "same",
    value: Math.min,
    int: "same",
    partials: [passesXY((t, x, y) => ahead(t, y, x)), passesXY(ahead)],
    cost: "arithmetic",
  }),
  atan2: binary({
    promote: "real",
    value: Math.atan2,
    partials: [ofXY((y, x) => perSquare(x, x, y)), ofXY((y, x) => perSquare(y, x, y).neg())],
    cost: "function",
  }),
  hypot: binary({
    promote: "real",
    value: special.hypot2,
    partials: [passesXY(along), passesXY((t, x, y) => along(t, y, x))],
    cost: "function",
  }),
  logaddexp: binary({
    promote: "real",
    value: special.logaddexp,
    partials: [ofXY((x, y) => gap(x, y).sigmoid()), ofXY((x, y) => gap(y, x).sigmoid())],
    cost: "function",
  }),
  and: binary({ promote: "whole", value: (x, y) => x & y, partials: [0, 0], cost: "arithmetic" }),
  or: binary({ promote: "whole", value: (x, y) => x | y, partials: [0, 0], cost: "arithmetic" }),
  xor: binary({ promote: "whole", value: (x, y) => x ^ y, partials: [0, 0], cost: "arithmetic" }),
  equal: binary({ promote: "truth", value: (x, y) => +(x === y), partials: [0, 0], cost: "arithmetic" }),
  notEqual: binary({ promote: "truth", value: (x, y) => +(x !== y), partials: [0, 0], cost: "arithmetic" }),
  less: binary({ promote: "truth", value: (x, y) => +(x < y), partials: [0, 0], cost: "arithmetic" }),
  lessEqual: binary({ promote: "truth", value: (x, y) => +(x <= y), partials: [0, 0], cost: "arithmetic" }),

  /** min(max(x, lo), hi). */
  clamp: row<3, None, "same", Of3, Partials3>(
    3,
    ([x, lo, hi]) => stronger([stronger([x, lo]), hi]),
    { promote: "same", value: (x, lo, hi) => Math.min(Math.max(x, lo), hi), int: "same", cost: "arithmetic" },
    [
      passesXYZ((t, x, lo, hi) => x.greaterEqual(lo).logicalAnd(x.lessEqual(hi)).where(t, 0)),
      passesXYZ((t, x, lo, hi) => x.less(lo).logicalAnd(lo.lessEqual(hi)).where(t, 0)),
      passesXYZ((t, x, lo, hi) => x.maximum(lo).greater(hi).where(t, 0)),
    ],
  ),
};
