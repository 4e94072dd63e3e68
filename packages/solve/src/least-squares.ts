import { type Arrays, grad, type Listed, type NDArray, TreeError, zeros } from "@ad/core";
import { type AnyFunction, checkFunction, checkOptions, describe } from "@ad/core/internals/checks";
import { type ArrayList, isStaging, type Numbers, unflatten } from "@ad/core/internals/trace";
import { type JacobianOf, valueAndJacobian } from "@ad/functional";
import { boundsOf } from "./bounds.js";
import * as codes from "./codes.js";
import { cosine, cost, gain, halfSquare, lambda, length, planner, radius, sizeOfX, slope, tried } from "./least-squares/kernel.js";
import { costOf, type LossName, lossNames, weighted } from "./least-squares/loss.js";
import { parts } from "./least-squares/units.js";
import { cut, solveVector } from "./linear.js";
import { checkChoice, checkCount, checkTolerance, shown } from "./loop.js";
import { projected, rest } from "./minimize/objective.js";
import { differentiable, epsilonOf, largest, type Problem, problem, treeLike } from "./problem.js";
import { type Counts, plain, type Report, report } from "./result.js";
import { after, code, counts, evaluations, iterations, turns } from "./turns.js";

/** A step, as {@link leastSquares} and {@link curveFit} show it. */
export interface LeastSquaresStep<X = unknown> {
  /** The number of steps that were tried; under vmap it is an array, one for each lane, as all other values. */
  readonly iteration: number;
  /** The unknowns after the step. */
  readonly x: Arrays<X>;
  /** Half the sum of the squared residuals there, or of what the loss makes of them. */
  readonly cost: number;
}

/** Options of {@link leastSquares}. */
export interface LeastSquaresOptions<X = unknown> {
  /**
   * "lm" (default): Levenberg's and Marquardt's step, within a region of trust (Moré 1978). "dogleg": Powell's, between Gauss and Newton's step
   * and the steepest descent, in the same region.
   */
  readonly method?: "lm" | "dogleg";
  /** The least and the largest value of each element: trees of x0's form, or numbers for all elements; where x0 is one array, lists too. An open side has ±Infinity, and no null. */
  readonly bounds?: readonly [lower: unknown, upper: unknown];
  /**
   * The function of the squared residuals z that is added: "linear" (default) z; "softL1" 2·(√(1 + z) − 1), "huber" z up to 1 and then 2·√z − 1, and
   * "cauchy" ln(1 + z), which mind outliers less and less.
   */
  readonly loss?: LossName;
  /** The residual at which a loss begins to differ from "linear": 1. */
  readonly lossScale?: number;
  /** It has converged where a step is not longer than this part of x, in the scales of J's columns: ε^⅔, 3.7e-11 in float64. */
  readonly xtol?: number;
  /** It has converged where a step lowers the cost by no more than this part of it, and is foreseen to do so. Default 0: up to rounding. */
  readonly ftol?: number;
  /** It has converged where no cosine between the residuals and a column of J is larger: ε^¾, 1.8e-12 in float64. */
  readonly gtol?: number;
  /** The most steps that are tried: 500·(n + 1), for n unknowns. */
  readonly maxIterations?: number;
  /**
   * Called after each try, with numbers; under jit in each run. Under vmap it is called with all lanes at once, after each try of one of them at the least; a lane whose
   * iteration is the same as before has taken none, and is shown where it stands. What it returns is not looked at; what it throws ends the search.
   */
  readonly onStep?: (step: LeastSquaresStep<X>) => void;
}

/** The result of {@link leastSquares}. */
export interface LeastSquares<X, R> extends Report {
  /** The point of the least cost, of the form of x0. It has implicit derivatives. */
  readonly x: Arrays<X>;
  /** Half the sum of the squares, or of their losses, of shape []. It has derivatives. */
  readonly cost: NDArray;
  /** The residuals there, of the form that the function gives. They have derivatives. */
  readonly residuals: Arrays<R>;
  /** Their Jacobian there, as `jacobian` gives it: [...residuals, ...x] for each pair of leaves. It has derivatives. */
  readonly jacobian: JacobianOf<R, Arrays<X>>;
  /** The largest absolute value of the cost's gradient, but for what a bound holds. It has no derivatives. */
  readonly gradientNorm: number;
}

/** The options with their defaults. */
export interface Settings {
  readonly method: "lm" | "dogleg";
  readonly loss: LossName;
  readonly lossScale: number;
  readonly bounds: ReturnType<typeof boundsOf>;
  readonly xtol: number;
  readonly ftol: number;
  readonly gtol: number;
  readonly maxIterations: number;
  readonly onStep?: (step: LeastSquaresStep) => void;
}

export const leastSquaresOptions = [
  "method",
  "bounds",
  "loss",
  "lossScale",
  "xtol",
  "ftol",
  "gtol",
  "maxIterations",
  "onStep",
] as const satisfies readonly (keyof LeastSquaresOptions)[];

const reasons = [
  codes.noProgress,
  codes.notFinite,
  codes.maxIterations,
  codes.residual,
  codes.gradient,
  codes.cost,
  codes.step,
  codes.rounding,
];

/** Checks the options. */
export function settingsOf(op: string, options: LeastSquaresOptions, { like, start }: Problem): Settings {
  const { lossScale = 1 } = options;
  if (!(typeof lossScale === "number" && lossScale > 0))
    throw new TreeError(`${op}: lossScale is ${describe(lossScale)}; give a number above 0.`);
  const epsilon = epsilonOf(start);
  const tolerance = (name: "xtol" | "ftol" | "gtol", otherwise: number): number =>
    checkTolerance(op, name, options[name] ?? otherwise) as number;
  return {
    ...options,
    method: checkChoice(op, "method", options.method ?? "lm", ["lm", "dogleg"]),
    loss: checkChoice(op, "loss", options.loss ?? "linear", lossNames),
    lossScale,
    bounds: boundsOf(op, options.bounds, like),
    xtol: tolerance("xtol", epsilon ** (2 / 3)),
    ftol: tolerance("ftol", 0),
    gtol: tolerance("gtol", epsilon ** 0.75),
    maxIterations: checkCount(op, "maxIterations", options.maxIterations ?? 500 * (start.size + 1)),
  };
}

/** The end of a fit, without derivatives. */
interface Found {
  readonly both: readonly NDArray[];
  readonly gradient: NDArray;
  readonly report: Report;
}

/** The residuals and their Jacobian. */
const bothOf = (f: Problem["f"], x: NDArray): NDArray[] => valueAndJacobian(f, { strategy: x.size <= 32 ? "forward" : "auto" })(x);

/** Bounds of what is measured in units. */
const measured = (bounds: Settings["bounds"], unit: NDArray): Settings["bounds"] => bounds && [bounds[0].div(unit), bounds[1].div(unit)];

/** Tries steps until one of the tolerances is met. The point is given in units, which stand beside it. */
function search(op: string, { start, tree, f }: Problem, settings: Settings): readonly [found: ArrayList, beside: Found] {
  const { method, loss, lossScale, bounds, xtol, ftol, gtol, maxIterations, onStep } = settings;
  const epsilon = epsilonOf(start);
  const x0 = projected(start, bounds);
  const begun = bothOf(f, x0);
  const n = x0.size;
  const m = begun[0].size;
  /** The cost, r, and the columns of J, weighed by the loss, and the bounds. */
  const given = ([r, jacobian]: readonly NDArray[]): NDArray[] => [
    costOf(loss, lossScale, r),
    ...weighted(loss, lossScale, r, jacobian.T),
    ...(bounds ?? []),
  ];
  const { x: best, gradient, columns, residual, units, end, measure, take, plan } = planner(method === "dogleg", n, m);
  const isLinear = loss === "linear";
  /** The cost in units; where these are not 1, the function's may have left the range. */
  const costAt = (s: Numbers, [whole, r]: readonly Numbers[]): number => (s[units + n] === 1 ? whole[0] : halfSquare(r, s[units + n]));
  /** Plans the next step, and ends the search where there is none. */
  const go = (s: Numbers, given: readonly Numbers[]): void => {
    plan(s, given[3], given[4]);
    s[evaluations]++;
    if (s[cost] === 0) s[code] = codes.residual[0];
    else if (s[cosine] <= gtol) s[code] = codes.gradient[0];
  };

  const begin = (s: Numbers, [first, ...given]: readonly Numbers[]): void => {
    s.set(first, tried);
    measure(s, given[1], given[2], isLinear);
    const isFinite = take(s, costAt(s, given), given[1], given[2]);
    s[radius] = Infinity;
    go(s, given);
    if (!isFinite) s[code] = codes.notFinite[0];
  };
  const turn = (s: Numbers, given: readonly Numbers[], state: Numbers): void => {
    const [before, near, foreseen, way, size] = [s[cost], s[cosine], s[gain], s[length], s[sizeOfX]];
    const there = costAt(s, given);
    const actual = before - there;
    const ratio = actual / (foreseen || 1);
    // Where no more than rounding is to be won, the model is believed as long as the gradient falls.
    const isFlat = Math.max(foreseen, Math.abs(actual)) <= before * 64 * epsilon;
    const isWanted = ratio > 1e-4 || isFlat;
    const isTaken = isWanted && take(s, there, given[1], given[2]);
    if (isWanted && !isTaken) s.set(state);
    // Where the cost rises by much, the region shrinks by more, down to a tenth (Moré 1978).
    const shrunk = actual >= 0 ? 0.5 : (s[slope] * 0.5) / (s[slope] + actual);
    const most = s[iterations] ? s[radius] : Math.min(s[radius], way);
    if (isFlat) s[radius] = most;
    else if (isTaken && ratio > 0.25) {
      s[radius] = most;
      if (ratio >= 0.75 || s[lambda] === 0) {
        s[radius] = way * 2;
        s[lambda] /= 2;
      }
    } else {
      const share = Math.min(Math.max(shrunk || 0, 0.1), 0.5);
      s[radius] = Math.min(most, way * 10) * share;
      s[lambda] /= share;
    }
    go(s, given);
    s[iterations]++;
    if (s[code]) return;
    if (isTaken && Math.max(actual, foreseen) < before * ftol) s[code] = codes.cost[0];
    else if (isFlat && s[cosine] > near * 0.9) s[code] = codes.rounding[0];
    else if (way <= size * xtol) s[code] = (there < Infinity ? codes.step : codes.noProgress)[0];
  };

  const step = (before: NDArray, given: ArrayList, change: typeof turn): NDArray => after(maxIterations, before, given, change);
  const part = (s: NDArray, from: number, size: number): NDArray => s.slice([from, from + size]).astype(x0.dtype);
  const unitsIn = (s: NDArray): readonly NDArray[] => parts(part(s, units, n + 1));
  const show = shown(op, onStep, tree, "cost", ({ s }: Counts & { readonly s: NDArray }) => {
    const [own, unit] = unitsIn(s);
    return [part(s, best, n).mul(own), s.slice(cost).div(unit).div(unit)];
  });
  // The state is float64 for all fits: squares of float32 soon leave its range.
  const all = turns(
    step(zeros([end]), [x0, ...given(begun)], begin),
    (before) => step(before, given(bothOf(f, part(before, tried, n))), turn),
    (s) => show?.({ ...counts(s), s }),
  );
  const u = part(all, best, n);
  const [own, unit] = unitsIn(all);
  const x = u.mul(own);
  const slopes = own.mul(unit);
  const found = {
    // A loss weighs what the state holds.
    both: isLinear
      ? [
          part(all, residual, m).div(unit),
          part(all, columns, m * n)
            .reshape([n, m])
            .T.div(slopes),
        ]
      : bothOf(f, x),
    gradient: largest(rest(x, part(all, gradient, n).div(slopes).div(unit), bounds)),
    report: report(reasons, counts(all)),
  };
  return [[u, part(all, units, n + 1)], found];
}

/** The end of a fit: x with implicit derivatives, and all else as functions of it. */
export interface Fitted {
  readonly x: NDArray;
  readonly cost: NDArray;
  readonly r: NDArray;
  readonly jacobian: NDArray;
  readonly gradientNorm: number;
  readonly report: Report;
}

/** Fits, on vectors. */
export function fit(op: string, own: Problem, settings: Settings): Fitted {
  const { loss, lossScale, bounds } = settings;
  const cost = (r: NDArray): NDArray => costOf(loss, lossScale, r);
  /** In a program by forward mode, where that is not too much: reverse mode over it then goes through loops whose length depends on values. */
  const slope = (f: Problem["f"], u: NDArray): NDArray => {
    if (!isStaging() || u.size > 32) return grad((u: NDArray) => cost(f(u)))(u);
    const [r, jacobian] = bothOf(f, u);
    return grad(cost)(r).matmul(jacobian);
  };
  const [[u, units], found] = differentiable(
    op,
    () => search(op, own, settings),
    (u, units) => {
      const [each, unit] = parts(units);
      return [
        rest(
          u,
          slope((u) => own.f(u.mul(each)).mul(unit), u),
          measured(bounds, each),
        ),
        units.sub(units.stopGradient()),
      ];
    },
    (map, [b, units]) => {
      const still = units.filled(0, units.aval);
      return [solveVector((v) => map([v, still])[0], b), still];
    },
  );
  const x = u.mul(parts(units.stopGradient())[0]);
  // The residuals that were found have no derivatives; with them they are computed of x.
  const [r, jacobian] = x.owner.level === 0 ? found.both : bothOf(own.f, x);
  return { x, r, jacobian, cost: cost(r), gradientNorm: plain<number>(found.gradient) as number, report: found.report };
}

/** A Jacobian [m, n] as the tree of trees: [...residuals, ...x] for each pair of leaves. */
function jacobianTree({ like, form }: Problem, jacobian: NDArray): unknown {
  const { structure, leaves } = form();
  return unflatten(
    structure,
    cut(jacobian.T, leaves).map((block) => treeLike(like, block.moveaxis(0, -1))),
  );
}

/**
 * The x for which the sum of the squares of residuals is least, near x0: Levenberg's and Marquardt's method, or the dogleg, with Jacobians of forward mode. The
 * result has derivatives with respect to all that the function closes over, of both modes and any order: those of x are implicit, by one
 * linear solve with the Hessian of the cost. In lanes of vmap each lane stops by itself.
 *
 * It throws where the input is wrong, and not where a fit fails: `converged` and `status` say how it went. ({@link Report} says what they are inside of
 * vmap and jit.)
 *
 * @param residuals from the unknowns to the residuals: floating arrays of any shapes, in any form
 * @param x0 where it starts: a floating array, a number or a tree of these
 * @param options method, bounds, loss, lossScale, xtol, ftol, gtol, maxIterations, onStep: {@link LeastSquaresOptions}
 * @returns `{ x, cost, residuals, jacobian, gradientNorm, converged, status, iterations, evaluations }`: {@link LeastSquares}
 * @throws DTypeError where x0 or the residuals are not floating, TreeError where one is no tree of arrays or an option is unknown or wrong,
 * ShapeError where bounds have other shapes than x0, TransformError where residuals is no function
 * @example
 * const t = array([0, 1, 2, 3]);
 * const y = array([4, 2, 1, 0.5]);
 * const decay = ({ a, k }: { a: NDArray; k: NDArray }) => a.mul(k.mul(t).neg().exp()).sub(y);
 * const { x, cost, converged } = leastSquares(decay, { a: 1, k: 0.1 });
 * x.a.item(); // 4
 * x.k.item(); // 0.693147181
 * converged; // true
 * leastSquares((m: NDArray) => array([1, 1, 1, 9]).sub(m), 0, { loss: "huber", lossScale: 0.1 }).x.item(); // 1.0333333
 */
export function leastSquares<X = NDArray, R = NDArray>(
  residuals: (x: Arrays<X>) => R,
  x0: Listed<X>,
  options?: LeastSquaresOptions<NoInfer<X>>,
): LeastSquares<X, R>;
export function leastSquares(residuals: AnyFunction, x0: unknown, options: LeastSquaresOptions = {}): LeastSquares<unknown, unknown> {
  const op = "leastSquares";
  checkFunction(op, residuals);
  checkOptions(op, options, leastSquaresOptions);
  const own = problem(op, residuals, x0);
  const { x, r, jacobian, cost, gradientNorm, report } = fit(op, own, settingsOf(op, options, own));
  return {
    x: own.tree(x) as Arrays<unknown>,
    cost,
    residuals: treeLike(own.form(), r) as Arrays<unknown>,
    // A tree of trees, which no type knows before.
    jacobian: jacobianTree(own, jacobian) as never,
    gradientNorm,
    ...report,
  };
}
