import type { ArrayLike, Arrays, Listed, NDArray, Scalar } from "@ad/core";
import { type AnyFunction, checkFunction, checkOptions, invoke } from "@ad/core/internals/checks";
import { asArray, evaluate } from "@ad/core/internals/trace";
import { boundsOf } from "./bounds.js";
import * as codes from "./codes.js";
import { checkChoice, checkCount, checkTolerance, shown } from "./loop.js";
import { descent } from "./minimize/descent.js";
import { bfgs, lbfgs, newtonCg } from "./minimize/directions.js";
import { nelderMead } from "./minimize/nelder-mead.js";
import { type Objective, type Point, projected, rest } from "./minimize/objective.js";
import { trustRegion } from "./minimize/trust-region.js";
import { differentiable, epsilonOf, startOf } from "./problem.js";
import { type Report, report } from "./result.js";

/** A step, as {@link minimize} shows it. */
export interface MinimizeStep<X = unknown> {
  /** The number of steps that were taken; under vmap an array, one for each lane, and so are all other values. */
  readonly iteration: number;
  /** The unknowns after the step. */
  readonly x: Arrays<X>;
  /** The value of f there. */
  readonly value: number;
}

/** Options of {@link minimize}. */
export interface MinimizeOptions<X = unknown> {
  /**
   * "bfgs" (default): the inverse of the Hessian is built from the steps, n² numbers. "lbfgs": the last steps alone are kept, for many unknowns.
   * "newton-cg": Newton's steps by products with the Hessian, for many unknowns whose curvature differs. "trust": Newton's steps by the Hessian
   * itself, within a region of trust, for few unknowns and hard problems. "nelder-mead": values alone, for few unknowns.
   */
  readonly method?: "bfgs" | "lbfgs" | "newton-cg" | "trust" | "nelder-mead";
  /** The least and the largest value of each element: trees of x0's form, or numbers for all elements; where x0 is one array, lists too. An open side has ±Infinity, and no null. */
  readonly bounds?: readonly [lower: unknown, upper: unknown];
  /** It has converged where no element of the gradient is larger (but for what a bound holds): 1e-8, or 1e-4 in float32. */
  readonly gtol?: number;
  /** It has converged where a step lowers the value by no more than this part of it: 0. "nelder-mead": where the values differ by no more, 1e-10. */
  readonly ftol?: number;
  /** It has converged where a step is no longer than this part of x: 0. "nelder-mead": where the points are no farther apart, 1e-8. */
  readonly xtol?: number;
  /** 1000, "nelder-mead": 200 for each unknown. */
  readonly maxIterations?: number;
  /** The number of steps that "lbfgs" keeps: 10. There is room for no more than maxIterations. */
  readonly memory?: number;
  /**
   * Called after each step, with numbers; under jit in each run. Under vmap it is called with all lanes at once, after each step of one of them at the least; a lane whose
   * iteration is the same as before has taken none, and is shown where it stands. What it returns is not looked at; what it throws ends the search.
   */
  readonly onStep?: (step: MinimizeStep<X>) => void;
}

/** The result of {@link minimize}. */
export interface Minimum<X> extends Report {
  /** The minimum's place, of the form of x0. It has implicit derivatives. */
  readonly x: Arrays<X>;
  /** f there, of shape []. It has derivatives. */
  readonly value: NDArray;
  /** f's gradient there, of the form of x0. It has no derivatives. */
  readonly gradient: Arrays<X>;
}

const methods = ["bfgs", "lbfgs", "newton-cg", "trust", "nelder-mead"] as const;
const reasons = [
  codes.unbounded,
  codes.noProgress,
  codes.notFinite,
  codes.maxIterations,
  codes.gradient,
  codes.cost,
  codes.step,
  codes.rounding,
];
const known = ["method", "bounds", "gtol", "ftol", "xtol", "maxIterations", "memory", "onStep"];

/**
 * A minimum of a function, one that lies below x0. Its derivatives are implicit: with respect to all that f closes over, of both modes and any
 * order, by one linear solve with the Hessian, whatever the steps were. In lanes of vmap each lane stops by itself, and inside of jit nothing looks
 * at numbers.
 *
 * It throws where the input is wrong, and not where there is no minimum: `converged` and `status` say how it went. ({@link Report} says what
 * they are inside of vmap and jit.)
 *
 * @param f from the unknowns to one floating number, an array of shape []
 * @param x0 where it starts: a floating array, a number or a tree of these, of any shapes
 * @param options method: "bfgs" (default), "lbfgs", "newton-cg", "trust" or "nelder-mead"; bounds, gtol, ftol, xtol, maxIterations, memory,
 * onStep: {@link MinimizeOptions}
 * @returns `{ x, value, gradient, converged, status, iterations, evaluations }`: {@link Minimum}; evaluations counts f, with its gradient where the method asks for it
 * @throws ShapeError or DTypeError where f gives no floating scalar, DTypeError where x0 is not floating, TreeError where one is no tree of arrays or
 * an option is unknown or wrong, ShapeError where bounds have other shapes than x0, TransformError where f is no function
 * @example
 * const bowl = (a: NDArray) => minimize((x: NDArray) => x.sub(a).square().add(x.pow(4)).sum(), array([0, 0])).x;
 * bowl(array([3, 0])).toArray(); // [1, 0]
 * grad((a: NDArray) => bowl(a).sum())(array([3, 0])).toArray(); // [0.14285714, 1]
 * const { x, converged } = minimize(({ x, y }) => x.sub(1).square().add(y.sub(x).square()), { x: 0, y: 0 }, { bounds: [0, 0.5] });
 * x.y.item(); // 0.5
 * converged; // true
 */
export function minimize<X = NDArray>(f: (x: Arrays<X>) => Scalar, x0: Listed<X>, options?: MinimizeOptions<NoInfer<X>>): Minimum<X>;
export function minimize(f: AnyFunction, x0: unknown, options: MinimizeOptions = {}): Minimum<unknown> {
  const op = "minimize";
  checkFunction(op, f);
  checkOptions(op, options, known);
  const { method = "bfgs", memory = 10 } = options;
  checkChoice(op, "method", method, methods);
  checkCount(op, "memory", memory, 1);
  const isSimplex = method === "nelder-mead";
  const { start, tree, like } = startOf(op, x0);
  const bounds = boundsOf(op, options.bounds, like);
  const own = (x: NDArray): unknown => invoke(f, [tree(x)]);
  const slope = (x: NDArray): readonly [NDArray, NDArray] => {
    const [value, gradient] = evaluate(op, own as AnyFunction, undefined, [x]);
    return [value.astype(x.dtype), gradient as NDArray];
  };
  const tolerance = (name: "gtol" | "ftol" | "xtol", otherwise: number): number =>
    checkTolerance(op, name, options[name] ?? otherwise) as number;
  const n = start.size;
  const small = start.dtype === "float32" ? 1e-4 : 1e-8;
  const objective: Objective = {
    epsilon: epsilonOf(start),
    // A value that is no number is refused where the slope is asked for.
    value: (x) => asArray(own(x) as ArrayLike, op).astype(x.dtype),
    slope,
    bounds,
    gtol: tolerance("gtol", small),
    ftol: tolerance("ftol", isSimplex ? small / 100 : 0),
    xtol: tolerance("xtol", isSimplex ? small : 0),
    maxIterations: checkCount(op, "maxIterations", options.maxIterations ?? (isSimplex ? 200 * (n || 1) : 1000)),
    show: shown(op, options.onStep, tree, "value", ({ x, f }) => [x, f]),
  };
  const run = (x: NDArray): Point => {
    if (method === "trust") return trustRegion(objective, x);
    if (isSimplex) return nelderMead(objective, x);
    if (method === "newton-cg") return descent(objective, x, newtonCg(objective));
    return descent(objective, x, method === "bfgs" ? bfgs(n) : lbfgs(n, Math.min(memory, objective.maxIterations)));
  };
  const find = (): readonly [found: NDArray[], beside: readonly [g: NDArray, report: Report]] => {
    const last = run(projected(start, bounds));
    return [[last.x], [last.g, report(reasons, last)]];
  };
  const [[x], [g, beside]] = differentiable(op, find, (own) => [rest(own, slope(own)[1], bounds)]);
  return { x: tree(x), value: objective.value(x), gradient: tree(g.stopGradient()), ...beside };
}
