import { type ArrayLike, type Arrays, concatenate, type NDArray, ShapeError, zeros } from "@ad/core";
import { type AnyFunction, flattenLike, invoke, showShape } from "@ad/core/internals/checks";
import { asArray, type Flat, flatten, isFloat, showStructure, unflatten } from "@ad/core/internals/trace";
import { SparseMatrix } from "../matrix/sparse-matrix.js";

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
  return own.length === 1 ? own[0] : concatenate([zeros([0], dtype), ...own]);
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
  const isMatrix = typeof maps[0] !== "function";
  const flat = flatten(isMatrix ? asArray(b, op) : b, op, "b");
  const arrays = maps.flatMap((a) =>
    a === undefined || typeof a === "function" ? [] : [a instanceof SparseMatrix ? a.values : asArray(a, op)],
  );
  const wide = [...flat.leaves, ...arrays].some((x) => x.dtype !== "float32");
  const dtype = wide ? "float64" : "float32";
  const leaves = flat.leaves.map((x) => (isFloat(x.dtype) && !isMatrix ? x : x.astype(dtype)));
  const space: Space = { like: { ...flat, leaves }, dtype };
  return { space, vector: joined(leaves, dtype) };
}

/** One square matrix. */
export function squareOf(op: string, what: string, a: SparseMatrix | ArrayLike): SparseMatrix | NDArray {
  const matrix = a instanceof SparseMatrix ? a : asArray(a, op);
  const shape = matrix instanceof SparseMatrix ? [...matrix.values.shape.slice(0, -1), ...matrix.shape] : matrix.shape;
  if (shape.length !== 2 || shape[0] !== shape[1])
    throw new ShapeError(
      `${op}: ${what} has shape ${showShape(shape)}; give one square matrix, [n, n]. A batch of them is for vmap, a linear map of other arrays for a function.`,
    );
  return matrix;
}

/** A linear map on vectors. `what` names it in errors. */
export function mapOf(op: string, what: string, a: unknown, space: Space): VectorMap {
  const { like, dtype } = space;
  if (typeof a === "function")
    return (v) => joined(flattenLike(invoke(a as AnyFunction, [treeOf(space, v)]), like, op, `the result of ${what}`), dtype);
  const matrix = squareOf(op, what, a as SparseMatrix | ArrayLike);
  const { shape } = matrix;
  const [{ shape: own }] = like.leaves;
  if (like.structure !== null || own.length === 0 || own.length > 2 || own[0] !== shape[1])
    throw new ShapeError(
      `${op}: ${what} has shape ${showShape(shape)}, but b ${like.structure === null ? `has shape ${showShape(own)}` : `is a tree, ${showStructure(like.structure)}`}; give [${shape[1]}] or [${shape[1]}, k], or a function in place of the matrix.`,
    );
  return (v) => joined([matrix.matmul(v.reshape(own))], dtype);
}
