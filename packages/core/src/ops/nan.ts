import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, cast, checkAxes, sizeAlong, toFloat } from "../array/operands.js";
import { type Axes, checkChoice, type Keep, type Spread } from "../array/reduction.js";
import { isFloat } from "../engine/aval.js";
import { checkOptions, DTypeError, describe } from "../engine/errors.js";

/** An array, and its axes that are reduced. */
function parts(op: string, x: ArrayLike, axis: Axes | undefined, options: object | undefined, known = ["keepdims"]) {
  checkOptions(op, options, known);
  const y = asArray(x, op);
  return { y, axes: checkAxes(op, axis, y.ndim) };
}

/** x with another number in the place of NaN. */
const without = (x: NDArray, value: number): NDArray => (isFloat(x.dtype) ? x.isNaN().where(value, x) : x);

/** Counts the elements that are not NaN, in the dtype of x. */
const countOf = (x: NDArray, axes: Axes, options: Keep | undefined): NDArray => cast(x.isNaN().logicalNot().sum(axes, options), x.dtype);

/**
 * The sum over axes, in which NaN counts as 0.
 *
 * @param x any shape and dtype; bool is counted as int32
 * @param axis one axis, a list, or null (the default) for all
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * nansum(array([1, NaN, 3])).item(); // 4
 */
export function nansum(x: ArrayLike, axis?: Axes, options?: Keep): NDArray {
  const { y, axes } = parts("nansum", x, axis, options);
  return without(y, 0).sum(axes, options);
}

/**
 * The product over axes, in which NaN counts as 1.
 *
 * @param x any shape and dtype; bool becomes int32
 * @param axis one axis, a list, or null (the default) for all
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * nanprod(array([2, NaN, 3])).item(); // 6
 */
export function nanprod(x: ArrayLike, axis?: Axes, options?: Keep): NDArray {
  const { y, axes } = parts("nanprod", x, axis, options);
  return without(y, 1).prod(axes, options);
}

/**
 * The mean over axes of the elements that are no NaN; NaN where there is none.
 *
 * @param x any shape; int32 and bool become float64
 * @param axis one axis, a list, or null (the default) for all
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * nanmean(array([1, NaN, 3])).item(); // 2
 */
export function nanmean(x: ArrayLike, axis?: Axes, options?: Keep): NDArray {
  const { y, axes } = parts("nanmean", x, axis, options);
  const floats = toFloat(y);
  return without(floats, 0)
    .sum(axes, options)
    .div(countOf(floats, axes, options));
}

function extreme(op: "nanmax" | "nanmin", x: ArrayLike, axis: Axes | undefined, options: Keep | undefined): NDArray {
  const { y, axes } = parts(op, x, axis, options);
  checkChoice(op, y, y.size || sizeAlong(y.shape, axes));
  const isMax = op === "nanmax";
  const out = without(y, isMax ? -Infinity : Infinity)[isMax ? "max" : "min"](axes, options);
  return isFloat(y.dtype) ? y.isNaN().all(axes, options).where(Number.NaN, out) : out;
}

/**
 * The greatest element over axes that is no NaN; NaN where there is none. Elements that attain it share the derivative equally.
 *
 * @param x any shape and dtype
 * @param axis one axis, a list, or null (the default) for all
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws ShapeError where there is no element to choose from, AxisError where x has no such axis or one is named twice, TreeError for an
 * unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * nanmax(array([1, NaN, 3])).item(); // 3
 */
export const nanmax = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => extreme("nanmax", x, axis, options);

/**
 * The least element over axes that is no NaN; NaN where there is none. Elements that attain it share the derivative equally.
 *
 * @param x any shape and dtype
 * @param axis one axis, a list, or null (the default) for all
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws ShapeError where there is no element to choose from, AxisError where x has no such axis or one is named twice, TreeError for an
 * unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * nanmin(array([1, NaN, 3])).item(); // 1
 */
export const nanmin = (x: ArrayLike, axis?: Axes, options?: Keep): NDArray => extreme("nanmin", x, axis, options);

/**
 * Deviations from the mean, 0 where there is none, and the divisor of their squares: NaN where too few elements are left. To divide before they are
 * summed makes derivatives NaN there too.
 */
function spread(op: string, x: ArrayLike, axis: Axes | undefined, options: Spread) {
  const { y: given, axes } = parts(op, x, axis, options, ["ddof", "keepdims"]);
  const ddof = bare<unknown>(options.ddof ?? 0);
  if (typeof ddof !== "number" || !Number.isFinite(ddof)) throw new DTypeError(`${op}: ddof is ${describe(ddof)}; give a number.`);
  const y = toFloat(given);
  const kept = { keepdims: true };
  const count = countOf(y, axes, kept);
  const mean = without(y, 0).sum(axes, kept).div(count);
  const left = count.sub(ddof);
  return {
    axes,
    keep: options.keepdims ? kept : {},
    // The mean of no elements is NaN, and stands for them.
    apart: sizeAlong(y.shape, axes) === 0 ? mean : y.isNaN().where(0, y.sub(mean)),
    divisor: left.greater(0).where(left, Number.NaN),
  };
}

/**
 * The {@link variance} over axes of the elements that are no NaN; NaN where there are ddof of them or fewer.
 *
 * @param x any shape; int32 and bool become float64
 * @param axis one axis, a list, or null (the default) for all
 * @param options ddof: the divisor is their number less this, by default 0; keepdims
 * @throws AxisError where x has no such axis or one is named twice, DTypeError where ddof is no finite number or x is no {@link ArrayLike},
 * TreeError for an unknown option
 * @example
 * nanvar(array([1, NaN, 3])).item(); // 1
 */
export function nanvar(x: ArrayLike, axis?: Axes, options: Spread = {}): NDArray {
  const { axes, keep, apart, divisor } = spread("nanvar", x, axis, options);
  return apart.square().div(divisor).sum(axes, keep);
}

/**
 * The standard deviation over axes of the elements that are no NaN; NaN where there are ddof of them or fewer. Its derivative at zero variance is 0.
 *
 * @param x any shape; int32 and bool become float64
 * @param axis one axis, a list, or null (the default) for all
 * @param options ddof: the divisor is their number less this, by default 0; keepdims
 * @throws AxisError where x has no such axis or one is named twice, DTypeError where ddof is no finite number or x is no {@link ArrayLike},
 * TreeError for an unknown option
 * @example
 * nanstd(array([1, NaN, 3])).item(); // 1
 */
export function nanstd(x: ArrayLike, axis?: Axes, options: Spread = {}): NDArray {
  const { axes, keep, apart, divisor } = spread("nanstd", x, axis, options);
  return apart.div(divisor.sqrt()).norm(axes, keep);
}
