import { array, grad, linalg, type NDArray, ones } from "@ad/core";
import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { vmap } from "../src/index.js";

const { LinAlgError } = linalg;
const matrices = array([[[4]], [[-1]], [[9]]]);
const flat = array([[[2]], [[0]], [[4]]]);
const nan = Number.NaN;

describe("a lane whose matrix has no result", () => {
  test("throws by default, and is named", () => {
    fails(
      () => vmap(linalg.cholesky)(matrices),
      LinAlgError,
      "is not positive; add to its diagonal, or use lu or eigh, in lane [1] of vmap.",
    );
    fails(() => vmap(linalg.inv)(flat), LinAlgError, "inv: the matrix is singular; lstsq and pinv take such, in lane [1] of vmap.");
    fails(() => vmap((x: NDArray) => linalg.solve(x, [1]))(flat), LinAlgError, "such, in lane [1] of vmap.");
    fails(() => vmap(vmap(linalg.inv))(flat.expandDims(0)), LinAlgError, "such, in lane [0, 1] of vmap.");
    fails(() => vmap(linalg.inv)(flat.expandDims(0)), LinAlgError, "such, in lane [0] of vmap, in matrix [1] of the batch.");
    fails(() => linalg.inv(flat), LinAlgError, "such, in matrix [1] of the batch.");
    fails(() => linalg.inv(flat.slice(1)), LinAlgError, "such.");
    fails(() => vmap(grad((x: NDArray) => linalg.inv(x).sum()))(flat), LinAlgError, "such, in lane [1] of vmap.");
    // One matrix for all lanes is no lane's.
    fails(() => vmap((b: NDArray) => linalg.solve(flat.slice(1), b))(ones([3, 1])), LinAlgError, "such.");
  });

  test("is NaN, and leaves the others their results and derivatives, if asked for", () => {
    const root = (x: NDArray): NDArray => linalg.cholesky(x, { onFailure: "nan" }).sum();
    const inverse = (x: NDArray): NDArray => linalg.inv(x, { onFailure: "nan" }).sum();
    expect(vmap(root)(matrices).toArray()).toEqual([2, nan, 3]);
    expect(vmap(grad(root))(matrices).ravel().toArray()).toEqual([0.25, nan, 1 / 6]);
    expect(
      grad((x: NDArray) => vmap(root)(x).sum())(matrices)
        .ravel()
        .toArray(),
    ).toEqual([0.25, nan, 1 / 6]);
    expect(vmap(grad(inverse))(flat).ravel().toArray()).toEqual([-0.25, nan, -1 / 16]);
    expect(
      vmap(grad((x: NDArray) => grad(inverse)(x).sum()))(flat)
        .ravel()
        .toArray(),
    ).toEqual([0.25, nan, 1 / 32]);
  });
});
