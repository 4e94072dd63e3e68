import { type Arrays, concatenate, eye, type Listed, linalg, type NDArray, TreeError, zeros } from "@ad/core";
import { type AnyFunction, checkFunction, checkOptions, checkShape, describe, flattenLike } from "@ad/core/internals/checks";
import * as codes from "./codes.js";
import { checkCount, checkTolerance, firstOf, iterate, type State, shown } from "./loop.js";
import { allFinite, count, differentiable, epsilonOf, largest, type Problem, problem, treeLike } from "./problem.js";
import { type Report, report } from "./result.js";
import type { RootStep } from "./root.js";

/** Options of {@link fixedPoint}. */
export interface FixedPointOptions<X = unknown> {
  /** From how many of the last steps Anderson's acceleration combines the next one; true: from 5. Default false, plain iteration. */
  readonly anderson?: number | boolean;
  /** It has converged where x and f(x) differ by no more than tol times the largest of x and of the first step. Default ε^¾, 1.8e-12 in float64. */
  readonly tol?: number;
  /** Default 1000. */
  readonly maxIterations?: number;
  /**
   * Called after each step, with numbers; under jit in each run. Under vmap it is called with all lanes at once, after each step of one of them at the least; a lane whose
   * iteration is the same as before has taken none, and is shown where it stands. What it returns is not looked at; what it throws ends the search.
   */
  readonly onStep?: (step: RootStep<X>) => void;
}

/** The result of {@link fixedPoint}. */
export interface FixedPoint<X> extends Report {
  /** The point, of the form of x0. It has implicit derivatives. */
  readonly x: Arrays<X>;
  /** f(x) − x there. It has no derivatives. */
  readonly residual: Arrays<X>;
}

interface Iteration extends State {
  readonly x: NDArray;
  /** f(x) − x. */
  readonly r: NDArray;
  /** The last changes of x and of r, one a row, of which the newest is the first; zeros where there was none. */
  readonly dx: NDArray;
  readonly dr: NDArray;
}

/**
 * x + r less the combination of the last changes that makes r least. Its normal equations are solved with a little added to the diagonal, so
 * that changes along one direction, and those that were not yet, do no harm.
 */
function accelerated(x: NDArray, r: NDArray, dx: NDArray, dr: NDArray): NDArray {
  const gram = dr.matmul(dr.T);
  const trace = gram.trace();
  const shift = trace.mul(epsilonOf(x) * 8);
  const sound = trace.greater(0).where(shift, 1);
  const weights = linalg.solve(gram.add(eye(dr.shape[0], dr.shape[0], { dtype: x.dtype }).mul(sound)), dr.matmul(r), { onFailure: "nan" });
  const plain = x.add(r);
  const next = plain.sub(weights.matmul(dx.add(dr)));
  return allFinite(next).where(next, plain);
}

/** A row before the others, of which the last one goes. */
const pushed = (rows: NDArray, row: NDArray): NDArray => concatenate([row.expandDims(0), rows.slice([0, -1])]);

/**
 * A fixed point: x with f(x) = x, by iteration from x0, plain or with Anderson's acceleration. Its derivatives are implicit: with respect to
 * all that f closes over, of both modes and any order, by one linear solve. In lanes of vmap each lane stops by itself.
 *
 * @param f from a tree to one of the same form and shapes
 * @param x0 where it starts: a floating array, a number or a tree of these, of any shapes
 * @param options anderson, tol, maxIterations, onStep: {@link FixedPointOptions}
 * @returns `{ x, residual, converged, status, iterations, evaluations }`
 * @throws ShapeError where f gives other shapes, DTypeError where x0 or f's result is not floating, TreeError where one is no tree of arrays
 * or an option is unknown or wrong, TransformError where f is no function
 * @example
 * fixedPoint((x: NDArray) => x.cos(), 1).x.item(); // 0.739085133
 * fixedPoint((x: NDArray) => x.cos(), 1, { anderson: 2 }).iterations < 10; // true
 * grad((a: NDArray) => fixedPoint((x: NDArray) => x.add(a.div(x)).mul(0.5), 1).x)(4).item(); // 0.25
 */
export function fixedPoint<X = NDArray>(
  f: (x: Arrays<X>) => unknown,
  x0: Listed<X>,
  options?: FixedPointOptions<NoInfer<X>>,
): FixedPoint<X>;
export function fixedPoint(f: AnyFunction, x0: unknown, options: FixedPointOptions = {}): FixedPoint<unknown> {
  const op = "fixedPoint";
  checkFunction(op, f);
  checkOptions(op, options, ["anderson", "tol", "maxIterations", "onStep"]);
  const { anderson = false, tol, onStep } = options;
  if (typeof anderson !== "boolean" && !(Number.isInteger(anderson) && anderson >= 0))
    throw new TreeError(`${op}: anderson is ${describe(anderson)}; give a whole number of steps, or true.`);
  checkTolerance(op, "tol", tol);
  const maxIterations = checkCount(op, "maxIterations", options.maxIterations ?? 1000);
  const depth = anderson === true ? 5 : +anderson;
  const own: Problem = problem(op, f, x0);
  const { start, tree } = own;
  checkShape(op, [depth, start.size]);
  const change = (u: NDArray): NDArray => {
    const value = own.f(u);
    flattenLike(treeLike(own.form(), value), own.like, op, "the function's result");
    return value.sub(u);
  };
  const find = (): readonly [NDArray[], readonly [NDArray, Report]] => {
    const r = change(start);
    const [size, zero] = [largest(r), count(0)];
    const within = tol ?? epsilonOf(start) ** 0.75;
    const verdict = (x: NDArray, own: NDArray): NDArray =>
      firstOf(
        zero,
        [
          [allFinite(own).logicalNot(), codes.notFinite],
          [largest(own).lessEqual(largest(x).maximum(size).mul(within)), codes.step],
        ],
        codes.maxIterations,
      );
    const rows = zeros([depth, start.size], start.dtype);
    const last = iterate<Iteration>(
      { x: start, r, dx: rows, dr: rows, code: verdict(start, r), iterations: zero },
      ({ x, r, dx, dr }) => {
        const next = depth === 0 ? x.add(r) : accelerated(x, r, dx, dr);
        const own = change(next);
        return {
          x: next,
          r: own,
          dx: depth === 0 ? dx : pushed(dx, next.sub(x)),
          dr: depth === 0 ? dr : pushed(dr, own.sub(r)),
          code: verdict(next, own),
        };
      },
      maxIterations,
      shown(op, onStep, tree, "residualNorm", ({ x, r }) => [x, largest(r)]),
    );
    return [
      [last.x],
      [last.r, report([codes.notFinite, codes.maxIterations, codes.step], { ...last, evaluations: last.iterations.add(1) })],
    ];
  };
  const [[u], [r, beside]] = differentiable(op, find, (u) => [change(u)]);
  return { x: tree(u) as Arrays<unknown>, residual: tree(r) as Arrays<unknown>, ...beside };
}
