import { concatenate, eye, linalg, type NDArray } from "@ad/core";
import type { ArrayList, LinearSolve } from "@ad/core/internals/trace";
import { vmap } from "@ad/vmap";

/** All elements as one vector. */
export const joined = (list: ArrayList): NDArray => concatenate(list.map((x) => x.ravel()));

/** A vector [..., n] cut into arrays like those of a list, with the leading axes in front. */
export function cut(vector: NDArray, like: ArrayList): NDArray[] {
  let at = 0;
  const lead = vector.shape.slice(0, -1);
  return like.map((x) => {
    const part = like.length === 1 ? vector : vector.slice("...", [at, (at += x.size)]);
    return part.reshape([...lead, ...x.shape]).astype(x.dtype);
  });
}

/** The columns of the matrix of a linear map of vectors like `like`, as rows: one vectorised pass computes all of them. */
export const columnsOf = (map: (v: NDArray) => NDArray, { size, dtype }: NDArray): NDArray =>
  vmap(map)(eye(size, size, { dtype })) as NDArray;

/** The solution of map·x = b for vectors, by the matrix of the map. A singular one gives NaN. */
export const solveVector = (map: (v: NDArray) => NDArray, b: NDArray): NDArray =>
  b.size === 1 ? b.div(map(b.filled(1, b.aval))) : linalg.solve(columnsOf(map, b).T, b, { onFailure: "nan" });

/** Solves by the matrix of the map: for as many unknowns as fit a dense matrix. */
export const denseSolve: LinearSolve = (map, b, like) =>
  cut(
    solveVector((v) => joined(map(cut(v, like))), joined(b)),
    like,
  );
