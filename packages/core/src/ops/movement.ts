import type { ArrayLike } from "../array/base.js";
import { asArray, asFirst } from "../array/convert.js";
import type { Index } from "../array/indexing.js";
import { joined, list } from "../array/lists.js";
import { unstacked, type Widths } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { checkAxis } from "../array/operands.js";
import type { Axes } from "../array/reduction.js";
import { sameShape } from "../engine/aval.js";
import { ShapeError, showShape } from "../engine/errors.js";
import { bind } from "../engine/trace.js";

/**
 * The same elements in row-major order under another shape; a view where the strides allow it.
 *
 * @param x any shape and dtype
 * @param shape a list, or the lengths one by one; one may be -1 and is inferred
 * @throws ShapeError where the number of elements differs or the shape is no list of whole numbers, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * reshape(array([1, 2, 3, 4]), [2, -1]).toArray(); // [[1, 2], [3, 4]]
 */
export const reshape = (x: ArrayLike, ...shape: readonly number[] | readonly [readonly number[]]): NDArray =>
  asArray(x, "reshape").reshape(...shape);

/**
 * The axes in another order, by default reversed; a view.
 *
 * @param x any shape and dtype
 * @param axes a list, or the axes one by one: axis i of the result is axis `axes[i]` of x
 * @throws AxisError where axes is no permutation, DTypeError where x is no {@link ArrayLike}
 * @example
 * transpose(array([[1, 2], [3, 4]])).toArray(); // [[1, 3], [2, 4]]
 */
export const transpose = (x: ArrayLike, ...axes: readonly number[] | readonly [axes?: readonly number[] | null]): NDArray =>
  asArray(x, "transpose").transpose(...(axes as readonly number[]));

/**
 * Two axes exchanged; a view.
 *
 * @param x any shape and dtype
 * @param a one of the two axes
 * @param b the other one
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * swapaxes(zeros([2, 3, 4]), 0, -1).shape; // [4, 3, 2]
 */
export const swapaxes = (x: ArrayLike, a: number, b: number): NDArray => asArray(x, "swapaxes").swapaxes(a, b);

/**
 * Axes moved to other places, the others in their order; a view.
 *
 * @param x any shape and dtype
 * @param source one axis or several, by their places in x
 * @param destination as many places in the result
 * @throws AxisError where x has no such axis, one is named twice, or source and destination differ in number; DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * moveaxis(zeros([2, 3, 4]), 0, -1).shape; // [3, 4, 2]
 */
export const moveaxis = (x: ArrayLike, source: number | readonly number[], destination: number | readonly number[]): NDArray =>
  asArray(x, "moveaxis").moveaxis(source, destination);

/**
 * New axes of length 1, at the given places of the result; a view.
 *
 * @param x any shape and dtype
 * @param axis one place or several, in the shape of the result
 * @throws AxisError where the result has no such axis or one is named twice, DTypeError where x is no {@link ArrayLike}
 * @example
 * expandDims(array([1, 2]), 0).shape; // [1, 2]
 */
export const expandDims = (x: ArrayLike, axis: number | readonly number[]): NDArray => asArray(x, "expandDims").expandDims(axis);

/**
 * Axes of length 1 removed: all of them, or the named ones; a view.
 *
 * @param x any shape and dtype
 * @param axis one axis or several, of length 1; by default all of them
 * @throws ShapeError where a named axis has another length, AxisError where x has no such axis or one is named twice, DTypeError where x is
 * no {@link ArrayLike}
 * @example
 * squeeze(zeros([1, 3, 1])).shape; // [3]
 */
export const squeeze = (x: ArrayLike, axis?: Axes): NDArray => asArray(x, "squeeze").squeeze(axis);

/**
 * The elements in row-major order as a vector; a view where the strides allow it.
 *
 * @param x any shape and dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * ravel(array([[1, 2], [3, 4]])).toArray(); // [1, 2, 3, 4]
 */
export const ravel = (x: ArrayLike): NDArray => asArray(x, "ravel").ravel();

/**
 * x stretched to a shape by NumPy's broadcasting; a view.
 *
 * @param x any shape and dtype
 * @param shape the shape of the result: that of x, or axes before it and longer ones in place of those of length 1
 * @throws ShapeError where x does not broadcast to the shape, DTypeError where x is no {@link ArrayLike}
 * @example
 * broadcastTo(array([1, 2]), [2, 2]).toArray(); // [[1, 2], [1, 2]]
 */
export const broadcastTo = (x: ArrayLike, shape: readonly number[]): NDArray => asArray(x, "broadcastTo").broadcastTo(shape);

/**
 * Arrays one after the other along an axis.
 *
 * @param arrays shapes equal but for that axis; dtypes are promoted
 * @param axis along which they follow one another, by default the first
 * @throws ShapeError where the other axes differ or there is no array, AxisError where there is no such axis, DTypeError where one of them
 * is no {@link ArrayLike}
 * @example
 * concatenate([array([1, 2]), array([3])]).toArray(); // [1, 2, 3]
 */
export const concatenate = (arrays: readonly ArrayLike[], axis = 0): NDArray => joined("concatenate", list("concatenate", arrays), axis);

/**
 * Arrays of one shape along a new axis.
 *
 * @param arrays dtypes are promoted
 * @param axis the place of the new axis in the result, by default the first
 * @throws ShapeError where the shapes differ or there is no array, AxisError where the result has no such axis, DTypeError where one of
 * them is no {@link ArrayLike}
 * @example
 * stack([array([1, 2]), array([3, 4])]).toArray(); // [[1, 2], [3, 4]]
 */
export function stack(arrays: readonly ArrayLike[], axis = 0): NDArray {
  const parts = list("stack", arrays);
  const at = checkAxis("stack", axis, parts[0].ndim + 1);
  for (const x of parts)
    if (!sameShape(x.shape, parts[0].shape))
      throw new ShapeError(
        `stack: shapes ${showShape(parts[0].shape)} and ${showShape(x.shape)} differ; all must be equal. Use broadcastTo, or concatenate.`,
      );
  const { shape } = parts[0];
  // Before an axis that there is, the new one only says where one part ends and the next begins.
  if (at < shape.length) return bind("concatenate", parts, { axis: at }).reshape([...shape.slice(0, at), parts.length, ...shape.slice(at)]);
  return bind(
    "concatenate",
    parts.map((x) => x.expandDims(at)),
    { axis: at },
  );
}

/**
 * The slices along an axis, without it: what {@link stack} joins. Iteration over an array, as in `const [a, b] = x`, gives those of axis 0.
 *
 * @param x any shape and dtype
 * @param axis along which it is taken apart, by default the first
 * @returns a list of as many arrays as the axis is long
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * unstack(array([[1, 2], [3, 4]]), 1).map((column) => column.toArray()); // [[1, 3], [2, 4]]
 */
export const unstack = (x: ArrayLike, axis = 0): NDArray[] => {
  const y = asArray(x, "unstack");
  return unstacked(y, checkAxis("unstack", axis, y.ndim));
};

/**
 * Consecutive parts along an axis; views.
 *
 * @param x any shape and dtype
 * @param sections a number of equal parts, or the positions at which a new part starts
 * @param axis along which it is split, by default the first
 * @throws ShapeError where the axis does not divide evenly or a position is no whole number, AxisError where x has no such axis, DTypeError
 * where x is no {@link ArrayLike}
 * @example
 * split(array([1, 2, 3, 4]), 2).map((part) => part.toArray()); // [[1, 2], [3, 4]]
 */
export const split = (x: ArrayLike, sections: number | readonly number[], axis = 0): NDArray[] => asArray(x, "split").split(sections, axis);

/**
 * Copies of x side by side, `reps[i]` along axis i.
 *
 * @param x any shape and dtype
 * @param reps a number for the last axis, or a list for the last axes; more numbers than axes make new axes in front
 * @throws ShapeError where a number is negative or not whole, DTypeError where x is no {@link ArrayLike}
 * @example
 * tile(array([1, 2]), 2).toArray(); // [1, 2, 1, 2]
 */
export const tile = (x: ArrayLike, reps: number | readonly number[]): NDArray => asArray(x, "tile").tile(reps);

/**
 * Each element repeated.
 *
 * @param x any shape and dtype
 * @param repeats one number for all, or one per element of the axis
 * @param axis without it the array is flattened
 * @throws ShapeError where a number is negative or not whole, or a list of them has another length than the axis; AxisError where x has no
 * such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * repeat(array([1, 2]), 2).toArray(); // [1, 1, 2, 2]
 */
export const repeat = (x: ArrayLike, repeats: number | readonly number[], axis?: number | null): NDArray =>
  asArray(x, "repeat").repeat(repeats, axis);

/**
 * The order reversed along axes, by default all; a view.
 *
 * @param x any shape and dtype
 * @param axis one axis or several, by default all
 * @throws AxisError where x has no such axis or one is named twice, DTypeError where x is no {@link ArrayLike}
 * @example
 * flip(array([1, 2, 3])).toArray(); // [3, 2, 1]
 */
export const flip = (x: ArrayLike, axis?: Axes): NDArray => asArray(x, "flip").flip(axis);

/**
 * Elements shifted along axes; what leaves at the end comes in at the start.
 *
 * @param x any shape and dtype
 * @param shift by how many places; one number, or one for each axis
 * @param axis without it the flattened array is shifted
 * @throws ShapeError where a shift is no whole number, AxisError where x has no such axis or shifts and axes differ in number, DTypeError
 * where x is no {@link ArrayLike}
 * @example
 * roll(array([1, 2, 3]), 1).toArray(); // [3, 1, 2]
 */
export const roll = (x: ArrayLike, shift: number | readonly number[], axis?: Axes): NDArray => asArray(x, "roll").roll(shift, axis);

/**
 * A border of one value around x.
 *
 * @param x any shape and dtype
 * @param widths one number for all sides, [before, after] (or a list of that one pair) for all axes, or such a pair for each axis
 * @param options value: the number outside, default 0
 * @throws ShapeError where widths do not fit the axes or are negative, or the value is no single number; TreeError for an unknown option,
 * DTypeError where x is no {@link ArrayLike}
 * @example
 * pad(array([1, 2]), [1, 2]).toArray(); // [0, 1, 2, 0, 0]
 */
export const pad = (x: ArrayLike, widths: Widths, options?: { readonly value?: number }): NDArray => asArray(x, "pad").pad(widths, options);

/**
 * A part of x by NumPy's indexing; a view unless an array gathers.
 *
 * @param x any shape and dtype
 * @param index for each axis an integer (drops the axis), [start, stop, step?] with null for open, ":", "...", null (a new axis)
 * or an int32 array (gathers); for several a bool array (gathers where it is true). A list is always a range: `[0, 1, 2]` is 0 to 1 by 2
 * @throws ShapeError where an index is out of bounds, there are too many, a mask has another shape than its axes or an entry has no meaning;
 * DTypeError where an array that gathers holds no whole numbers or x is no {@link ArrayLike}; TransformError where a mask is traced, so that
 * it is not known how much it selects: use where
 * @example
 * slice(array([[1, 2, 3], [4, 5, 6]]), ":", [null, null, -1]).toArray(); // [[3, 2, 1], [6, 5, 4]]
 * const x = array([3, -1, 2]);
 * slice(x, x.greater(0)).toArray(); // [3, 2]
 */
export const slice = (x: ArrayLike, ...index: readonly Index[]): NDArray => asArray(x, "slice").slice(...index);

/**
 * Slices of x along an axis at the given positions; the axes of the indices take the place of the axis.
 *
 * @param x any shape and dtype
 * @param indices whole numbers; negative ones count from the end
 * @param axis along which the indices count, by default the first
 * @throws ShapeError where an index is out of bounds, DTypeError where the indices are no whole numbers or x is no {@link ArrayLike},
 * AxisError where x has no such axis
 * @example
 * take(array([10, 20, 30]), [2, 0]).toArray(); // [30, 10]
 */
export const take = (x: ArrayLike, indices: ArrayLike, axis = 0): NDArray => asFirst(x, indices, "take").take(indices, axis);

/**
 * Elements along an axis, at positions that differ from line to line.
 *
 * @param x any shape and dtype
 * @param indices as many axes as x; the others broadcast
 * @param axis along which the indices count
 * @throws ShapeError where an index is out of bounds or the others do not broadcast, DTypeError where the indices are no whole numbers or x
 * is no {@link ArrayLike}, AxisError where the number of axes differs or x has no such axis
 * @example
 * takeAlongAxis(array([[1, 2], [3, 4]]), [[1], [0]], 1).toArray(); // [[2], [3]]
 */
export const takeAlongAxis = (x: ArrayLike, indices: ArrayLike, axis: number): NDArray =>
  asArray(x, "takeAlongAxis").takeAlongAxis(indices, axis);

/**
 * x with updates added to the slices that `take(x, indices, axis)` would read, once for each time that a slice is named.
 *
 * @param x any shape and dtype, which the updates take
 * @param indices whole numbers; negative ones count from the end
 * @param updates broadcast to the shape of that take; floating ones only where x is floating
 * @param axis along which the indices count, by default the first
 * @throws ShapeError where an index is out of bounds or the updates do not fit, DTypeError where the indices are no whole numbers, the
 * updates are floating and x is not, or x is no {@link ArrayLike}; AxisError where x has no such axis
 * @example
 * scatterAdd(zeros([3]), [0, 2, 2], [1, 2, 3]).toArray(); // [1, 0, 5]
 */
export const scatterAdd = (x: ArrayLike, indices: ArrayLike, updates: ArrayLike, axis = 0): NDArray =>
  asArray(x, "scatterAdd").scatterAdd(indices, updates, axis);

/**
 * The elements in ascending order along an axis; NaN come last.
 *
 * @param x any shape and dtype
 * @param axis one axis, by default the last
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * sort(array([3, 1, 2])).toArray(); // [1, 2, 3]
 */
export const sort = (x: ArrayLike, axis = -1): NDArray => asArray(x, "sort").sort(axis);

/**
 * The positions that would sort x along an axis; equal elements keep their order, NaN come last. Gives int32.
 *
 * @param x any shape and dtype
 * @param axis one axis, by default the last
 * @throws AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * argsort(array([3, 1, 2])).toArray(); // [1, 2, 0]
 */
export const argsort = (x: ArrayLike, axis = -1): NDArray => asArray(x, "argsort").argsort(axis);

/**
 * Makes of a vector the matrix that has it on the k-th diagonal, and takes from a matrix its k-th diagonal.
 *
 * @param x a vector or a matrix of any dtype
 * @param k the diagonal: 0, the default, is the main one, 1 the one above it, −1 the one below it
 * @throws ShapeError where x has neither one nor two axes or k is no whole number, DTypeError where x is no {@link ArrayLike}
 * @example
 * diag(array([1, 2])).toArray(); // [[1, 0], [0, 2]]
 */
export const diag = (x: ArrayLike, k = 0): NDArray => asArray(x, "diag").diag(k);

/**
 * The lower triangle of a matrix (or of each in a batch), zeros above the k-th diagonal.
 *
 * @param x [..., m, n], any dtype
 * @param k the last diagonal that stays: 0, the default, is the main one, 1 the one above it
 * @throws ShapeError where x has fewer than two axes or k is no whole number, DTypeError where x is no {@link ArrayLike}
 * @example
 * tril(ones([2, 2])).toArray(); // [[1, 0], [1, 1]]
 */
export const tril = (x: ArrayLike, k = 0): NDArray => asArray(x, "tril").tril(k);

/**
 * The upper triangle of a matrix (or of each in a batch), zeros below the k-th diagonal.
 *
 * @param x [..., m, n], any dtype
 * @param k the first diagonal that stays: 0, the default, is the main one, 1 the one above it
 * @throws ShapeError where x has fewer than two axes or k is no whole number, DTypeError where x is no {@link ArrayLike}
 * @example
 * triu(ones([2, 2])).toArray(); // [[1, 1], [0, 1]]
 */
export const triu = (x: ArrayLike, k = 0): NDArray => asArray(x, "triu").triu(k);
