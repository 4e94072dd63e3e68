import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { below } from "../array/views.js";
import { productOf } from "../cpu/kernels/reduction.js";
import type { Operation } from "../engine/operation.js";
import { peek } from "../engine/peek.js";
import { call } from "../engine/trace.js";
import { timesPower } from "../rules/running.js";
import { heaviest } from "./kernels/assignment.js";
import { norm1 } from "./kernels/expm.js";
import { factorLu, solveFactored, zeroOnDiagonal } from "./kernels/lu.js";
import { singular } from "./kernels/svd.js";
import { identityFor, matrixOperation, matrixTranspose, resultOf, square } from "./matrices.js";
import { inverse } from "./solve.js";

/** The number of directions in which a matrix is near to singular that are split off exactly. */
const maxDirections = 4;

/** Singular values below this part of the largest are split off. */
const minSingularValue = 1e-3;

/**
 * Columns u, v and a matrix e such that b = a + u·vᵀ + e is well conditioned. A direction that is not needed has columns of zeros,
 * and e holds only what `most` columns cannot.
 */
const border = matrixOperation(
  "det",
  ([a]) => {
    const n = a.shape[a.ndim - 1];
    const k = Math.min(n, maxDirections);
    return [resultOf(a, [n, k]), resultOf(a, [n, k]), a];
  },
  ([a], [n]) => {
    const k = Math.min(n, maxDirections);
    const [left, right, rest] = [new Float64Array(n * k), new Float64Array(n * k), new Float64Array(n * n)];
    if (wellConditioned(a, n)) return [left, right, rest];
    const { u, s, vt } = singular(a, n, n);
    const scale = s[0] || 1;
    for (let j = 0; j < n; j++) {
      const column = n - 1 - j;
      if (s[column] > (j < k ? minSingularValue : n * 2 ** -52) * scale) continue;
      for (let i = 0; i < n; i++) {
        const part = scale * u[i * n + column];
        if (j < k) {
          left[i * k + j] = part;
          right[i * k + j] = vt[column * n + i];
        } else for (let c = 0; c < n; c++) rest[i * n + c] += part * vt[column * n + c];
      }
    }
    return [left, right, rest];
  },
  { jvp: (inputs) => [call(border, inputs), [undefined, undefined, undefined]] },
);

function wellConditioned(a: Float64Array, n: number): boolean {
  const factors = a.slice();
  const { rows } = factorLu(factors, n, n);
  if (zeroOnDiagonal(factors, n) >= 0) return false;
  const identity = a.map((_, at) => +(at % (n + 1) === 0));
  return norm1([a], n) * norm1([solveFactored(factors, rows, identity, n)], n) <= 1 / minSingularValue;
}

const trace = (x: NDArray): NDArray => x.trace(0, -2, -1).expandDims([-1, -2]);

/** The determinant and the adjugate of small matrices without a division by an element (Faddeev & LeVerrier). */
function smallAdjugate(c: NDArray): [determinant: NDArray, adjugate: NDArray] {
  const k = c.shape[c.ndim - 1];
  const identity = identityFor(c);
  let adjugate = identity;
  let product = c;
  let coefficient = trace(c).neg();
  for (let j = 2; j <= k; j++) {
    adjugate = product.add(identity.mul(coefficient));
    product = c.matmul(adjugate);
    coefficient = trace(product).div(-j);
  }
  return k % 2 === 0 ? [coefficient, adjugate.neg()] : [coefficient.neg(), adjugate];
}

/**
 * The derivative of the determinant, which is a polynomial of the elements and has all derivatives at singular matrices too.
 * With b = a + u·vᵀ, where u and v are constants, det a = det b · det c, c = 1 − vᵀ·b⁻¹·u: b can be inverted, c is small.
 */
function adjugate(a: NDArray): NDArray {
  const [u, v, rest] = call(border, [a]);
  const needsNone = peek(u)
    ?.values.data()
    .every((x: number) => x === 0);
  if (needsNone) return inverse(a).mul(call(operation, [a])[0].expandDims([-1, -2]));
  const b = a.add(u.matmul(matrixTranspose(v))).add(rest);
  const inverted = inverse(b);
  const left = inverted.matmul(u);
  const [determinant, inner] = smallAdjugate(identityFor(matrixTranspose(v).matmul(u)).sub(matrixTranspose(v).matmul(left)));
  const scale = call(operation, [b])[0].expandDims([-1, -2]);
  return inverted
    .mul(determinant)
    .add(left.matmul(inner).matmul(matrixTranspose(v).matmul(inverted)))
    .mul(scale);
}

/** If the sizes of all elements but zeros differ by fewer powers of two than this, the largest of each row and column is enough. */
const alike = 20;

/** Powers of two for rows and columns, by which no element is above 1, and those of one permutation are near 1, unless one of them has to be 0. */
const balance = matrixOperation(
  "det",
  ([a]) => [resultOf(a, [a.shape[a.ndim - 1], 1]), resultOf(a, [1, a.shape[a.ndim - 1]])],
  ([a], [n]) => {
    const sizes = a.map((x) => Math.log2(Math.abs(x)));
    const isKnown = (x: number): boolean => Math.abs(x) < Infinity;
    const known = sizes.filter(isKnown);
    const largest = (of: (i: number) => number): number =>
      below(n)
        .map(of)
        .reduce((m, x) => (isKnown(x) && !(x <= m) ? x : m), NaN) || 0;
    const [least, most] = [known.reduce((m, x) => Math.min(m, x), 0), known.reduce((m, x) => Math.max(m, x), 0)];
    // Less than zeros can cost, whatever they make room for.
    const zero = least - n * (most - least) - 1;
    const weights = sizes.map((x) => (isKnown(x) ? x : zero));
    const best = most - least > alike && heaviest(weights, n);
    if (best && [...best[0], ...best[1]].reduce((t, x) => t + x) > n * least - 0.5) return best.map((x) => x.map(Math.round));
    const rows = below(n).map((i) => Math.round(largest((j) => sizes[i * n + j])));
    return [rows, rows.map((_, j) => Math.round(largest((i) => sizes[i * n + j] - rows[i])))];
  },
  { jvp: (inputs) => [call(balance, inputs), [undefined, undefined]] },
);

/**
 * The transposed adjugate. With rows and columns in balance no product on the way leaves the range where the result does not, and a matrix that
 * is near to singular by its scales alone is none.
 */
function cofactors(a: NDArray): NDArray {
  const n = a.shape[a.ndim - 1];
  const keep = { keepdims: true };
  const fixed = a.stopGradient();
  const [rows, columns] = call(balance, [fixed]);
  const even = timesPower(fixed, rows.add(columns).neg());
  const size = call(logarithmic, [even])[1].div(n * Math.LN2);
  const rest = size.isFinite().where(size, 0).round().expandDims([-1, -2]);
  const own = rows.add(columns).add(rest);
  const all = rows.sum(-2, keep).add(columns.sum(-1, keep)).add(rest.mul(n));
  return timesPower(matrixTranspose(adjugate(timesPower(a, own.neg()))), all.sub(own));
}

const operation: Operation = matrixOperation(
  "det",
  ([a]) => [resultOf(a, [])],
  ([a], [n]) => {
    const { sign } = factorLu(a, n, n);
    return [[sign * productOf(below(n).map((i) => a[i * n + i]))]];
  },
  {
    jvp: ([a], [da]) => {
      const outs = call(operation, [a]);
      if (a.shape[a.ndim - 1] === 0) return [outs, [undefined]];
      return [
        outs,
        [
          cofactors(a)
            .mul(da as NDArray)
            .sum([-2, -1]),
        ],
      ];
    },
  },
);

/**
 * The determinants of matrices [..., n, n], by elimination. All derivatives exist at singular matrices too: the first is the matrix of
 * cofactors. They are exact up to the third order, and of any order where the rank is n − 4 at least.
 *
 * @param x [..., n, n]; int32 and bool become float64
 * @throws ShapeError where the matrices are not square, DTypeError where x is no {@link ArrayLike}
 * @example
 * linalg.det(array([[1, 2], [3, 4]])).item(); // -2
 * grad((x) => linalg.det(x))(array([[1, 2], [2, 4]])).toArray(); // [[4, -2], [-2, 1]]
 */
export const det = (x: ArrayLike): NDArray => call(operation, [square("det", x)])[0];

const logarithmic: Operation = matrixOperation(
  "slogdet",
  ([a]) => [resultOf(a, []), resultOf(a, [])],
  ([a], [n]) => {
    let { sign } = factorLu(a, n, n);
    let logarithm = 0;
    for (let i = 0; i < n; i++) {
      sign *= Math.sign(a[i * n + i]);
      logarithm += Math.log(Math.abs(a[i * n + i]));
    }
    return [[sign], [logarithm]];
  },
  {
    jvp: ([a], [da]) => [
      call(logarithmic, [a]),
      [
        undefined,
        matrixTranspose(inverse(a))
          .mul(da as NDArray)
          .sum([-2, -1]),
      ],
    ],
  },
);

/** The result of {@link slogdet}. */
export interface Slogdet {
  /** 1, -1, or 0 where the matrix is singular; of shape [...]. */
  readonly sign: NDArray;
  /** The logarithm of the determinant's absolute value, of shape [...]. */
  readonly logdet: NDArray;
}

/**
 * The sign and the logarithm of the absolute value of the determinants of matrices [..., n, n]: neither overflows where the
 * determinant would. A singular matrix gives 0 and -inf, and has no derivative: that throws a LinAlgError.
 *
 * @param x [..., n, n]; int32 and bool become float64
 * @throws ShapeError where the matrices are not square, LinAlgError where the derivative of a singular one is taken, DTypeError where x is
 * no {@link ArrayLike}
 * @example
 * const { sign: direction, logdet } = linalg.slogdet(array([[0, 2], [3, 0]]));
 * direction.item(); // -1
 * logdet.item(); // 1.791759469228055
 */
export function slogdet(x: ArrayLike): Slogdet {
  const [sign, logdet] = call(logarithmic, [square("slogdet", x)]);
  return { sign, logdet };
}
