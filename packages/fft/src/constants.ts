import { array, type NDArray } from "@ad/core";
import { constructors } from "@ad/core/internals/backend";
import { productsOf } from "./kernels/roots.js";

/** A vector of constants, of an array's dtype and on its device. */
function vector(n: number, like: NDArray, value: (k: number) => number): NDArray {
  const values = new constructors[like.dtype](n);
  for (let k = 0; k < n; k++) values[k] = value(k);
  return array(values, { device: like.device });
}

/** A vector of one value, but for its ends. */
export const ends = (n: number, like: NDArray, first: number, inner: number, last: number): NDArray =>
  vector(n, like, (k) => (k === 0 ? first : k === n - 1 ? last : inner));

/** exp(−2πi (start + step · k) / n), k = 0, 1, … < count. */
export function turns(n: number, start: number, step: number, count: number, like: NDArray): readonly [re: NDArray, im: NDArray] {
  const { fine, coarse, bits } = productsOf(n);
  const mask = 2 ** bits - 1;
  const part = (value: (a: number, b: number) => number): NDArray =>
    vector(count, like, (k) => value((start + step * k) & mask, (start + step * k) >> bits));
  return [
    part((a, b) => fine.re[a] * coarse.re[b] - fine.im[a] * coarse.im[b]),
    part((a, b) => fine.re[a] * coarse.im[b] + fine.im[a] * coarse.re[b]),
  ];
}
