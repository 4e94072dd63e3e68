import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { call } from "../engine/trace.js";
import { concatenate } from "../ops/movement.js";
import { factorLu } from "./kernels/lu.js";
import { columns, matrices, matrixOperation, matrixTranspose, resultOf, rows, triangularMask } from "./matrices.js";
import { solvedTriangular } from "./solve.js";

const operation = matrixOperation(
  "lu",
  ([a]) => {
    const [m, n] = a.shape.slice(-2);
    const k = Math.min(m, n);
    return [resultOf(a, [m], "int32"), resultOf(a, [m, k]), resultOf(a, [k, n])];
  },
  ([a], [m, n]) => {
    const order = factorLu(a, m, n).rows;
    const k = Math.min(m, n);
    const l = new Float64Array(m * k).map((_, at) => {
      const [i, j] = [Math.floor(at / k), at % k];
      return i > j ? a[i * n + j] : +(i === j);
    });
    const u = new Float64Array(k * n).map((_, at) => (Math.floor(at / n) <= at % n ? a[at] : 0));
    return [order, l, u];
  },
  {
    /** For the leading square part, l⁻¹·da·u⁻¹ = l⁻¹·dl + du·u⁻¹: a strictly lower and an upper part. The rest follows from da = dl·u + l·du. */
    jvp([a], [da]) {
      const outs = call(operation, [a]);
      const [p, l, u] = outs;
      const k = l.shape[l.ndim - 1];
      const moved = (da as NDArray).takeAlongAxis(p.expandDims(-1), -2);
      const [l1, u1] = [rows(l, 0, k), columns(u, 0, k)];
      const overU = (x: NDArray): NDArray => matrixTranspose(solvedTriangular(matrixTranspose(u1), matrixTranspose(x), true));
      const both = overU(solvedTriangular(l1, columns(rows(moved, 0, k), 0, k), true));
      const lower = triangularMask(l, 1, 0, 0);
      const upper = triangularMask(l, 0, 1, 1);
      let dl = l1.matmul(both.mul(lower));
      let du = both.mul(upper).matmul(u1);
      if (l.shape[l.ndim - 2] > k) dl = concatenate([dl, overU(rows(moved, k, null).sub(rows(l, k, null).matmul(du)))], -2);
      else if (u.shape[u.ndim - 1] > k)
        du = concatenate([du, solvedTriangular(l1, columns(moved, k, null).sub(dl.matmul(columns(u, k, null))), true)], -1);
      return [outs, [undefined, dl, du]];
    },
  },
);

/** x[p] = l·u. */
export interface LU {
  /** The order of the rows, int32. */
  readonly p: NDArray;
  /** [..., m, k], with ones on its diagonal and zeros above it; k = min(m, n). */
  readonly l: NDArray;
  /** [..., k, n], with zeros below its diagonal. */
  readonly u: NDArray;
}

/**
 * The factors of matrices [..., m, n] by elimination with partial pivoting: x[p] = l·u, with p [..., m] a permutation of the rows,
 * l [..., m, k] lower triangular with ones on its diagonal and u [..., k, n] upper triangular, k = min(m, n). The derivative exists
 * where the leading k × k part of x[p] is not singular; elsewhere it throws a LinAlgError.
 *
 * @param x [..., m, n]; int32 and bool become float64
 * @throws ShapeError where x has fewer than two axes, LinAlgError where a derivative does not exist, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * const { p, l, u } = linalg.lu(array([[1, 3], [2, 4]]));
 * p.toArray(); // [1, 0]
 * l.toArray(); // [[1, 0], [0.5, 1]]
 * u.toArray(); // [[2, 4], [0, 1]]
 */
export function lu(x: ArrayLike): LU {
  const [p, l, u] = call(operation, [matrices("lu", x)]);
  return { p, l, u };
}
