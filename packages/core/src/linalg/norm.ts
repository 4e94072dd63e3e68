import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, checkAxes, toFloat } from "../array/operands.js";
import { type Axes, checkChoice, type Keep } from "../array/reduction.js";
import { AxisError, checkOptions, describe } from "../engine/errors.js";
import { singularValues } from "./svd.js";

/** Options of {@link norm}. */
export interface MatrixNormOptions extends Keep {
  /** Over one axis any number; over two axes "fro", "nuc", 1, -1, 2, -2, Infinity or -Infinity. */
  readonly ord?: number | "fro" | "nuc";
}

/**
 * The norm of a vector, or with two axes of a matrix: by default the root of the sum of squares; 2, -2 and "nuc" are the largest and the
 * smallest singular value and the sum of all. Without axes an array of one or two axes is one vector or matrix.
 *
 * @param x any shape; int32 and bool become float64
 * @param axis one axis for vectors, two, rows first, for matrices
 * @param options ord: which norm, by default 2, of matrices "fro"; keepdims: the axes stay, with length 1
 * @throws AxisError where x has no such axis, more than two are named or one twice, or the order does not go with their number; ShapeError where ord is
 * neither a number nor "fro" or "nuc"; TreeError for an unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * linalg.norm(array([3, 4])).item(); // 5
 * linalg.norm(array([[3, 0], [0, 4]]), [-2, -1], { ord: "nuc" }).item(); // 7
 */
export function norm(x: ArrayLike, axis?: Axes, options: MatrixNormOptions = {}): NDArray {
  checkOptions("norm", options, ["ord", "keepdims"]);
  const { keepdims } = options;
  const ord = bare(options.ord);
  if (typeof axis === "string")
    throw new AxisError(`norm: axis is ${describe(axis)}; the order is an option: norm(x, null, { ord: "fro" }).`);
  if (Array.isArray(axis) && axis.length > 2)
    throw new AxisError(
      `norm: ${axis.length} axes are named; give one for vectors or two for matrices, or use x.norm(axes) for all elements.`,
    );
  const a = toFloat(asArray(x, "norm"));
  if (ord !== "nuc" && ord !== 2 && ord !== -2) return a.norm(axis, { ...options, ord });
  const axes = checkAxes("norm", axis, a.ndim);
  if (axes.length !== 2) {
    if (ord !== "nuc") return a.norm(axis, { ...options, ord });
    throw new AxisError(`norm: ord "nuc" is for matrices; name two axes, not ${axes.length}.`);
  }
  const s = singularValues(a.moveaxis(axes, [-2, -1]));
  if (ord !== "nuc") checkChoice("norm", a, s.shape[s.ndim - 1]);
  const total = (s.size === 0 ? s.stopGradient() : s).sum(-1);
  // Its derivative at 0 is 0, as that of every norm is, and there is no second one.
  const out = total.equal(0).where(total.hypot(0), ord === "nuc" ? total : ord === 2 ? s.max(-1) : s.min(-1));
  return keepdims ? out.expandDims(axes) : out;
}
