import type { ArrayLike as Given } from "../array/base.js";
import { asArray, generate } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { broadcastShapes, cast, stretch, toFloat } from "../array/operands.js";
import { Concrete } from "../cpu/concrete.js";
import { allocate, compact } from "../cpu/storage.js";
import { Aval, type DType, joint, type Shape, sizeOf } from "../engine/aval.js";
import { checkOptions, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import type { ArrayList, Operation } from "../engine/operation.js";
import { call, moved } from "../engine/trace.js";
import { recordPullback } from "../reverse/pullback.js";
import { LinAlgError } from "./errors.js";

/** The common part of the operations of linear algebra: their checks, and the way from a kernel for one matrix to a batch. */

export const batchOf = (shape: Shape): Shape => shape.slice(0, -2);

/** A floating array of matrices [..., m, n]. */
export function matrices(op: string, x: Given): NDArray {
  const a = toFloat(asArray(x, op));
  if (a.ndim < 2) throw new ShapeError(`${op}: an array of shape ${showShape(a.shape)} is no matrix; give [..., m, n].`);
  return a;
}

/** A floating array of square matrices [..., n, n]. */
export function square(op: string, x: Given): NDArray {
  const a = matrices(op, x);
  if (a.shape[a.ndim - 1] !== a.shape[a.ndim - 2])
    throw new ShapeError(`${op}: the matrices of shape ${showShape(a.shape)} are not square; give [..., n, n].`);
  return a;
}

/** Equations and right-hand sides: one dtype, one batch, and b as columns. `run` gets them so; a vector b gives a vector. */
export function equations(op: string, a: NDArray, given: Given, run: (a: NDArray, b: NDArray) => NDArray): NDArray {
  const b = a.lift(given, op);
  const vector = b.ndim === 1;
  if (b.ndim === 0) throw new ShapeError(`${op}: b is a scalar; give a vector [m] or columns [..., m, k].`);
  const columns = vector ? b.expandDims(1) : b;
  const m = a.shape[a.ndim - 2];
  if (columns.shape[columns.ndim - 2] !== m)
    throw new ShapeError(`${op}: shapes ${showShape(a.shape)} and ${showShape(b.shape)}: b needs ${m} rows, one per row of a.`);
  const dtype = joint(a.aval, b.aval);
  const batch = batchOf(broadcastShapes(op, a.shape, columns.shape, 2));
  const spread = (x: NDArray): NDArray => stretch(cast(x, dtype), [...batch, ...x.shape.slice(-2)]);
  const x = run(spread(a), spread(columns));
  return vector ? x.squeeze(-1) : x;
}

/** The transposed matrices. */
export const matrixTranspose = (x: NDArray): NDArray => x.swapaxes(-1, -2);

/** The symmetric part. */
export function symmetric(x: NDArray): NDArray {
  const half = x.mul(0.5);
  return half.add(matrixTranspose(half));
}

/** A matrix beside those of x, of its last axis' length, with a value below the diagonal, one on it and one above it. */
export function triangularMask(x: NDArray, below: number, on: number, above: number): NDArray {
  const n = x.shape[x.ndim - 1];
  const value = (at: number): number => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i > j ? below : i < j ? above : on;
  };
  return x.device.put(generate([n, n], x.dtype, value));
}

/** The identity matrix for each matrix of x. */
export function identityFor(x: NDArray): NDArray {
  const n = x.shape[x.ndim - 1];
  return stretch(triangularMask(x, 0, 1, 0), [...batchOf(x.shape), n, n]);
}

/** 1 / (xⱼ − xᵢ), and 0 where both are the same. */
export function quotients(x: NDArray): NDArray {
  const difference = x.expandDims(-2).sub(x.expandDims(-1));
  const same = difference.equal(0);
  return same.where(0, same.where(1, difference).reciprocal());
}

/** Rows or columns from `start` up to `stop`. */
export const columns = (x: NDArray, start: number, stop: number | null): NDArray => x.slice("...", [start, stop]);
export const rows = (x: NDArray, start: number, stop: number | null): NDArray => x.slice("...", [start, stop], ":");

/** The options of a kernel. */
interface Context {
  /** The unit of rounding of the first operand's dtype. */
  readonly epsilon: number;
  /** Ends the kernel, for a matrix that has no result. */
  readonly fail: (why: string) => never;
}

/** Computes the results for one matrix of each input, in float64; the inputs are copies that it may overwrite. `sizes` are rows and columns of the first. */
export type Kernel = (
  matrices: readonly Float64Array[],
  sizes: readonly [m: number, n: number],
  context: Context,
) => readonly ArrayLike<number>[];

export type Rules = Omit<Operation, "name" | "forward" | "shape"> & {
  /** A rule of its own for some of the inputs that vmap brings. */
  readonly beside?: (inputs: ArrayList, mapped: readonly boolean[], size: number) => ArrayList | undefined;
};

/** The choice of an operation where a matrix has no result: to throw, or to give NaN for that matrix alone. */
export type Failure = "throw" | "nan";

/** The option of every operation that not every matrix has a result for. */
export interface FailureOptions {
  /** "throw" (the default), also in a lane of vmap, or "nan": NaN for a matrix that has no result, and the others' results. */
  readonly onFailure?: Failure;
}

/** The option's value; `more` names the operation's other options. */
export function failureOf(op: string, options: FailureOptions = {}, more: readonly string[] = []): Failure {
  checkOptions(op, options, [...more, "onFailure"]);
  const { onFailure = "throw" } = options;
  if (onFailure !== "throw" && onFailure !== "nan")
    throw new TreeError(`${op}: onFailure is ${describe(onFailure)}; give "throw" or "nan".`);
  return onFailure;
}

/** An operation for each way to fail. */
export const either = (make: (failure: Failure) => Operation): Readonly<Record<Failure, Operation>> => ({
  throw: make("throw"),
  nan: make("nan"),
});

/** An operation on matrices: the axes before the last two are a batch, the same for all inputs, so mapping adds one more in front. */
export function matrixOperation(
  name: string,
  shape: (inputs: readonly Aval[]) => readonly Aval[],
  kernel: Kernel,
  { beside, ...rules }: Rules,
  failure: Failure = "throw",
  lanes = 0,
): Operation {
  let mapped: Operation | undefined;
  const own: Operation = {
    name,
    shape,
    block: 2,
    borrows: true,
    record: recordPullback,
    forward: (inputs) => overBatch(name, inputs, shape(inputs.map((x) => x.aval)), kernel, failure, lanes),
    vmap(inputs, isMapped, size) {
      mapped ??= matrixOperation(name, shape, kernel, { ...rules, ...(beside && { beside }) }, failure, lanes + 1);
      return beside?.(inputs, isMapped, size) ?? call(mapped, inLanes(inputs, isMapped, size));
    },
    ...rules,
    options: { ...rules.options, ...(failure === "nan" && { onFailure: failure }) },
  };
  return own;
}

/** Operations that differ by the number of transformations around them that differentiate, each made when it is first asked for. */
export function byOrder(make: (order: number) => Operation): (order: number) => Operation {
  const made: Operation[] = [];
  return (order) => (made[order] ??= make(order));
}

let replacements = 0;

/** Calls an operation that may move what it gives. Its kernel tells; where it is not run now, it may. */
export function callNear(operation: Operation, inputs: ArrayList): ArrayList {
  const before = replacements;
  const outs = call(operation, inputs);
  if (replacements === before) moved();
  return outs;
}

/** For such a kernel: gives what it gives now in the place of what it was. */
export function replaceValues(now: Float64Array, was: Float64Array): Float64Array {
  replacements++;
  if (now.some((x, i) => !Object.is(x, was[i]))) moved();
  return now;
}

/** Every operand with the lanes in front. */
export const inLanes = (inputs: ArrayList, mapped: readonly boolean[], size: number): ArrayList =>
  inputs.map((x, i) => (mapped[i] ? x : stretch(x, [size, ...x.shape])));

function overBatch(name: string, inputs: ArrayList, avals: readonly Aval[], kernel: Kernel, failure: Failure, lanes: number): ArrayList {
  const { shape, dtype } = inputs[0];
  const epsilon = dtype === "float32" ? 2 ** -23 : 2 ** -52;
  const batch = batchOf(shape);
  const count = sizeOf(batch);
  const sizes = shape.slice(-2) as [number, number];
  const given = inputs.map((x) => new Float64Array(compact(x as Concrete)));
  const storages = avals.map((aval) => allocate(aval.dtype, aval.size));
  for (let i = 0; i < count; i++) {
    const fail = (why: string): never => {
      const index: number[] = [];
      let rest = i;
      for (const n of batch.slice().reverse()) {
        index.unshift(rest % n);
        rest = Math.floor(rest / n);
      }
      const lane = lanes > 0 ? `, in lane ${showShape(index.splice(0, lanes))} of vmap` : "";
      throw new LinAlgError(`${name}: ${why}${lane}${index.length > 0 ? `, in matrix ${showShape(index)} of the batch` : ""}.`);
    };
    const part = <T extends { length: number; subarray(from: number, to: number): T }>(x: T): T =>
      count === 1 ? x : x.subarray((i * x.length) / count, ((i + 1) * x.length) / count);
    try {
      const results = kernel(given.map(part), sizes, { epsilon, fail });
      storages.forEach((storage, k) => {
        storage.set(results[k], (i * storage.length) / count);
      });
    } catch (error) {
      if (failure === "throw" || !(error instanceof LinAlgError)) throw error;
      for (const storage of storages) part(storage).fill(NaN);
    }
  }
  return avals.map((aval, k) => new Concrete(aval, storages[k]));
}

/** The aval of a result: the batch of another, with its own last axes. */
export const resultOf = (like: Aval, last: Shape, dtype: DType = like.dtype): Aval => new Aval([...batchOf(like.shape), ...last], dtype);
