import type { NDArray } from "../array/ndarray.js";
import { digamma, factorial, polygamma, stirling } from "../primitives/special.js";
import { type Double, log, minus, one, times } from "./double.js";

/** Γ(u + 1) as factor · exp(exponent): what may be large stands in the exponent, whose digits are those of the result. */
export function scaledFactorial(u: Double): readonly [factor: number, exponent: Double] {
  const [high, low] = u;
  if (high < 12) {
    // Of the product of what is above 1 nothing is lost.
    let [rest, above] = [high, one];
    while (rest > 1.25) above = times(above, [rest--, 0]);
    return [factorial(rest) * above[0] * (1 + (above[1] / above[0] + low * digamma(high + 1))), [0, 0]];
  }
  // DLMF 5.11.1
  return [Math.sqrt(2 * Math.PI * high) * Math.exp(stirling(high)), minus(times(u, log(u)), u)];
}

/** c f(x) of a function with a pole at an end, where it is 0 with all derivatives by x if c is 0. */
export function timesPole(c: NDArray, end: number, x: NDArray, f: (x: NDArray) => NDArray): NDArray {
  return c.mul(f(x.equal(end).logicalAnd(c.equal(0)).where(0.5, x)));
}

/** The Taylor coefficients of log Γ at u + 1, less the first. */
export const logFactorialSeries = (u: number, order: number): readonly number[] => {
  let factor = 1;
  return Array.from({ length: order + 1 }, (_, k) => {
    factor *= Math.max(1, k);
    return k && polygamma(k - 1, u + 1) / factor;
  });
};
