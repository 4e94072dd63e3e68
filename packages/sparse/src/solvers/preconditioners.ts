import { type ArrayLike, linalg, type NDArray, ShapeError, TreeError } from "@ad/core";
import { describe, showShape } from "@ad/core/internals/checks";
import { asArray, call, isFloat, type Operation } from "@ad/core/internals/trace";
import type { Entries } from "../matrix/entries.js";
import { laneOperation, type Numbers } from "../matrix/lanes.js";
import { SparseMatrix } from "../matrix/sparse-matrix.js";
import { squareOf } from "./maps.js";

/**
 * A linear map near to the inverse of a matrix.
 *
 * @param v a vector [n], or columns [n, k]
 */
export type Preconditioner = (v: NDArray) => NDArray;

const floats = (x: NDArray): NDArray => (isFloat(x.dtype) ? x : x.astype("float64"));

/** v as columns [n, k]. */
function onColumns(op: string, n: number, f: (columns: NDArray) => NDArray): Preconditioner {
  return (given) => {
    const v = asArray(given, op);
    if (v.ndim === 0 || v.ndim > 2 || v.shape[0] !== n)
      throw new ShapeError(`${op}: the preconditioner gets an array of shape ${showShape(v.shape)}; give [${n}] or [${n}, k].`);
    return f(floats(v).reshape(n, v.size / n || 0)).reshape(v.shape);
  };
}

/**
 * The preconditioner of Jacobi: division by the diagonal, where that is not 0.
 *
 * @param a a {@link SparseMatrix} or an array [n, n]; int32 and bool become float64. The solution does not depend on it, so it has no derivative
 * @throws ShapeError where the matrix is not square, DTypeError where it is no {@link ArrayLike}
 * @example
 * const a = SparseMatrix.fromDense([[4, 1], [1, 2]]);
 * jacobi(a)(array([4, 4])).toArray(); // [1, 2]
 * conjugateGradient(a, array([1, 2]), { preconditioner: jacobi(a) }).converged; // true
 */
export function jacobi(a: SparseMatrix | ArrayLike): Preconditioner {
  const matrix = squareOf("jacobi", "the matrix", a);
  const d = matrix.diagonal().stopGradient();
  const scale = d.equal(0).where(1, d).reciprocal().expandDims(1);
  return onColumns("jacobi", matrix.shape[0], (v) => v.mul(scale));
}

interface Ilu {
  /** Maps entries to the factors' entries: those of l below the diagonal, which has ones, and those of u on it and above. */
  readonly factor: Operation;
  /** Maps the factors' entries and columns to the solution. */
  readonly solve: Operation;
}

const known = new WeakMap<Entries, Ilu>();

function iluOf(entries: Entries): Ilu {
  let own = known.get(entries);
  if (own === undefined) {
    const { diagonal } = entries;
    const at = diagonal.indexOf(-1);
    if (at >= 0)
      throw new ShapeError(
        `ilu0: place ${at} of the diagonal is not stored; add SparseMatrix.eye(n).scale(0), so that it is, or use jacobi.`,
      );
    const solve: Operation = solving("iluSolve", entries, substitute(entries, diagonal), () => transposed);
    const transposed: Operation = solving("iluSolveTransposed", entries, substituteTransposed(entries, diagonal), () => solve);
    own = { factor: factoring(entries, diagonal), solve };
    known.set(entries, own);
  }
  return own;
}

/** Linear in the columns; the factors are constant. */
const solving = (
  name: string,
  { shape: [n] }: Entries,
  kernel: (factors: Numbers, x: Numbers, k: number) => void,
  transposed: () => Operation,
): Operation => {
  const own: Operation = laneOperation(
    name,
    [1, 2],
    ([, [, k]]) => [n, k],
    ([factors, v], out, [, [, k]]) => {
      out.set(v);
      kernel(factors, out, k);
    },
    {
      jvp: ([factors, v], [, dv]) => [call(own, [factors, v]), dv === undefined ? [undefined] : call(own, [factors, dv])],
      transposes: { 1: ([ct], [factors]) => call(transposed(), [factors, ct as NDArray])[0] },
    },
  );
  return own;
};

/** Elimination that keeps the pattern: what would be filled in is dropped. */
const factoring = ({ columns, starts, shape: [n], count }: Entries, diagonal: Int32Array): Operation =>
  laneOperation(
    "ilu0",
    [1],
    () => [count],
    ([values], out) => {
      out.set(values);
      const place = new Int32Array(n).fill(-1);
      for (let i = 0; i < n; i++) {
        for (let e = starts[i]; e < starts[i + 1]; e++) place[columns[e]] = e;
        for (let e = starts[i]; e < diagonal[i]; e++) {
          const pivot = diagonal[columns[e]];
          out[e] /= out[pivot];
          for (let above = pivot + 1; above < starts[columns[e] + 1]; above++) {
            const at = place[columns[above]];
            if (at >= 0) out[at] -= out[e] * out[above];
          }
        }
        if (out[diagonal[i]] === 0)
          throw new linalg.LinAlgError(`ilu0: the pivot of row ${i} is 0; use jacobi, or give rows and columns another order.`);
        for (let e = starts[i]; e < starts[i + 1]; e++) place[columns[e]] = -1;
      }
    },
    {},
  );

/** x[to, :] −= factor · x[from, :]. */
function subtract(x: Numbers, factor: number, to: number, from: number, k: number): void {
  for (let j = 0; j < k; j++) x[to * k + j] -= factor * x[from * k + j];
}

function divide(x: Numbers, by: number, row: number, k: number): void {
  for (let j = 0; j < k; j++) x[row * k + j] /= by;
}

const substitute =
  ({ columns, starts, shape: [n] }: Entries, diagonal: Int32Array) =>
  (factors: Numbers, x: Numbers, k: number): void => {
    for (let i = 0; i < n; i++) for (let e = starts[i]; e < diagonal[i]; e++) subtract(x, factors[e], i, columns[e], k);
    for (let i = n - 1; i >= 0; i--) {
      for (let e = diagonal[i] + 1; e < starts[i + 1]; e++) subtract(x, factors[e], i, columns[e], k);
      divide(x, factors[diagonal[i]], i, k);
    }
  };

const substituteTransposed =
  ({ columns, starts, shape: [n] }: Entries, diagonal: Int32Array) =>
  (factors: Numbers, x: Numbers, k: number): void => {
    for (let i = 0; i < n; i++) {
      divide(x, factors[diagonal[i]], i, k);
      for (let e = diagonal[i] + 1; e < starts[i + 1]; e++) subtract(x, factors[e], columns[e], i, k);
    }
    for (let i = n - 1; i >= 0; i--) for (let e = starts[i]; e < diagonal[i]; e++) subtract(x, factors[e], columns[e], i, k);
  };

/**
 * The preconditioner ILU(0): triangular factors l and u of the pattern of the matrix, which are those of the matrix itself where nothing is filled in.
 * It takes a fraction of the steps that {@link jacobi} takes, where the matrix is one of a discretised equation.
 *
 * @param a a {@link SparseMatrix} [n, n] of any dtype that stores its diagonal. The solution does not depend on it, so it has no derivative
 * @throws ShapeError where the matrix is not square or does not store its diagonal, TreeError where it is no sparse matrix, LinAlgError where a
 * pivot is 0
 * @example
 * const a = SparseMatrix.fromDense([[4, 1, 0], [1, 4, 1], [0, 1, 4]]);
 * gmres(a, array([1, 2, 3]), { preconditioner: ilu0(a) }).iterations; // 1
 */
export function ilu0(a: SparseMatrix): Preconditioner {
  if (!((a as unknown) instanceof SparseMatrix))
    throw new TreeError(`ilu0: the matrix is ${describe(a)}; give a SparseMatrix, as SparseMatrix.fromDense makes it.`);
  squareOf("ilu0", "the matrix", a);
  const { factor, solve } = iluOf(a.entries);
  const [factors] = call(factor, [a.values.stopGradient()]);
  return onColumns("ilu0", a.shape[0], (v) => call(solve, [factors.astype(v.dtype), v])[0]);
}
