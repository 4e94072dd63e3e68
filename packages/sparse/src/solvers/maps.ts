import { type ArrayLike, type Arrays, concatenate, type NDArray, ShapeError } from "@ad/core";
import { type AnyFunction, describe, flattenLike, invoke, showShape } from "@ad/core/internals/checks";
import { asArray, type Flat, flatten, isFloat, unflatten } from "@ad/core/internals/trace";
import { SparseMatrix } from "../matrix/matrix.js";

/** A linear map of trees like B: a matrix, or a function. */
export type LinearOperator<B = NDArray> = SparseMatrix | ArrayLike | ((x: Arrays<B>) => unknown);

/** A linear map of vectors. */
export type VectorMap = (v: NDArray) => NDArray;

/** The vectors that trees of one form are: their elements, leaf after leaf. */
export interface Space {
  readonly like: Flat;
  readonly dtype: "float64" | "float32";
}

/** All elements of some arrays as one vector. */
export const joined = (leaves: readonly NDArray[], dtype: Space["dtype"]): NDArray => {
  const own = leaves.map((x) => x.astype(dtype).ravel());
  return own.length === 1 ? own[0] : concatenate(own);
};

/** A vector as a tree. */
export function treeOf({ like }: Space, v: NDArray): unknown {
  let at = 0;
  const leaves = like.leaves.map((x) => {
    const part = like.leaves.length === 1 ? v : v.slice([at, (at += x.size)]);
    return part.reshape(x.shape).astype(isFloat(x.dtype) ? x.dtype : "float64");
  });
  return unflatten(like.structure, leaves);
}

/** A right-hand side: the space that it is in, and itself as a vector. Matrices may have a larger dtype than it has. */
export function spaceOf(op: string, b: unknown, maps: readonly unknown[]): { space: Space; vector: NDArray } {
  const flat = flatten(b, op, "b");
  const wide = [...flat.leaves, ...maps.flatMap((a) => (a === undefined ? [] : [a instanceof SparseMatrix ? a.values : a]))].some(
    (x) => typeof x !== "function" && asArray(x, op).dtype !== "float32",
  );
  const dtype = wide ? "float64" : "float32";
  const leaves = flat.leaves.map((x) => (isFloat(x.dtype) && !isMatrix(maps[0]) ? x : x.astype(dtype)));
  const space: Space = { like: { ...flat, leaves }, dtype };
  return { space, vector: joined(leaves, dtype) };
}

const isMatrix = (a: unknown): boolean => typeof a !== "function";

/** A linear map on vectors. `what` names it in errors. */
export function mapOf(op: string, what: string, a: unknown, space: Space): VectorMap {
  const { like, dtype } = space;
  if (typeof a === "function")
    return (v) => joined(flattenLike(invoke(a as AnyFunction, [treeOf(space, v)]), like, op, `the result of ${what}`), dtype);
  const matrix = a instanceof SparseMatrix ? a : asArray(a, op);
  const { shape } = matrix;
  const [{ shape: own }] = like.leaves;
  if (shape.length !== 2 || shape[0] !== shape[1])
    throw new ShapeError(`${op}: ${what} has shape ${showShape(shape)}; give a square matrix [n, n], or a function.`);
  if (like.structure !== null || own.length === 0 || own.length > 2 || own[0] !== shape[1])
    throw new ShapeError(
      `${op}: ${what} has shape ${showShape(shape)}, but b is ${like.structure === null ? `an array of shape ${showShape(own)}` : describe(treeOf(space, joined(like.leaves, dtype)))}; give [${shape[1]}] or [${shape[1]}, k], or a function in place of the matrix.`,
    );
  return (v) => joined([matrix.matmul(v.reshape(own))], dtype);
}
