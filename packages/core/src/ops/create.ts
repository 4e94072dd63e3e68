import type { ArrayLike, TypedArray } from "../array/base.js";
import { asArray, Concrete, filled, generate } from "../array/concrete.js";
import type { NDArray } from "../array/ndarray.js";
import { checkShape } from "../array/operands.js";
import { Aval, checkDType, type DType, type Shape } from "../aval.js";
import { checkOptions, DTypeError, describe, ShapeError } from "../errors.js";

export interface ArrayOptions {
  readonly dtype?: DType;
  /** The shape to read the elements in, in row-major order. */
  readonly shape?: number | readonly number[];
}

/**
 * An array of the given data. Numbers give float64 and booleans bool unless a dtype is given; a typed array keeps its type and is
 * copied; a scijs ndarray is taken without a copy, whatever its strides and offset.
 *
 * @param data a number, a boolean, nested lists, a typed array, a scijs ndarray or an NDArray
 * @throws ShapeError where rows differ in length or the shape does not fit, DTypeError where an element is no number
 * @example
 * array([[1, 2], [3, 4]]).shape; // [2, 2]
 * array([1, 2, 3, 4], { dtype: "float32", shape: [2, 2] }).toArray(); // [[1, 2], [3, 4]]
 */
export function array(data: ArrayLike, options: ArrayOptions = {}): NDArray {
  checkOptions("array", options, ["dtype", "shape"]);
  const { dtype, shape } = options;
  let x = asArray(ArrayBuffer.isView(data) ? (data as TypedArray).slice() : data, "array");
  if (dtype !== undefined) {
    checkDType("array", dtype);
    if (dtype === "int32" && x instanceof Concrete && x !== (data as unknown)) checkInt32(x);
    x = x.astype(dtype);
  }
  return shape === undefined ? x : x.reshape(checkShape("array", shape));
}

/** Numbers that a user writes as int32 must be such; truncating a fraction is what NumPy does, wrapping around is not. */
function checkInt32(x: Concrete): void {
  if (x.dtype === "int32" || x.dtype === "bool") return;
  const bad = x.data().find((value) => !(value > -2147483649 && value < 2147483648));
  if (bad !== undefined) throw new DTypeError(`array: ${bad} does not fit int32; use float64.`);
}

/**
 * Zeros.
 *
 * @param shape the length of each axis; [] is a scalar
 * @param dtype float64 by default
 * @throws ShapeError where the shape is no list of whole numbers, DTypeError where there is no such dtype
 * @example
 * zeros([2, 2]).toArray(); // [[0, 0], [0, 0]]
 */
export const zeros = (shape: number | Shape, dtype: DType = "float64"): NDArray => constant("zeros", shape, 0, dtype);

/**
 * Ones.
 *
 * @param shape the length of each axis
 * @param dtype float64 by default
 * @throws as {@link zeros} does
 * @example
 * ones([3]).toArray(); // [1, 1, 1]
 */
export const ones = (shape: number | Shape, dtype: DType = "float64"): NDArray => constant("ones", shape, 1, dtype);

/**
 * One value everywhere, stored once.
 *
 * @param shape the length of each axis
 * @param value a number, or a boolean for bool
 * @param dtype by default float64, for a boolean bool
 * @throws as {@link zeros} does
 * @example
 * full([2], 7).toArray(); // [7, 7]
 */
export const full = (shape: number | Shape, value: number | boolean | NDArray, dtype?: DType): NDArray => {
  if (typeof value === "number") return constant("full", shape, value, dtype ?? "float64");
  const x = asArray(value, "full");
  return x.astype(dtype ?? x.dtype).broadcastTo(checkShape("full", shape));
};

function constant(op: string, shape: number | Shape, value: number, dtype: DType): NDArray {
  const aval = new Aval(checkShape(op, shape).slice(), checkDType(op, dtype));
  return filled(dtype === "bool" ? +(value !== 0) : value, aval);
}

/**
 * Zeros of the shape and dtype of x.
 *
 * @example
 * zerosLike(array([1, 2])).toArray(); // [0, 0]
 */
export const zerosLike = (x: ArrayLike, dtype?: DType): NDArray => fullLike(x, 0, dtype);

/**
 * Ones of the shape and dtype of x.
 *
 * @example
 * onesLike(array([5, 6])).toArray(); // [1, 1]
 */
export const onesLike = (x: ArrayLike, dtype?: DType): NDArray => fullLike(x, 1, dtype);

/**
 * One value everywhere, of the shape and dtype of x; an array is broadcast.
 *
 * @example
 * fullLike(array([1, 2]), 7).toArray(); // [7, 7]
 */
export const fullLike = (x: ArrayLike, value: ArrayLike, dtype?: DType): NDArray => {
  const like = asArray(x, "fullLike");
  const aval = like.aval.with(dtype === undefined ? like.dtype : checkDType("fullLike", dtype));
  if (typeof value !== "number") return asArray(value, "fullLike").astype(aval.dtype).broadcastTo(aval.shape);
  return like.filled(aval.dtype === "bool" ? +(value !== 0) : value, aval);
};

/**
 * The identity matrix of n rows and m columns.
 *
 * @param m by default n
 * @param dtype float64 by default
 * @throws ShapeError where n or m is no whole number
 * @example
 * eye(2).toArray(); // [[1, 0], [0, 1]]
 */
export const eye = (n: number, m: number = n, dtype: DType = "float64"): NDArray =>
  generate(checkShape("eye", [n, m]), checkDType("eye", dtype), (i) => +(Math.floor(i / m) === i % m));

/**
 * start, start + step, … up to but without stop; float64 unless a dtype is given.
 *
 * @param start with one argument it is the stop, and the start is 0
 * @throws ShapeError where the step is 0 or a bound is not finite
 * @example
 * arange(3).toArray(); // [0, 1, 2]
 * arange(1, 2, 0.25).toArray(); // [1, 1.25, 1.5, 1.75]
 */
export function arange(start: number, stop?: number, step = 1, dtype: DType = "float64"): NDArray {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (![from, to, step].every(Number.isFinite) || step === 0)
    throw new ShapeError(
      `arange: from ${describe(from)} to ${describe(to)} by ${describe(step)} has no end; give finite numbers and a step that is not 0.`,
    );
  return generate(checkShape("arange", [Math.max(0, Math.ceil((to - from) / step))]), checkDType("arange", dtype), (i) => from + i * step);
}

/**
 * num points from start to stop, both included, at equal distances.
 *
 * @throws ShapeError where num is no whole number
 * @example
 * linspace(0, 1, 5).toArray(); // [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, num: number, dtype: DType = "float64"): NDArray {
  const [n] = checkShape("linspace", [num]);
  if (![start, stop].every((bound) => typeof bound === "number"))
    throw new DTypeError(`linspace: the bounds are ${describe(start)} and ${describe(stop)}; give numbers.`);
  const step = (stop - start) / (n - 1);
  return generate([n], checkDType("linspace", dtype), (i) => (n > 1 && i === n - 1 ? stop : n === 1 ? start : start + i * step));
}
