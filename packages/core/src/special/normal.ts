import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { normalCdf } from "../primitives/special.js";
import { inverse as inverseOfErf } from "./erf-inv.js";
import { erfcx, scaled } from "./erfcx.js";
import { elementwiseOperation } from "./operation.js";

const density = 1 / Math.sqrt(2 * Math.PI);

const bell = (x: NDArray): NDArray => x.square().mul(-0.5).exp().mul(density);

const distribution = elementwiseOperation("ndtr", normalCdf, bell);

/** log(erfc(−x / √2) / 2) */
function logCdf(x: number): number {
  if (x > 0) return Math.log1p(-normalCdf(-x));
  return x > -1 ? Math.log(normalCdf(x)) : Math.log(0.5 * scaled(-x * Math.SQRT1_2)) - 0.5 * x * x;
}

/** The density by the distribution function, where x is negative both scaled alike. */
const logDistribution = elementwiseOperation("logNdtr", logCdf, (x) => {
  const isPositive = x.greater(0);
  const [positive, negative] = [isPositive.where(x, 0), isPositive.where(0, x)];
  const scaledUp = erfcx(negative.mul(-Math.SQRT1_2));
  return isPositive.where(bell(positive).div(distribution(positive)), scaledUp.reciprocal().mul(2 * density));
});

/** x where the distribution function is p: by Newton's method on its logarithm where p is small, from below, where each step falls short of x. */
function quantileOf(p: number): number {
  if (p > 0.5) return -quantileOf(1 - p);
  if (p < 0) return Number.NaN;
  if (p === 0) return -Infinity;
  if (!(p < 0.1)) return Math.SQRT2 * inverseOfErf(2 * p - 1);
  const goal = Math.log(p);
  let x = -Math.sqrt(-2 * goal);
  for (let step = 0; step < 6; step++) {
    const log = logCdf(x);
    x -= ((log - goal) * Math.exp(log + 0.5 * x * x)) / density;
  }
  return x;
}

const quantiles = elementwiseOperation("ndtri", quantileOf, (_, out) => out.square().mul(0.5).exp().div(density));

/**
 * The distribution function of the standard normal distribution: (1 + erf(x / √2)) / 2. Accurate to within 4 units in the last place.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * ndtr(array([0, 1.96, -Infinity])).toArray(); // [0.5, 0.975002, 0]
 */
export const ndtr = (x: ArrayLike): NDArray => distribution(x);

/**
 * The logarithm of {@link ndtr}, which has its digits where that is near 0 or 1. Accurate to within 4 units in the last place.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * logNdtr(array([0, -40])).toArray(); // [-0.693147, -804.608442]
 */
export const logNdtr = (x: ArrayLike): NDArray => logDistribution(x);

/**
 * The inverse of {@link ndtr}, the quantiles of the standard normal distribution: −Infinity at 0, Infinity at 1, NaN beyond. Accurate to within 4
 * units in the last place.
 *
 * @param p any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where p is no {@link ArrayLike}
 * @example
 * ndtri(array([0.5, 0.975, 0])).toArray(); // [0, 1.959964, -Infinity]
 */
export const ndtri = (p: ArrayLike): NDArray => quantiles(p);
