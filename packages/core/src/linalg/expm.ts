import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { call } from "../engine/trace.js";
import { concatenate } from "../ops/movement.js";
import { exponential } from "./kernels/expm.js";
import { columns, matrixOperation, matrixTranspose, rows, square } from "./matrices.js";

/** The blocks [[a, e], [0, a]], whose functions hold the derivative in direction e in the place of e. */
const doubled = (a: NDArray, e: NDArray): NDArray => concatenate([concatenate([a, e], -1), concatenate([a.filled(0, a.aval), a], -1)], -2);

/** The derivative of exp at a in direction e: linear in e. */
const frechet = matrixOperation(
  "expm",
  ([a]) => [a],
  (inputs, [n]) => [exponential(inputs, n)[1]],
  {
    jvp(inputs, [da, de]) {
      const [a, e] = inputs;
      const zero = a.filled(0, a.aval);
      const n = a.shape[a.ndim - 1];
      const [moved] = call(frechet, [doubled(a, e), doubled(da ?? zero, de ?? zero)]);
      return [call(frechet, inputs), [columns(rows(moved, 0, n), n, null)]];
    },
    transposes: { 1: ([ct], [a]) => call(frechet, [matrixTranspose(a), ct as NDArray])[0] },
  },
);

const operation = matrixOperation(
  "expm",
  ([a]) => [a],
  (inputs, [n]) => exponential(inputs, n),
  { jvp: ([a], [da]) => [call(operation, [a]), call(frechet, [a, da as NDArray])] },
);

/**
 * The exponentials of matrices [..., n, n], by scaling and squaring. Derivatives of every order are exact.
 *
 * @param x [..., n, n]; int32 and bool become float64
 * @throws ShapeError where the matrices are not square, DTypeError where x is no {@link ArrayLike}
 * @example
 * linalg.expm(array([[0, 1], [0, 0]])).toArray(); // [[1, 1], [0, 1]]
 */
export const expm = (x: ArrayLike): NDArray => call(operation, [square("expm", x)])[0];
