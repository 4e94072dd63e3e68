import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { call } from "../engine/trace.js";
import { concatenate } from "../ops/movement.js";
import { factorQr } from "./kernels/qr.js";
import { columns, matrices, matrixOperation, matrixTranspose, resultOf, triangularMask } from "./matrices.js";
import { solvedTriangular } from "./solve.js";

const operation = matrixOperation(
  "qr",
  ([a]) => {
    const [m, n] = a.shape.slice(-2);
    const k = Math.min(m, n);
    return [resultOf(a, [m, k]), resultOf(a, [k, n])];
  },
  ([a], [m, n]) => {
    const { q, r } = factorQr(a, m, n);
    return [q, r];
  },
  {
    /**
     * For the first k columns, da·r⁻¹ = dq + q·(dr·r⁻¹), where qᵀ·dq is antisymmetric and dr·r⁻¹ upper triangular; the other columns
     * of r are qᵀ·a.
     */
    jvp([a], [da]) {
      const [q, r] = call(operation, [a]);
      const [k, n] = r.shape.slice(-2);
      const tangent = da as NDArray;
      const r1 = columns(r, 0, k);
      const x = matrixTranspose(solvedTriangular(matrixTranspose(r1), matrixTranspose(columns(tangent, 0, k)), true));
      const within = matrixTranspose(q).matmul(x);
      const low = within.mul(triangularMask(q, 1, 0, 0));
      const turn = low.sub(matrixTranspose(low));
      const dq = x.sub(q.matmul(within.sub(turn)));
      const dr = within.sub(turn).matmul(r1);
      if (n === k)
        return [
          [q, r],
          [dq, dr],
        ];
      const rest = matrixTranspose(dq)
        .matmul(columns(a, k, null))
        .add(matrixTranspose(q).matmul(columns(tangent, k, null)));
      return [
        [q, r],
        [dq, concatenate([dr, rest], -1)],
      ];
    },
  },
);

/** The result of {@link qr}. */
export interface QR {
  /** [..., m, k], orthonormal columns; k = min(m, n). */
  readonly q: NDArray;
  /** [..., k, n], with zeros below its diagonal. */
  readonly r: NDArray;
}

/**
 * The reduced factors of matrices [..., m, n]: x = q·r with orthonormal columns in q [..., m, k] and r [..., k, n] upper triangular,
 * k = min(m, n). Signs are LAPACK's, so those of NumPy. The derivative exists where the first k columns are linearly independent;
 * elsewhere it throws a LinAlgError.
 *
 * @param x [..., m, n]; int32 and bool become float64
 * @throws ShapeError where x has fewer than two axes, LinAlgError where a derivative does not exist, DTypeError where x is no
 * {@link ArrayLike}
 * @example
 * const { q, r } = linalg.qr(array([[3, 1], [4, 2]]));
 * q.toArray(); // [[-0.6, -0.8], [-0.8, 0.6]]
 * r.toArray(); // [[-5, -2.2], [0, 0.4]]
 */
export function qr(x: ArrayLike): QR {
  const [q, r] = call(operation, [matrices("qr", x)]);
  return { q, r };
}
