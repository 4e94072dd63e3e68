import type { ArrayLike, Axes, NDArray } from "@ad/core";
import { checkAxis, distinctAxes } from "@ad/core/internals/checks";
import { asArray } from "@ad/core/internals/trace";
import { type Complex, type ComplexLike, isPair } from "./pairs.js";

/** Rolls each of the axes by what `by` says of its length. */
function shifted(op: string, z: ComplexLike, axes: Axes | undefined, by: (n: number) => number): NDArray | Complex {
  if (isPair(z)) {
    const [re, im] = [z.re, z.im].map((part) => shifted(op, part, axes, by) as NDArray);
    return { re, im };
  }
  const x = asArray(z, op);
  const own = Array.isArray(axes)
    ? distinctAxes(op, axes, x.ndim)
    : axes === undefined || axes === null
      ? x.shape.map((_, i) => i)
      : [checkAxis(op, axes, x.ndim)];
  return x.roll(
    own.map((axis) => by(x.shape[axis])),
    own,
  );
}

/**
 * Brings the frequency 0, which {@link fft} has first, to the middle of each axis.
 *
 * @param x an array, or a pair { re, im } of arrays, of any shape and dtype, which stay
 * @param axes one axis or several; by default all
 * @throws AxisError where x has no such axis or one is named twice, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * fftshift(fftfreq(4)).toArray(); // [-0.5, -0.25, 0, 0.25]
 */
export function fftshift(x: ArrayLike, axes?: Axes): NDArray;
export function fftshift(x: ComplexLike, axes?: Axes): Complex;
export function fftshift(x: ComplexLike, axes?: Axes): NDArray | Complex {
  return shifted("fftshift", x, axes, (n) => Math.floor(n / 2));
}

/**
 * The inverse of {@link fftshift}, also where an axis has an odd length.
 *
 * @param x an array, or a pair { re, im } of arrays, of any shape and dtype, which stay
 * @param axes one axis or several; by default all
 * @throws AxisError where x has no such axis or one is named twice, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * ifftshift(array([-2, -1, 0, 1, 2])).toArray(); // [0, 1, 2, -2, -1]
 */
export function ifftshift(x: ArrayLike, axes?: Axes): NDArray;
export function ifftshift(x: ComplexLike, axes?: Axes): Complex;
export function ifftshift(x: ComplexLike, axes?: Axes): NDArray | Complex {
  return shifted("ifftshift", x, axes, (n) => -Math.floor(n / 2));
}
