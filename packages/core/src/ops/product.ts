import type { ArrayLike } from "../array/base.js";
import { asArray, asFirst } from "../array/convert.js";
import { list } from "../array/lists.js";
import { unstacked } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { broadcastShapes, checkAxis, stretch } from "../array/operands.js";
import { checkOptions, DTypeError, ShapeError } from "../engine/errors.js";
import { stack } from "./movement.js";

/**
 * The matrix product, with NumPy's batching: [..., m, k] · [..., k, n] → [..., m, n]. A vector is a row on the left, a column on the right.
 * Sums of float32 may run in float32, as large ones do.
 *
 * @param x of any dtype; the two dtypes are promoted; of truth values it says whether any product is true
 * @param y of any dtype; the two dtypes are promoted; of truth values it says whether any product is true
 * @throws ShapeError where the inner lengths differ, a batch does not broadcast, or an operand is a scalar; DTypeError where x or y is no
 * {@link ArrayLike}
 * @example
 * matmul(array([[1, 2], [3, 4]]), array([1, 1])).toArray(); // [3, 7]
 */
export const matmul = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "matmul").matmul(y);

/**
 * NumPy's dot: the last axis of x with the last but one of y (the only one of a vector); a scalar multiplies.
 *
 * @param x of any shape and dtype; dtypes are promoted; of truth values it says whether any product is true
 * @param y of any shape and dtype; dtypes are promoted; of truth values it says whether any product is true
 * @throws ShapeError where the contracted lengths differ, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * dot(array([1, 2]), array([3, 4])).item(); // 11
 */
export const dot = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "dot").dot(y);

/**
 * The sum of products over the last axes of both: shapes [...a, k] and [...b, k] give [...a, ...b].
 *
 * @param x of any dtype; the two dtypes are promoted; of truth values it says whether any product is true
 * @param y of any dtype; the two dtypes are promoted; of truth values it says whether any product is true
 * @throws ShapeError where the last axes differ, DTypeError where x or y is no {@link ArrayLike}
 * @example
 * inner(array([[1, 0], [0, 1]]), array([5, 6])).toArray(); // [5, 6]
 */
export const inner = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "inner").inner(y);

/**
 * All products of an element of x and one of y, both flattened: shape [size of x, size of y].
 *
 * @param x of any shape and dtype; dtypes are promoted; of truth values it gives truth values
 * @param y of any shape and dtype; dtypes are promoted; of truth values it gives truth values
 * @throws DTypeError where x or y is no {@link ArrayLike}
 * @example
 * outer(array([1, 2]), array([3, 4])).toArray(); // [[3, 4], [6, 8]]
 */
export const outer = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "outer").outer(y);

/**
 * The contraction of axes: a number n takes the last n of x with the first n of y, a pair of lists names them.
 *
 * @param x of any shape and dtype; dtypes are promoted; of truth values it says whether any product is true
 * @param y of any shape and dtype; dtypes are promoted; of truth values it says whether any product is true
 * @param axes a number, by default 2, or [axes of x, axes of y]
 * @throws ShapeError where the axes do not pair or their lengths differ, AxisError where an operand has no such axis or one is named twice,
 * DTypeError where x or y is no {@link ArrayLike}
 * @example
 * tensordot(ones([2, 3]), ones([3, 4]), 1).shape; // [2, 4]
 */
export const tensordot = (
  x: ArrayLike,
  y: ArrayLike,
  axes?: number | readonly [number | readonly number[], number | readonly number[]],
): NDArray => asFirst(x, y, "tensordot").tensordot(y, axes);

/**
 * The Kronecker product: each element of x times the whole of y, in blocks.
 *
 * @param x of any shape and dtype; dtypes are promoted; of truth values it gives truth values
 * @param y of any shape and dtype; dtypes are promoted; of truth values it gives truth values
 * @throws DTypeError where x or y is no {@link ArrayLike}
 * @example
 * kron(array([1, 2]), array([1, 1])).toArray(); // [1, 1, 2, 2]
 */
export const kron = (x: ArrayLike, y: ArrayLike): NDArray => asFirst(x, y, "kron").kron(y);

/**
 * The sum of a diagonal.
 *
 * @param x two axes or more, any dtype; bool counts as int32
 * @param offset which diagonal; positive ones lie above the main one
 * @param axis1 the axis of the rows, by default the first
 * @param axis2 the axis of the columns, by default the second
 * @throws ShapeError where x has fewer than two axes or offset is no whole number, AxisError where x has no such axis or both are the same,
 * DTypeError where x is no {@link ArrayLike}
 * @example
 * trace(array([[1, 2], [3, 4]])).item(); // 5
 */
export const trace = (x: ArrayLike, offset = 0, axis1 = 0, axis2 = 1): NDArray => asArray(x, "trace").trace(offset, axis1, axis2);

/**
 * A diagonal, as the last axis; a view where the strides allow it.
 *
 * @param x two axes or more, any dtype
 * @param offset which diagonal; positive ones lie above the main one
 * @param axis1 the axis of the rows, by default the first
 * @param axis2 the axis of the columns, by default the second
 * @throws ShapeError where x has fewer than two axes or offset is no whole number, AxisError where x has no such axis or both are the same,
 * DTypeError where x is no {@link ArrayLike}
 * @example
 * diagonal(array([[1, 2], [3, 4]])).toArray(); // [1, 4]
 */
export const diagonal = (x: ArrayLike, offset = 0, axis1 = 0, axis2 = 1): NDArray => asArray(x, "diagonal").diagonal(offset, axis1, axis2);

/** Options of {@link cross}. */
export interface CrossOptions {
  /** The axis of the components, in both and in the result. Default −1. */
  readonly axis?: number;
}

/**
 * The cross product of vectors with three components. Of vectors in the plane, with two, it is the third component of their product.
 *
 * @param x its shape broadcasts against that of y but for the axis of the components, of length 3 or 2; dtypes are promoted
 * @param y its shape broadcasts against that of x but for the axis of the components, of length 3 or 2; dtypes are promoted
 * @param options axis: that of the components, by default the last
 * @returns the broadcast shape; without the axis where both have two components
 * @throws ShapeError where the components are not three or two, or the shapes do not broadcast; AxisError where there is no such axis; TreeError for
 * an unknown option; DTypeError where both are bool or one is no {@link ArrayLike}
 * @example
 * cross([1, 0, 0], [0, 1, 0]).toArray(); // [0, 0, 1]
 * cross([1, 2], [3, 4]).item(); // -2
 */
export function cross(x: ArrayLike, y: ArrayLike, options: CrossOptions = {}): NDArray {
  checkOptions("cross", options, ["axis"]);
  const [a, b] = list("cross", [x, y]).map((each) => each.moveaxis(checkAxis("cross", options.axis ?? -1, each.ndim), -1));
  if (a.dtype === "bool") throw new DTypeError("cross: both operands are bool; use astype first.");
  const [m, n] = [a, b].map(({ shape }) => shape[shape.length - 1]);
  if ((m !== 2 && m !== 3) || (n !== 2 && n !== 3))
    throw new ShapeError(`cross: the vectors have ${m} and ${n} components; give three or two of both.`);
  const outer = broadcastShapes("cross", a.shape.slice(0, -1), b.shape.slice(0, -1));
  const [p, q]: NDArray[][] = [unstacked(a, a.ndim - 1), unstacked(b, b.ndim - 1)];
  // A third component that is not there is 0, and adds nothing.
  const times = (u: NDArray | undefined, v: NDArray | undefined): NDArray | undefined => u && v && u.mul(v);
  const part = (i: number): NDArray => {
    const [plus, minus] = [times(p[(i + 1) % 3], q[(i + 2) % 3]), times(p[(i + 2) % 3], q[(i + 1) % 3])];
    return stretch(plus && minus ? plus.sub(minus) : (plus ?? (minus as NDArray).neg()), outer);
  };
  return m === 2 && n === 2 ? part(2) : stack([part(0), part(1), part(2)], options.axis ?? -1);
}
