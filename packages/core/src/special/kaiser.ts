import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { cast, toFloat } from "../array/operands.js";
import { ShapeError, showShape } from "../engine/errors.js";
import { type WindowOptions, windowOf } from "../ops/windows.js";
import { besselI0 } from "./bessel.js";

/**
 * The Kaiser window I₀(β √(1 − t²)) / I₀(β), with t from −1 to 1. It has a derivative by β.
 *
 * @param n the number of points
 * @param beta how narrow it is, a single number of any dtype: 0 is a rectangle, 5 resembles the Hamming window, 8.6 the Blackman window
 * @param options as in {@link hann}; float64 by default, on the device of beta
 * @returns a vector of n elements
 * @throws ShapeError where beta is no single number, DTypeError where it is no {@link ArrayLike}, and as {@link hann} does
 * @example
 * kaiser(3, 2).toArray(); // [0.438676, 1, 0.438676]
 * grad((beta) => kaiser(3, beta).sum())(2).item(); // -0.6122
 */
export function kaiser(n: number, beta: ArrayLike, options: WindowOptions = {}): NDArray {
  const given = toFloat(asArray(beta, "kaiser"));
  const height = windowOf("kaiser", n, { device: given.device, ...options }, (t) => Math.sqrt(1 - t * t));
  if (given.ndim !== 0) throw new ShapeError(`kaiser: beta has shape ${showShape(given.shape)}; give a single number.`);
  const b = given.to(height.device);
  return cast(besselI0(height.mul(b)).div(besselI0(b)), height.dtype);
}
