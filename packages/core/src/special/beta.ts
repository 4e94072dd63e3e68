import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { digamma, factorial, stirling } from "../primitives/special.js";
import { type ElementwisePair, pairOperation } from "./operation.js";

/** Γ(a) Γ(b) / Γ(a + b): by its factors where they are moderate, else by Stirling's formula for those that are large. */
function value(a: number, b: number): number {
  if (!(a > 0 && b > 0)) return NaN;
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large === Infinity) return 0;
  const s = a + b;
  // What rounding took from the sum counts by the derivative.
  const lost = small - (s - large);
  if (large < 12) return ((factorial(a) * factorial(b)) / factorial(s)) * (1 / a + 1 / b) * (1 - lost * digamma(s + 1));
  if (small < 12 && large >= 12) {
    const ratio = Math.exp(small - large * Math.log1p(small / large) + stirling(large) - stirling(s)) * Math.sqrt(s / large);
    return (factorial(small) / small) * ratio * s ** -small * (1 - (small * lost) / s);
  }
  const exponent = -small * Math.log1p(large / small) - large * Math.log1p(small / large);
  return Math.exp(exponent + stirling(small) + stirling(large) - stirling(s)) * Math.sqrt((2 * Math.PI * s) / small / large);
}

const operation: ElementwisePair = pairOperation("beta", value, [
  (a, b) => operation(a, b).mul(a.digamma().sub(a.add(b).digamma())),
  (a, b) => operation(a, b).mul(b.digamma().sub(a.add(b).digamma())),
]);

/**
 * The beta function Γ(a) Γ(b) / Γ(a + b) (DLMF 5.12.1), where a > 0 and b > 0; NaN elsewhere. Its error is up to 8 units in the last place, and
 * two more for each unit of the logarithm of a small result.
 *
 * @param a any shape; any dtype; int32 and bool become float64
 * @param b of a shape that broadcasts with that of a
 * @throws ShapeError where the shapes do not broadcast, DTypeError where a or b is no {@link ArrayLike}
 * @example
 * beta(array([1, 2, 0.5]), array([1, 3, 0.5])).toArray(); // [1, 0.083333, 3.141593]
 */
export const beta = (a: ArrayLike, b: ArrayLike): NDArray => operation(a, b);
