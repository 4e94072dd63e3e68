import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { call } from "../engine/trace.js";
import { singular } from "./kernels/svd.js";
import { equations, matrices, matrixOperation, matrixTranspose, resultOf } from "./matrices.js";

const operation = matrixOperation(
  "pinv",
  ([a]) => [resultOf(a, [a.shape[a.ndim - 1], a.shape[a.ndim - 2]])],
  ([a], [m, n], { epsilon }) => {
    const { u, s, vt } = singular(a, m, n);
    const k = s.length;
    const out = new Float64Array(n * m);
    for (let p = 0; p < k; p++) {
      if (s[p] <= epsilon * Math.max(m, n) * s[0]) continue;
      for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[i * m + j] += (vt[p * n + i] / s[p]) * u[j * k + p];
    }
    return [out];
  },
  {
    /** Golub & Pereyra, SIAM J. Numer. Anal. 10, 1973: where the rank stays the same. */
    jvp([a], [da]) {
      const [p] = call(operation, [a]);
      const [tangent, pt] = [da as NDArray, matrixTranspose(p)];
      const dat = matrixTranspose(tangent);
      const right = p.matmul(pt).matmul(dat);
      const left = dat.matmul(pt).matmul(p);
      const first = p.matmul(tangent).matmul(p).neg();
      return [[p], [first.add(right.sub(right.matmul(a).matmul(p))).add(left.sub(p.matmul(a).matmul(left)))]];
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
