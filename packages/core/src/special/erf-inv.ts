import type { ArrayLike } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import { erf, erfc } from "../primitives/special.js";
import { elementwiseOperation } from "./operation.js";

const half = Math.sqrt(Math.PI) / 2;

/** y where erf(y) = x. */
export function inverse(x: number): number {
  const a = Math.abs(x);
  // The series goes on with π a² / 12 of it.
  if (a < 1e-8) return x * half;
  if (a >= 1) return a === 1 ? x * Infinity : NaN;
  // The first guess is right to 1/300. It comes from erf²(y) ≈ 1 − exp(−y² (4/π + c y²) / (1 + c y²)), c = 0.147 (Winitzki 2008).
  const l = -Math.log1p(-a * a) / 0.147;
  const b = 2 / (Math.PI * 0.147) - (0.147 / 2) * l;
  let y = Math.sqrt(b > 0 ? l / (Math.sqrt(b * b + l) + b) : Math.sqrt(b * b + l) - b);
  // Taylor's series of the inverse, up to its third term. 1 − a is exact where erf is not as near as erfc.
  for (let step = 0; step < 2; step++) {
    const u = (a < 0.5 ? a - erf(y) : erfc(y) - (1 - a)) * half * Math.exp(y * y);
    y += u * (1 + u * (y + (u * (4 * y * y + 1)) / 3));
  }
  return x < 0 ? -y : y;
}

const operation = elementwiseOperation("erfInv", inverse, (_, out) => out.square().exp().mul(half));

/**
 * The inverse of {@link erf}: ±Infinity at ±1, NaN beyond. Accurate to within 4 units in the last place, as near to ±1 as x can be.
 *
 * @param x any shape; any dtype; int32 and bool become float64
 * @throws DTypeError where x is no {@link ArrayLike}
 * @example
 * erfInv(array([0, 0.5, -1])).toArray(); // [0, 0.476936, -Infinity]
 */
export const erfInv = (x: ArrayLike): NDArray => operation(x);
