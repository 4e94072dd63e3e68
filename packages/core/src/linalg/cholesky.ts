import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import type { Operation } from "../engine/operation.js";
import { call } from "../engine/trace.js";
import { factorCholesky } from "./kernels/cholesky.js";
import { either, type FailureOptions, failureOf, matrixOperation, matrixTranspose, square, symmetric, triangularMask } from "./matrices.js";
import { solvedTriangular } from "./solve.js";

const operations = either((failure) => {
  const own: Operation = matrixOperation(
    "cholesky",
    ([a]) => [a],
    ([a], [n], { fail }) => {
      const minor = factorCholesky(a, n);
      if (minor > 0)
        fail(
          `the matrix is not positive definite: its leading minor of order ${minor} is not positive; add to its diagonal, or use lu or eigh`,
        );
      return [a];
    },
    {
      /** l⁻¹·da·l⁻ᵀ = l⁻¹·dl + (l⁻¹·dl)ᵀ, of which the first is the lower half. */
      jvp([a], [da]) {
        const [l] = call(own, [a]);
        const inner = solvedTriangular(l, matrixTranspose(solvedTriangular(l, da as NDArray, true)), true);
        return [[l], [l.matmul(inner.mul(triangularMask(l, 1, 0.5, 0)))]];
      },
    },
    failure,
  );
  return own;
});

/**
 * The lower factors l of symmetric positive definite matrices [..., n, n]: x = l·lᵀ. The symmetric part (x + xᵀ)/2 is what is
 * factored, so gradients are symmetric.
 *
 * @param x [..., n, n]; int32 and bool become float64
 * @param options onFailure: "nan" gives NaN for a matrix that is not positive definite instead of throwing
 * @throws ShapeError where the matrices are not square, LinAlgError where one is not positive definite, TreeError for an unknown option or
 * onFailure, DTypeError where x is no {@link ArrayLike}
 * @example
 * linalg.cholesky(array([[4, 2], [2, 5]])).toArray(); // [[2, 0], [1, 2]]
 * linalg.cholesky(array([[[4]], [[-1]]]), { onFailure: "nan" }).toArray(); // [[[2]], [[NaN]]]
 */
export function cholesky(x: ArrayLike, options: FailureOptions): NDArray;
export function cholesky(x: ArrayLike): NDArray;
export function cholesky(x: ArrayLike, options?: FailureOptions): NDArray {
  const failure = failureOf("cholesky", options);
  return call(operations[failure], [symmetric(square("cholesky", x))])[0];
}
