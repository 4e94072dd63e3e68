import type { NDArray } from "../array/ndarray.js";
import { none } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";

// The partial derivatives that are longer than a line, for the rows of primitives/elementwise.ts. `t` is a tangent or a cotangent.

/** All of t where x is ahead, nothing where it is behind, half at a tie; NaN behaves as behind. */
export const ahead = (t: NDArray, x: NDArray, y: NDArray): NDArray => x.equal(y).where(t.mul(0.5), x.greater(y).where(t, 0));

/** The derivative of a function that locally is a whole number of times t, most often none. */
export const times = (t: NDArray, count: NDArray): NDArray => count.equal(0).where(0, t.mul(count));

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
export const along = (t: NDArray, x: NDArray, y: NDArray): NDArray => {
  const origin = x.equal(0).logicalAnd(y.equal(0));
  return origin.where(origin.where(x, 1).sqrt(), t.mul(direction(x, y)));
};

/** 1 − x² and the slope of sigmoid: no sum of terms that cancel, in their derivatives neither. */
export const coSquare = (x: NDArray): NDArray => bind("oneMinusSquare", [x], none);
export const sigmoidSlope = (x: NDArray): NDArray => bind("sigmoidSlope", [x], none);

/** scale · exp(rate · x²). */
export const gaussian = (x: NDArray, rate: number, scale: number): NDArray => x.square().mul(rate).exp().mul(scale);

/** The derivative of order n of digamma. */
export const polygamma = (x: NDArray, n: number): NDArray => bind("polygamma", [x], { n });

/** y·xʸ⁻¹. x = y = 0 alone is apart, where it would be 0 · 0⁻¹: elsewhere at y = 0 it has a derivative by y. */
export const powerPartial = (x: NDArray, y: NDArray): NDArray => {
  const origin = x.equal(0).logicalAnd(y.equal(0));
  return origin.where(0, y.mul(origin.where(1, x).pow(y.sub(1))));
};

/** x − y, and 0 where both are the same infinity. */
export const gap = (x: NDArray, y: NDArray): NDArray => x.equal(y).logicalAnd(x.isFinite().logicalNot()).where(0, x.sub(y));

/** x / (a² + b²), whose squares may be too large or too small where it is not. */
export const perSquare = (x: NDArray, a: NDArray, b: NDArray): NDArray => {
  const r = a.hypot(b);
  return x.div(r).div(r);
};
