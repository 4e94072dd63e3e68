import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { call } from "../engine/trace.js";
import { across, product } from "./kernels/matrices.js";
import { singular } from "./kernels/svd.js";
import { equations, matrices, matrixOperation, matrixTranspose, resultOf } from "./matrices.js";

const operation = matrixOperation(
  "pinv",
  ([a]) => [resultOf(a, [a.shape[a.ndim - 1], a.shape[a.ndim - 2]])],
  ([a], [m, n], { epsilon }) => {
    const { u, s, vt } = singular(a, m, n);
    const k = s.length;
    for (let p = 0; p < k; p++) {
      const counts = s[p] > epsilon * Math.max(m, n) * s[0];
      for (let i = p * n; i < (p + 1) * n; i++) vt[i] = counts ? vt[i] / s[p] : 0;
    }
    return [product(n, m, k, across(vt, n), 0, across(u, k), 0)];
  },
  {
    /** Golub & Pereyra, SIAM J. Numer. Anal. 10, 1973: where the rank stays the same. */
    jvp([a], [da]) {
      const [p] = call(operation, [a]);
      const [tangent, pt] = [da as NDArray, matrixTranspose(p)];
      const dat = matrixTranspose(tangent);
      const [n, m] = p.shape.slice(-2);
      /** Of matrices [n, m], [m, n] and [n, m], by the smaller product first. */
      const times = (x: NDArray, y: NDArray, z: NDArray): NDArray => (n > m ? x.matmul(y.matmul(z)) : x.matmul(y).matmul(z));
      const right = times(p, pt, dat);
      const left = times(dat, pt, p);
      return [
        [p],
        [
          right
            .sub(times(right, a, p))
            .add(left.sub(times(p, a, left)))
            .sub(times(p, tangent, p)),
        ],
      ];
    },
  },
);

const pseudoinverted = (a: NDArray): NDArray => call(operation, [a])[0];

/**
 * The Moore-Penrose inverses [..., n, m] of matrices [..., m, n]. Singular values below max(m, n)·ε of the largest count as 0.
 * The derivative is that along which the rank stays the same.
 *
 * @param x [..., m, n]; int32 and bool become float64
 * @throws ShapeError where x has fewer than two axes, DTypeError where x is no {@link ArrayLike}
 * @example
 * linalg.pinv(array([[2, 0], [0, 0], [0, 4]])).toArray(); // [[0.5, 0, 0], [0, 0, 0.25]]
 */
export const pinv = (x: ArrayLike): NDArray => pseudoinverted(matrices("pinv", x));

/**
 * The shortest x that makes |a·x − b| least: [..., m, n] and [m] or [..., m, k] give [n] or [..., n, k]. Ranks are judged as in {@link pinv}.
 *
 * @param a [..., m, n]
 * @param b [m] or [..., m, k]; dtypes are promoted, and int32 and bool become float64
 * @throws ShapeError where a has fewer than two axes or b does not fit, DTypeError where a or b is no {@link ArrayLike}
 * @example
 * linalg.lstsq(array([[1, 0], [1, 1], [1, 2]]), array([1, 3, 5])).toArray(); // [1, 2]
 */
export const lstsq = (a: ArrayLike, b: ArrayLike): NDArray =>
  equations("lstsq", matrices("lstsq", a), b, (x, y) => pseudoinverted(x).matmul(y));
