import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { toFloat } from "../array/operands.js";
import { type Axes, along, type Keep, type NormOptions, type Spread } from "../array/reduction.js";
import { bind } from "../engine/trace.js";

/**
 * The sum of the elements over axes. It is accumulated in float64; int32 wraps around, bool is counted as int32; no elements give 0.
 *
 * @param x any shape and dtype
 * @param axis one axis, a list, or null (the default) for all; negative ones count from the end
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * sum(array([[1, 2], [3, 4]]), 0).toArray(); // [4, 6]
 */
export const sum = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "sum").sum(axis, options);

/**
 * The product of the elements over axes; of none it is 1. Its derivatives are exact where elements are 0. Its second
 * derivatives have the limits of {@link cumprod}'s.
 *
 * @param x any shape and dtype; bool becomes int32
 * @param axis as in {@link sum}
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * prod(array([[1, 2], [3, 4]]), 1).toArray(); // [2, 12]
 */
export const prod = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "prod").prod(axis, options);

/**
 * The greatest element over axes; NaN if one is. Elements that attain it share the derivative equally.
 *
 * @param x any shape and dtype
 * @param axis as in {@link sum}
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws ShapeError where there is no element to choose from, AxisError where x has no such axis or one is named twice, TreeError for an
 * unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * max(array([[1, 5], [3, 4]]), 0).toArray(); // [3, 5]
 */
export const max = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "max").max(axis, options);

/**
 * The least element over axes; NaN if one is. Elements that attain it share the derivative equally.
 *
 * @param x any shape and dtype
 * @param axis as in {@link sum}
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws ShapeError where there is no element to choose from, AxisError where x has no such axis or one is named twice, TreeError for an
 * unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * min(array([[1, 5], [3, 4]]), 0).toArray(); // [1, 4]
 */
export const min = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "min").min(axis, options);

/**
 * Tests whether any element over axes is nonzero. Gives bool.
 *
 * @param x any shape and dtype
 * @param axis as in {@link sum}
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * any(array([[0, 1], [0, 0]]), 1).toArray(); // [true, false]
 */
export const any = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "any").any(axis, options);

/**
 * Tests whether all elements over axes are nonzero. Gives bool.
 *
 * @param x any shape and dtype
 * @param axis as in {@link sum}
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * all(array([[1, 1], [0, 1]]), 1).toArray(); // [true, false]
 */
export const all = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "all").all(axis, options);

/**
 * The arithmetic mean over axes; int32 and bool give float64, no elements NaN.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis as in {@link sum}
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * mean(array([[1, 2], [3, 4]]), 1).toArray(); // [1.5, 3.5]
 */
export const mean = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "mean").mean(axis, options);

/**
 * The mean squared deviation from the mean, over axes.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis as in {@link sum}
 * @param options ddof: the divisor is n − ddof, 0 by default and 1 for the unbiased estimate; keepdims
 * @throws AxisError where x has no such axis or one is named twice, DTypeError where ddof is no finite number or x is no {@link ArrayLike},
 * TreeError for an unknown option
 * @example
 * variance(array([1, 2, 3, 4])).item(); // 1.25
 */
export const variance = (x: ArrayLike, axis?: Axes, options?: Spread): NDArray => asArray(x, "variance").variance(axis, options);

/**
 * The standard deviation over axes, in the unit of x. Its derivative at zero variance is 0; a second one does not exist there, and comes
 * out as NaN. Second derivatives near the ends of the range are those of {@link norm}.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis as in {@link sum}
 * @param options as in {@link variance}
 * @throws AxisError where x has no such axis or one is named twice, DTypeError where ddof is no finite number or x is no {@link ArrayLike},
 * TreeError for an unknown option
 * @example
 * std(array([1, 3])).item(); // 1
 */
export const std = (x: ArrayLike, axis?: Axes, options?: Spread): NDArray => asArray(x, "std").std(axis, options);

/**
 * log Σ eˣ over axes, without overflow; of no elements it is −Infinity.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis as in {@link sum}
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * logsumexp(array([1000, 1000])).item(); // 1000.693147
 */
export const logsumexp = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => asArray(x, "logsumexp").logsumexp(axis, options);

/**
 * A norm over axes: without `ord` the Euclidean length of all elements of the axes (Frobenius over two). Its derivative at 0 is 0; a
 * second one does not exist there, and comes out as NaN. Where the square is meant, `x.square().sum()` has all derivatives.
 *
 * Second derivatives of a Euclidean length are right in the whole range when reverse mode runs over another mode, as `grad` of `grad` does. When
 * forward mode runs over forward mode (`jvp` of `jvp`), they are not right where the length is above 10¹⁰⁰ or below 10⁻¹⁰⁰; when it runs over
 * reverse mode, above 10²⁴⁰ or below 10⁻²⁴⁰. In float32 these bounds are 10¹⁵, 10⁻¹⁵, 10³² and 10⁻³². There choose another unit for x.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis as in {@link sum}
 * @param options ord: over one axis any order p of (Σ|x|ᵖ)^(1/p), Infinity, -Infinity or 0 (the number of nonzeros);
 * over two axes "fro", 1 and -1 (column sums), Infinity and -Infinity (row sums). keepdims
 * @throws AxisError where x has no such axis, one is named twice, or the order does not go with their number; ShapeError where ord is
 * neither a number nor "fro"; TreeError for an unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * norm(array([3, 4])).item(); // 5
 */
export const norm = (x: ArrayLike, axis?: Axes, options?: NormOptions): NDArray => asArray(x, "norm").norm(axis, options);

/**
 * The position of the greatest element along an axis, the first one at a tie; the first NaN if there is one. Gives int32.
 *
 * @param x any shape and dtype
 * @param axis one axis; without it the position in the flattened array
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws ShapeError where there is no element, AxisError where x has no such axis, TreeError for an unknown option, DTypeError where x is
 * no {@link ArrayLike}
 * @example
 * argmax(array([[1, 5], [3, 4]]), 1).toArray(); // [1, 1]
 */
export const argmax = (x: ArrayLike, axis?: number | null, options?: Keep): NDArray => asArray(x, "argmax").argmax(axis, options);

/**
 * The position of the least element along an axis, the first one at a tie; the first NaN if there is one. Gives int32.
 *
 * @param x any shape and dtype
 * @param axis one axis; without it the position in the flattened array
 * @param options keepdims: the axes stay, with length 1; by default they go
 * @throws ShapeError where there is no element, AxisError where x has no such axis, TreeError for an unknown option, DTypeError where x is
 * no {@link ArrayLike}
 * @example
 * argmin(array([[1, 5], [3, 4]]), 1).toArray(); // [0, 0]
 */
export const argmin = (x: ArrayLike, axis?: number | null, options?: Keep): NDArray => asArray(x, "argmin").argmin(axis, options);

/**
 * Running sums along an axis.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @param axis one axis; without it the array is flattened
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * cumsum(array([1, 2, 3])).toArray(); // [1, 3, 6]
 */
export const cumsum = (x: ArrayLike, axis?: number | null): NDArray => asArray(x, "cumsum").cumsum(axis);

/**
 * Running products along an axis. The derivatives are exact where elements are 0. Where a first derivative is infinite or above
 * half of the largest number, the derivatives of this one may be infinite instead of finite.
 *
 * @param x any shape; any dtype; bool becomes int32
 * @param axis one axis; without it the array is flattened
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * cumprod(array([1, 2, 3])).toArray(); // [1, 2, 6]
 */
export const cumprod = (x: ArrayLike, axis?: number | null): NDArray => asArray(x, "cumprod").cumprod(axis);

/**
 * Running log Σ eˣ along an axis, without overflow: log2 n sums of neighbours at growing distances. −Infinity adds nothing.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis one axis; without it the array is flattened
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * logcumsumexp(array([1000, 1000])).toArray(); // [1000, 1000.693147]
 */
export function logcumsumexp(x: ArrayLike, axis?: number | null): NDArray {
  const [given, at] = along("logcumsumexp", toFloat(asArray(x, "logcumsumexp")), axis);
  const n = given.shape[at];
  let out = given;
  for (let step = 1; step < n; step *= 2) {
    const later = sliceAxis(out, at, step, n - step);
    out = bind("concatenate", [sliceAxis(out, at, 0, step), later.logaddexp(sliceAxis(out, at, 0, n - step))], { axis: at });
  }
  return out;
}

/**
 * eˣ / Σ eˣ along an axis, without overflow: positive and of sum 1. Errors of its derivatives, and of the second ones of {@link logsumexp} and
 * {@link logSoftmax}, count against 1: where one element is all but 1, that of its own derivative, s (1 − s), is a difference.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis one axis, by default the last
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * softmax(array([0, 0])).toArray(); // [0.5, 0.5]
 */
export const softmax = (x: ArrayLike, axis = -1): NDArray => asArray(x, "softmax").softmax(axis);

/**
 * log(softmax(x)) along an axis, without loss of digits. Errors of its derivatives count against 1, as those of {@link softmax} do.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis one axis, by default the last
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * logSoftmax(array([0, 0])).toArray(); // [-0.693147, -0.693147]
 */
export const logSoftmax = (x: ArrayLike, axis = -1): NDArray => asArray(x, "logSoftmax").logSoftmax(axis);
