import { array, DTypeError, type NDArray, ShapeError } from "@ad/core";
import { bare, describe } from "@ad/core/internals/checks";

/** The numbers that `numerator` says, `count` of them, divided by the length and the spacing. */
function frequencies(
  op: string,
  given: number,
  spacing: number,
  count: (n: number) => number,
  numerator: (k: number, n: number) => number,
): NDArray {
  const [n, d] = [bare(given), bare(spacing)];
  if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 30))
    throw new ShapeError(`${op}: n is ${describe(n)}; give a whole number from 1 to 2 ** 30.`);
  if (typeof d !== "number" || d === 0 || Number.isNaN(d)) throw new DTypeError(`${op}: d is ${describe(d)}; give a number other than 0.`);
  return array(Float64Array.from({ length: count(n) }, (_, k) => numerator(k, n) / (n * d)));
}

/**
 * The frequencies of the entries of a Fourier transform of length n, in cycles per unit of the spacing d: 0, 1, … and then the negative ones,
 * each divided by n·d.
 *
 * @param n how many samples there are, a whole number of at least 1
 * @param d the distance between two samples
 * @returns a float64 array of shape [n]
 * @throws ShapeError where n is no whole number of at least 1, DTypeError where d is 0 or no number
 * @example
 * fftfreq(4).toArray(); // [0, 0.25, -0.5, -0.25]
 * fftfreq(5, 0.1).toArray(); // [0, 2, 4, -4, -2]
 */
export const fftfreq = (n: number, d = 1): NDArray =>
  frequencies(
    "fftfreq",
    n,
    d,
    (all) => all,
    (k, all) => (2 * k < all ? k : k - all),
  );

/**
 * The frequencies of the entries that {@link rfft} gives, in cycles per unit of the spacing d: 0, 1, … up to half of n, each divided by n·d.
 *
 * @param n how many samples there are, a whole number of at least 1
 * @param d the distance between two samples
 * @returns a float64 array of shape [floor(n / 2) + 1]
 * @throws ShapeError where n is no whole number of at least 1, DTypeError where d is 0 or no number
 * @example
 * rfftfreq(4).toArray(); // [0, 0.25, 0.5]
 */
export const rfftfreq = (n: number, d = 1): NDArray =>
  frequencies(
    "rfftfreq",
    n,
    d,
    (all) => Math.floor(all / 2) + 1,
    (k) => k,
  );
