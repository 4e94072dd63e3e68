import type { NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
import { columnsOf } from "../linear.js";
import type { State } from "../loop.js";

/** The objective of a minimisation, as a function of a vector, and the tolerances at which a solver stops. */
export interface Objective {
  readonly value: (x: NDArray) => NDArray;
  readonly slope: (x: NDArray) => readonly [value: NDArray, gradient: NDArray];
  readonly bounds: Bounds | undefined;
  readonly gtol: number;
  readonly ftol: number;
  readonly xtol: number;
  /** The unit of rounding. */
  readonly epsilon: number;
  readonly maxIterations: number;
  /** Is told of each state, and shows those that a step led to. */
  readonly show: ((state: Point) => void) | undefined;
}

/** The bounds of each element. */
export type Bounds = readonly [lower: NDArray, upper: NDArray];

/** The state that all methods share. */
export interface Point extends State {
  readonly x: NDArray;
  readonly f: NDArray;
  readonly g: NDArray;
  readonly evaluations: NDArray;
}

/** The nearest point within the bounds. */
export const projected = (x: NDArray, bounds: Bounds | undefined): NDArray => (bounds ? x.maximum(bounds[0]).minimum(bounds[1]) : x);

/** Returns what has to become 0: the gradient, of which bounds keep no part that leads out of them. */
export const rest = (x: NDArray, g: NDArray, bounds: Bounds | undefined): NDArray => (bounds ? x.sub(projected(x.sub(g), bounds)) : g);

/** The product of the Hessian with a vector. */
export const product =
  ({ slope }: Objective, x: NDArray) =>
  (v: NDArray): NDArray =>
    jvp((own: NDArray) => slope(own)[1], [x], [v])[1];

/** The Hessian, all of its columns in one pass. */
export const hessianOf = (objective: Objective, x: NDArray): NDArray => columnsOf(product(objective, x), x);
