import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { exp, minus, plus, sum } from "./double.js";
import { scaledFactorial } from "./gamma.js";
import { type ElementwisePair, pairOperation } from "./operation.js";

/** Γ(a) Γ(b) / Γ(a + b), from the factorials: (1 / a + 1 / b) a! b! / (a + b)!. */
function value(a: number, b: number): number {
  if (!(a >= 0 && b >= 0) || (a === 0 && b === Infinity) || (b === 0 && a === Infinity)) return NaN;
  if (a === Infinity || b === Infinity) return 0;
  const [[x, u], [y, v], [z, w]] = [scaledFactorial([a, 0]), scaledFactorial([b, 0]), scaledFactorial(sum(a, b))];
  return ((exp(minus(plus(u, v), w)) * (x * y)) / z) * (1 / a + 1 / b);
}

const operation: ElementwisePair = pairOperation("beta", value, [
  (a, b) => operation(a, b).mul(a.digamma().sub(a.add(b).digamma())),
  (a, b) => operation(a, b).mul(b.digamma().sub(a.add(b).digamma())),
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
