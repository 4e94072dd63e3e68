import { type Arrays, array, cond, type Listed, linalg, type NDArray } from "@ad/core";
import { type AnyFunction, checkFunction, checkOptions } from "@ad/core/internals/checks";
import type { ArrayList } from "@ad/core/internals/trace";
import { valueAndJacobian } from "@ad/functional";
import * as codes from "./codes.js";
import { checkSquare } from "./implicit.js";
import { checkChoice, checkCount, checkTolerance, firstOf, iterate, type State, shown } from "./loop.js";
import { allFinite, count, differentiable, epsilonOf, largest, norm, type Problem, problem, treeLike } from "./problem.js";
import { type Report, report } from "./result.js";

/** A step, as a solver shows it. */
export interface RootStep<X = unknown> {
  /** The number of steps that were taken; under vmap an array, one for each lane, and so are all other values. */
  readonly iteration: number;
  /** The unknowns after the step. */
  readonly x: Arrays<X>;
  /** The largest absolute value of the residual. */
  readonly residualNorm: number;
}

/** Options of {@link root}. */
export interface RootOptions<X = unknown> {
  /**
   * "hybrid" (default): Powell's dogleg, between Newton's step and the steepest descent, within a region of trust. "newton": Newton's step, halved
   * as long as the residual does not fall. "broyden": one Jacobian at the start, which steps correct by themselves; it is computed anew
   * where they lead nowhere.
   */
  readonly method?: "newton" | "broyden" | "hybrid";
  /** It has converged where no number of the residual is larger. Default: the unit of rounding times the residual at x0. */
  readonly tol?: number;
  /** It has converged where Newton's step is not larger than xtol times x. Default: ε^¾, 1.8e-12 in float64. */
  readonly xtol?: number;
  /** Default 100. */
  readonly maxIterations?: number;
  /**
   * Called after each step, with numbers; under jit in each run. Under vmap it is called with all lanes at once, after each step of one of them at the least; a lane whose
   * iteration is the same as before has taken none, and is shown where it stands. What it returns is not looked at; what it throws ends the search.
   */
  readonly onStep?: (step: RootStep<X>) => void;
}

/** The result of {@link root}. */
export interface Root<X, R> extends Report {
  /** The root, of the form of x0. It has implicit derivatives. */
  readonly x: Arrays<X>;
  /** f there, of the form that f gives. It has no derivatives. */
  readonly residual: Arrays<R>;
}

interface Step extends State {
  readonly x: NDArray;
  readonly r: NDArray;
  readonly evaluations: NDArray;
}

/** A method: what it knows at the first point, and its step. */
interface Method<S extends Step> {
  readonly first: (x: NDArray) => Omit<S, "code" | "iterations" | "evaluations">;
  readonly step: (state: S, within: Tolerances) => Omit<S, "iterations">;
}

interface Tolerances {
  readonly tol: NDArray;
  readonly xtol: number;
}

/** |r|², and infinite where r is not a number. */
const cost = (r: NDArray): NDArray => {
  const c = r.square().sum();
  return c.isNaN().where(Infinity, c);
};

/** Returns whether the residual falls by enough, or is small. */
const isBetter = (r1: NDArray, r: NDArray, part: NDArray, tol: NDArray): NDArray => {
  // In units of the largest residual, so that squares stay in the range.
  const unit = largest(r);
  return cost(r1.div(unit))
    .less(cost(r.div(unit)).mul(part.mul(-1e-4).add(1)))
    .logicalOr(largest(r1).lessEqual(tol));
};

/** Returns whether a step is smaller than this part of x. */
const isSmall = (step: NDArray, x: NDArray, part: number): NDArray => largest(step).lessEqual(largest(x).mul(part));

/** Returns the reason to stop after a step, if there is one: the residual is small, or Newton's step was. */
const reached = (x: NDArray, r: NDArray, full: NDArray, { tol, xtol }: Tolerances, like: NDArray): NDArray =>
  firstOf(
    like,
    [
      [largest(r).lessEqual(tol), codes.residual],
      [isSmall(full, x, xtol), codes.step],
    ],
    codes.maxIterations,
  );

/**
 * Returns the reason to stop after a step that was refused, if there is one. Where Newton's step is small already, quadratic convergence has come to the rounding of f; a
 * step that is less than the rounding of x leads nowhere.
 */
const refused = (x: NDArray, step: NDArray, full: NDArray, { xtol }: Tolerances, like: NDArray): NDArray =>
  firstOf(
    like,
    [
      [isSmall(full, x, Math.sqrt(xtol)), codes.step],
      [isSmall(step, x, epsilonOf(x)), codes.noProgress],
    ],
    codes.maxIterations,
  );

interface Newton extends Step {
  readonly jacobian: NDArray;
  /** The part of Newton's step that is tried. */
  readonly part: NDArray;
}

const one = (like: NDArray): NDArray => like.filled(1, largest(like).aval);

const newton = ({ f }: Problem): Method<Newton> => {
  const both = valueAndJacobian(f, { strategy: "forward" });
  return {
    first(x) {
      const [r, jacobian] = both(x);
      return { x, r, jacobian, part: one(x) };
    },
    step({ x, r, jacobian, part, code, evaluations }, within) {
      const full = linalg.solve(jacobian, r.neg(), { onFailure: "nan" });
      const step = full.mul(part);
      const next = x.add(step);
      const [r1, j1] = both(next);
      const accept = isBetter(r1, r, part, within.tol);
      const stuck = allFinite(full).where(refused(x, step, full, within, code), codes.singular[0]);
      return {
        x: accept.where(next, x),
        r: accept.where(r1, r),
        jacobian: accept.where(j1, jacobian),
        part: accept.where(1, part.mul(0.5)).astype(part.dtype),
        code: accept.where(reached(next, r1, full, within, code), stuck),
        evaluations: evaluations.add(1),
      };
    },
  };
};

interface Hybrid extends Step {
  readonly jacobian: NDArray;
  readonly radius: NDArray;
}

/** x / y, and x where y is 0. */
const quotient = (x: NDArray, y: NDArray): NDArray => x.div(y.equal(0).where(1, y));

/**
 * Powell's dogleg, of a region of radius 1: along the steepest descent to the lowest point of |r + J·s|, and from there towards Newton's step, as far as
 * the region. A Newton step that is not finite is left out.
 */
function dogleg(newton: NDArray, gradient: NDArray, jacobian: NDArray): NDArray {
  const gg = gradient.square().sum();
  const cauchy = gradient.mul(quotient(gg, jacobian.matmul(gradient).square().sum()).neg());
  const way = newton.sub(cauchy);
  const [p, q, s] = [way.square().sum(), cauchy.mul(way).sum(), cauchy.square().sum().neg().add(1)];
  const root = q.square().add(p.mul(s)).maximum(0).sqrt();
  const between = cauchy.add(way.mul(q.greater(0).where(quotient(s, q.add(root)), quotient(root.sub(q), p))));
  const isSound = allFinite(newton);
  const inside = isSound.where(between, cauchy);
  const outside = gradient.div(gg.sqrt()).neg();
  const isNear = isSound.logicalAnd(norm(newton).lessEqual(1));
  return isNear.where(newton, s.greater(0).where(inside, outside));
}

const hybrid = ({ f }: Problem): Method<Hybrid> => {
  const both = valueAndJacobian(f, { strategy: "forward" });
  return {
    first(x) {
      const [r, jacobian] = both(x);
      const unit = largest(x);
      return {
        x,
        r,
        jacobian,
        radius: unit
          .equal(0)
          .where(10, norm(quotient(x, unit)).mul(unit).mul(10))
          .astype(x.dtype),
      };
    },
    step({ x, r, jacobian, radius, code, evaluations }, within) {
      const full = linalg.solve(jacobian, r.neg(), { onFailure: "nan" });
      // In units of the largest residual and of the radius, so that squares stay in the range.
      const unit = largest(r);
      const [own, slopes] = [r.div(unit), jacobian.mul(radius.div(unit))];
      const gradient = own.matmul(slopes);
      const way = dogleg(full.div(radius), gradient, slopes);
      const step = way.mul(radius);
      const next = x.add(step);
      const [r1, j1] = both(next);
      const ratio = quotient(cost(own).sub(cost(r1.div(unit))), cost(own).sub(cost(own.add(slopes.matmul(way)))));
      const accept = ratio.greater(1e-4).logicalOr(largest(r1).lessEqual(within.tol));
      const length = norm(way).mul(radius);
      const wider = ratio.greater(0.75).where(radius.maximum(length.mul(2)), radius);
      const flat = largest(gradient).equal(0);
      return {
        x: accept.where(next, x),
        r: accept.where(r1, r),
        jacobian: accept.where(j1, jacobian),
        radius: ratio.greater(0.25).where(wider, length.mul(0.25)),
        code: accept.where(reached(next, r1, full, within, code), flat.where(codes.singular[0], refused(x, step, full, within, code))),
        evaluations: evaluations.add(1),
      };
    },
  };
};

interface Broyden extends Step {
  /** The inverse of the Jacobian, as it is known. */
  readonly inverse: NDArray;
  /** Whether it was computed at this point, and not corrected since. */
  readonly isFresh: NDArray;
  readonly part: NDArray;
}

const broyden = ({ f }: Problem): Method<Broyden> => {
  const both = (x: NDArray): [NDArray, NDArray] => {
    const [r, jacobian] = valueAndJacobian(f, { strategy: "forward" })(x);
    return [r, linalg.inv(jacobian, { onFailure: "nan" })];
  };
  return {
    first(x) {
      const [r, inverse] = both(x);
      return { x, r, inverse, isFresh: array(true), part: one(x) };
    },
    step({ x, r, inverse, isFresh, part, code, evaluations }, within) {
      const full = inverse.matmul(r).neg();
      const step = full.mul(part);
      const next = x.add(step);
      const r1 = f(next);
      const accept = isBetter(r1, r, part, within.tol);
      // Sherman and Morrison's formula, for the inverse of the Jacobian that takes the step to what f did along it.
      const along = inverse.matmul(r1.sub(r));
      const size = step.mul(along).sum();
      const isSound = allFinite(r1).logicalAnd(size.abs().greater(step.square().sum().mul(1e-12)));
      const change = step.sub(along).div(isSound.where(size, 1)).outer(step.matmul(inverse));
      const corrected = isSound.where(inverse.add(change), inverse);
      const why = allFinite(full).where(refused(x, step, full, within, code), codes.singular[0]);
      const isLost = accept
        .logicalOr(isFresh)
        .logicalNot()
        .logicalAnd(part.less(0.2).logicalOr(why.notEqual(0)));
      const anew = cond(
        isLost,
        (own: NDArray) => both(own)[1],
        () => inverse,
        x,
      );
      return {
        x: accept.where(next, x),
        r: accept.where(r1, r),
        inverse: accept.where(corrected, anew),
        isFresh: accept.where(false, isFresh.logicalOr(isLost)),
        part: accept.logicalOr(isLost).where(1, part.mul(0.5)).astype(part.dtype),
        code: accept.where(reached(next, r1, full, within, code), isLost.where(codes.maxIterations[0], why)),
        evaluations: evaluations.add(1).add(isLost.astype("int32")),
      };
    },
  };
};

const reasons = [codes.singular, codes.noProgress, codes.notFinite, codes.maxIterations, codes.residual, codes.step];

/** Runs a method: the last point, and what stands beside it. */
function run<S extends Step>(
  { start, tree }: Problem,
  { first, step }: Method<S>,
  { tol, xtol, maxIterations = 100, onStep }: RootOptions,
): readonly [x: ArrayList, beside: readonly [r: NDArray, report: Report]] {
  const begin = first(start) as S;
  const epsilon = epsilonOf(start);
  const size = largest(begin.r);
  const within = { tol: tol === undefined ? size.mul(epsilon) : size.filled(tol, size.aval), xtol: xtol ?? epsilon ** 0.75 };
  const zero = count(0);
  const code = firstOf(
    zero,
    [
      [allFinite(begin.r).logicalNot(), codes.notFinite],
      [size.lessEqual(tol ?? 0), codes.residual],
    ],
    codes.maxIterations,
  );
  const last = iterate<S>(
    { ...begin, code, iterations: zero, evaluations: count(1) },
    (state) => step(state, within),
    maxIterations,
    shown("root", onStep, tree, "residualNorm", ({ x, r }) => [x, largest(r)]),
  );
  return [[last.x], [last.r, report(reasons, last)]];
}

const methods = ["newton", "broyden", "hybrid"] as const;

/**
 * A root of a system of equations: x with f(x) = 0. Its derivatives are implicit: with respect to all that f closes over, of both modes and any order,
 * by one linear solve, whatever the steps were. It does not depend on x0. Where ∂f/∂x is singular at the root, as at a double root, there is no
 * derivative: it is NaN, and of one unknown ±Infinity, as that of the square root at 0; rounding may leave a very large number of it. In lanes of vmap each
 * lane stops by itself.
 *
 * It throws where the input is wrong, and not where there is no root: `converged` and `status` say how it went. ({@link Report} says what they are
 * inside of vmap and jit.)
 *
 * @param f from the unknowns to as many numbers, in any form: floating arrays of any shapes
 * @param x0 where it starts: a floating array, a number or a tree of these
 * @param options method: "hybrid" (default), "newton" or "broyden"; tol, xtol, maxIterations, onStep: {@link RootOptions}
 * @returns `{ x, residual, converged, status, iterations, evaluations }`
 * @throws ShapeError where f gives not as many numbers as there are unknowns, DTypeError where x0 or f's result is not floating, TreeError
 * where one is no tree of arrays or an option is unknown or wrong, TransformError where f is no function
 * @example
 * const circle = (r: NDArray) => root(({ x, y }) => [x.square().add(y.square()).sub(r.square()), x.sub(y)], { x: 1, y: 1 }).x;
 * circle(array(2)).x.item(); // 1.414213562
 * grad((r: NDArray) => circle(r).x)(2).item(); // 0.707106781
 * root((x: NDArray) => x.cos().sub(x), 1).converged; // true
 */
export function root<X = NDArray, R = unknown>(f: (x: Arrays<X>) => R, x0: Listed<X>, options?: RootOptions<NoInfer<X>>): Root<X, R>;
export function root(f: AnyFunction, x0: unknown, options: RootOptions = {}): Root<unknown, unknown> {
  checkFunction("root", f);
  checkOptions("root", options, ["method", "tol", "xtol", "maxIterations", "onStep"]);
  const method = checkChoice("root", "method", options.method ?? "hybrid", methods);
  checkTolerance("root", "tol", options.tol);
  checkTolerance("root", "xtol", options.xtol);
  checkCount("root", "maxIterations", options.maxIterations ?? 0);
  const own = problem("root", f, x0);
  const system: Problem = {
    ...own,
    f(u) {
      const r = own.f(u);
      checkSquare("root", [r], [u]);
      return r;
    },
  };
  const find = (): ReturnType<typeof run> => {
    if (method === "newton") return run(system, newton(system), options);
    return method === "broyden" ? run(system, broyden(system), options) : run(system, hybrid(system), options);
  };
  const [[u], [r, beside]] = differentiable("root", find, (u) => [system.f(u)]);
  return { x: own.tree(u), residual: treeLike(own.form(), r), ...beside };
}
