import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import { joined, list } from "../array/lists.js";
import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, checkAxis, checkShape, distinctAxes, whole } from "../array/operands.js";
import { describe, ShapeError, showShape } from "../engine/errors.js";

/** Parts along an axis: a number of them, of about one length, or those that start at the positions. */
function cut(op: string, x: NDArray, sections: unknown, axis: number, isEven: boolean): NDArray[] {
  const at = checkAxis(op, axis, x.ndim);
  const n = x.shape[at];
  const given = bare(sections);
  let starts: number[];
  if (Array.isArray(given)) {
    starts = Array.from(given, (position) => {
      const i = whole(op, "a position", position);
      return Math.min(Math.max(i < 0 ? i + n : i, 0), n);
    });
    starts.unshift(0);
  } else {
    if (typeof given !== "number" || !Number.isInteger(given) || given < 1 || given > 2 ** 20)
      throw new ShapeError(`${op}: sections are ${describe(given)}; give a positive whole number, or a list of positions.`);
    if (isEven && n % given !== 0)
      throw new ShapeError(
        `${op}: an axis of ${n} does not divide into ${given} equal sections; give a divisor or positions, or use arraySplit.`,
      );
    const [least, longer] = [Math.floor(n / given), n % given];
    starts = Array.from({ length: given }, (_, i) => i * least + Math.min(i, longer));
  }
  return starts.map((start, i) => sliceAxis(x, at, start, Math.max(0, (starts[i + 1] ?? n) - start)));
}

/**
 * Consecutive parts along an axis, as {@link split}; where the axis does not divide evenly, the first parts are longer by one.
 *
 * @param x any shape and dtype
 * @param sections a number of parts, or the positions at which a new part starts
 * @param axis along which it is split, by default the first
 * @throws ShapeError where sections is neither a positive whole number nor a list of whole numbers, AxisError where x has no such axis, DTypeError
 * where x is no {@link ArrayLike}
 * @example
 * arraySplit(array([1, 2, 3, 4, 5]), 2).map((part) => part.toArray()); // [[1, 2, 3], [4, 5]]
 */
export const arraySplit = (x: ArrayLike, sections: number | readonly number[], axis = 0): NDArray[] =>
  cut("arraySplit", asArray(x, "arraySplit"), sections, axis, false);

/** The parts along one of the first axes, of which there have to be enough. */
function cutAlong(op: string, x: ArrayLike, sections: number | readonly number[], axis: number, least = axis + 1): NDArray[] {
  const y = asArray(x, op);
  if (y.ndim < least)
    throw new ShapeError(`${op}: an array of shape ${showShape(y.shape)} has ${y.ndim} axes; ${least} at least are needed.`);
  return cut(op, y, sections, axis, true);
}

/**
 * {@link split} along the second axis, of a vector along its only one.
 *
 * @param x one axis at least, any dtype
 * @param sections a number of equal parts, or the positions at which a new part starts
 * @throws ShapeError where x has no axis, the axis does not divide evenly or a position is no whole number; DTypeError where x is no {@link ArrayLike}
 * @example
 * hsplit(array([[1, 2], [3, 4]]), 2).map((part) => part.toArray()); // [[[1], [3]], [[2], [4]]]
 */
export function hsplit(x: ArrayLike, sections: number | readonly number[]): NDArray[] {
  const y = asArray(x, "hsplit");
  return cutAlong("hsplit", y, sections, y.ndim > 1 ? 1 : 0, 1);
}

/**
 * {@link split} along the first axis of two or more.
 *
 * @param x two axes at least, any dtype
 * @param sections a number of equal parts, or the positions at which a new part starts
 * @throws ShapeError where x has fewer axes, the axis does not divide evenly or a position is no whole number; DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * vsplit(array([[1, 2], [3, 4]]), 2).map((part) => part.toArray()); // [[[1, 2]], [[3, 4]]]
 */
export const vsplit = (x: ArrayLike, sections: number | readonly number[]): NDArray[] => cutAlong("vsplit", x, sections, 0, 2);

/**
 * {@link split} along the third axis.
 *
 * @param x three axes at least, any dtype
 * @param sections a number of equal parts, or the positions at which a new part starts
 * @throws ShapeError where x has fewer axes, the axis does not divide evenly or a position is no whole number; DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * dsplit(ones([2, 3, 4]), [1]).map((part) => part.shape); // [[2, 3, 1], [2, 3, 3]]
 */
export const dsplit = (x: ArrayLike, sections: number | readonly number[]): NDArray[] => cutAlong("dsplit", x, sections, 2);

const atLeast = {
  1: (x: NDArray): NDArray => (x.ndim === 0 ? x.reshape([1]) : x),
  2: (x: NDArray): NDArray => (x.ndim < 2 ? x.reshape([1, x.size]) : x),
  3: (x: NDArray): NDArray => (x.ndim < 2 ? x.reshape([1, x.size, 1]) : x.ndim === 2 ? x.expandDims(2) : x),
};

/**
 * x with one axis at least: a scalar becomes a vector of one element.
 *
 * @param x any shape and dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * atleast1d(3).shape; // [1]
 */
export const atleast1d = (x: ArrayLike): NDArray => atLeast[1](asArray(x, "atleast1d"));

/**
 * x with two axes at least: a vector becomes a row.
 *
 * @param x any shape and dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * atleast2d([1, 2, 3]).shape; // [1, 3]
 */
export const atleast2d = (x: ArrayLike): NDArray => atLeast[2](asArray(x, "atleast2d"));

/**
 * x with three axes at least: a vector of n elements becomes [1, n, 1], a matrix [m, n] becomes [m, n, 1].
 *
 * @param x any shape and dtype
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * atleast3d([1, 2, 3]).shape; // [1, 3, 1]
 */
export const atleast3d = (x: ArrayLike): NDArray => atLeast[3](asArray(x, "atleast3d"));

/**
 * Arrays side by side: along the second axis, vectors along their only one.
 *
 * @param arrays shapes equal but for that axis; dtypes are promoted
 * @throws ShapeError where the other axes differ or there is no array, DTypeError where one of them is no {@link ArrayLike}
 * @example
 * hstack([[1, 2], [3]]).toArray(); // [1, 2, 3]
 * hstack([array([[1], [2]]), array([[3], [4]])]).toArray(); // [[1, 3], [2, 4]]
 */
export function hstack(arrays: readonly ArrayLike[]): NDArray {
  const parts = list("hstack", arrays).map(atLeast[1]);
  return joined("hstack", parts, parts[0].ndim > 1 ? 1 : 0);
}

/**
 * Arrays one below the other: along the first axis, where vectors are rows.
 *
 * @param arrays shapes equal but for that axis; dtypes are promoted
 * @throws ShapeError where the other axes differ or there is no array, DTypeError where one of them is no {@link ArrayLike}
 * @example
 * vstack([[1, 2], [3, 4]]).toArray(); // [[1, 2], [3, 4]]
 */
export const vstack = (arrays: readonly ArrayLike[]): NDArray => joined("vstack", list("vstack", arrays).map(atLeast[2]), 0);

/**
 * Arrays one behind the other: along the third axis, where matrices and vectors have length 1.
 *
 * @param arrays shapes equal but for that axis; dtypes are promoted
 * @throws ShapeError where the other axes differ or there is no array, DTypeError where one of them is no {@link ArrayLike}
 * @example
 * dstack([[1, 2], [3, 4]]).toArray(); // [[[1, 3], [2, 4]]]
 */
export const dstack = (arrays: readonly ArrayLike[]): NDArray => joined("dstack", list("dstack", arrays).map(atLeast[3]), 2);

/**
 * x turned by k right angles in the plane of two axes, from the first towards the second; a view.
 *
 * @param x two axes at least, any dtype
 * @param k a whole number; negative ones turn the other way
 * @param axes by default the first two
 * @throws ShapeError where k is no whole number or axes are not two, AxisError where x has no such axis or one is named twice, DTypeError where x
 * is no {@link ArrayLike}
 * @example
 * rot90(array([[1, 2], [3, 4]])).toArray(); // [[2, 4], [1, 3]]
 */
export function rot90(x: ArrayLike, k = 1, axes: readonly [number, number] = [0, 1]): NDArray {
  const y = asArray(x, "rot90");
  const turns = whole("rot90", "k", k);
  if (!Array.isArray(axes) || axes.length !== 2) throw new ShapeError(`rot90: the axes are ${describe(axes)}; give two.`);
  const [a, b] = distinctAxes("rot90", axes, y.ndim);
  const quarter = ((turns % 4) + 4) % 4;
  if (quarter === 0) return y;
  if (quarter === 2) return y.flip([a, b]);
  const turned = y.swapaxes(a, b);
  return turned.flip(quarter === 1 ? a : b);
}

/**
 * The matrix with the elements, in row-major order, on its k-th diagonal, and zeros elsewhere.
 *
 * @param x any shape and dtype
 * @param k which diagonal; positive ones lie above the main one
 * @throws ShapeError where k is no whole number or the matrix is too large, DTypeError where x is no {@link ArrayLike}
 * @example
 * diagflat([[1, 2], [3, 4]]).shape; // [4, 4]
 * diagflat([1, 2]).toArray(); // [[1, 0], [0, 2]]
 */
export function diagflat(x: ArrayLike, k = 0): NDArray {
  const y = asArray(x, "diagflat").ravel();
  const offset = whole("diagflat", "k", k);
  const n = y.size + Math.abs(offset);
  checkShape("diagflat", [n, n]);
  return y.diag(offset);
}
