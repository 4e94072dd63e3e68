import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { call } from "../engine/trace.js";
import { apart } from "./kernels/separate.js";
import { singular } from "./kernels/svd.js";
import {
  byOrder,
  callNear,
  matrices,
  matrixOperation,
  matrixTranspose,
  quotients,
  replaceValues,
  resultOf,
  symmetric,
  triangularMask,
} from "./matrices.js";

/** Repeated singular values are pulled apart where derivatives are taken, as eigenvalues are (eigh.ts), and zeros of matrices that are not square away from 0. */
const decomposition = byOrder((order) =>
  matrixOperation(
    "svd",
    ([a]) => {
      const [m, n] = a.shape.slice(-2);
      const k = Math.min(m, n);
      return [resultOf(a, [m, k]), resultOf(a, [k]), resultOf(a, [k, n])];
    },
    ([a], [m, n], { epsilon }) => {
      const { u, s, vt } = singular(a, m, n);
      if (order === 0) return [u, s, vt];
      s.reverse();
      return [u, replaceValues(apart(s, order, epsilon, m !== n), s).reverse(), vt];
    },
    {
      /** Uᵀ·da·V has the tangents of the values on its diagonal; beside it, its symmetric part turns U and V alike, its antisymmetric part against each other. */
      jvp([a], [da]) {
        const outs = callNear(decomposition(order + 1), [a]);
        const [u, s, vt] = outs;
        const [m, k, n] = [...u.shape.slice(-2), vt.shape[vt.ndim - 1]];
        const v = matrixTranspose(vt);
        const tangent = da as NDArray;
        const [dav, dau] = [tangent.matmul(v), matrixTranspose(tangent).matmul(u)];
        const inner = matrixTranspose(u).matmul(dav);
        const even = symmetric(inner);
        const row = s.expandDims(-2);
        const alike = even.mul(quotients(s));
        const against = inner.sub(even).div(row.add(s.expandDims(-1)).add(triangularMask(s, 0, 1, 0)));
        /** With what leaves the space that the vectors span. */
        const moved = (turned: NDArray, vectors: NDArray, whole: NDArray, length: number): NDArray =>
          length === k ? turned : turned.add(whole.sub(vectors.matmul(matrixTranspose(vectors).matmul(whole))).div(row));
        const du = moved(u.matmul(alike.add(against)), u, dav, m);
        const dv = moved(v.matmul(alike.sub(against)), v, dau, n);
        return [outs, [du, inner.diagonal(0, -2, -1), matrixTranspose(dv)]];
      },
    },
  ),
);

/** The values alone: their first derivative needs no distance between them, so they stay as they are. */
const values = matrixOperation(
  "svd",
  ([a]) => [resultOf(a, [Math.min(...a.shape.slice(-2))])],
  ([a], [m, n]) => [singular(a, m, n).s],
  {
    jvp([a], [da]) {
      const [u, , vt] = call(decomposition(0), [a]);
      const inner = u.mul((da as NDArray).matmul(matrixTranspose(vt)));
      return [call(values, [a]), [inner.sum(-2)]];
    },
  },
);

export const singularValues = (a: NDArray): NDArray => call(values, [a])[0];

/** The result of {@link svd}; k = min(m, n). */
export interface SVD {
  /** [..., m, k], orthonormal columns. */
  readonly u: NDArray;
  /** [..., k], descending. */
  readonly s: NDArray;
  /** [..., k, n], orthonormal rows. */
  readonly vt: NDArray;
}

/**
 * The reduced singular value decomposition of matrices [..., m, n]: x = u·diag(s)·vt, k = min(m, n). One-sided Jacobi rotations:
 * small singular values are accurate too. The largest element of each row of vt is positive (for m < n, of each column of u).
 *
 * Derivatives are those of distinct singular values, which for m ≠ n are not 0. Those that differ by no more than rounding does count as
 * repeated, as for {@link eigh}. There, and at zeros, the derivative of what does not depend on the choice of vectors (u·diag(f(s))·vt for odd f,
 * sums over a cluster) is right to 1e-6, a second one to 1e-4, in float64; single vectors have none. Values beside a derivative are always
 * those of the plain call, for which the differentiated function is run once more.
 *
 * @param x [..., m, n]; int32 and bool become float64
 * @throws ShapeError where x has fewer than two axes, DTypeError where x is no {@link ArrayLike}
 * @example
 * linalg.svd(array([[3, 0], [0, -2], [0, 0]])).s.toArray(); // [3, 2]
 */
export function svd(x: ArrayLike): SVD {
  const a = matrices("svd", x);
  const [u, s, vt] = call(decomposition(0), [a]);
  return { u, s, vt };
}
