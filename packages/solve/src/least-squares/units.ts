import type { NDArray } from "@ad/core";
import { computed, type Numbers } from "@ad/core/internals/trace";
import { largestOf } from "../dot.js";

/** The exponent of the largest of n numbers; 0 where there is none. */
const exponentOf = (v: Numbers, from: number, n: number): number => {
  const exponent = Math.floor(Math.log2(largestOf(v, from, n)));
  return Math.abs(exponent) < Infinity ? exponent : 0;
};

/**
 * The units of a fit, as one vector: one of each unknown, and what the residuals are multiplied by. In them the squares of all numbers that a step is made of stay in the
 * range. They are powers of two, so that they change no digit. The largest residual becomes 1, and the columns of J come half of the way to 1: a column that is
 * tiny at the start may be large later.
 */
export const unitsOf = (r: NDArray, columns: NDArray, unit: number | undefined): NDArray => {
  const [n, m] = columns.shape;
  const limit = r.dtype === "float32" ? 120 : 1000;
  return computed("units", [r, columns], n + 1, ([r, J], units) => {
    const size = Math.max(exponentOf(r, 0, m), -limit);
    for (let j = 0; j < n; j++) units[j] = 2 ** -Math.round((exponentOf(J, j * m, m) - size) / 2);
    units[n] = unit ?? 2 ** -size;
  });
};

/** The units of the unknowns, and what the residuals are multiplied by. */
export const parts = (units: NDArray): readonly [unknowns: NDArray, unit: NDArray] => {
  const n = units.size - 1;
  return [units.slice([0, n]), units.slice(n)];
};
