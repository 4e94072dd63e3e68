import { generate } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { checkShape, whole } from "../array/operands.js";
import { type ArrayOptions, placed } from "../array/placement.js";
import { checkOptions, describe, TreeError } from "../engine/errors.js";

/** Options of {@link hann} and the other windows. */
export interface WindowOptions extends Pick<ArrayOptions, "dtype" | "device"> {
  /**
   * The window of n + 1 points less its last one, which continues itself periodically, as spectra want it. By default both ends are alike, as
   * filters want it.
   */
  readonly periodic?: boolean;
}

/** n points of a function of the place, from −1 at the first to 1 at the last; one point has the value in the middle. */
export function windowOf(op: string, n: number, options: WindowOptions, value: (place: number) => number): NDArray {
  checkOptions(op, options, ["periodic", "dtype", "device"]);
  const { periodic = false, dtype, device } = options;
  if (typeof periodic !== "boolean") throw new TreeError(`${op}: periodic is ${describe(periodic)}; give true or false.`);
  const shape = checkShape(op, [whole(op, "n", n, 0)]);
  const last = shape[0] - +!periodic;
  return placed(op, { ...(dtype !== undefined && { dtype }), ...(device !== undefined && { device }) }, (own) =>
    generate(shape, own, (i) => (shape[0] === 1 ? value(0) : value((2 * i - last) / last))),
  );
}

/**
 * The Hann window (1 + cos πt) / 2, with t from −1 to 1: NumPy's `hanning`.
 *
 * @param n the number of points
 * @param options periodic: for spectra; by default it is symmetric, for filters; dtype: float64 by default; device
 * @returns a vector of n elements
 * @throws ShapeError where n is no whole number, TreeError for an unknown option, DTypeError where there is no such dtype, TransformError where the
 * device is none
 * @example
 * hann(5).toArray(); // [0, 0.5, 1, 0.5, 0]
 * hann(4, { periodic: true }).toArray(); // [0, 0.5, 1, 0.5]
 */
export const hann = (n: number, options: WindowOptions = {}): NDArray =>
  windowOf("hann", n, options, (t) => 0.5 + 0.5 * Math.cos(Math.PI * t));

/**
 * The Hamming window 0.54 + 0.46 cos πt, with t from −1 to 1.
 *
 * @param n the number of points
 * @param options as in {@link hann}; float64 by default
 * @returns a vector of n elements
 * @throws as {@link hann} does
 * @example
 * hamming(3).toArray(); // [0.08, 1, 0.08]
 */
export const hamming = (n: number, options: WindowOptions = {}): NDArray =>
  windowOf("hamming", n, options, (t) => 0.54 + 0.46 * Math.cos(Math.PI * t));

/**
 * The Blackman window 0.42 + 0.5 cos πt + 0.08 cos 2πt, with t from −1 to 1.
 *
 * @param n the number of points
 * @param options as in {@link hann}; float64 by default
 * @returns a vector of n elements
 * @throws as {@link hann} does
 * @example
 * blackman(5).toArray(); // [0, 0.34, 1, 0.34, 0]
 */
export const blackman = (n: number, options: WindowOptions = {}): NDArray =>
  windowOf("blackman", n, options, (t) => 0.42 + 0.5 * Math.cos(Math.PI * t) + 0.08 * Math.cos(2 * Math.PI * t));

/**
 * The Bartlett window 1 − |t|, with t from −1 to 1: a triangle that is 0 at both ends.
 *
 * @param n the number of points
 * @param options as in {@link hann}; float64 by default
 * @returns a vector of n elements
 * @throws as {@link hann} does
 * @example
 * bartlett(5).toArray(); // [0, 0.5, 1, 0.5, 0]
 */
export const bartlett = (n: number, options: WindowOptions = {}): NDArray => windowOf("bartlett", n, options, (t) => 1 - Math.abs(t));
