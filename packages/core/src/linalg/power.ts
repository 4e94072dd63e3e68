import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { bare } from "../array/operands.js";
import { DTypeError, describe } from "../engine/errors.js";
import { type FailureOptions, failureOf, identityFor, square } from "./matrices.js";
import { general, inverse } from "./solve.js";

/**
 * The n-th powers of matrices [..., n, n], by repeated squaring; a negative n takes the inverse.
 *
 * @param x [..., n, n]; int32 and bool become float64
 * @param n a whole number; a negative one is a power of the inverse
 * @param options onFailure: "nan" gives NaN for a singular matrix that is to be inverted instead of throwing
 * @throws ShapeError where the matrices are not square, DTypeError where n is no whole number or x is no {@link ArrayLike}, LinAlgError
 * where a singular matrix is to be inverted, TreeError for an unknown option or onFailure
 * @example
 * linalg.matrixPower(array([[1, 1], [1, 0]]), 10).toArray(); // [[89, 55], [55, 34]]
 */
export function matrixPower(x: ArrayLike, n: number, options: FailureOptions): NDArray;
export function matrixPower(x: ArrayLike, n: number): NDArray;
export function matrixPower(x: ArrayLike, exponent: number, options?: FailureOptions): NDArray {
  const failure = failureOf("matrixPower", options);
  const a = square("matrixPower", x);
  const n = bare(exponent);
  if (!Number.isInteger(n)) throw new DTypeError(`matrixPower: the exponent is ${describe(n)}; give a whole number.`);
  let base = n < 0 ? inverse(a, general("matrixPower", failure)) : a;
  let power: NDArray | undefined;
  for (let left = Math.abs(n); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = power === undefined ? base : power.matmul(base);
    if (left > 1) base = base.matmul(base);
  }
  return power ?? identityFor(a);
}
