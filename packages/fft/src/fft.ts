import { type ArrayLike, concatenate, flip, type NDArray } from "@ad/core";
import { sliceAxis } from "@ad/core/internals/trace";
import { type Along, alongOf, type GridOptions, gridOf, type LineOptions, lined, placed, scaled, scaleOf } from "./lines.js";
import { backward, forward, halve, type Pair, restore } from "./operations.js";
import { type Complex, type ComplexLike, partsOf, real } from "./pairs.js";

interface Parts {
  readonly re: NDArray;
  readonly im?: NDArray;
}

/** Both parts, with a factor, and the axis in its place. */
const finished = ([re, im]: Pair, axis: number, factor: number): Complex => ({
  re: placed(scaled(re, factor), axis),
  im: placed(scaled(im, factor), axis),
});

/** The other half of the transform of n real numbers, which is conjugate to the first, in the opposite order. */
function mirrored([re, im]: Pair, n: number): Pair {
  const size = Math.ceil(n / 2) - 1;
  if (size < 1) return [re, im];
  const last = re.ndim - 1;
  const other = (x: NDArray): NDArray => flip(sliceAxis(x, last, 1, size), last);
  return [concatenate([re, other(re)], last), concatenate([im, other(im).neg()], last)];
}

/** A transform along one axis, forward or inverse. */
function transformed(op: string, { re, im }: Parts, { axis, n, norm }: Along, inverse: boolean): Complex {
  const factor = scaleOf(op, norm, n, inverse);
  const x = lined(op, re, axis, n);
  if (im) return finished((inverse ? backward : forward)([x, lined(op, im, axis, n)]), axis, factor);
  const [outRe, outIm] = mirrored(halve(x), n);
  return finished([outRe, inverse ? outIm.neg() : outIm], axis, factor);
}

/** A transform along one axis after the other. */
const transformedAll = (op: string, x: Parts, all: readonly Along[], inverse: boolean): Complex =>
  all.reduceRight<Parts>((z, along) => transformed(op, z, along, inverse), x) as Complex;

function halved(op: string, x: NDArray, { axis, n, norm }: Along): Complex {
  return finished(halve(lined(op, x, axis, n)), axis, scaleOf(op, norm, n, false));
}

function restored(op: string, { re, im }: Complex, { axis, n, norm }: Along): NDArray {
  const kept = Math.floor(n / 2) + 1;
  return placed(scaled(restore([lined(op, re, axis, kept), lined(op, im, axis, kept)], n), scaleOf(op, norm, n, true)), axis);
}

const whole = (n: number): number => 2 * n - 2;

/**
 * The discrete Fourier transform along an axis: Xₖ = Σⱼ xⱼ exp(−2πi jk / n). Of real numbers it is made by {@link rfft}.
 *
 * @param x a pair { re, im } of any shape, or a real array; float32 stays float32, int32 and bool become float64
 * @param options n: how many entries are transformed, axis, norm, as {@link LineOptions} says
 * @returns a pair of the shape of x, where the axis has length n
 * @throws AxisError where x has no such axis, ShapeError where n is no whole number of at least 1 or the parts do not broadcast, TreeError
 * for an unknown option or norm, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * fft(array([1, 2, 3, 4])).re.toArray(); // [10, -2, -2, -2]
 * fft(array([1, 2, 3, 4])).im.toArray(); // [0, 2, 0, -2]
 */
export function fft(x: ComplexLike, options?: LineOptions): Complex {
  const z = partsOf("fft", x);
  return transformed("fft", z, alongOf("fft", z.re, options), false);
}

/**
 * The inverse of {@link fft}: xⱼ = Σₖ Xₖ exp(2πi jk / n) / n.
 *
 * @param x a pair { re, im } of any shape, or a real array; float32 stays float32, int32 and bool become float64
 * @param options as in {@link fft}
 * @returns a pair of the shape of x, where the axis has length n
 * @throws AxisError where x has no such axis, ShapeError where n is no whole number of at least 1 or the parts do not broadcast, TreeError
 * for an unknown option or norm, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * ifft({ re: [10, -2, -2, -2], im: [0, 2, 0, -2] }).re.toArray(); // [1, 2, 3, 4]
 */
export function ifft(x: ComplexLike, options?: LineOptions): Complex {
  const z = partsOf("ifft", x);
  return transformed("ifft", z, alongOf("ifft", z.re, options), true);
}

/**
 * The first half of the discrete Fourier transform of real numbers, entries 0 to n / 2: the others are conjugate to these. It takes half
 * the time of {@link fft} on a pair.
 *
 * @param x a real array of any shape; float32 stays float32, int32 and bool become float64
 * @param options as in {@link fft}
 * @returns a pair of the shape of x, where the axis has length floor(n / 2) + 1
 * @throws AxisError where x has no such axis, ShapeError where n is no whole number of at least 1, TreeError for an unknown option or norm,
 * DTypeError where x is no {@link ArrayLike}
 * @example
 * rfft(array([1, 2, 3, 4])).re.toArray(); // [10, -2, -2]
 * rfft(array([1, 2, 3, 4])).im.toArray(); // [0, 2, 0]
 */
export function rfft(x: ArrayLike, options?: LineOptions): Complex {
  const own = real("rfft", x);
  return halved("rfft", own, alongOf("rfft", own, options));
}

/**
 * The inverse of {@link rfft}: real numbers from the first half of their transform. An odd number of them has to be asked for. The imaginary
 * part of the first entry, and of the last one where n is even, is not read.
 *
 * @param x a pair { re, im } of any shape, or a real array; float32 stays float32, int32 and bool become float64
 * @param options n: how many numbers come out, by default twice the axis' length less 2; axis and norm as in {@link fft}
 * @returns an array of the shape of x, where the axis has length n
 * @throws AxisError where x has no such axis, ShapeError where n is no whole number of at least 1 or the parts do not broadcast, TreeError
 * for an unknown option or norm, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * irfft({ re: [10, -2, -2], im: [0, 2, 0] }).toArray(); // [1, 2, 3, 4]
 * irfft(rfft(array([1, 2, 5])), { n: 3 }).toArray(); // [1, 2, 5]
 */
export function irfft(x: ComplexLike, options?: LineOptions): NDArray {
  const { re, im = re.mul(0) } = partsOf("irfft", x);
  return restored("irfft", { re, im }, alongOf("irfft", re, options, [], whole));
}

/**
 * The discrete Fourier transform along two axes, by default the last two: {@link fft} along one after the other.
 *
 * @param x a pair { re, im } of any shape, or a real array; float32 stays float32, int32 and bool become float64
 * @param options s: the lengths, axes, norm, as {@link GridOptions} says
 * @returns a pair of the shape of x, where the axes have the lengths s
 * @throws AxisError where x has no such axis or one is named twice, ShapeError where s does not fit the axes, TreeError for an unknown option
 * or norm, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * fft2(array([[1, 2], [3, 4]])).re.toArray(); // [[10, -2], [-4, 0]]
 */
export function fft2(x: ComplexLike, options?: GridOptions): Complex {
  const z = partsOf("fft2", x);
  return transformedAll("fft2", z, gridOf("fft2", z.re, options, [-2, -1]), false);
}

/**
 * The inverse of {@link fft2}.
 *
 * @param x a pair { re, im } of any shape, or a real array; float32 stays float32, int32 and bool become float64
 * @param options as in {@link fft2}
 * @returns a pair of the shape of x, where the axes have the lengths s
 * @throws AxisError where x has no such axis or one is named twice, ShapeError where s does not fit the axes, TreeError for an unknown option
 * or norm, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * ifft2({ re: [[10, -2], [-4, 0]], im: 0 }).re.toArray(); // [[1, 2], [3, 4]]
 */
export function ifft2(x: ComplexLike, options?: GridOptions): Complex {
  const z = partsOf("ifft2", x);
  return transformedAll("ifft2", z, gridOf("ifft2", z.re, options, [-2, -1]), true);
}

/**
 * The discrete Fourier transform along several axes, by default all: {@link fft} along one after the other.
 *
 * @param x a pair { re, im } of any shape, or a real array; float32 stays float32, int32 and bool become float64
 * @param options as in {@link fft2}
 * @returns a pair of the shape of x, where the axes have the lengths s
 * @throws AxisError where x has no such axis or one is named twice, ShapeError where s does not fit the axes, TreeError for an unknown option
 * or norm, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * fftn(array([[[1, 2]], [[3, 4]]])).re.toArray(); // [[[10, -2]], [[-4, 0]]]
 */
export function fftn(x: ComplexLike, options?: GridOptions): Complex {
  const z = partsOf("fftn", x);
  return transformedAll("fftn", z, gridOf("fftn", z.re, options, undefined), false);
}

/**
 * The inverse of {@link fftn}.
 *
 * @param x a pair { re, im } of any shape, or a real array; float32 stays float32, int32 and bool become float64
 * @param options as in {@link fft2}
 * @returns a pair of the shape of x, where the axes have the lengths s
 * @throws AxisError where x has no such axis or one is named twice, ShapeError where s does not fit the axes, TreeError for an unknown option
 * or norm, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * ifftn({ re: [10, -2], im: 0 }).re.toArray(); // [4, 6]
 */
export function ifftn(x: ComplexLike, options?: GridOptions): Complex {
  const z = partsOf("ifftn", x);
  return transformedAll("ifftn", z, gridOf("ifftn", z.re, options, undefined), true);
}

/**
 * The first half of the discrete Fourier transform of real numbers along several axes, by default all: {@link rfft} along the last of them,
 * then {@link fft} along the others.
 *
 * @param x a real array of any shape; float32 stays float32, int32 and bool become float64
 * @param options as in {@link fft2}
 * @returns a pair of the shape of x, where the axes have the lengths s, the last of them floor(n / 2) + 1
 * @throws AxisError where x has no such axis or one is named twice, ShapeError where s does not fit the axes, TreeError for an unknown option
 * or norm, DTypeError where x is no {@link ArrayLike}
 * @example
 * rfftn(array([[1, 2, 3], [4, 5, 6]])).re.toArray(); // [[21, -3], [-9, 0]]
 */
export function rfftn(x: ArrayLike, options?: GridOptions): Complex {
  const own = real("rfftn", x);
  const all = gridOf("rfftn", own, options, undefined);
  return transformedAll("rfftn", halved("rfftn", own, all[all.length - 1]), all.slice(0, -1), false);
}

/**
 * The inverse of {@link rfftn}: real numbers from the first half of their transform.
 *
 * @param x a pair { re, im } of any shape, or a real array; float32 stays float32, int32 and bool become float64
 * @param options s: the lengths of what comes out, of which the last is by default twice the axis' length less 2; axes and norm as in
 * {@link fft2}
 * @returns an array of the shape of x, where the axes have the lengths s
 * @throws AxisError where x has no such axis or one is named twice, ShapeError where s does not fit the axes, TreeError for an unknown option
 * or norm, DTypeError where x is neither a pair nor an {@link ArrayLike}
 * @example
 * irfftn(rfftn(array([[1, 2, 3], [4, 5, 6]])), { s: [2, 3] }).toArray(); // [[1, 2, 3], [4, 5, 6]]
 */
export function irfftn(x: ComplexLike, options?: GridOptions): NDArray {
  const { re, im = re.mul(0) } = partsOf("irfftn", x);
  const all = gridOf("irfftn", re, options, undefined, whole);
  return restored("irfftn", transformedAll("irfftn", { re, im }, all.slice(0, -1), true), all[all.length - 1]);
}
