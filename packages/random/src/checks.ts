import { type ArrayLike, type DType, DTypeError, type NDArray, type Shape, ShapeError, stopGradient } from "@ad/core";
import { broadcastShapes, checkDType, checkOptions, checkShape, describe, showShape } from "@ad/core/internals/checks";
import { asArray, cast, peekGiven, sameShape } from "@ad/core/internals/trace";
import type { DrawnType } from "./draw.js";
import type { Float } from "./threefry.js";

/** The options of a sampler without others. */
export interface DrawOptions {
  /** "float64" (the default) or "float32"; so the dtype of an array of floats will do. */
  readonly dtype?: DType;
}

/** The key, once it is one: [2], of int32. */
export function keyOf(op: string, key: ArrayLike): NDArray {
  const x = asArray(key, op);
  const isInt = x.dtype === "int32";
  if (!isInt || x.shape.length !== 1 || x.shape[0] !== 2)
    throw new (isInt ? ShapeError : DTypeError)(
      `${op}: ${describe(x)} is no key, an int32 array of shape [2]; give key(seed) or one of split(key). For a key in each lane use vmap.`,
    );
  return x;
}

/** The shape of what is drawn: the given one, to which all parameters broadcast, or, where none is given, theirs together. */
export function shapeOf(op: string, given: unknown, ...parameters: readonly Shape[]): Shape {
  const own = parameters.reduce((a, b) => broadcastShapes(op, a, b), []);
  if (given === undefined || given === null) return own;
  const shape = checkShape(op, given);
  if (!sameShape(broadcastShapes(op, shape, own), shape))
    throw new ShapeError(
      `${op}: parameters of shape ${showShape(own)} do not broadcast to the shape ${showShape(shape)}; give a shape that ends with theirs.`,
    );
  return shape;
}

/** The dtype among the options, once all of them are known. */
function dtypeOf<T extends DrawnType>(
  op: string,
  options: { readonly dtype?: DType } | undefined,
  known: readonly string[] = [],
  allowed: readonly string[] = ["float64", "float32"],
): T {
  checkOptions(op, options, [...known, "dtype"]);
  const dtype = checkDType(op, options?.dtype ?? allowed[0]);
  if (!allowed.includes(dtype)) throw new DTypeError(`${op}: dtype is ${dtype}; use ${allowed.join(" or ")}.`);
  return dtype as T;
}

/** A parameter as an array of a dtype. Where its numbers are known, each must be as it is said. */
export function parameter(op: string, [name, value, must]: Given, dtype: DrawnType): NDArray {
  const x = asArray(value, op);
  const bad = must && peekGiven(x)?.find((each: number) => !must[1](each));
  if (x.dtype === "bool" || bad !== undefined)
    throw new DTypeError(`${op}: ${name} is ${bad ?? describe(x)}; give numbers ${must?.[0] ?? ""}.`);
  return cast(x, dtype);
}

/** A parameter: its name, what is given for it, what its numbers must be, and how many of its last axes are no part of the batch. */
export type Given = readonly [name: string, value: ArrayLike, must?: Must | undefined, axes?: number];

/** The facts about a sampler beside its parameters. */
interface More<T> {
  /** The names of other options than dtype. */
  readonly known?: readonly string[];
  /** The dtypes that may be asked for, the default first. */
  readonly allowed?: readonly T[];
  /** The dtype of the parameters, where it is another one. */
  readonly as?: Float;
}

/** Checks what a sampler is given, in the order of its arguments but the dtype, which comes first. */
export function prepare<T extends DrawnType = Float>(
  op: string,
  key: ArrayLike,
  shape: Shape | number | undefined,
  parameters: readonly Given[],
  options: { readonly dtype?: DType } | undefined,
  { known, allowed, as }: More<T> = {},
): { readonly x: NDArray; readonly own: Shape; readonly dtype: T; readonly given: readonly NDArray[] } {
  const dtype = dtypeOf<T>(op, options, known, allowed);
  const x = keyOf(op, key);
  const given = parameters.map((each) => parameter(op, each, as ?? dtype));
  const batches = given.map(({ shape: own, ndim }, i) => own.slice(0, ndim - (parameters[i][3] ?? 0)));
  return { x, own: shapeOf(op, shape, ...batches), dtype, given };
}

/** Refuses what is wrong, where its numbers are known, and returns whether they are: a program has none. */
export function refuse(what: string, isWrong: NDArray): boolean {
  const known = peekGiven(isWrong);
  if (known?.some(Boolean)) throw new DTypeError(what);
  return known !== undefined;
}

/** A condition on numbers, in words and as a test. */
export type Must = readonly [say: string, holds: (x: number) => boolean];

/** Of floating numbers, where NaN gives NaN. Whole numbers have none, so that other conditions refuse it. */
export const positive: Must = ["above 0", (x) => !(x <= 0)];
export const notNegative: Must = ["of 0 or more", (x) => x >= 0];
export const probability: Must = ["from 0 to 1", (x) => x >= 0 && x <= 1];

/** Parameters that are not differentiated, because what is drawn is discrete in them. */
export const still = (parameters: readonly NDArray[], shape: Shape): NDArray[] =>
  parameters.map((x) => stopGradient(x).broadcastTo([...shape]));

/** A whole number of a user's, which shapes depend on. */
export function count(op: string, name: string, value: unknown, least = 0): number {
  if (!(Number.isInteger(value) && (value as number) >= least && (value as number) <= 2 ** 30))
    throw new ShapeError(`${op}: ${name} is ${describe(value)}; give a whole number from ${least} to 2 ** 30.`);
  return value as number;
}

/** The dtype in which a probability is compared with numbers: its own where it is floating. */
export const floatOf = (x: NDArray): Float => (x.dtype === "float32" ? "float32" : "float64");

/** The length of the last axis of a parameter that is made of vectors. */
export function lastOf(op: string, name: string, x: NDArray): number {
  if (x.ndim === 0) throw new ShapeError(`${op}: ${name} is ${describe(x)}; give vectors, [..., n].`);
  return x.shape[x.ndim - 1];
}
