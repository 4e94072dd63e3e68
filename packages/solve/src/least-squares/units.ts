import type { NDArray } from "@ad/core";

/** The units of a fit: those of the unknowns, and what the residuals are multiplied by. */
export const parts = (units: NDArray): readonly [unknowns: NDArray, unit: NDArray] => {
  const n = units.size - 1;
  return [units.slice([0, n]), units.slice(n)];
};
