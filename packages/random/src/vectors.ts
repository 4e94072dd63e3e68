import { ADError, type ArrayLike, linalg, type NDArray, type Shape, ShapeError } from "@ad/core";
import { checkShape, showShape } from "@ad/core/internals/checks";
import { peekGiven } from "@ad/core/internals/trace";
import { count, type DrawOptions, lastOf, positive, prepare } from "./checks.js";
import { exponential, gaussians, uniform } from "./continuous.js";
import { rademacher } from "./discrete.js";
import { gammas } from "./gamma.js";
import { split } from "./keys.js";

/**
 * Normal vectors of a mean and a covariance: mean + l z, where l is the covariance's Cholesky factor and z is standard normal. Both may be
 * differentiated. A covariance that is semidefinite has no such factor: where it is a aᵀ, `a` times normal numbers are such vectors.
 *
 * @param key [2], int32
 * @param shape of the batch, without the last axis; by default that of mean and covariance together
 * @param mean [..., n]
 * @param covariance [..., n, n], symmetric and positive definite
 * @param options dtype: float64, the default, or float32
 * @returns [...shape, n]
 * @throws LinAlgError where a covariance is not positive definite, ShapeError where the shapes do not fit, DTypeError or ShapeError where the
 * key is none,
 * TreeError for an unknown option
 * @example
 * multivariateNormal(key(0), [], [0, 10], [[4, 2], [2, 3]]).toArray(); // [-0.411684, 8.684331]
 */
export function multivariateNormal(
  key: ArrayLike,
  shape: Shape | number | undefined,
  mean: ArrayLike,
  covariance: ArrayLike,
  options: DrawOptions = {},
): NDArray {
  const op = "multivariateNormal";
  const parameters = [["mean", mean, undefined, 1] as const, ["covariance", covariance, undefined, 2] as const];
  const {
    x,
    own,
    dtype,
    given: [mu, sigma],
  } = prepare(op, key, shape, parameters, options);
  const n = lastOf(op, "mean", mu);
  if (sigma.ndim < 2 || sigma.shape.slice(-2).some((m) => m !== n))
    throw new ShapeError(
      `${op}: the covariance has the shape ${showShape(sigma.shape)}; give [..., ${n}, ${n}], as the mean is [..., ${n}].`,
    );
  const z = gaussians(op, x, [...own, n], dtype);
  return factor(op, sigma).matmul(z.expandDims(-1)).squeeze(-1).add(mu);
}

/** The Cholesky factor; where there is none, the error names the sampler. */
function factor(op: string, covariance: NDArray): NDArray {
  try {
    return linalg.cholesky(covariance);
  } catch (error) {
    if (error instanceof ADError) error.message = `${op}: ${error.message}`;
    throw error;
  }
}

/**
 * Orthogonal matrices, uniformly (by Haar's measure): the factor q of normal matrices' {@link linalg.qr}, with the signs that make its r
 * positive (Mezzadri, "How to generate random matrices from the classical compact groups", 2007).
 *
 * @param key [2], int32
 * @param shape of the batch
 * @param n rows and columns of each
 * @param options dtype: float64, the default, or float32
 * @returns [...shape, n, n]
 * @throws DTypeError or ShapeError where the key is none, ShapeError where the shape is none or n is no whole number, TreeError for an unknown option
 * @example
 * const q = orthogonal(key(0), [], 3);
 * q.matmul(q.T).toArray(); // [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
 */
export function orthogonal(key: ArrayLike, shape: Shape | number | undefined, n: number, options: DrawOptions = {}): NDArray {
  const { x, own, dtype } = prepare("orthogonal", key, shape, [], options);
  const size = count("orthogonal", "n", n, 1);
  const { q, r } = linalg.qr(gaussians("orthogonal", x, checkShape("orthogonal", [...own, size, size]), dtype));
  return q.mul(r.diagonal(0, -2, -1).sign().expandDims(-2));
}

/**
 * Points in the unit ball of n dimensions, where Σ|xᵢ|ᵖ ≤ 1, or |xᵢ| ≤ 1 for p = Infinity, all equally probable (Barthe, Guédon, Mendelson and Naor, "A probabilistic approach to
 * the geometry of the ℓₚⁿ-ball", 2005).
 *
 * @param key [2], int32
 * @param shape of the batch
 * @param n the dimension
 * @param options p = 2, the norm's exponent, of which Infinity makes a cube, and dtype
 * @returns [...shape, n]
 * @throws DTypeError or ShapeError where the key is none or p is not above 0, ShapeError where the shape is none or n is no whole number,
 * TreeError for an unknown
 * option
 * @example
 * ball(key(0), [100], 2).square().sum(1).max().item() <= 1; // true
 */
export function ball(
  key: ArrayLike,
  shape: Shape | number | undefined,
  n: number,
  options: DrawOptions & { readonly p?: number } = {},
): NDArray {
  const { p: exponent = 2 } = options ?? {};
  const {
    x: from,
    own,
    dtype,
    given: [p],
  } = prepare("ball", key, shape, [["p", exponent, positive]], options, { known: ["p"] });
  const all = checkShape("ball", [...own, count("ball", "n", n, 1)]);
  if (p.size === 1 && peekGiven(p)?.every((each: number) => each === Infinity)) return uniform(from, all, { min: -1, max: 1, dtype });
  const [left, right] = split(from);
  const [first, second] = split(left);
  // In logarithms: the gamma numbers of a large p are smaller than any number of the dtype.
  const logs = gammas("ball", first, p.reciprocal(), all, true);
  const total = logs.logsumexp(-1).logaddexp(exponential(right, own, { dtype }).log());
  return logs
    .sub(total.expandDims(-1))
    .div(p)
    .exp()
    .mul(rademacher(second, all, { dtype }));
}
