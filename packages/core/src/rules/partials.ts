import type { NDArray } from "../array/ndarray.js";
import { bind } from "../engine/trace.js";
import { type Arity, type NamesOf, none, type Params } from "../primitives/index.js";
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
} from "./reads.js";

/**
 * A partial derivative: a factor of the tangent or cotangent t, which is a constant, or a rule that says what it reads of the operands and the
 * result, and what passes of t. A rule is no product where a factor may be out of range, or where the operation chooses among its operands: to
 * choose is no product, and 0 · ∞ would be NaN.
 */
type PartialOf<P> = number | Rule<P>;

interface PartialsOf<P> {
  1: readonly [PartialOf<P>];
  2: readonly [PartialOf<P>, PartialOf<P>];
  3: readonly [PartialOf<P>, PartialOf<P>, PartialOf<P>];
}

type Name = NamesOf<"elementwise">;

/** All of t where x is ahead, nothing where it is behind, half at a tie; NaN behaves as behind. */
const ahead = (t: NDArray, x: NDArray, y: NDArray): NDArray => x.equal(y).where(t.mul(0.5), x.greater(y).where(t, 0));

/** What locally is a whole number of times t, most often none. */
const times = (t: NDArray, count: NDArray): NDArray => count.equal(0).where(0, t.mul(count));

/**
 * x / hypot(x, y), and 0 at the origin. By the quotient of the smaller by the larger, so that it is finite, and its derivative
 * y² / hypot(x, y)³ no difference.
 */
const direction = (x: NDArray, y: NDArray): NDArray => {
  const less = x.abs().less(y.abs());
  const larger = less.where(y, x).abs();
  const t = less.where(x, y).div(larger.equal(0).where(1, larger));
  return less.where(t, x.sign()).div(t.square().add(1).sqrt());
};

/** t · x / hypot(x, y); at the origin √x, which is 0: the subgradient of a length. Its own derivative is infinite there, as a length's curvature is. */
const along = (t: NDArray, x: NDArray, y: NDArray): NDArray => {
  const origin = x.equal(0).logicalAnd(y.equal(0));
  return origin.where(origin.where(x, 1).sqrt(), t.mul(direction(x, y)));
};

/** 1 − x² and 1 / cosh² x: no sum of terms that cancel, in their derivatives neither. */
const coSquare = (x: NDArray): NDArray => bind("oneMinusSquare", [x], none);
const sechSquare = (x: NDArray): NDArray => bind("sechSquare", [x], none);

/** y·xʸ⁻¹. x = y = 0 alone is apart, where it would be 0 · 0⁻¹: elsewhere at y = 0 it has a derivative by y. */
const powerPartial = (x: NDArray, y: NDArray): NDArray => {
  const origin = x.equal(0).logicalAnd(y.equal(0));
  return origin.where(0, y.mul(origin.where(1, x).pow(y.sub(1))));
};

/** x − y, and 0 where both are the same infinity. */
const gap = (x: NDArray, y: NDArray): NDArray => x.equal(y).logicalAnd(x.isFinite().logicalNot()).where(0, x.sub(y));

/** x / (a² + b²), whose squares may be too large or too small where it is not. */
const perSquare = (x: NDArray, a: NDArray, b: NDArray): NDArray => {
  const r = a.hypot(b);
  return x.div(r).div(r);
};

const constant = [0] as const;
const constants = [0, 0] as const;

/**
 * ∂out/∂operand of every elementwise primitive, stated once: the tape applies it to cotangents, forward mode to tangents.
 * Where the function has a kink the value here is the documented subgradient.
 */
export const partials: { readonly [P in Name]: PartialsOf<Params<P>>[Arity<P>] } = {
  neg: [-1],
  abs: [ofX((x) => x.sign())],
  sign: constant,
  square: [ofX((x) => x.mul(2))],
  sqrt: [ofOut((out) => out.reciprocal().mul(0.5))],
  // Slopes out of range make no product that is within: t meets one factor after the other.
  rsqrt: [passesXOut((t, x, out) => t.mul(-0.5).div(x).mul(out))],
  cbrt: [ofOut((out) => out.reciprocal().square().div(3))],
  reciprocal: [passesOut((t, out) => t.mul(out).mul(out).neg())],
  exp: [ofOut((out) => out)],
  exp2: [ofOut((out) => out.mul(Math.LN2))],
  expm1: [ofX((x) => x.exp())],
  log: [ofX((x) => x.reciprocal())],
  log2: [ofX((x) => x.mul(Math.LN2).reciprocal())],
  log10: [ofX((x) => x.mul(Math.LN10).reciprocal())],
  log1p: [ofX((x) => x.add(1).reciprocal())],
  sin: [ofX((x) => x.cos())],
  cos: [ofX((x) => x.sin().neg())],
  tan: [ofOut((out) => out.square().add(1))],
  asin: [ofX((x) => coSquare(x).rsqrt())],
  acos: [ofX((x) => coSquare(x).rsqrt().neg())],
  // 1 / (1 + x²), whose own derivative would need the square of that.
  atan: [ofX((x) => x.hypot(1).reciprocal().square())],
  sinh: [ofX((x) => x.cosh())],
  cosh: [ofX((x) => x.sinh())],
  // Of its value, so that the tape keeps no operand besides: errors count against 1.
  tanh: [ofOut((out) => coSquare(out))],
  sechSquare: [ofXOut((x, out) => out.mul(x.tanh()).mul(-2))],
  oneMinusSquare: [ofX((x) => x.mul(-2))],
  asinh: [ofX((x) => x.hypot(1).reciprocal())],
  acosh: [ofX((x) => x.add(1).rsqrt().mul(x.sub(1).rsqrt()))],
  atanh: [ofX((x) => coSquare(x).reciprocal())],
  sigmoid: [ofX((x) => sechSquare(x.mul(0.5)).mul(0.25))],
  softplus: [ofX((x) => x.sigmoid())],
  relu: [passesX((t, x) => x.greater(0).where(t, 0))],
  erf: [
    ofX((x) =>
      x
        .square()
        .neg()
        .exp()
        .mul(2 / Math.sqrt(Math.PI)),
    ),
  ],
  erfc: [
    ofX((x) =>
      x
        .square()
        .neg()
        .exp()
        .mul(-2 / Math.sqrt(Math.PI)),
    ),
  ],
  normalCdf: [
    ofX((x) =>
      x
        .square()
        .mul(-0.5)
        .exp()
        .mul(1 / Math.sqrt(2 * Math.PI)),
    ),
  ],
  lgamma: [ofX((x) => x.digamma())],
  polygamma: [ofX((x, { n }) => bind("polygamma", [x], { n: n + 1 }))],
  floor: constant,
  ceil: constant,
  round: constant,
  trunc: constant,
  stopGradient: constant,
  isNaN: constant,
  isFinite: constant,
  not: constant,
  wrapIndex: constant,

  add: [1, 1],
  sub: [1, -1],
  mul: [ofY((y) => y), ofX((x) => x)],
  div: [ofY((y) => y.reciprocal()), passesYOut((t, y, out) => t.div(y).mul(out).neg())],
  // log(0) is never taken, so that ∂/∂y is 0 at x = 0.
  pow: [ofXY(powerPartial), ofXOut((x, out) => x.equal(0).where(1, x).log().mul(out))],
  mod: [1, passesXYOut((t, x, y, out) => times(t, out.sub(x).div(y).round()))],
  maximum: [passesXY(ahead), passesXY((t, x, y) => ahead(t, y, x))],
  minimum: [passesXY((t, x, y) => ahead(t, y, x)), passesXY(ahead)],
  atan2: [ofXY((y, x) => perSquare(x, x, y)), ofXY((y, x) => perSquare(y, x, y).neg())],
  hypot: [passesXY(along), passesXY((t, x, y) => along(t, y, x))],
  logaddexp: [ofXY((x, y) => gap(x, y).sigmoid()), ofXY((x, y) => gap(y, x).sigmoid())],
  and: constants,
  or: constants,
  xor: constants,
  equal: constants,
  notEqual: constants,
  less: constants,
  lessEqual: constants,

  clamp: [
    passesXYZ((t, x, lo, hi) => x.greaterEqual(lo).logicalAnd(x.lessEqual(hi)).where(t, 0)),
    passesXYZ((t, x, lo, hi) => x.less(lo).logicalAnd(lo.lessEqual(hi)).where(t, 0)),
    passesXYZ((t, x, lo, hi) => x.maximum(lo).greater(hi).where(t, 0)),
  ],
};
