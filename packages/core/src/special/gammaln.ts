import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, toFloat } from "../array/operands.js";
import { DTypeError, describe } from "../engine/errors.js";

/**
 * The logarithm of the absolute value of the gamma function: SciPy's name for {@link lgamma}, which says how accurate it is.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * gammaln(array([1, 5])).toArray(); // [0, 3.178054]
 */
export const gammaln = (x: ArrayLike): NDArray => asArray(x, "gammaln").lgamma();

/**
 * The logarithm of the gamma function of symmetric positive definite matrices of d rows (DLMF 35.3.4); NaN where x is not above (d − 1) / 2. It is
 * a sum, accurate to within 8 units in the last place of the largest of its terms, up to a d of 50; near its zeros that is more than the result.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @param d a whole number from 1 to 1000
 * @throws DTypeError where d is no such number, or x is no {@link ArrayLike}
 * @example
 * multigammaln(array([2, 0.5]), 2).toArray(); // [0.451583, NaN]
 */
export function multigammaln(x: ArrayLike, d: number): NDArray {
  const own = toFloat(asArray(x, "multigammaln"));
  const rows = bare(d);
  if (!(Number.isInteger(rows) && rows >= 1 && rows <= 1000))
    throw new DTypeError(`multigammaln: d is ${describe(rows)}; give a whole number from 1 to 1000.`);
  let sum = own.mul(0).add((rows * (rows - 1) * Math.log(Math.PI)) / 4);
  for (let i = 0; i < rows; i++) sum = sum.add(own.sub(i / 2).lgamma());
  return sum.mul(own.greater((rows - 1) / 2).where(1, NaN));
}
