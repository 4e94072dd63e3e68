import { array, type NDArray, ShapeError } from "@ad/core";

/**
 * The frequencies of the entries of a Fourier transform of length `n`, in cycles per unit of the spacing `d`:
 * 0, 1, …, then the negative ones, each divided by n·d. NumPy's `fftfreq`.
 *
 * @param n how many samples there are, a whole number of at least 1
 * @param d the distance between two samples
 * @returns a float64 array of shape [n]
 * @throws {@link ShapeError} if `n` is not a whole number of at least 1
 * @example
 * fftfreq(4).toArray(); // [0, 0.25, -0.5, -0.25]
 */
export function fftfreq(n: number, d = 1): NDArray {
  if (!Number.isInteger(n) || n < 1) throw new ShapeError(`fftfreq: the length must be a whole number of at least 1; got ${n}.`);
  return array(Array.from({ length: n }, (_, k) => (k < n / 2 ? k : k - n) / (n * d)));
}
