import type { NDArray } from "../array/ndarray.js";
import { digamma, factorial, polygamma, stirling } from "../primitives/special.js";
import { type Double, log, minus, one, times } from "./double.js";
import type { Series } from "./series.js";

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

/** A series less that of log Γ(u + 1), without its value, in the variable whose powers stand so far apart. */
export function lessLogFactorial(series: Series, u: number, order: number, apart: number): Series {
  logFactorialSeries(u, order).forEach((c, k) => {
    series[k * apart] -= c;
  });
  return series;
}

/** 1 − e^log (1 + a Σ over n = 1, 2, … of what the factors up to n make / (a + n)), where that is small beside 1. */
export function complement(log: number, a: number, factor: (n: number) => number): number {
  let [total, term] = [0, 1];
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    term *= factor(n);
    total += term / (a + n);
  }
  return -Math.expm1(log) - Math.exp(log) * a * total;
}

/** The numerator and the denominator of a level of a continued fraction; the first numerator is not read. */
export type Level = (m: number) => readonly [above: number, below: number];

/** Counts the levels that the fraction needs (Lentz 1976). */
export function levelsOf(level: Level): number {
  let [m, d, c] = [0, 0, level(0)[1]];
  for (let change = 0; Math.abs(change - 1) > Number.EPSILON && m < 1e6; change = c * d) {
    const [above, below] = level(++m);
    d = 1 / (above * d + below);
    c = above / c + below;
  }
  return m;
}

/** The fraction's denominator, from its last level on, which loses nothing on the way. */
export function continued(level: Level): number {
  let h = Infinity;
  for (let m = levelsOf(level); m >= 0; m--) h = level(m)[1] + level(m + 1)[0] / h;
  return h;
}

export const binomial = (n: number, k: number): number => Math.round(factorial(n) / (factorial(k) * factorial(n - k)));

/**
 * c f(x) of a function with poles at 0 and at an end, where it is 0 with all derivatives by x if c is 0: there x is kept as far from them as 1 / x
 * is in range.
 */
export function timesPole(c: NDArray, x: NDArray, end: number, f: (x: NDArray) => NDArray): NDArray {
  const [least, gap] = x.dtype === "float64" ? [1e-300, 2 ** -53] : [1e-37, 2 ** -24];
  const isInside = x.equal(x.clip(0, end));
  return c.mul(
    f(
      c
        .equal(0)
        .logicalAnd(isInside)
        .where(x.clip(least, end - gap), x),
    ),
  );
}

/** The Taylor coefficients of log Γ at u + 1, less the first. */
export const logFactorialSeries = (u: number, order: number): number[] => {
  let factor = 1;
  return Array.from({ length: order + 1 }, (_, k) => {
    factor *= Math.max(1, k);
    return k && polygamma(k - 1, u + 1) / factor;
  });
};
