import type { NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
import * as codes from "../codes.js";
import { columnsOf } from "../linear.js";
import { firstOf, type State } from "../loop.js";
import { allFinite, count, epsilonOf, largest } from "../problem.js";

/** The objective of a minimisation, as a function of a vector, and the tolerances at which a solver stops. */
export interface Objective {
  readonly value: (x: NDArray) => NDArray;
  readonly slope: (x: NDArray) => readonly [value: NDArray, gradient: NDArray];
  readonly bounds: Bounds | undefined;
  readonly gtol: number;
  readonly ftol: number;
  readonly xtol: number;
  readonly maxIterations: number;
  /** Shows a step that was taken. */
  readonly show: ((state: Point) => void) | undefined;
}

/** The bounds of each element. */
export interface Bounds {
  readonly lower: NDArray;
  readonly upper: NDArray;
}

/** The state that all methods share. */
export interface Point extends State {
  readonly x: NDArray;
  readonly f: NDArray;
  readonly g: NDArray;
  readonly evaluations: NDArray;
}

/** The nearest point within the bounds. */
export const projected = (x: NDArray, bounds: Bounds | undefined): NDArray => (bounds ? x.maximum(bounds.lower).minimum(bounds.upper) : x);

/** Returns what has to become 0: the gradient, of which bounds keep no part that leads out of them. */
export const rest = (x: NDArray, g: NDArray, bounds: Bounds | undefined): NDArray => (bounds ? x.sub(projected(x.sub(g), bounds)) : g);

/** Returns which elements a bound holds: those that are so near to the one to which the gradient leads. */
export const held = (x: NDArray, g: NDArray, { lower, upper }: Bounds, near: NDArray | number = 0): NDArray =>
  g.greater(0).where(x.sub(lower), upper.sub(x)).lessEqual(near);

/** Returns whether there is no least value on the way to a point: −Infinity is there, or the value and the unknowns are beyond all numbers that are meant. */
export const isEndless = (x: NDArray, f: NDArray): NDArray => largest(x).minimum(f.neg()).greater(1e15).logicalOr(f.equal(-Infinity));

/** The product of the Hessian with a vector. */
export const product =
  ({ slope }: Objective, x: NDArray) =>
  (v: NDArray): NDArray =>
    jvp((own: NDArray) => slope(own)[1], [x], [v])[1];

/** The Hessian, all of its columns in one pass. */
export const hessianOf = (objective: Objective, x: NDArray): NDArray => columnsOf(product(objective, x), x);

/** The first point. Its code is 0 as long as there is something to do. */
export function begun({ slope, gtol, bounds }: Objective, x: NDArray): Point {
  const [f, g] = slope(x);
  const zero = count(0);
  const code = firstOf(
    zero,
    [
      [f.isFinite().logicalAnd(allFinite(g)).logicalNot(), codes.notFinite],
      [largest(rest(x, g, bounds)).lessEqual(gtol), codes.gradient],
    ],
    codes.maxIterations,
  );
  return { x, f, g, code, iterations: zero, evaluations: count(1) };
}

/** Returns whether a value does not change by more than rounding where a change is foreseen. */
export const isFlat = (f: NDArray, foreseen: NDArray): NDArray => foreseen.abs().lessEqual(f.abs().mul(64 * epsilonOf(f)));

/** The largest relative change of the value per relative change of an unknown, with what is below 1 counted as 1. */
const slopeOf = ({ bounds }: Objective, { x, f, g }: Pick<Point, "x" | "f" | "g">): NDArray =>
  largest(rest(x, g, bounds).mul(x.abs().maximum(1))).div(f.abs().maximum(1));

/** With a larger slope than this a value is no least one, however little the next step would change it: it falls without limit. */
const maxSlope = 0.1;

/**
 * The code where no step lowers the value: within rounding it is the least where the next step foresees no more than rounding, or where the
 * gradient is small in the units of x and of the value (Dennis and Schnabel, "Numerical methods for unconstrained optimization and nonlinear
 * equations", 1983).
 */
export function ended(objective: Objective, at: Pick<Point, "x" | "f" | "g">, foreseen: NDArray): NDArray {
  const slope = slopeOf(objective, at);
  return isFlat(at.f, foreseen)
    .logicalAnd(slope.lessEqual(maxSlope))
    .logicalOr(slope.lessEqual(100 * epsilonOf(at.f) ** 0.5))
    .where(codes.rounding[0], codes.noProgress[0])
    .astype("int32");
}

/** The code after a step from a to b, where the next one is foreseen to lower the value by so much. */
export function reached(
  objective: Objective,
  a: Omit<Point, keyof State | "evaluations">,
  b: typeof a,
  foreseen: NDArray,
  like: NDArray,
): NDArray {
  const { gtol, ftol, xtol, bounds } = objective;
  const gain = a.f.sub(b.f);
  const [before, now] = [largest(rest(a.x, a.g, bounds)), largest(rest(b.x, b.g, bounds))];
  return firstOf(
    like,
    [
      [now.lessEqual(gtol), codes.gradient],
      [ftol > 0 && gain.lessEqual(a.f.abs().mul(ftol)).logicalAnd(gain.greaterEqual(0)), codes.cost],
      [xtol > 0 && largest(b.x.sub(a.x)).lessEqual(largest(b.x).mul(xtol)), codes.step],
      [
        isFlat(b.f, foreseen)
          .logicalAnd(now.greater(before.mul(0.5)))
          .logicalAnd(slopeOf(objective, b).lessEqual(maxSlope)),
        codes.rounding,
      ],
    ],
    codes.maxIterations,
  );
}
