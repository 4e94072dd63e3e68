import { concatenate, eye, linalg, type NDArray } from "@ad/core";
import type { ArrayList, LinearSolve } from "@ad/core/internals/trace";
import { vmap } from "@ad/vmap";

/** All elements as one vector. */
export const joined = (list: ArrayList): NDArray => (list.length === 1 ? list[0].ravel() : concatenate(list.map((x) => x.ravel())));

/** A vector [..., n] cut into arrays like those of a list, with the leading axes in front. */
export function cut(vector: NDArray, like: ArrayList): NDArray[] {
  let at = 0;
  const lead = vector.shape.slice(0, -1);
  return like.map((x) => {
    const part = like.length === 1 ? vector : vector.slice("...", [at, (at += x.size)]);
    return part.reshape([...lead, ...x.shape]).astype(x.dtype);
  });
}

/** The solution of map·x = b for vectors, by the matrix of the map, all columns of which one vectorised pass computes. A singular one gives NaN. */
export function solveVector(map: (v: NDArray) => NDArray, b: NDArray): NDArray {
  if (b.size === 1) return b.div(map(b.filled(1, b.aval)));
  const n = b.size;
  return linalg.solve((vmap(map)(eye(n, n, { dtype: b.dtype })) as NDArray).T, b, { onFailure: "nan" });
}

/** Solves by the matrix of the map: for as many unknowns as fit a dense matrix. */
export const denseSolve: LinearSolve = (map, b, like) =>
  cut(
    solveVector((v) => joined(map(cut(v, like))), joined(b)),
    like,
  );
