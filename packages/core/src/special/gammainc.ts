import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { TransformError } from "../engine/errors.js";
import { factorial, logFactorial, stirling } from "../primitives/special.js";
import { pairOperation } from "./operation.js";

/** a log(x / a) + a − x, which cancels where x is near a: there by log((1 + r) / (1 − r)) = 2 (r + r³ / 3 + …), where r = (x − a) / (x + a). */
function exponent(a: number, x: number): number {
  const t = (x - a) / a;
  const r = (x - a) / (x + a);
  if (Math.abs(r) > 0.5) return a * Math.log(x / a) + (a - x);
  const w = r * r;
  let sum = 0;
  for (let k = 55; k > 1; k -= 2) sum = w * (sum + 1 / k);
  return a * (2 * r * sum - r * t);
}

/** x^a e^−x / Γ(a + 1): by its factors where none overflows, unless both are large and near to each other. */
function weight(a: number, x: number): number {
  const isNear = Math.abs(x - a) < 0.2 * (x + a);
  if (a < (isNear ? 12 : 100) && x < 500) return (x ** a * Math.exp(-x)) / factorial(a);
  if (a < 12) return Math.exp(a * Math.log(x) - x) / factorial(a);
  return Math.exp(exponent(a, x) - stirling(a)) / Math.sqrt(2 * Math.PI * a);
}

/** The lower part by its series, DLMF 8.7.1. */
function lower(a: number, x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-17; k++) sum += term *= x / (a + k);
  return weight(a, x) * sum;
}

/** The upper part of an a of 1 at most by its continued fraction, DLMF 8.9.2, all of whose terms are positive. */
function upperOfSmall(a: number, x: number): number {
  let h = x;
  for (let k = Math.ceil(8 + 120 / x); k; k--) h = x + (k - a) / (1 + k / h);
  return (weight(a, x) * a) / h;
}

/** The same of a larger a, contracted and from its first level on (Lentz 1976). */
function upperOfLarge(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let h = d;
  for (let k = 1, change = 0; Math.abs(change - 1) > 1e-16 && k < 1e7; k++) {
    const next = k * (a - k);
    b += 2;
    d = 1 / (next * d + b);
    c = b + next / c;
    change = c * d;
    h *= change;
  }
  return weight(a, x) * a * h;
}

/** Where a is moderate, from an a of 1 at most on by Q(a + 1, x) = Q(a, x) + x^a e^−x / Γ(a + 1), DLMF 8.8.6, which is positive. */
function upper(a: number, x: number): number {
  if (a >= 12) return upperOfLarge(a, x);
  const steps = Math.ceil(a) - 1;
  let sum = upperOfSmall(a - steps, x);
  for (let k = 1; k <= steps; k++) sum += weight(a - k, x);
  return sum;
}

/** Where both are small the upper part is small beside 1: DLMF 8.7.1, in which x^a / Γ(a + 1) is close to 1. */
function upperNear(a: number, x: number): number {
  const log = a * Math.log(x) - logFactorial(a);
  let [sum, term] = [0, 1];
  for (let k = 1; Math.abs(term) > 1e-18; k++) {
    term *= -x / k;
    sum += term / (a + k);
  }
  return -Math.expm1(log) - Math.exp(log) * a * sum;
}

const known = (a: number, x: number): boolean => a > 0 && x >= 0 && a < Infinity;

function lowerPart(a: number, x: number): number {
  if (!known(a, x)) return NaN;
  if (x === Infinity) return 1;
  return x < a + 1 ? lower(a, x) : 1 - upper(a, x);
}

function upperPart(a: number, x: number): number {
  if (!known(a, x)) return NaN;
  if (x === 0 || x === Infinity) return x ? 0 : 1;
  if (a < 1 && x < 1.5) return upperNear(a, x);
  return x < (a < 12 ? a : a + 1) ? 1 - lower(a, x) : upper(a, x);
}

/** The derivative by x: x^(a − 1) e^−x / Γ(a). */
const density = (a: NDArray, x: NDArray): NDArray => x.log().mul(a.sub(1)).sub(x).sub(a.lgamma()).exp();

const noSlope = (name: string) => (): never => {
  throw new TransformError(
    `${name}: the derivative by a is not known in closed form; give a as a constant, as stopGradient(a), or write a rule with customJvp.`,
  );
};

const regularised = pairOperation("gammainc", lowerPart, [noSlope("gammainc"), density]);
const complementary = pairOperation("gammaincc", upperPart, [noSlope("gammaincc"), (a, x) => density(a, x).neg()]);

/**
 * The regularised lower incomplete gamma function P(a, x) = γ(a, x) / Γ(a) (DLMF 8.2.4), where a > 0 and x ≥ 0; NaN elsewhere. Its error is
 * up to 8 units in the last place, and one more
 * for each unit of the logarithm of a small result. Where x is near an a above 10⁶ it takes
 * thousands of steps.
 *
 * @param a any shape; any dtype; int32 and bool become float64
 * @param x of a shape that broadcasts with that of a
 * @throws ShapeError where the shapes do not broadcast, DTypeError where a or x is no {@link ArrayLike}, TransformError where it is
 * differentiated by a
 * @example
 * gammainc(2, array([0, 1, 5])).toArray(); // [0, 0.264241, 0.959572]
 */
export const gammainc = (a: ArrayLike, x: ArrayLike): NDArray => regularised(a, x);

/**
 * The regularised upper incomplete gamma function Q(a, x) = Γ(a, x) / Γ(a) (DLMF 8.2.4), which is 1 − {@link gammainc} without what is lost
 * there. Its error is as that of gammainc.
 *
 * @param a any shape; any dtype; int32 and bool become float64
 * @param x of a shape that broadcasts with that of a
 * @throws ShapeError where the shapes do not broadcast, DTypeError where a or x is no {@link ArrayLike}, TransformError where it is
 * differentiated by a
 * @example
 * gammaincc(2, array([0, 1, 50])).toArray(); // [1, 0.735759, 9.84e-21]
 */
export const gammaincc = (a: ArrayLike, x: ArrayLike): NDArray => complementary(a, x);
