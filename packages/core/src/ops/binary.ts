import type { ArrayLike } from "../array/base.js";
import { asArray, asFirst } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";

/**
 * x + y. int32 wraps around; two bools give their logical or, as in NumPy.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * add(array([1, 2]), array([10, 20])).toArray(); // [11, 22]
 */
export const add = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "add").add(y);

/**
 * x − y. int32 wraps around; two bools throw.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where both are bool or one is no {@link ArrayLike}
 * @example
 * sub(array([1, 2]), array([10, 20])).toArray(); // [-9, -18]
 */
export const sub = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "sub").sub(y);

/**
 * x · y. int32 wraps around; two bools give their logical and, as in NumPy.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * mul(array([1, 2]), array([10, 20])).toArray(); // [10, 40]
 */
export const mul = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "mul").mul(y);

/**
 * x / y; whole numbers give float64.
 *
 * @param x its shape broadcasts against that of y; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * div(array([1, 2]), array([4, 0])).toArray(); // [0.25, Infinity]
 */
export const div = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "div").div(y);

/**
 * x to the power y, with the special values of NumPy (1 to anything is 1). int32 to int32 stays int32 and throws for a negative exponent. The derivatives are exact at x = 0; ∂/∂y is taken as 0 there.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where an int32 base meets a negative exponent or an operand is no
 * {@link ArrayLike}
 * @example
 * pow(array([2, 3]), array([3, 2])).toArray(); // [8, 9]
 */
export const pow = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "pow").pow(y);

/**
 * The remainder of x / y with the sign of y.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * mod(array([5, -5]), array([3, 3])).toArray(); // [2, 1]
 */
export const mod = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "mod").mod(y);

/**
 * The greater of both; NaN if either is. At a tie each gets half of the derivative.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * maximum(array([1, 5]), array([3, 2])).toArray(); // [3, 5]
 */
export const maximum = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "maximum").maximum(y);

/**
 * The lesser of both; NaN if either is. At a tie each gets half of the derivative.
 *
 * @param x its shape broadcasts against that of y; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; the dtype is the promoted one; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * minimum(array([1, 5]), array([3, 2])).toArray(); // [1, 2]
 */
export const minimum = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "minimum").minimum(y);

/**
 * The angle of the point (y, x) in (−π, π], in radians: note the order, the ordinate first.
 *
 * @param y its shape broadcasts against that of x; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @param x its shape broadcasts against that of y; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where y or x is no {@link ArrayLike}
 * @example
 * atan2(array([1, -1]), array([1, 1])).toArray(); // [0.785398, -0.785398]
 */
export const atan2 = (y: ArrayLike, x: ArrayLike): NDArray => asFirst(y, x, "atan2").atan2(x);

/**
 * √(x² + y²) without overflow. The derivatives at the origin are 0; second ones do not exist there, and are infinite or NaN.
 *
 * @param x its shape broadcasts against that of y; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * hypot(array([3, 0]), array([4, 0])).toArray(); // [5, 0]
 */
export const hypot = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "hypot").hypot(y);

/**
 * log(eˣ + eʸ) without overflow.
 *
 * @param x its shape broadcasts against that of y; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; whole numbers become float64; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * logaddexp(array([0, 1000]), array([0, 1000])).toArray(); // [0.693147, 1000.693147]
 */
export const logaddexp = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "logaddexp").logaddexp(y);

/**
 * Tests elementwise whether x = y. Gives bool; NaN equals nothing.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * equal(array([1, 2]), array([1, 3])).toArray(); // [true, false]
 */
export const equal = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "equal").equal(y);

/**
 * Tests elementwise whether x ≠ y. Gives bool.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * notEqual(array([1, 2]), array([1, 3])).toArray(); // [false, true]
 */
export const notEqual = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "notEqual").notEqual(y);

/**
 * Tests elementwise whether x < y. Gives bool.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * less(array([1, 2]), array([1, 3])).toArray(); // [false, true]
 */
export const less = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "less").less(y);

/**
 * Tests elementwise whether x ≤ y. Gives bool.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * lessEqual(array([1, 2]), array([1, 1])).toArray(); // [true, false]
 */
export const lessEqual = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "lessEqual").lessEqual(y);

/**
 * Tests elementwise whether x > y. Gives bool.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * greater(array([1, 2]), array([1, 1])).toArray(); // [false, true]
 */
export const greater = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "greater").greater(y);

/**
 * Tests elementwise whether x ≥ y. Gives bool.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * greaterEqual(array([1, 2]), array([1, 3])).toArray(); // [true, false]
 */
export const greaterEqual = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "greaterEqual").greaterEqual(y);

/**
 * Tests elementwise whether both x and y are nonzero. Gives bool.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * logicalAnd(array([1, 0]), array([1, 1])).toArray(); // [true, false]
 */
export const logicalAnd = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "logicalAnd").logicalAnd(y);

/**
 * Tests elementwise whether at least one of x and y is nonzero. Gives bool.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * logicalOr(array([1, 0]), array([0, 0])).toArray(); // [true, false]
 */
export const logicalOr = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "logicalOr").logicalOr(y);

/**
 * Tests elementwise whether exactly one of x and y is nonzero. Gives bool.
 *
 * @param x its shape broadcasts against that of y; a JS number takes the dtype of the array that it meets
 * @param y its shape broadcasts against that of x; a JS number takes the dtype of the array that it meets
 * @throws ShapeError where the shapes do not broadcast, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * logicalXor(array([1, 1]), array([0, 1])).toArray(); // [true, false]
 */
export const logicalXor = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "logicalXor").logicalXor(y);

/**
 * a where the condition is nonzero, b elsewhere. Elements that are not chosen get the derivative 0.
 *
 * @param condition any dtype
 * @param a its shape broadcasts against those of condition and b; a and b are promoted to one dtype
 * @param b its shape broadcasts against those of condition and a; a and b are promoted to one dtype
 * @throws ShapeError where the shapes do not broadcast, DTypeError where an operand is no {@link ArrayLike}
 * @example
 * where(array([true, false]), array([1, 2]), 0).toArray(); // [1, 0]
 */
export const where = (condition: ArrayLike, a: ArrayLike, b: ArrayLike): NDArray => asArray(condition, "where").where(a, b);

/**
 * min(max(x, lo), hi). The derivative is 1 from lo to hi, both included.
 *
 * @param x any dtype
 * @param lo the least value; its shape broadcasts against that of x, any dtype; null or nothing leaves this side open
 * @param hi the greatest value; its shape broadcasts against that of x, any dtype; null or nothing leaves this side open
 * @throws ShapeError where the shapes do not broadcast, DTypeError where an operand is no {@link ArrayLike}
 * @example
 * clip(array([-2, 0.5, 7]), 0, 1).toArray(); // [0, 0.5, 1]
 * clip(array([-2, 0.5, 7]), null, 1).toArray(); // [-2, 0.5, 1]
 */
export const clip = (x: ArrayLike, lo?: ArrayLike | null, hi?: ArrayLike | null): NDArray =>
  asFirst(x, typeof lo === "number" ? hi : lo, "clip").clip(lo, hi);
