import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { bernoulli, factorial } from "../primitives/special.js";
import { exp, minus, plus, sum } from "./double.js";
import { scaledFactorial } from "./gamma.js";
import { type ElementwisePair, pairOperation } from "./operation.js";
import { polygamma } from "./polygamma.js";

/** Γ(a) Γ(b) / Γ(a + b), from the factorials: (1 / a + 1 / b) a! b! / (a + b)!. */
function value(a: number, b: number): number {
  if (!(a >= 0 && b >= 0) || (a === 0 && b === Infinity) || (b === 0 && a === Infinity)) return NaN;
  if (a === Infinity || b === Infinity) return 0;
  const [[x, u], [y, v], [z, w]] = [scaledFactorial([a, 0]), scaledFactorial([b, 0]), scaledFactorial(sum(a, b))];
  return ((exp(minus(plus(u, v), w)) * (x * y)) / z) * (1 / a + 1 / b);
}

/**
 * ψ⁽ⁿ⁾(z + h) − ψ⁽ⁿ⁾(z), where z ≥ 0 and h ≥ 0: the differences of the terms of DLMF 5.7.6 and 5.15.1, and from a large z on those of 5.11.2 and
 * 5.15.8, so that a small h keeps its digits.
 */
function polygammaDifference(n: number, z: number, h: number): number {
  if (!(z >= 0 && h >= 0)) return NaN;
  const gap = (m: number): number => Math.expm1(-m * Math.log1p(h / z)) / z ** m;
  const own = factorial(n);
  let total = 0;
  for (; z < 12 + 2 * n; z++) total += own * gap(n + 1);
  total += (n === 0 ? -Math.log1p(h / z) : factorial(n - 1) * gap(n)) + 0.5 * own * gap(n + 1);
  let rising = own * (n + 1);
  bernoulli.forEach((b, k) => {
    const m = n + 2 * k + 2;
    total += b * rising * gap(m);
    rising *= m * (m + 1);
  });
  return n % 2 ? total : -total;
}

const difference = (n: number): ElementwisePair =>
  pairOperation("polygammaDifference", (z, h) => polygammaDifference(n, z, h), [
    (z, h) => difference(n + 1)(z, h),
    (z, h) => polygamma(n + 1, z.add(h)),
  ]);

const operation: ElementwisePair = pairOperation("beta", value, [
  (a, b) => operation(a, b).mul(difference(0)(a, b)).neg(),
  (a, b) => operation(a, b).mul(difference(0)(b, a)).neg(),
]);

/**
 * The beta function Γ(a) Γ(b) / Γ(a + b) (DLMF 5.12.1), where a ≥ 0 and b ≥ 0; Infinity where one of them is 0, NaN where one is negative.
 * Accurate to within 8 units in the last place.
 *
 * @param a any shape; any dtype; int32 and bool become float64
 * @param b of a shape that broadcasts with that of a
 * @throws ShapeError where the shapes do not broadcast, DTypeError where a or b is no {@link ArrayLike}
 * @example
 * beta(array([1, 2, 0.5]), array([1, 3, 0.5])).toArray(); // [1, 0.083333, 3.141593]
 */
export const beta = (a: ArrayLike, b: ArrayLike): NDArray => operation(a, b);
