import { concatenate, eye, linalg, type NDArray } from "@ad/core";
import type { ArrayList, LinearMap, LinearSolve } from "@ad/core/internals/trace";
import { vmap } from "@ad/vmap";

const sizeOf = (list: ArrayList): number => list.reduce((sum, x) => sum + x.size, 0);

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

/** The matrix of a linear map of arrays like `like`: column i is the image of the i-th unit vector. All of them are computed in one vectorised pass. */
export function matrixOf(map: LinearMap, like: ArrayList): NDArray {
  const n = sizeOf(like);
  const units = cut(eye(n, n, { dtype: like[0].dtype }), like);
  return vmap((v: NDArray[]) => joined(map(v)))(units).T;
}

/** Solves by the matrix of the map: for as many unknowns as fit a dense matrix. A singular system has no solution, and gives NaN. */
export const denseSolve: LinearSolve = (map, b, like) => {
  if (sizeOf(like) === 1) {
    const slope = joined(map(like.map((x) => x.filled(1, x.aval))));
    return cut(joined(b).div(slope), like);
  }
  return cut(linalg.solve(matrixOf(map, like), joined(b), { onFailure: "nan" }), like);
};
