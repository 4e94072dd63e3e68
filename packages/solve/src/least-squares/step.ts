import type { NDArray } from "@ad/core";
import { computed } from "@ad/core/internals/trace";
import type { Bounds } from "../minimize/objective.js";
import { room, trustStep } from "./kernel.js";

/** The plan of a step, before it is taken. */
export interface Plan extends Readonly<Record<"lambda" | "gain" | "slope" | "cosine" | "length" | "size" | "radius", NDArray>> {
  readonly step: NDArray;
  /** The scale of each unknown. */
  readonly scales: NDArray;
}

/** The quantities that a step is computed of: r [m], the columns of J, [n, m], and their products JᵀJ and Jᵀr. */
export interface Model {
  readonly r: NDArray;
  readonly columns: NDArray;
  readonly gram: NDArray;
  readonly gradient: NDArray;
}

/** The step at a point x [n], which leads out of no bounds: with the scales before, and the radius, infinite at the start. */
export function planned(
  method: "lm" | "dogleg",
  { r, columns, gram, gradient }: Model,
  scales: NDArray,
  x: NDArray,
  within: NDArray,
  bounds: Bounds | undefined,
): Plan {
  const [n, m] = columns.shape;
  const inputs = [columns, gram, gradient, r, scales, x, within, ...(bounds ? [bounds.lower, bounds.upper] : [])];
  const all = computed("leastSquares' step", inputs, room(n), (own, out) => trustStep(method === "dogleg", own, m, n, out));
  const [lambda, gain, slope, cosine, length, size, radius] = all.slice([2 * n, null]);
  return { step: all.slice([0, n]), scales: all.slice([n, 2 * n]), lambda, gain, slope, cosine, length, size, radius };
}
