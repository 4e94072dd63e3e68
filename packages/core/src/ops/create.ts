import type { ArrayLike } from "../array/base.js";
import { asArray, cpu, generate } from "../array/convert.js";
import { broadcastTo } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, checkShape, whole } from "../array/operands.js";
import { type ArrayOptions, floatOf, type Placement, placed, placement } from "../array/placement.js";
import { Concrete } from "../cpu/concrete.js";
import { allocate } from "../cpu/storage.js";
import { Aval, checkDType, type DType, type Shape, sizeOf } from "../engine/aval.js";
import { checkOptions, DTypeError, describe, ShapeError, showShape } from "../engine/errors.js";

export type { ArrayOptions, Placement };

/**
 * An array of the given data. Numbers give float64 and booleans bool unless a dtype is given; a typed array keeps its type and is
 * copied; a scijs ndarray is taken without a copy, whatever its strides and offset.
 *
 * @param data a number, a boolean, nested lists, a typed array, a scijs ndarray or an NDArray
 * @param options dtype; shape: in which the elements are read, in row-major order; device
 * @throws ShapeError where rows differ in length or the shape does not fit, DTypeError where data is no {@link ArrayLike}, an element is no
 * number, one does not fit int32, or there is no such dtype; TransformError where the device is none, TreeError for an unknown option
 * @example
 * array([[1, 2], [3, 4]]).shape; // [2, 2]
 * array([1, 2, 3, 4], { dtype: "float32", shape: [2, 2] }).toArray(); // [[1, 2], [3, 4]]
 */
export function array(data: ArrayLike, options: ArrayOptions = {}): NDArray {
  checkOptions("array", options, ["dtype", "shape", "device"]);
  const { dtype, shape, device } = options;
  let x = typeof data === "number" ? cpu.filled(data, scalar) : asArray(data, "array");
  if (dtype === undefined && (typeof data === "number" || Array.isArray(data)) && x.dtype === "float64") x = x.astype(floatOf(device));
  if (dtype !== undefined) {
    checkDType("array", dtype);
    if (dtype === "int32" && x instanceof Concrete && x !== (data as unknown)) checkInt32(x);
    x = x.astype(dtype);
  }
  if (shape !== undefined) {
    const to = checkShape("array", shape);
    if (sizeOf(to) !== x.size) throw new ShapeError(`array: ${x.size} elements do not fill the shape ${showShape(to)}; give as many.`);
    x = x.reshape(to);
  }
  return device === undefined ? x : x.to(device);
}

const scalar = new Aval([], "float64");

/** Numbers that a user writes as int32 must be such; truncating a fraction is what NumPy does, wrapping around is not. */
function checkInt32(x: Concrete): void {
  if (x.dtype === "int32" || x.dtype === "bool") return;
  x.data().forEach((value) => {
    fitting("array", value, "int32");
  });
}

function fitting(op: string, value: number, dtype: DType): void {
  if (dtype === "int32" && !(value > -2147483649 && value < 2147483648))
    throw new DTypeError(`${op}: ${value} does not fit int32; use float64.`);
}

/**
 * Zeros.
 *
 * @param shape the length of each axis; [] is a scalar
 * @param where a dtype, or { dtype, device }; float64 by default
 * @throws ShapeError where the shape is no list of whole numbers or has too many elements, DTypeError where there is no such dtype,
 * TransformError where the device is none, TreeError for an unknown option
 * @example
 * zeros([2, 2]).toArray(); // [[0, 0], [0, 0]]
 */
export const zeros = (shape: number | Shape, where?: Placement): NDArray => constant("zeros", shape, 0, where);

/**
 * Ones.
 *
 * @param shape the length of each axis
 * @param where a dtype, or { dtype, device }; float64 by default
 * @throws as {@link zeros} does
 * @example
 * ones([3]).toArray(); // [1, 1, 1]
 */
export const ones = (shape: number | Shape, where?: Placement): NDArray => constant("ones", shape, 1, where);

/**
 * One value everywhere, stored once.
 *
 * @param shape the length of each axis
 * @param value a number, or a boolean for bool
 * @param where a dtype, or { dtype, device }; by default float64, for a boolean bool
 * @throws as {@link zeros} does, and where value is no {@link ArrayLike}, does not fit int32, or does not broadcast to the shape
 * @example
 * full([2], 7).toArray(); // [7, 7]
 */
export const full = (shape: number | Shape, value: number | boolean | NDArray, where?: Placement): NDArray => {
  if (typeof value === "number") return constant("full", shape, value, where);
  const x = asArray(value, "full");
  const { dtype = x.dtype, device = x.device } = placement("full", where);
  return placed("full", { dtype, device }, () => broadcastTo("full", x.astype(dtype), shape));
};

const constant = (op: string, shape: number | Shape, value: number, where: Placement | undefined): NDArray =>
  placed(op, where, (dtype) => {
    fitting(op, value, dtype);
    return cpu.filled(dtype === "bool" ? +(value !== 0) : value, new Aval(checkShape(op, shape), dtype));
  });

/**
 * Zeros of the shape and dtype of x.
 *
 * @param x any shape and dtype
 * @param dtype of the result, by default that of x
 * @throws DTypeError where there is no such dtype, or x is no {@link ArrayLike}
 * @example
 * zerosLike(array([1, 2])).toArray(); // [0, 0]
 */
export const zerosLike = (x: ArrayLike, dtype?: DType): NDArray => alike("zerosLike", x, 0, dtype);

/**
 * Ones of the shape and dtype of x.
 *
 * @param x any shape and dtype
 * @param dtype of the result, by default that of x
 * @throws DTypeError where there is no such dtype, or x is no {@link ArrayLike}
 * @example
 * onesLike(array([5, 6])).toArray(); // [1, 1]
 */
export const onesLike = (x: ArrayLike, dtype?: DType): NDArray => alike("onesLike", x, 1, dtype);

/**
 * One value everywhere, of the shape and dtype of x; an array is broadcast.
 *
 * @param x any shape and dtype
 * @param value a number, or an array that broadcasts to the shape of x
 * @param dtype of the result, by default that of x
 * @throws ShapeError where the value does not broadcast to the shape, DTypeError where there is no such dtype, x or value is no
 * {@link ArrayLike}, or value does not fit int32
 * @example
 * fullLike(array([1, 2]), 7).toArray(); // [7, 7]
 */
export const fullLike = (x: ArrayLike, value: ArrayLike, dtype?: DType): NDArray => alike("fullLike", x, value, dtype);

function alike(op: string, x: ArrayLike, value: ArrayLike, dtype: DType | undefined): NDArray {
  const like = asArray(x, op);
  const aval = like.aval.with(dtype === undefined ? like.dtype : checkDType(op, dtype));
  if (typeof value !== "number") return broadcastTo(op, asArray(value, op).astype(aval.dtype), aval.shape);
  fitting(op, value, aval.dtype);
  return like.filled(aval.dtype === "bool" ? +(value !== 0) : value, aval);
}

/**
 * The identity matrix of n rows and m columns.
 *
 * @param n the number of rows
 * @param m by default n
 * @param where a dtype, or { dtype, device }; float64 by default
 * @throws ShapeError where n or m is no whole number, and as {@link zeros} does
 * @example
 * eye(2).toArray(); // [[1, 0], [0, 1]]
 */
export const eye = (n: number, m: number = n, where?: Placement): NDArray =>
  placed("eye", where, (dtype) => generate(checkShape("eye", [n, m]), dtype, (i) => +(Math.floor(i / m) === i % m)));

/**
 * start, start + step, … up to but without stop; float64 unless a dtype is given.
 *
 * @param start with one argument it is the stop, and the start is 0
 * @param stop the first number that is not reached
 * @param step from one number to the next, by default 1; negative ones count down
 * @param where a dtype, or { dtype, device }; float64 by default
 * @returns a vector of max(0, ⌈(stop − start) / step⌉) elements
 * @throws ShapeError where the step is 0 or a bound is not finite, and as {@link zeros} does
 * @example
 * arange(3).toArray(); // [0, 1, 2]
 * arange(1, 2, 0.25).toArray(); // [1, 1.25, 1.5, 1.75]
 */
export function arange(start: number, stop?: number, step = 1, where?: Placement): NDArray {
  const [from, to, by] = (stop === undefined ? [0, start, step] : [start, stop, step]).map(bare);
  if (![from, to, by].every(Number.isFinite) || by === 0)
    throw new ShapeError(
      `arange: from ${describe(from)} to ${describe(to)} by ${describe(by)} has no end; give finite numbers and a step that is not 0. A dtype stands after the step.`,
    );
  const shape = checkShape("arange", [Math.max(0, Math.ceil((to - from) / by))]);
  return placed("arange", where, (dtype) => generate(shape, dtype, (i) => from + i * by));
}

/**
 * num points from start to stop, both included, at equal distances.
 *
 * @param start the first point
 * @param stop the last point
 * @param num how many points
 * @param where a dtype, or { dtype, device }; float64 by default
 * @returns a vector of num elements
 * @throws ShapeError where num is no whole number, DTypeError where a bound is no number, and as {@link zeros} does
 * @example
 * linspace(0, 1, 5).toArray(); // [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, num: number, where?: Placement): NDArray {
  const n = whole("linspace", "num", num, 0);
  checkShape("linspace", [n]);
  if (![start, stop].map(bare).every((bound) => typeof bound === "number"))
    throw new DTypeError(`linspace: the bounds are ${describe(start)} and ${describe(stop)}; give numbers.`);
  const step = (stop - start) / (n - 1);
  return placed("linspace", where, (dtype) =>
    generate([n], dtype, (i) => (n > 1 && i === n - 1 ? stop : n === 1 ? start : start + i * step)),
  );
}

/** The bounds of a sequence of num points, as numbers. */
function bounds(op: string, start: number, stop: number, num: number): [start: number, stop: number, num: number] {
  const [from, to] = [start, stop].map(bare<unknown>);
  const [n] = checkShape(op, [whole(op, "num", num, 0)]);
  if (typeof from !== "number" || typeof to !== "number")
    throw new DTypeError(`${op}: the bounds are ${describe(start)} and ${describe(stop)}; give numbers.`);
  return [from, to, n];
}

/**
 * num points from base^start to base^stop, whose logarithms lie at equal distances.
 *
 * @param start the logarithm of the first point
 * @param stop the logarithm of the last point
 * @param num how many points
 * @param options base: by default 10; a dtype and a device, as in {@link linspace}; float64 by default
 * @returns a vector of num elements
 * @throws ShapeError where num is no whole number, DTypeError where a bound or the base is no number, and as {@link zeros} does
 * @example
 * logspace(0, 2, 3).toArray(); // [1, 10, 100]
 * logspace(0, 3, 4, { base: 2 }).toArray(); // [1, 2, 4, 8]
 */
export function logspace(
  start: number,
  stop: number,
  num: number,
  options: DType | (Exclude<Placement, DType> & { readonly base?: number }) = {},
): NDArray {
  if (typeof options === "object") checkOptions("logspace", options, ["base", "dtype", "device"]);
  const { base: given, ...where } = typeof options === "object" ? options : { base: undefined, ...placement("logspace", options) };
  const base = bare<unknown>(given ?? 10);
  if (typeof base !== "number") throw new DTypeError(`logspace: the base is ${describe(base)}; give a number.`);
  const [from, to, n] = bounds("logspace", start, stop, num);
  return placed("logspace", where, (dtype) => generate([n], dtype, (i) => base ** between(from, to, n, i)));
}

/** Point i of n from one number to another, both exact. */
const between = (from: number, to: number, n: number, i: number): number =>
  i > 0 && i === n - 1 ? to : from + (n > 1 ? i * ((to - from) / (n - 1)) : 0);

/**
 * num points from start to stop, both included, each the same multiple of the one before it.
 *
 * @param start a number other than 0
 * @param stop a number other than 0, of the sign of start
 * @param num how many points
 * @param where a dtype, or { dtype, device }; float64 by default
 * @returns a vector of num elements
 * @throws ShapeError where num is no whole number, DTypeError where the bounds are not two numbers of one sign, and as {@link zeros} does
 * @example
 * geomspace(1, 1000, 4).toArray(); // [1, 10, 100, 1000]
 */
export function geomspace(start: number, stop: number, num: number, where?: Placement): NDArray {
  const [from, to, n] = bounds("geomspace", start, stop, num);
  if (!(from * Math.sign(to) > 0))
    throw new DTypeError(`geomspace: the bounds are ${from} and ${to}; give two numbers of one sign, neither 0.`);
  const [low, high] = [Math.log10(Math.abs(from)), Math.log10(Math.abs(to))];
  const point = (i: number): number => (i === 0 ? from : i === n - 1 ? to : Math.sign(from) * 10 ** between(low, high, n, i));
  return placed("geomspace", where, (dtype) => generate([n], dtype, point));
}

/**
 * The indices of every position of a grid: element k along the first axis holds for each position its index along axis k.
 *
 * @param shape the length of each axis
 * @param where a dtype, or { dtype, device }; int32 by default
 * @returns [number of axes, ...shape]
 * @throws ShapeError where the shape is no list of whole numbers or has too many elements, and as {@link zeros} does
 * @example
 * indices([2, 2]).toArray(); // [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
 */
export function indices(shape: number | Shape, where?: Placement): NDArray {
  const { dtype = "int32", device } = placement("indices", where);
  const lengths = checkShape("indices", shape);
  const size = sizeOf(lengths);
  const all = checkShape("indices", [lengths.length, ...lengths]);
  return placed("indices", { dtype, ...(device && { device }) }, (own) => {
    const storage = allocate(own, all[0] * size);
    let period = size;
    lengths.forEach((n, axis) => {
      const grid = storage.subarray(axis * size, (axis + 1) * size);
      const each = period / n;
      for (let i = 0; i < period; i++) grid[i] = Math.floor(i / each);
      for (let done = period; done < size; done *= 2) grid.copyWithin(done, 0, done);
      period = each;
    });
    return new Concrete(new Aval(all, own), storage);
  });
}
