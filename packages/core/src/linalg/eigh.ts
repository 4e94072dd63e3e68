import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { call } from "../engine/trace.js";
import { eigenSymmetric } from "./kernels/eigh.js";
import { apart } from "./kernels/separate.js";
import { byOrder, callNear, matrixOperation, matrixTranspose, quotients, replaceValues, resultOf, square, symmetric } from "./matrices.js";

/**
 * A derivative in terms of eigenvalues and eigenvectors holds quotients of differences, which say nothing where eigenvalues are equal,
 * although the derivative of a function of the matrix exists there. So what is differentiated is the decomposition of a near matrix, in which
 * repeated eigenvalues are apart (docs/decisions/0010); `order` counts the transformations that differentiate.
 */
const eigen = byOrder((order) =>
  matrixOperation(
    "eigh",
    ([a]) => [resultOf(a, [a.shape[a.ndim - 1]]), a],
    ([a], [n], { epsilon }) => {
      const { values, vectors } = eigenSymmetric(a, n);
      return [order === 0 ? values : replaceValues(apart(values, order, epsilon), values), vectors];
    },
    {
      /** Vᵀ·da·V has the tangents of the values on its diagonal, and beside it V's turn times the differences of the values. */
      jvp([a], [da]) {
        const [values, vectors] = callNear(eigen(order + 1), [a]);
        const inner = matrixTranspose(vectors)
          .matmul(da as NDArray)
          .matmul(vectors);
        const turn = inner.mul(quotients(values));
        return [
          [values, vectors],
          [inner.diagonal(0, -2, -1), vectors.matmul(turn)],
        ];
      },
    },
  ),
);

/** The result of {@link eigh}. */
export interface Eigh {
  /** [..., n], ascending. */
  readonly values: NDArray;
  /** [..., n, n], one in each column, orthonormal. */
  readonly vectors: NDArray;
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices [..., n, n]: x = vectors·diag(values)·vectorsᵀ. The symmetric part (x + xᵀ)/2 is
 * what is decomposed, so gradients are symmetric. The largest element of each vector is positive.
 *
 * Derivatives are those of distinct eigenvalues, as accurate as the matrix's condition allows. Eigenvalues that differ by no more than rounding
 * does (8·n·ε of the largest, or ε^¾ of themselves) count as repeated. There the derivative of what does not depend on the choice of eigenvectors
 * (functions of the matrix, sums over a cluster, projectors) is right to 1e-6, a second one to 1e-4, in float64, if it varies at the scale of
 * the cluster; single vectors and single values of a cluster have none. Values beside a derivative are always those of the plain call: the
 * differentiated function is run once more for them where eigenvalues are repeated. Of what is not finite all is NaN.
 *
 * @param x [..., n, n]; int32 and bool become float64
 * @throws ShapeError where the matrices are not square, DTypeError where x is no {@link ArrayLike}
 * @example
 * linalg.eigh(array([[2, 1], [1, 2]])).values.toArray(); // [1, 3]
 */
export function eigh(x: ArrayLike): Eigh {
  const a = symmetric(square("eigh", x));
  const [values, vectors] = call(eigen(0), [a]);
  return { values, vectors };
}
