import { beside, type DType, floating, joint, type Shape, sameShape, sizeOf, type Weak, weakness } from "../engine/aval.js";
import { AxisError, describe, ShapeError, showList, showShape } from "../engine/errors.js";
import { none } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";
import type { ArrayBase, ArrayLike } from "./base.js";
import type { NDArray } from "./ndarray.js";
import { below } from "./views.js";

/** Checks and conversions that the public functions share: dtypes, broadcasting, axes. */

/** The families' classes see themselves as ArrayBase; at run time every one is an NDArray. */
export const asNDArray = (x: ArrayBase): NDArray => x as NDArray;

export const cast = (x: ArrayBase, dtype: DType): NDArray => (x.aval.dtype === dtype ? asNDArray(x) : bind("cast", [x], { dtype }));

/** x with another weakness. */
export const weakened = (x: ArrayBase, weak: Weak): NDArray =>
  x.aval.weak === weak ? asNDArray(x) : bind("cast", [x], { dtype: x.dtype, weak });

export const toFloat = (x: ArrayBase): NDArray => cast(x, floating(x.aval.dtype));

/** True where an element is not zero (NaN is not). */
export const toBool = (x: ArrayBase): NDArray =>
  x.aval.dtype === "bool" ? asNDArray(x) : bind("notEqual", [x, x.filled(0, x.aval)], none);

/** The shape of both together. The last `apart` axes need not agree; their entries in the result mean nothing. */
export function broadcastShapes(op: string, a: Shape, b: Shape, apart = 0): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1 && i > apart)
      throw new ShapeError(
        `${op}: shapes ${showShape(a)} and ${showShape(b)} do not broadcast: axis -${i} has ${m} against ${n}. Each axis must agree or have length 1; use reshape or expandDims.`,
      );
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** x under a shape that it is known to broadcast to. */
export function stretch(x: ArrayBase, shape: Shape): NDArray {
  if (sameShape(x.shape, shape)) return asNDArray(x);
  const added = shape.length - x.ndim;
  return bind("broadcast", [x], { shape, dims: x.shape.map((_, i) => i + added) });
}

/** The dtype that a JS number takes when it meets an array: the array's, if it can hold the number. */
export const weakDType = (dtype: DType, value: number): DType => beside(dtype, weakness(value));

/** Two operands of one dtype (by promotion; a JS number is weak) and one shape (by broadcasting). */
export function pair(op: string, x: ArrayBase, y: ArrayLike): [NDArray, NDArray] {
  if (typeof y === "number") {
    const dtype = weakDType(x.aval.dtype, y);
    const to = cast(x, dtype);
    const { aval } = to;
    return [to, x.filled(y, aval.weak > weakness(y) ? aval.fraction : aval)];
  }
  return match(op, x, x.lift(y, op));
}

export function match(op: string, x: ArrayBase, y: ArrayBase): [NDArray, NDArray] {
  if (x.aval === y.aval || (x.dtype === y.dtype && sameShape(x.shape, y.shape))) return [asNDArray(x), asNDArray(y)];
  const dtype = joint(x.aval, y.aval);
  const shape = broadcastShapes(op, x.shape, y.shape);
  return [stretch(cast(x, dtype), shape), stretch(cast(y, dtype), shape)];
}

/** A hint for options that are passed in the place of axes. */
const misplaced = (axis: unknown): string =>
  Object.getPrototypeOf(axis ?? 0) === Object.prototype ? " Options come after the axis, which may be null." : "";

/** Turns a weak scalar back into the JS number that it came from; any other value is returned as it is. */
export function bare<T>(value: T): T {
  const x = value as Partial<ArrayBase> | null | undefined;
  return x?.aval?.weak && x.bottom?.() === x ? (x.item?.() as T) : value;
}

export function checkAxis(op: string, given: unknown, ndim: number): number {
  const axis = typeof given === "number" ? given : bare(given);
  if (typeof axis !== "number" || !Number.isInteger(axis))
    throw new AxisError(`${op}: axis is ${describe(axis)}; give a whole number.${misplaced(axis)}`);
  if (axis < -ndim || axis >= ndim)
    throw new AxisError(
      `${op}: axis ${axis} is out of bounds for an array of ${ndim} axes; ${ndim ? `use ${-ndim} to ${ndim - 1}` : "give an array that has one"}.`,
    );
  return axis < 0 ? axis + ndim : axis;
}

/** A whole number that a user wrote, at least so large. */
export function whole(op: string, name: string, given: unknown, least = -Infinity): number {
  const value = bare(given);
  if (Number.isInteger(value) && (value as number) >= least) return value as number;
  throw new ShapeError(`${op}: ${name} is ${describe(value)}; give a whole number${least === -Infinity ? "" : ` from ${least} on`}.`);
}

/** One axis or several, in their order. */
export const eachAxis = (op: string, axes: number | readonly number[], ndim: number): number[] =>
  (Array.isArray(axes) ? [...axes] : [axes]).map((axis) => checkAxis(op, axis, ndim));

/** One axis or several, in their order; an axis that is named twice throws. */
export function distinctAxes(op: string, axes: number | readonly number[], ndim: number): number[] {
  const list = eachAxis(op, axes, ndim);
  if (new Set(list).size !== list.length)
    throw new AxisError(`${op}: axes ${showShape(axes as readonly number[])} name an axis twice; name each once.`);
  return list;
}

/** One axis, several or (null, undefined) all of them, as an ascending list. */
export function checkAxes(op: string, axis: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (axis === null || axis === undefined) return below(ndim);
  return Array.isArray(axis) ? distinctAxes(op, axis, ndim).sort((a, b) => a - b) : [checkAxis(op, axis as number, ndim)];
}

/** A shape that a user wrote, or whole numbers of another name. */
export function checkShape(op: string, shape: unknown, name?: string): Shape {
  const own = bare(shape);
  const list = typeof own === "number" ? [own] : Array.isArray(own) ? [...own].map(bare) : own;
  if (!Array.isArray(list) || list.some((n) => !Number.isInteger(n) || n < 0))
    throw new ShapeError(`${op}: the ${name ? `${name} are` : "shape is"} ${showList(list)}; give a list of whole numbers, none negative.`);
  if (sizeOf(list) > 2 ** 30)
    throw new ShapeError(`${op}: ${sizeOf(list)} elements, of shape ${showShape(list)}, are more than an array can hold.`);
  return list;
}

export const sizeAlong = (shape: Shape, axes: readonly number[]): number => axes.reduce((n, axis) => n * shape[axis], 1);

/** Returns whether all numbers are known, and their sizes between a bound and its reciprocal. */
export const isModerate = (x: ArrayBase, bound: number): boolean =>
  !!x
    .bottom()
    ?.data()
    .every((y: number) => Math.abs(y) > 1 / bound && Math.abs(y) < bound);
