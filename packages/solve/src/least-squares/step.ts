import type { NDArray } from "@ad/core";
import { computed } from "@ad/core/internals/trace";
import type { Bounds } from "../minimize/objective.js";
import { scalars, trustStep } from "./kernel.js";

/** The plan of a step, before it is taken. */
export type Plan = { readonly [S in (typeof scalars)[number]]: NDArray } & {
  readonly step: NDArray;
  /** The scale of each unknown. */
  readonly scales: NDArray;
};

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
  radius: NDArray,
  bounds: Bounds | undefined,
): Plan {
  const [n, m] = columns.shape;
  const inputs = [columns, gram, gradient, r, scales, x, radius, ...(bounds ? [bounds.lower, bounds.upper] : [])];
  const all = computed("leastSquares' step", inputs, 2 * n + scalars.length, (own, out) => trustStep(method === "dogleg", own, m, n, out));
  const own = Object.fromEntries(scalars.map((name, i) => [name, all.slice(2 * n + i)]));
  // Each name of the list is there.
  return { step: all.slice([0, n]), scales: all.slice([n, 2 * n]), ...(own as { [S in (typeof scalars)[number]]: NDArray }) };
}
