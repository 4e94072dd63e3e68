import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import type { ConvOptions, PoolOptions } from "../array/convolution.js";
import type { NDArray } from "../array/ndarray.js";

/**
 * The convolution of neural networks (a cross-correlation: the kernel is not flipped) along one or two spatial axes, or more.
 *
 * @param x [N, C, ...spatial]: N examples of C channels
 * @param w [O, C / groups, ...kernel]: a kernel for each of O output channels
 * @param options stride: how far the windows are apart (default 1), dilation: how far the elements of a window are apart (default 1),
 * both a number or one for each spatial axis; padding with zeros: a width, or for each spatial axis one or a pair [before, after], "valid"
 * (none, the default) or "same" (⌈length / stride⌉ places come out); groups: output channels of group g see the channels of group g alone
 * @returns [N, O, ...places], with ⌊(padded − dilation · (kernel − 1) − 1) / stride⌋ + 1 places along an axis; dtypes are promoted as in a product
 * @throws ShapeError where x and w do not fit each other, the groups or the options, or the kernel is longer than the padded axis;
 * TreeError for an unknown option, DTypeError where x or w is no {@link ArrayLike}
 * @example
 * conv(array([[[1, 2, 3, 4]]]), array([[[1, 0, -1]]])).toArray(); // [[[-2, -2]]]
 * conv(ones([2, 3, 8, 8]), ones([4, 3, 3, 3]), { stride: 2, padding: "same" }).shape; // [2, 4, 4, 4]
 */
export const conv = (x: ArrayLike, w: ArrayLike, options?: ConvOptions): NDArray => asArray(x, "conv").conv(w, options);

/**
 * The mean of each window. Padding counts: its zeros are part of the mean, as in PyTorch and flax.
 *
 * @param x [N, C, ...spatial]; int32 and bool give float64
 * @param options window: its lengths; stride: how far the windows are apart, by default their lengths; padding as in {@link conv}
 * @returns [N, C, ...places]
 * @throws ShapeError where options do not fit the spatial axes, or the window is longer than a padded axis; TreeError for an unknown
 * option, DTypeError where x is no {@link ArrayLike}
 * @example
 * avgPool(array([[[1, 3, 5, 7]]]), { window: 2 }).toArray(); // [[[2, 6]]]
 */
export const avgPool = (x: ArrayLike, options: PoolOptions): NDArray => asArray(x, "avgPool").avgPool(options);

/**
 * The greatest element of each window. Padding is −Infinity (the least int32, false); elements that attain the maximum share the
 * derivative equally.
 *
 * @param x [N, C, ...spatial], any dtype
 * @param options as in {@link avgPool}
 * @returns [N, C, ...places]
 * @throws as {@link avgPool} does
 * @example
 * maxPool(array([[[1, 3, 5, 2]]]), { window: 2, stride: 1 }).toArray(); // [[[3, 5, 5]]]
 */
export const maxPool = (x: ArrayLike, options: PoolOptions): NDArray => asArray(x, "maxPool").maxPool(options);
