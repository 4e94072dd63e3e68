import type { ArrayLike, NDArray, Shape } from "@ad/core";
import { type DrawOptions, prepare, refuse } from "./checks.js";
import { draw } from "./draw.js";
import { fill } from "./kernel.js";
import { type Float, gaussianOf, unitOf } from "./threefry.js";

/** Numbers in [0, 1) that no parameter has to do with. */
export const units = (name: string, key: NDArray, shape: Shape, dtype: Float): NDArray =>
  draw(
    {
      name,
      shape,
      dtype,
      kernel: (words, out) => fill(words, out, unitOf[dtype]),
    },
    key,
  );

/** Standard normal numbers. */
export const gaussians = (name: string, key: NDArray, shape: Shape, dtype: Float): NDArray =>
  draw(
    {
      name,
      shape,
      dtype,
      kernel: (words, out) => fill(words, out, gaussianOf[dtype]),
    },
    key,
  );

/** The ends of an interval, and the dtype. */
export interface UniformOptions extends DrawOptions {
  /** The least value; 0 by default. */
  readonly min?: ArrayLike;
  /** The upper end, which no value reaches but by rounding; 1 by default. */
  readonly max?: ArrayLike;
}

/**
 * Numbers between two, all equally probable: a linear function of min and max, which may be differentiated. Inside of jit nothing can be refused: a
 * min above max gives min, and ends whose distance is beyond the largest number give Infinity or NaN.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of min and max together
 * @param options min = 0 and max = 1, which broadcast to the shape, and dtype
 * @throws DTypeError or ShapeError where the key is none, DTypeError where a dtype is not floating, min is above max or max − min is not finite, ShapeError where
 * the shape is none or the ends do not broadcast to it, TreeError for an unknown option
 * @example
 * uniform(key(0), [2]).toArray(); // [0.418457, 0.216295]
 * grad((max) => uniform(key(0), [], { max }))(2).item(); // 0.418457
 */
export function uniform(key: ArrayLike, shape?: Shape | number, options: UniformOptions = {}): NDArray {
  const { min = 0, max = 1 } = options ?? {};
  const ends = [["min", min] as const, ["max", max] as const];
  const { x, own, dtype, given } = prepare("uniform", key, shape, ends, options, { known: ["min", "max"] });
  const [low, high] = given;
  const u = units("uniform", x, own, dtype);
  if (min === 0 && max === 1) return u;
  const width = high.sub(low);
  refuse(
    "uniform: min is above max, or max − min is not finite; give the larger one as max.",
    width.less(0).logicalOr(width.equal(Infinity)),
  );
  return u.mul(width).add(low).maximum(low);
}

/**
 * Standard normal numbers. A mean and a deviation are a sum and a product: `normal(key, shape).mul(deviation).add(mean)`.
 *
 * @param key [2], int32
 * @param shape of the result
 * @param options dtype: float64, the default, or float32
 * @throws DTypeError or ShapeError where the key is none, DTypeError where the dtype is not floating, ShapeError where the shape is none,
 * TreeError for an unknown option
 * @example
 * normal(key(0), [2]).toArray(); // [-0.205842, -0.784766]
 */
export function normal(key: ArrayLike, shape: Shape | number = [], options: DrawOptions = {}): NDArray {
  const { x, own, dtype } = prepare("normal", key, shape, [], options);
  return gaussians("normal", x, own, dtype);
}

/** The least normal numbers, and how far 1 is from its neighbours. */
export const limits = { float32: { tiny: 2 ** -126, epsilon: 2 ** -23 }, float64: { tiny: 2 ** -1022, epsilon: 2 ** -52 } } as const;

/** Draws numbers in [0, 1) and applies a function to them. */
function made(
  name: string,
  key: ArrayLike,
  shape: Shape | number | undefined,
  options: DrawOptions | undefined,
  f: (u: NDArray, dtype: Float) => NDArray,
): NDArray {
  const { x, own, dtype } = prepare(name, key, shape, [], options);
  return f(units(name, x, own, dtype), dtype);
}

/**
 * Exponential numbers of mean 1, with the density exp(−x) where x ≥ 0. Another mean is a product with it.
 *
 * @param key [2], int32
 * @param shape of the result
 * @param options dtype: float64, the default, or float32
 * @throws as {@link normal} does
 * @example
 * exponential(key(0), [2]).toArray(); // [0.542071, 0.243723]
 */
export const exponential = (key: ArrayLike, shape?: Shape | number, options?: DrawOptions): NDArray =>
  made("exponential", key, shape, options, (u) => u.neg().log1p().neg());

/**
 * Numbers of Laplace's distribution, with the density exp(−|x|) / 2.
 *
 * @param key [2], int32
 * @param shape of the result
 * @param options dtype: float64, the default, or float32
 * @throws as {@link normal} does
 * @example
 * laplace(key(0), [2]).toArray(); // [0.178034, 0.837963]
 */
export const laplace = (key: ArrayLike, shape?: Shape | number, options?: DrawOptions): NDArray =>
  made("laplace", key, shape, options, (u, dtype) => {
    const least = limits[dtype].epsilon / 2 - 1;
    const x = u
      .mul(1 - least)
      .add(least)
      .maximum(least);
    return x.sign().mul(x.abs().neg().log1p());
  });

/**
 * Numbers of Gumbel's distribution, with the distribution function exp(−exp(−x)). The largest of logits to which such numbers are added
 * is a draw from their {@link categorical} distribution.
 *
 * @param key [2], int32
 * @param shape of the result
 * @param options dtype: float64, the default, or float32
 * @throws as {@link normal} does
 * @example
 * gumbel(key(0), [2]).toArray(); // [0.137906, -0.425993]
 */
export const gumbel = (key: ArrayLike, shape?: Shape | number, options?: DrawOptions): NDArray =>
  made("gumbel", key, shape, options, (u, dtype) => u.maximum(limits[dtype].tiny).log().neg().log().neg());

/**
 * Numbers of the logistic distribution, with the distribution function 1 / (1 + exp(−x)).
 *
 * @param key [2], int32
 * @param shape of the result
 * @param options dtype: float64, the default, or float32
 * @throws as {@link normal} does
 * @example
 * logistic(key(0), [2]).toArray(); // [-0.32911, -1.287387]
 */
export const logistic = (key: ArrayLike, shape?: Shape | number, options?: DrawOptions): NDArray =>
  made("logistic", key, shape, options, (u, dtype) => {
    const x = u.maximum(limits[dtype].tiny);
    return x.log().sub(x.neg().log1p());
  });

/**
 * Numbers of Cauchy's distribution, with the density 1 / (π (1 + x²)). It has no mean.
 *
 * @param key [2], int32
 * @param shape of the result
 * @param options dtype: float64, the default, or float32
 * @throws as {@link normal} does
 * @example
 * cauchy(key(0), [2]).toArray(); // [-0.26193, -1.237846]
 */
export const cauchy = (key: ArrayLike, shape?: Shape | number, options?: DrawOptions): NDArray =>
  made("cauchy", key, shape, options, (u, dtype) => {
    const { epsilon } = limits[dtype];
    return u
      .mul(1 - epsilon)
      .add(epsilon)
      .sub(0.5)
      .mul(Math.PI)
      .tan();
  });
