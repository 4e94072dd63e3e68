import { type ArrayLike, type NDArray, type Shape, softmax, where } from "@ad/core";
import { type DrawOptions, lastOf, positive, prepare } from "./checks.js";
import { gaussians } from "./continuous.js";
import { draw } from "./draw.js";
import { logSlope } from "./implicit.js";
import { split } from "./keys.js";
import { child, type Float, gaussianOf, numberOf, unit, type Words } from "./threefry.js";

/**
 * One gamma number, or its logarithm, by the method of Marsaglia and Tsang, "A simple method for generating gamma variables" (2000). A number of
 * shape α < 1 is one of α + 1 times a power of a uniform one.
 */
function one(key: Words, alpha: number, dtype: Float, isLog: boolean): number {
  const d = (alpha < 1 ? alpha + 1 : alpha) - 1 / 3;
  const c = 1 / 3 / Math.sqrt(d);
  let rest = child(key, 0);
  let volume: number;
  for (;;) {
    let inner = child(rest, 1);
    let x: number;
    let v: number;
    do {
      x = numberOf(child(inner, 1), 0, gaussianOf[dtype]);
      v = 1 + x * c;
      inner = child(inner, 0);
    } while (v <= 0);
    const u = unit(child(rest, 2), 0, dtype);
    const square = x * x;
    volume = v * v * v;
    if (!(u >= 1 - 0.0331 * square * square && Math.log(u) >= square / 2 + d * (1 - volume + Math.log(volume)))) break;
    rest = child(rest, 0);
  }
  if (!isLog) return d * volume * (alpha < 1 ? (1 - unit(child(key, 1), 0, dtype)) ** (1 / alpha) : 1);
  const boost = alpha < 1 ? Math.log1p(-unit(child(key, 1), 0, dtype)) : 0;
  return Math.log(d) + Math.log(volume) + (boost === 0 ? 0 : boost / alpha);
}

/** Gamma numbers, or their logarithms, of the float dtype of alpha. */
export function gammas(name: string, key: NDArray, alpha: NDArray, shape: Shape, isLog: boolean): NDArray {
  const dtype = alpha.dtype as Float;
  return draw(
    {
      name,
      shape,
      dtype,
      kernel(words, out, [alphas]) {
        for (let i = 0; i < out.length; i++) out[i] = one(child(words, i), alphas[i], dtype, isLog);
      },
      slope(out, [a]) {
        if (isLog) return logSlope(a, out);
        // A number that is too small for its dtype stays 0.
        const isZero = out.equal(0);
        return where(isZero, 0, out.mul(logSlope(a, where(isZero, 1, out).log())));
      },
    },
    key,
    alpha.broadcastTo([...shape]),
  );
}

/**
 * Gamma numbers, with the density x^(α−1) exp(−x) / Γ(α). Another scale is a product with it.
 *
 * The derivative by α is that of the quantile: the number stays at its place in the distribution (implicit differentiation), to any order.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of alpha
 * @param alpha the shape parameter α, above 0
 * @param options dtype: float64, the default, or float32
 * @throws DTypeError or ShapeError where the key is none, an alpha is not above 0, or the dtype is not floating; ShapeError and TreeError
 * as {@link uniform} does
 * @example
 * gamma(key(0), [2], 3).toArray(); // [2.262911, 1.962139]
 * grad((a) => gamma(key(0), [], a))(3).item(); // 0.914612
 */
export function gamma(key: ArrayLike, shape: Shape | number | undefined, alpha: ArrayLike, options: DrawOptions = {}): NDArray {
  const { x, own, given } = prepare("gamma", key, shape, [["alpha", alpha, positive]], options);
  return gammas("gamma", x, given[0], own, false);
}

/**
 * Beta numbers, with the density x^(a−1) (1 − x)^(b−1) / B(a, b): what one of two gamma numbers has of their sum, each of which is differentiated
 * as {@link gamma} is.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of a and b together
 * @param a above 0
 * @param b above 0
 * @param options dtype: float64, the default, or float32
 * @throws as {@link gamma} does
 * @example
 * beta(key(0), [2], 2, 3).toArray(); // [0.327956, 0.613809]
 */
export function beta(key: ArrayLike, shape: Shape | number | undefined, a: ArrayLike, b: ArrayLike, options: DrawOptions = {}): NDArray {
  const { x, own, given } = prepare(
    "beta",
    key,
    shape,
    [
      ["a", a, positive],
      ["b", b, positive],
    ],
    options,
  );
  const keys = split(x);
  const [left, right] = given.map((alpha, i) => gammas("beta", keys.slice(i), alpha, own, true));
  return left.sub(right).sigmoid();
}

/**
 * Points of Dirichlet's distribution: gamma numbers divided by their sum, each of which is differentiated as {@link gamma} is.
 *
 * @param key [2], int32
 * @param shape of the batch, without the last axis; by default that of alpha's
 * @param alpha [..., n], above 0
 * @param options dtype: float64, the default, or float32
 * @returns [...shape, n]; along the last axis the sum is 1
 * @throws as {@link gamma} does; ShapeError where alpha has no axis
 * @example
 * dirichlet(key(0), [], [1, 2, 3]).toArray(); // [0.070653, 0.167056, 0.762291]
 */
export function dirichlet(key: ArrayLike, shape: Shape | number | undefined, alpha: ArrayLike, options: DrawOptions = {}): NDArray {
  const {
    x,
    own,
    given: [a],
  } = prepare("dirichlet", key, shape, [["alpha", alpha, positive, 1]], options);
  return softmax(gammas("dirichlet", x, a, [...own, lastOf("dirichlet", "alpha", a)], true), -1);
}

/**
 * Numbers of Student's distribution, with the density in proportion to (1 + x² / df)^(−(df + 1) / 2): a normal number by the root of a gamma number,
 * which is differentiated as {@link gamma} is.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of df
 * @param df the degrees of freedom, above 0; Infinity gives normal numbers
 * @param options dtype: float64, the default, or float32
 * @throws as {@link gamma} does
 * @example
 * studentT(key(0), [2], 5).toArray(); // [1.468067, -0.558693]
 */
export function studentT(key: ArrayLike, shape: Shape | number | undefined, df: ArrayLike, options: DrawOptions = {}): NDArray {
  const { x, own, dtype, given } = prepare("studentT", key, shape, [["df", df, positive]], options);
  const [left, right] = split(x);
  const isNormal = given[0].equal(Infinity);
  const half = isNormal.where(1, given[0].div(2)).astype(dtype);
  const size = half.div(gammas("studentT", right, half, own, false)).sqrt();
  return gaussians("studentT", left, own, dtype).mul(isNormal.where(1, size));
}
