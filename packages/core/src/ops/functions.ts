import type { ArrayLike } from "../array/base.js";
import { asArray, asArrays, isArrayData } from "../array/convert.js";
import { list } from "../array/lists.js";
import type { NDArray } from "../array/ndarray.js";
import { broadcastShapes, cast, checkAxis, checkShape, stretch, toBool } from "../array/operands.js";
import { type Placement, placement } from "../array/placement.js";
import { below } from "../array/views.js";
import { scan } from "../control/loop.js";
import { admitting } from "../control/safe.js";
import { checkDType, isFloat, type Shape, sameShape } from "../engine/aval.js";
import { checkOptions, checkPlace, DTypeError, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { checkFunction } from "../engine/invoke.js";
import { indices } from "./create.js";
import { unstack } from "./movement.js";

/** Conditions and what stands where they hold: as many of both. */
function conditionsOf(op: string, conditions: readonly ArrayLike[], choices: readonly unknown[], more: number): NDArray[] {
  if (!Array.isArray(conditions) || conditions.length === 0)
    throw new ShapeError(`${op}: the conditions are ${describe(conditions)}; give a list of at least one array.`);
  if (!Array.isArray(choices) || choices.length < conditions.length || choices.length > conditions.length + more)
    throw new ShapeError(
      `${op}: ${conditions.length} conditions stand against ${Array.isArray(choices) ? choices.length : describe(choices)}; give one for each condition${more ? ", and one more for the rest" : ""}.`,
    );
  return asArrays(conditions, op).map(toBool);
}

/**
 * For each position the choice of the first condition that holds there.
 *
 * @param conditions arrays of any dtype, true where not 0
 * @param choices as many arrays; all of both broadcast against each other, and the choices' dtypes are promoted
 * @param otherwise what stands where no condition holds, by default 0
 * @throws ShapeError where there is no condition, choices are not as many, or shapes do not broadcast; TreeError where an object stands in the place of
 * otherwise; DTypeError where an operand is no {@link ArrayLike}
 * @example
 * const x = array([-2, 0.5, 3]);
 * select([x.less(0), x.less(1)], [0, x], 1).toArray(); // [0, 0.5, 1]
 */
export function select(conditions: readonly ArrayLike[], choices: readonly ArrayLike[], otherwise: ArrayLike = 0): NDArray {
  checkPlace("select", otherwise, "select(conditions, choices, 0)");
  const on = conditionsOf("select", conditions, choices, 0);
  const all = list("select", [...choices, otherwise]);
  const shape = [...on, ...all].reduce<Shape>((joint, x) => broadcastShapes("select", joint, x.shape), []);
  const [rest, ...own] = all.reverse();
  return own.reduce((out, x, i) => (on[on.length - 1 - i] as NDArray).where(x, out), stretch(rest, shape));
}

/** The values of {@link piecewise} where a condition holds: a number, an array that broadcasts with x, or an elementwise function of x. */
export type Piece = ArrayLike | ((x: NDArray) => ArrayLike);

/**
 * A function in pieces: where a condition holds, what its piece makes of x; where several hold, the last one counts. A function sees, in place
 * of the elements that are not its own, one that is, so that it contributes no NaN to values or gradients.
 *
 * @param x any shape; the result has its dtype
 * @param conditions arrays of any dtype that broadcast to x, true where not 0
 * @param pieces for each condition a number, an array or an elementwise function, whose result has the shape of its argument; one more is for
 * where no condition holds, else there are zeros
 * @returns the shape and dtype of x
 * @throws ShapeError where there is no condition, pieces are not as many, shapes do not broadcast to x or a function's result has another shape;
 * DTypeError where an operand or a function's result is no {@link ArrayLike}
 * @example
 * const x = array([-4, 0, 9]);
 * piecewise(x, [x.greater(0)], [(y) => y.sqrt(), -1]).toArray(); // [-1, -1, 3]
 * grad((y) => piecewise(y, [y.greater(0)], [(z) => z.sqrt()]).sum())(array([0, 4])).toArray(); // [0, 0.25]
 */
export function piecewise(x: ArrayLike, conditions: readonly ArrayLike[], pieces: readonly Piece[]): NDArray {
  const on = conditionsOf("piecewise", conditions, pieces, 1);
  const y = asArray(x, "piecewise");
  const fits = (shape: Shape): void => {
    if (!sameShape(broadcastShapes("piecewise", shape, y.shape), y.shape))
      throw new ShapeError(`piecewise: shape ${showShape(shape)} does not broadcast to ${showShape(y.shape)}, the shape of x.`);
  };
  for (const each of on) fits(each.shape);
  const rest = on.reduce((any, each) => any.logicalOr(each)).logicalNot();
  return [...on.map((each, i) => [each, pieces[i]] as const), [rest, pieces[on.length] ?? 0] as const].reduce<NDArray>(
    (out, [own, piece]) => {
      if (typeof piece === "function" && isFloat(y.dtype)) return cast(admitting("piecewise", own, piece, y, out), y.dtype);
      const value = asArray(typeof piece === "function" ? piece(y) : piece, "piecewise");
      fits(value.shape);
      return own.where(cast(value, y.dtype), out);
    },
    y.filled(0, y.aval),
  );
}

/**
 * Applies a function to each vector along an axis. The vectors are taken one after the other, as in NumPy; `vmap` of @ad/vmap takes them all at
 * once.
 *
 * @param f from a vector to an array; every result has the same shape and dtype
 * @param axis along which the vectors lie
 * @param x at least one axis, any dtype
 * @returns the shape of x, with the axes of f's result in the place of the axis
 * @throws TransformError where f is no function, AxisError where x has no such axis, ShapeError where results differ in shape, DTypeError where they
 * differ in dtype, or x or a result is no {@link ArrayLike}
 * @example
 * applyAlongAxis((row) => row.max().sub(row.min()), 1, array([[1, 5], [3, 4]])).toArray(); // [4, 1]
 * applyAlongAxis((column) => column.sort(), 0, array([[3, 5], [1, 9]])).toArray(); // [[1, 5], [3, 9]]
 */
export function applyAlongAxis(f: (x: NDArray) => ArrayLike, axis: number, x: ArrayLike): NDArray {
  checkFunction("applyAlongAxis", f);
  const y = asArray(x, "applyAlongAxis");
  const at = checkAxis("applyAlongAxis", axis, y.ndim);
  const n = y.shape[at];
  const outer = y.shape.filter((_, i) => i !== at);
  const lines = y.moveaxis(at, -1).reshape([outer.reduce((a, b) => a * b, 1), n]);
  let like: NDArray | undefined;
  const each = (line: NDArray): NDArray => {
    const out = asArray(f(line), "applyAlongAxis");
    like ??= out;
    if (!sameShape(out.shape, like.shape) || out.dtype !== like.dtype)
      throw new (sameShape(out.shape, like.shape) ? DTypeError : ShapeError)(
        `applyAlongAxis: f returned ${describe(like)} for one vector and ${describe(out)} for another; both must be alike.`,
      );
    return out;
  };
  const [, all] = scan((state, line: NDArray) => [state, each(line)], 0, lines);
  const rank = all.ndim - 1;
  const shaped = all.reshape([...outer, ...all.shape.slice(1)]);
  const axes = below(rank);
  return shaped.moveaxis(
    axes.map((i) => outer.length + i),
    axes.map((i) => at + i),
  );
}

/**
 * Applies a function to the coordinates of a grid: it is called once, with an array for each axis that holds for every position its index
 * along that axis.
 *
 * @param f from arrays of the shape to an array, or any value
 * @param shape the length of each axis
 * @param where the dtype of the coordinates, or { dtype, device }; float64 by default
 * @returns what f returns, as an array
 * @throws TransformError where f is no function, ShapeError where the shape is no list of whole numbers or has too many elements, DTypeError where
 * there is no such dtype or f's result is no {@link ArrayLike}, TreeError for an unknown option
 * @example
 * fromFunction((i, j) => i.mul(10).add(j), [2, 3]).toArray(); // [[0, 1, 2], [10, 11, 12]]
 */
export function fromFunction(f: (...coordinates: NDArray[]) => ArrayLike, shape: number | Shape, where?: Placement): NDArray {
  checkFunction("fromFunction", f);
  const { dtype = "float64", device } = placement("fromFunction", where);
  const own = { dtype: checkDType("fromFunction", dtype), ...(device && { device }) };
  return asArray(f(...unstack(indices(checkShape("fromFunction", shape), own))), "fromFunction");
}

/** Options of {@link meshgrid}. */
export interface MeshgridOptions {
  /** "xy" (the default): the first vector runs along the second axis, the second along the first; "ij": each along its own. */
  readonly indexing?: "xy" | "ij";
  /** Arrays of length 1 along all axes but their own, which broadcast to the same. Default false. */
  readonly sparse?: boolean;
}

/**
 * The coordinates of the points of a grid, from those along each axis.
 *
 * @param args vectors or scalars, of any dtypes, which stay; options may come last. indexing: "xy" (the default) or "ij", which say whether
 * the first vector runs along the second axis or the first; sparse: do not stretch
 * @returns a list of as many arrays, of one shape: of vectors with m and n elements [n, m], with "ij" [m, n]
 * @throws ShapeError where an array has more than one axis, TreeError for an unknown option or indexing, DTypeError where one is no {@link ArrayLike}
 * @example
 * const [x, y] = meshgrid([1, 2, 3], [10, 20]);
 * x.toArray(); // [[1, 2, 3], [1, 2, 3]]
 * y.toArray(); // [[10, 10, 10], [20, 20, 20]]
 * meshgrid([1, 2, 3], [10, 20], { indexing: "ij" })[0].shape; // [3, 2]
 */
export function meshgrid(...args: readonly ArrayLike[] | readonly [...ArrayLike[], MeshgridOptions]): NDArray[] {
  const last = args[args.length - 1];
  const hasOptions = typeof last === "object" && last !== null && !Array.isArray(last) && !isArrayData(last);
  const options = (hasOptions ? last : {}) as MeshgridOptions;
  checkOptions("meshgrid", options, ["indexing", "sparse"]);
  const { indexing = "xy", sparse = false } = options;
  if (indexing !== "xy" && indexing !== "ij") throw new TreeError(`meshgrid: indexing is ${describe(indexing)}; give "xy" or "ij".`);
  const given = asArrays(hasOptions ? args.slice(0, -1) : args, "meshgrid");
  const axes = given.map((_, i) => (indexing === "xy" && i < 2 && given.length > 1 ? 1 - i : i));
  const lengths = given.map(() => 0);
  given.forEach((x, i) => {
    if (x.ndim > 1) throw new ShapeError(`meshgrid: an array of shape ${showShape(x.shape)} arrives; give vectors.`);
    lengths[axes[i]] = x.size;
  });
  return given.map((x, i) => {
    const own = x.reshape(lengths.map((n, k) => (k === axes[i] ? n : 1)));
    return sparse ? own : stretch(own, lengths);
  });
}
