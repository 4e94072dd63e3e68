import { type ArrayLike, DTypeError, type NDArray } from "@ad/core";
import { asArray, pair, toFloat } from "@ad/core/internals/trace";

/** Complex numbers: their real and their imaginary parts, of one shape and dtype. A tree, as transformations take them. */
export interface Complex {
  readonly re: NDArray;
  readonly im: NDArray;
}

/** What is taken for complex numbers: a pair, whose parts broadcast against each other, or real numbers. */
export type ComplexLike = ArrayLike | { readonly re: ArrayLike; readonly im: ArrayLike };

/** Whether it is a pair, and no array. */
export const isPair = (z: ComplexLike): z is { readonly re: ArrayLike; readonly im: ArrayLike } =>
  typeof z === "object" && z !== null && "re" in z && "im" in z;

/** Two floating parts of one shape and dtype. */
export function joined(op: string, x: ArrayLike, y: ArrayLike): Complex {
  const [re, im] = pair(op, toFloat(asArray(x, op)), y);
  return { re, im: toFloat(im) };
}

/** The real part, and the imaginary part where there is one. */
export function partsOf(op: string, z: ComplexLike): { readonly re: NDArray; readonly im?: NDArray } {
  return isPair(z) ? joined(op, z.re, z.im) : { re: toFloat(asArray(z, op)) };
}

/** Both parts; the imaginary part of real numbers is the weak number 0. */
export function bothOf(op: string, z: ComplexLike): Complex {
  const { re, im = asArray(0, op) } = partsOf(op, z);
  return { re, im };
}

/** Real numbers, where no pair may stand. */
export function real(op: string, x: ArrayLike): NDArray {
  if (isPair(x))
    throw new DTypeError(`${op}: a pair { re, im } arrives, but real numbers are transformed; use fft, or the part that is meant.`);
  return toFloat(asArray(x, op));
}
