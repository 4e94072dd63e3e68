import type { NDArray } from "../array/ndarray.js";
import { bind } from "../engine/trace.js";
import { type Arity, type NamesOf, none, type Params, type PrimitiveName } from "../primitives/index.js";

/**
 * A partial derivative: a factor of the tangent or cotangent t, which is a constant or a function of the operands, the result and the
 * parameters; or what passes of t, linear in it, where a factor may be out of range, or where the operation chooses among its operands: to
 * choose is no product, and 0 · ∞ would be NaN.
 */
type Slope<A extends readonly unknown[]> = number | ((...args: A) => NDArray) | { readonly passes: (t: NDArray, ...args: A) => NDArray };

interface Slopes<P> {
  1: readonly [Slope<[x: NDArray, out: NDArray, params: P]>];
  2: Pair<Slope<[x: NDArray, y: NDArray, out: NDArray, params: P]>>;
  3: Triple<Slope<[x: NDArray, y: NDArray, z: NDArray, out: NDArray, params: P]>>;
}
type Pair<S> = readonly [S, S];
type Triple<S> = readonly [S, S, S];

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
const powerSlope = (x: NDArray, y: NDArray): NDArray => {
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
 * ∂out/∂operand of every elementwise primitive, stated once: the tape applies it to cotangents, forward mode to tangents ({@link passed}).
 * Where the function has a kink the value here is the documented subgradient.
 */
export const partials: { readonly [P in Name]: Slopes<Params<P>>[Arity<P>] } = {
  neg: [-1],
  abs: [(x) => x.sign()],
  sign: constant,
  square: [(x) => x.mul(2)],
  sqrt: [(_, out) => out.reciprocal().mul(0.5)],
  // Slopes out of range make no product that is within: t meets one factor after the other.
  rsqrt: [{ passes: (t, x, out) => t.mul(-0.5).div(x).mul(out) }],
  cbrt: [(_, out) => out.reciprocal().square().div(3)],
  reciprocal: [{ passes: (t, _, out) => t.mul(out).mul(out).neg() }],
  exp: [(_, out) => out],
  exp2: [(_, out) => out.mul(Math.LN2)],
  expm1: [(x) => x.exp()],
  log: [(x) => x.reciprocal()],
  log2: [(x) => x.mul(Math.LN2).reciprocal()],
  log10: [(x) => x.mul(Math.LN10).reciprocal()],
  log1p: [(x) => x.add(1).reciprocal()],
  sin: [(x) => x.cos()],
  cos: [(x) => x.sin().neg()],
  tan: [(_, out) => out.square().add(1)],
  asin: [(x) => coSquare(x).rsqrt()],
  acos: [(x) => coSquare(x).rsqrt().neg()],
  // 1 / (1 + x²), whose own derivative would need the square of that.
  atan: [(x) => x.hypot(1).reciprocal().square()],
  sinh: [(x) => x.cosh()],
  cosh: [(x) => x.sinh()],
  // Of its value, so that the tape keeps no operand besides: errors count against 1.
  tanh: [(_, out) => coSquare(out)],
  sechSquare: [(x, out) => out.mul(x.tanh()).mul(-2)],
  oneMinusSquare: [(x) => x.mul(-2)],
  asinh: [(x) => x.hypot(1).reciprocal()],
  acosh: [(x) => x.add(1).rsqrt().mul(x.sub(1).rsqrt())],
  atanh: [(x) => coSquare(x).reciprocal()],
  sigmoid: [(x) => sechSquare(x.mul(0.5)).mul(0.25)],
  softplus: [(x) => x.sigmoid()],
  relu: [{ passes: (t, x) => x.greater(0).where(t, 0) }],
  erf: [
    (x) =>
      x
        .square()
        .neg()
        .exp()
        .mul(2 / Math.sqrt(Math.PI)),
  ],
  erfc: [
    (x) =>
      x
        .square()
        .neg()
        .exp()
        .mul(-2 / Math.sqrt(Math.PI)),
  ],
  normalCdf: [
    (x) =>
      x
        .square()
        .mul(-0.5)
        .exp()
        .mul(1 / Math.sqrt(2 * Math.PI)),
  ],
  lgamma: [(x) => x.digamma()],
  polygamma: [(x, _, { n }) => bind("polygamma", [x], { n: n + 1 })],
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
  mul: [(_, y) => y, (x) => x],
  div: [(_, y) => y.reciprocal(), { passes: (t, _, y, out) => t.div(y).mul(out).neg() }],
  // log(0) is never taken, so that ∂/∂y is 0 at x = 0.
  pow: [(x, y) => powerSlope(x, y), (x, _, out) => x.equal(0).where(1, x).log().mul(out)],
  mod: [1, { passes: (t, x, y, out) => times(t, out.sub(x).div(y).round()) }],
  maximum: [{ passes: ahead }, { passes: (t, x, y) => ahead(t, y, x) }],
  minimum: [{ passes: (t, x, y) => ahead(t, y, x) }, { passes: ahead }],
  atan2: [(y, x) => perSquare(x, x, y), (y, x) => perSquare(y, x, y).neg()],
  hypot: [{ passes: along }, { passes: (t, x, y) => along(t, y, x) }],
  logaddexp: [(x, y) => gap(x, y).sigmoid(), (x, y) => gap(y, x).sigmoid()],
  and: constants,
  or: constants,
  xor: constants,
  equal: constants,
  notEqual: constants,
  less: constants,
  lessEqual: constants,

  clamp: [
    { passes: (t, x, lo, hi) => x.greaterEqual(lo).logicalAnd(x.lessEqual(hi)).where(t, 0) },
    { passes: (t, x, lo, hi) => x.less(lo).logicalAnd(lo.lessEqual(hi)).where(t, 0) },
    { passes: (t, x, lo, hi) => x.maximum(lo).greater(hi).where(t, 0) },
  ],
};

type AnyRule = (...args: readonly unknown[]) => NDArray;
type AnyPartials = Readonly<Record<string, readonly (number | AnyRule | { readonly passes: AnyRule })[]>>;

/** What passes of t, a tangent of operand i or a cotangent of the result. Undefined is a zero that is never made. */
export function passed(
  name: PrimitiveName,
  i: number,
  t: NDArray,
  values: readonly NDArray[],
  out: NDArray,
  params: unknown,
): NDArray | undefined {
  const slope = (partials as AnyPartials)[name][i];
  if (slope === 0) return undefined;
  if (slope === 1) return t;
  if (slope === -1) return t.neg();
  if (typeof slope === "number") return t.mul(slope);
  if (typeof slope === "object") return slope.passes(t, ...values, out, params);
  // To spread an array costs as much as a tenth of the operation.
  if (values.length === 1) return t.mul(slope(values[0], out, params));
  if (values.length === 2) return t.mul(slope(values[0], values[1], out, params));
  return t.mul(slope(...values, out, params));
}
