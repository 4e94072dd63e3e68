import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, toFloat } from "../array/operands.js";
import { DTypeError, describe } from "../engine/errors.js";
import { bind } from "../engine/trace.js";

/**
 * ψ⁽ⁿ⁾(x), the nth derivative of {@link digamma} (DLMF 5.15); Infinity at the poles 0, −1, −2, … where n is odd, −Infinity where it is even.
 *
 * @param n a whole number from 0 to 1000; 0 is digamma itself
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where n is no such number, or x is no {@link ArrayLike}
 * @example
 * polygamma(1, array([1, 2])).toArray(); // [1.644934, 0.644934]
 */
export function polygamma(n: number, x: ArrayLike): NDArray {
  const order = bare(n);
  if (!(Number.isInteger(order) && order >= 0 && order <= 1000))
    throw new DTypeError(`polygamma: n is ${describe(order)}; give a whole number from 0 to 1000.`);
  return bind("polygamma", [toFloat(asArray(x, "polygamma"))], { n: order });
}
