import type { ArrayLike, NDArray, Shape } from "@ad/core";
import { type DrawOptions, dtypeOf, keyOf, parameter, shapeOf } from "./checks.js";
import { draw } from "./draw.js";
import { type Float, gaussian, unit } from "./threefry.js";

/** Numbers in [0, 1) that no parameter has to do with. */
export const units = (name: string, key: NDArray, shape: Shape, dtype: Float): NDArray =>
  draw(
    {
      name,
      shape,
      dtype,
      kernel(words, out) {
        for (let i = 0; i < out.length; i++) out[i] = unit(words, i, dtype);
      },
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
      kernel(words, out) {
        for (let i = 0; i < out.length; i++) out[i] = gaussian(words, i, dtype);
      },
    },
    key,
  );

/** The ends of an interval, and the dtype. */
export interface UniformOptions extends DrawOptions {
  /** The least value; 0 by default. */
  readonly min?: ArrayLike;
  /** What no value reaches, but by rounding; 1 by default. */
  readonly max?: ArrayLike;
}

/**
 * Numbers between two, all equally probable: a linear function of min and max, which may be differentiated.
 *
 * @param key [2], int32
 * @param shape of the result; by default that of min and max together
 * @param options min = 0 and max = 1, which broadcast to the shape, and dtype
 * @throws DTypeError where the key is none or a dtype is not floating, ShapeError where the shape is none or the ends do not broadcast to it
 * @example
 * uniform(key(0), [2]).toArray(); // [0.418457, 0.216295]
 * grad((max) => uniform(key(0), [], { max }))(2).item(); // 0.418457
 */
export function uniform(key: ArrayLike, shape?: Shape | number, options: UniformOptions = {}): NDArray {
  const dtype = dtypeOf("uniform", options, ["min", "max"]);
  const x = keyOf("uniform", key);
  const { min = 0, max = 1 } = options;
  const low = parameter("uniform", "min", min, dtype);
  const high = parameter("uniform", "max", max, dtype);
  const u = units("uniform", x, shapeOf("uniform", shape, low.shape, high.shape), dtype);
  return min === 0 && max === 1 ? u : u.mul(high.sub(low)).add(low).maximum(low);
}

/**
 * Standard normal numbers. A mean and a deviation are a sum and a product: `normal(key, shape).mul(deviation).add(mean)`.
 *
 * @param key [2], int32
 * @param shape of the result
 * @param options dtype
 * @throws DTypeError where the key is none or the dtype is not floating, ShapeError where the shape is none
 * @example
 * normal(key(0), [2]).toArray(); // [-0.205842, -0.784766]
 */
export function normal(key: ArrayLike, shape: Shape | number = [], options: DrawOptions = {}): NDArray {
  const dtype = dtypeOf("normal", options);
  return gaussians("normal", keyOf("normal", key), shapeOf("normal", shape), dtype);
}
