import { type ArrayLike, DTypeError, type NDArray, zerosLike } from "@ad/core";
import { asArray, cast, pair, toFloat } from "@ad/core/internals/trace";

/** Complex numbers: their real and their imaginary parts, of one shape and dtype. A tree, as transformations take them. */
export interface Complex {
  /** The real parts, of any shape; float64 or float32. */
  readonly re: NDArray;
  /** The imaginary parts, of the shape and dtype of `re`. */
  readonly im: NDArray;
}

/** Complex numbers as functions take them: a pair, whose parts broadcast against each other, or real numbers. */
export type ComplexLike =
  | ArrayLike
  | {
      /** The real parts, of any shape and dtype. */
      readonly re: ArrayLike;
      /** The imaginary parts, of a shape that broadcasts with that of `re`. */
      readonly im: ArrayLike;
    };

/** Returns whether it is a pair, and no array. */
export const isPair = (z: ComplexLike): z is { readonly re: ArrayLike; readonly im: ArrayLike } =>
  typeof z === "object" && z !== null && "re" in z && "im" in z;

/** Two floating parts of one shape and dtype. */
export function joined(op: string, x: ArrayLike, y: ArrayLike): Complex {
  const [re, im] = pair(op, asArray(x, op), y);
  return { re: toFloat(re), im: toFloat(im) };
}

/** The real part, and the imaginary part where there is one. */
export function partsOf(op: string, z: ComplexLike): { readonly re: NDArray; readonly im?: NDArray } {
  return isPair(z) ? joined(op, z.re, z.im) : { re: toFloat(asArray(z, op)) };
}

/** Both parts, of one shape, dtype and device; the imaginary part of real numbers is 0. */
export function bothOf(op: string, z: ComplexLike): Complex {
  const { re, im = zerosLike(re) } = partsOf(op, z);
  return { re, im };
}

/** Two operands of one floating dtype. */
export function operands(op: string, x: ComplexLike, y: ComplexLike): readonly [Complex, Complex] {
  const arrays = (z: ComplexLike): Complex => {
    const [re, im] = isPair(z) ? pair(op, asArray(z.re, op), z.im) : [asArray(z, op), asArray(0, op)];
    return { re, im };
  };
  const [a, b] = [arrays(x), arrays(y)];
  const { dtype } = toFloat(pair(op, a.re, b.re)[0]);
  const own = ({ re, im }: Complex): Complex => ({ re: cast(re, dtype), im: cast(im, dtype) });
  return [own(a), own(b)];
}

/** Real numbers, where no pair may stand. */
export function real(op: string, x: ArrayLike): NDArray {
  if (isPair(x))
    throw new DTypeError(`${op}: a pair { re, im } arrives, but real numbers are transformed; use fft, or the part that is meant.`);
  return toFloat(asArray(x, op));
}
