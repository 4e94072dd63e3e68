import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { beyond, erfc } from "../primitives/special.js";
import { type Elementwise, elementwiseOperation } from "./operation.js";

/** exp(x²): the square of a float32 is exact, and what rounding took from that of x counts by the derivative. */
function growth(x: number): number {
  const s = x * x;
  const h = Math.fround(x);
  const e = Math.exp(s);
  return e < Infinity ? e + e * (h * h - s + (x - h) * (x + h)) : e;
}

/** exp(x²) erfc(x) */
export function scaled(x: number): number {
  if (x >= 28) {
    // DLMF 7.12.1
    const w = 0.5 / (x * x);
    return (1 - w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w * (1 - 9 * w * (1 - 11 * w)))))) / (x * Math.sqrt(Math.PI));
  }
  if (x >= 0.5) return beyond(x);
  if (x > -0.5) return growth(x) * erfc(x);
  return 2 * growth(x) - (x > -28 ? beyond(-x) : 0);
}

/**
 * exp(x²) iⁿerfc(x), of the repeated integrals (DLMF 7.18). They are Fₙ₊₁ = (Fₙ₋₁ − 2 x Fₙ) / (2 (n + 1)); where that cancels, by the ratios
 * Fₙ / Fₙ₋₁ = 1 / (2 x + 2 (n + 1) Fₙ₊₁ / Fₙ), begun where nothing is left of what they begin with.
 */
function repeated(n: number, x: number): number {
  if (n === 0) return scaled(x);
  let [before, now] = [2 / Math.sqrt(Math.PI), scaled(x)];
  if (x < 0.5) {
    for (let k = 1; k <= n; k++) [before, now] = [now, (before - 2 * x * now) / (2 * k)];
    return now;
  }
  let ratio = 0;
  let product = now;
  for (let k = n + Math.ceil(20 + 200 / (x * x)); k; k--) {
    ratio = 0.5 / (x + (k + 1) * ratio);
    if (k <= n) product *= ratio;
  }
  return product;
}

const integral = (n: number): Elementwise =>
  elementwiseOperation(
    n === 0 ? "erfcx" : "erfcxIntegral",
    (x) => repeated(n, x),
    (x) => integral(n + 1)(x).mul(-2 * (n + 1)),
  );

const operation = integral(0);

/**
 * exp(x²) erfc(x), which neither overflows nor vanishes where x is large. Accurate to within 4 units in the last place.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * erfcx(array([0, 1, 100])).toArray(); // [1, 0.427584, 0.005642]
 */
export const erfcx = (x: ArrayLike): NDArray => operation(x);
