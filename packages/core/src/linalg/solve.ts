import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import type { Operation } from "../engine/operation.js";
import { call } from "../engine/trace.js";
import { factorLu, solveFactored, substitute, zeroOnDiagonal } from "./kernels/lu.js";
import {
  either,
  equations,
  type Failure,
  type FailureOptions,
  failureOf,
  identityFor,
  type Kernel,
  matrixOperation,
  matrixTranspose,
  type Rules,
  square,
} from "./matrices.js";

/** Equations a·x = b, linear in b. `part` is what of a is read. */
function linearSystem(
  name: string,
  kernel: Kernel,
  part: (a: NDArray) => NDArray,
  transposed: () => Operation,
  failure: Failure,
  options = {},
): Operation {
  const rules: Rules = {
    options,
    jvp(inputs, [da, db]) {
      const [a, b] = inputs;
      const [x] = call(own, [a, b]);
      const fromA = da && part(da).matmul(x).neg();
      const right = fromA === undefined ? db : db === undefined ? fromA : db.add(fromA);
      return [[x], [right && call(own, [a, right])[0]]];
    },
    transposes: { 1: ([ct], [a]) => call(transposed(), [matrixTranspose(a), ct as NDArray])[0] },
    beside(inputs, mapped, size) {
      if (mapped[0]) return undefined;
      // If only b is mapped, its lanes are further columns of one factorisation.
      const [a, b] = inputs;
      const beside = b.moveaxis(0, -2);
      const { shape } = beside;
      const [x] = call(own, [a, beside.reshape([...shape.slice(0, -2), size * shape[shape.length - 1]])]);
      return [x.reshape(shape).moveaxis(-2, 0)];
    },
  };
  const own: Operation = matrixOperation(name, ([, b]) => [b], kernel, rules, failure);
  return own;
}

/** The same equations under the names of what asks for their solution. */
export function general(name: string, failure: Failure): Operation {
  const own: Operation = linearSystem(
    name,
    ([a, b], [n], { fail }) => {
      const { rows } = factorLu(a, n, n);
      if (zeroOnDiagonal(a, n) >= 0) fail("the matrix is singular; lstsq and pinv take such");
      return [solveFactored(a, rows, b, b.length / (n || 1))];
    },
    (a) => a,
    () => own,
    failure,
  );
  return own;
}

const solutions = either((failure) => general("solve", failure));
const inversions = either((failure) => general("inv", failure));

const triangle = (lower: boolean, failure: Failure): Operation =>
  linearSystem(
    "solveTriangular",
    ([a, b], [n], { fail }) => {
      const at = zeroOnDiagonal(a, n);
      if (at >= 0) fail(`the matrix is singular: element ${at} of its diagonal is 0; lstsq and pinv take such`);
      substitute(a, n, b, b.length / (n || 1), lower);
      return [b];
    },
    (a) => (lower ? a.tril() : a.triu()),
    () => triangular(!lower, failure),
    failure,
    lower ? { lower } : {},
  );

const uppers = either((failure) => triangle(false, failure));
const lowers = either((failure) => triangle(true, failure));
const triangular = (isLower: boolean, failure: Failure): Operation => (isLower ? lowers : uppers)[failure];

/** The doors of rules: operands are matrices of one batch and dtype. */
export const solvedTriangular = (a: NDArray, b: NDArray, isLower: boolean, failure: Failure = "throw"): NDArray =>
  call(triangular(isLower, failure), [a, b])[0];
export const inverse = (a: NDArray, by: Operation = inversions.throw): NDArray => call(by, [a, identityFor(a)])[0];

/**
 * The solution x of a·x = b: [..., n, n] and [n] or [..., n, k] give the shape of b, with the batches broadcast. By elimination with
 * partial pivoting; b is a vector only where it has one axis, as in NumPy.
 *
 * @param a [..., n, n]
 * @param b [n] or [..., n, k]; dtypes are promoted, and int32 and bool become float64
 * @param options onFailure: "nan" gives NaN for a singular matrix instead of throwing
 * @throws ShapeError where a is not square or b does not fit, LinAlgError where a matrix is singular, TreeError for an unknown option or
 * onFailure, DTypeError where a or b is no {@link ArrayLike}
 * @example
 * linalg.solve(array([[2, 1], [1, 3]]), array([3, 5])).toArray(); // [0.8, 1.4]
 */
export function solve(a: ArrayLike, b: ArrayLike, options: FailureOptions): NDArray;
export function solve(a: ArrayLike, b: ArrayLike): NDArray;
export function solve(a: ArrayLike, b: ArrayLike, options?: FailureOptions): NDArray {
  const failure = failureOf("solve", options);
  return equations("solve", square("solve", a), b, (x, y) => call(solutions[failure], [x, y])[0]);
}

/** Options of {@link solveTriangular}. */
export interface TriangularOptions extends FailureOptions {
  /** Read the lower triangle instead of the upper one. */
  readonly lower?: boolean;
}

/**
 * The solution x of a·x = b for a triangular a, by substitution; the other triangle is not read. Shapes as for {@link solve}.
 *
 * @param a [..., n, n]
 * @param b [n] or [..., n, k]; dtypes are promoted, and int32 and bool become float64
 * @param options lower: read the lower triangle instead of the upper one; onFailure as in {@link solve}
 * @throws ShapeError where a is not square or b does not fit, LinAlgError where an element of a diagonal is 0, TreeError for an unknown
 * option or onFailure, DTypeError where a or b is no {@link ArrayLike}
 * @example
 * linalg.solveTriangular(array([[2, 1], [0, 4]]), array([4, 8])).toArray(); // [1, 2]
 * linalg.solveTriangular(array([[2, 0], [1, 4]]), array([4, 10]), { lower: true }).toArray(); // [2, 2]
 */
export function solveTriangular(a: ArrayLike, b: ArrayLike, options?: TriangularOptions): NDArray {
  const failure = failureOf("solveTriangular", options, ["lower"]);
  return equations("solveTriangular", square("solveTriangular", a), b, (x, y) => solvedTriangular(x, y, options?.lower ?? false, failure));
}

/**
 * The inverses of matrices [..., n, n]. To solve equations, {@link solve} is faster and more accurate.
 *
 * @param x [..., n, n]; int32 and bool become float64
 * @param options onFailure: "nan" gives NaN for a singular matrix instead of throwing
 * @throws ShapeError where the matrices are not square, LinAlgError where one is singular, TreeError for an unknown option or onFailure,
 * DTypeError where x is no {@link ArrayLike}
 * @example
 * linalg.inv(array([[2, 1], [1, 1]])).toArray(); // [[1, -1], [-1, 2]]
 * linalg.inv(array([[[2]], [[0]]]), { onFailure: "nan" }).toArray(); // [[[0.5]], [[NaN]]]
 */
export function inv(x: ArrayLike, options: FailureOptions): NDArray;
export function inv(x: ArrayLike): NDArray;
export function inv(x: ArrayLike, options?: FailureOptions): NDArray {
  const failure = failureOf("inv", options);
  return inverse(square("inv", x), inversions[failure]);
}
