import {
  type ArrayLike,
  type Arrays,
  concatenate,
  type DType,
  DTypeError,
  type Input,
  type Listed,
  type NDArray,
  ShapeError,
  stack,
  TreeError,
} from "@ad/core";
import { checkFunction, checkOptions, checkShape, describe, flattenLike, invoke, showShape } from "@ad/core/internals/checks";
import { asArray, cast, type Flat, flatten, isFloat, peek, sameShape } from "@ad/core/internals/trace";
import { valueAndJacobian } from "@ad/functional";
import { vectorLike } from "../bounds.js";
import * as codes from "../codes.js";
import { joined } from "../linear.js";
import { checkChoice, checkCount, checkTolerance, firstOf } from "../loop.js";
import { epsilonOf, treeLike } from "../problem.js";
import { plain, type Report, report } from "../result.js";
import { provided } from "../scalars.js";
import { type EventOf, type Happened, withEvents } from "./events.js";
import { fixedSteps } from "./fixed.js";
import { type Gradient, solution } from "./gradient.js";
import type { Problem } from "./integrate.js";
import type { Method, System } from "./method.js";
import { rosenbrock } from "./rosenbrock.js";
import { op } from "./rule.js";
import { dopri5, tsit5 } from "./runge-kutta.js";
import type { State } from "./steps.js";

const methods: { readonly [name: string]: Method } = { tsit5, dopri5, rosenbrock };

/** A step, as `onStep` is told of it. */
export interface OdeStep<Y> {
  /** The time after the step. */
  readonly t: number;
  /** The solution at that time. */
  readonly y: Arrays<Y>;
  /** Whether the step was taken; if not, it is tried again with a shorter length. */
  readonly isTaken: boolean;
  /** The length of the next step. */
  readonly next: number;
  /** The number of steps that were taken. */
  readonly iterations: number;
}

/** A function of (t, y, args) whose zeros are looked for, and what is to be done there. */
export interface OdeEvent<Y = unknown, P = unknown> {
  /** The function whose zeros count; it gives one number. */
  readonly when: (t: NDArray, y: Arrays<Y>, args: P) => ArrayLike;
  /** Whether the solution ends there. */
  readonly terminal?: boolean;
  /** 1: only where the function rises through 0, -1: only where it falls, 0 (the default): both. */
  readonly direction?: 1 | -1 | 0;
  /** The most times that it is recorded, 16 if not given: the first ones. `count` tells of the others too. */
  readonly limit?: number;
}

/** The places where an event happened, [min(count, limit)] of them. In lanes of vmap and inside of jit there are always `limit` places, those that are left over are NaN. */
export interface OdeHappened<Y> {
  /** The times: [min(count, limit)]. */
  readonly ts: NDArray;
  /** The solution at each of them: y0's tree, each leaf with a leading axis as long. */
  readonly ys: Arrays<Y>;
  /** The number of times that it happened: where it is above `limit`, ts lacks the last ones. In lanes of vmap and inside of jit it is an int32 array. */
  readonly count: number;
}

/** Options of {@link odeSolve}. */
export interface OdeOptions<Y = unknown, P = unknown> {
  /**
   * "tsit5" (the default): the explicit Runge–Kutta method of Tsitouras, of order 5, whose steps take a twentieth of the tolerance, as their errors add up. "dopri5": that of Dormand and Prince, which is SciPy's RK45 and
   * MATLAB's ode45; its steps take a hundredth, where those take all of it. "rosenbrock": Rodas5P, of order 5, for stiff problems. "rk4": the classical method with `substeps` steps from each
   * time to the next, and no control of the error.
   */
  readonly method?: "tsit5" | "dopri5" | "rosenbrock" | "rk4";
  /** The local error allowed, relative to the solution: 1e-6 if not given, and at least 10 ε of the dtype, 200 ε for "tsit5" and 1000 ε for "dopri5". */
  readonly rtol?: number;
  /** The local error allowed beside that: 1e-9 if not given. A number, or a tree of y0's form. */
  readonly atol?: ArrayLike | Input<Y>;
  /** The most steps that are tried, 10 000 if not given. */
  readonly maxSteps?: number;
  /** The length of the first step, a positive number. Without it f is evaluated once more to find one. */
  readonly firstStep?: number;
  /** The steps of "rk4" from each time to the next, 1 if not given. */
  readonly substeps?: number;
  /** For "rosenbrock": from (t, y, args) to ∂f/∂y, a matrix over the elements of y, leaf after leaf. Without it forward mode computes it. */
  readonly jacobian?: (t: NDArray, y: Arrays<Y>, args: P) => ArrayLike;
  /** The third argument of f. */
  readonly args?: P;
  /**
   * The way of reverse mode. "steps" (the default): back through the steps, so that derivatives are those of the numbers that were computed.
   * "adjoint": by the adjoint equation backwards in time, with the tolerances of the solution; memory does not grow with the steps. It computes y backwards too,
   * which a stiff problem does not allow: not with "rosenbrock". "forward":
   * by the derivatives of forward mode, all at once: for few parameters. Forward mode is the same with each of them.
   */
  readonly gradient?: Gradient;
  /**
   * The states that reverse mode keeps with "steps": true (the default) one for each step; "sqrt" √maxSteps of them, and each step is computed once more;
   * "log" 8 log₈ maxSteps, and each step is computed up to log₈ maxSteps times more. Without it "rk4" keeps all that the steps compute.
   */
  readonly checkpoint?: true | "sqrt" | "log";
  /**
   * Functions of (t, y, args) that give one number. Where it changes its sign the time and the solution are recorded, as SciPy's solve_ivp does,
   * but for a function that is 0 at the start: SciPy has an event there, and a terminal one ends its solution at once; here there is none.
   * A `terminal` one ends the solution. A function that changes its sign twice within one step is not noticed. One
   * that jumps over 0 has its time, whose derivatives are NaN. One that is NaN
   * at the end of a step may have changed it unseen: then the solution and the events are what was found, and `status` says it. Not with "rk4".
   */
  readonly events?: readonly (OdeEvent<Y, P> | OdeEvent<Y, P>["when"])[];
  /** It is called after each step, where the numbers are known: not in lanes of vmap, and not inside of jit. */
  readonly onStep?: (step: OdeStep<Y>) => void;
}

const known = [
  "method",
  "rtol",
  "atol",
  "maxSteps",
  "firstStep",
  "substeps",
  "jacobian",
  "args",
  "events",
  "gradient",
  "checkpoint",
  "onStep",
] as const satisfies readonly (keyof OdeOptions)[];

/** The solution of an initial value problem. */
export interface OdeSolution<Y> extends Report {
  /** The times, as they were given: [m]. Those after a terminal event are its time. */
  readonly ts: NDArray;
  /** The solution at each of them: y0's tree, each leaf with a leading axis of m. NaN where it was not reached. */
  readonly ys: Arrays<Y>;
  /** The number of steps that were tried and not taken. In lanes of vmap and inside of jit it is an int32 array. */
  readonly rejected: number;
  /** The places where each of the option's events happened. */
  readonly events: readonly OdeHappened<Y>[];
}

const reasons = [codes.lostEvent, codes.stepTooSmall, codes.maxSteps, codes.notFinite, codes.end, codes.event];

/** The user's functions on trees as a system of vectors. */
function flattened(f: (...args: never) => unknown, y0: unknown, options: OdeOptions) {
  const given = flatten(y0, op, "y0");
  if (given.leaves.length === 0) throw new TreeError(`${op}: y0 has no arrays; give the values at the start.`);
  const leaves = given.leaves.map((x) => (isFloat(x.dtype) ? x : cast(x, "float64")));
  const { method, args, jacobian } = options;
  // A y0 that is one array already stays as it is.
  const isOne = given.structure === null && (leaves[0].ndim === 1 || method === "rk4");
  const flat = isOne ? leaves[0] : joined(leaves);
  const { dtype, size } = flat;
  const like = { ...given, leaves: leaves.map((x) => cast(x, dtype)) };
  const shaped = { ...given, leaves: leaves.map((x, i) => (x.aval.weak ? like.leaves[i] : x)) };
  /** A vector as a tree; a batch of them as one whose leaves have a leading axis. */
  const toTree = (y: NDArray): unknown => (isOne ? y : treeLike(shaped, y));
  const own = (t: NDArray, y: NDArray): NDArray => {
    const out = invoke(f, [t, toTree(y), args]);
    // Where y0 is one array, a list of numbers is an array, as to operations.
    const parts = flattenLike(like.structure === null && Array.isArray(out) ? asArray(out, op) : out, like, op, "f's result");
    return isOne ? parts[0] : joined(parts);
  };
  const slope = (t: NDArray, y: NDArray): NDArray => {
    const argnums = jacobian ? [0] : [0, 1];
    const [value, [byTime, byY]] = valueAndJacobian(own, { strategy: "forward", argnums })(t, y) as [NDArray, NDArray[]];
    const j = jacobian ? asArray(invoke(jacobian, [t, toTree(y), args]), op) : byY;
    if (!sameShape(j.shape, [size, size]))
      throw new ShapeError(
        `${op}: jacobian returned shape ${showShape(j.shape)}; return ${showShape([size, size])}, a row and a column for each element of y.`,
      );
    return concatenate([stack([value, byTime], 1), cast(j, dtype)], 1);
  };
  return { y0: cast(flat, dtype), like, system: { f: own, slope } as System, toTree };
}

/** The times, once they are such. */
function timesOf(ts: ArrayLike, dtype: "float64" | "float32"): NDArray {
  const x = asArray(ts, op);
  if (x.ndim !== 1 || x.size === 0)
    throw new ShapeError(`${op}: ts has shape ${showShape(x.shape)}; give a list of times, of which the first one is that of y0.`);
  const peeked = peek(x);
  if (peeked) {
    const { values } = peeked;
    const rows = values.reshape([-1, x.size]).toArray() as number[][];
    for (const row of rows) {
      const sign = Math.sign(row[row.length - 1] - row[0]);
      const at = row.findIndex((t, i) => !Number.isFinite(t) || (i > 0 && (t - row[i - 1]) * sign < 0) || (sign === 0 && t !== row[0]));
      if (at >= 0)
        throw new DTypeError(`${op}: ts is ${row[at]} at ${at}${at ? `, after ${row[at - 1]}` : ""}; give finite times that go one way.`);
    }
  }
  const own = cast(x, dtype);
  if (peeked || x.size === 1) return own;
  // Times that a program will be given cannot be refused: those that turn around are NaN.
  const ways = own
    .slice([1, null])
    .sub(own.slice([0, -1]))
    .sign();
  return ways.max().sub(ways.min()).lessEqual(1).where(own, Number.NaN);
}

/** The absolute tolerance: one number, or a vector with one for each element. */
function toleranceOf(atol: unknown, like: Flat): NDArray | number {
  if (typeof atol === "number") return checkTolerance(op, "atol", atol) as number;
  const vector = vectorLike(op, "atol", atol, like);
  const wrong = (): Error => new TreeError(`${op}: atol has an element that is negative or NaN; give numbers that are not.`);
  return provided(vector.greaterEqual(0), vector, wrong);
}

/** An event on vectors. */
function eventOf(given: OdeEvent | OdeEvent["when"], i: number, toTree: (y: NDArray) => unknown, args: unknown, dtype: DType): EventOf {
  const event = typeof given === "function" ? { when: given } : given;
  checkOptions(op, event, ["when", "terminal", "direction", "limit"]);
  const { when, terminal = false, direction = 0, limit = 16 } = event;
  checkFunction(op, when);
  checkChoice(op, `the direction of event ${i}`, direction, [1, -1, 0]);
  checkChoice(op, `terminal of event ${i}`, terminal, [true, false]);
  checkShape(op, [checkCount(op, `the limit of event ${i}`, limit, 1)]);
  const g = (t: NDArray, y: NDArray): NDArray => {
    const x = asArray(invoke(when, [t, toTree(y), args]), op);
    if (x.ndim !== 0) throw new ShapeError(`${op}: event ${i} gives shape ${showShape(x.shape)}; give one number.`);
    if (x.dtype === "bool") throw new DTypeError(`${op}: event ${i} gives bool; give a number that is 0 where it happens.`);
    return cast(x, dtype);
  };
  return { g, isTerminal: terminal, direction, limit };
}

/**
 * The solution of y′ = f(t, y) from y0 on, at the times ts. The steps are as long as the tolerances allow; between them the solution is a
 * polynomial, so times cost nothing. It works in lanes of vmap, each of which takes its own steps and stops by itself, and inside of jit.
 *
 * It has derivatives of both modes with respect to y0, the times, `args` and whatever f closes over. The steps are chosen by the values alone, and are constant to the
 * derivatives. `gradient` says how reverse mode goes; forward mode always goes along the steps. There are derivatives of any order. Inside of jit
 * reverse mode over the reverse mode of "steps" takes n² steps for n: "adjoint" is for that, or forward mode outside.
 *
 * @param f from the time (an array of shape []), the solution (y0's tree) and `args` to the derivative of each element, in y0's form and shapes; where y0
 * is one array, a list of its elements will do
 * @param y0 the solution at the first time: a floating array, a number or a tree of these, of any shapes; the dtype that they have together is
 * that of times and steps
 * @param ts the times, of shape [m], increasing or decreasing; the first one is that of y0. Times inside of jit that turn
 * around are NaN, and so is the solution
 * @param options the method, tolerances, events and derivatives: {@link OdeOptions}
 * @returns the times, the solution at each of them, and how it went: {@link OdeSolution}. Where the last time is not reached, `status` says why, and the
 * solution is NaN from there on
 * @throws ShapeError where ts is no list, or a result of f, of `jacobian` or of an event has another shape; TreeError where f's result has another
 * form than y0, y0 is no tree of arrays, or an option is unknown or wrong; DTypeError where known times are not finite or turn around, or an event gives bool;
 * TransformError where f, `jacobian` or an event is no function
 * @example
 * const decay = (k: NDArray) => odeSolve((_, y) => y.mul(k).neg(), array([2]), [0, 1, 2], { rtol: 1e-8 });
 * decay(array(1)).ys.toArray(); // [[2], [0.7357589], [0.2706706]]
 * decay(array(1)).status; // "converged: the last time is reached"
 * grad((k: NDArray) => decay(k).ys.slice(-1, 0))(array(1)).item(); // -0.5413411
 * // A ball falls from 5 m, until it is on the ground.
 * const fall = odeSolve((_, { v }) => ({ h: v, v: -9.81 }), { h: 5, v: 0 }, [0, 10], { events: [{ when: (_, { h }) => h, terminal: true }] });
 * fall.events[0].ts.toArray(); // [1.0096376]
 */
export function odeSolve<Y = NDArray, P = undefined>(
  f: (t: NDArray, y: Arrays<NoInfer<Y>>, args: P) => Listed<NoInfer<Arrays<Y> extends NDArray ? ArrayLike : Input<Arrays<Y>>>>,
  y0: Listed<Y>,
  ts: ArrayLike,
  options: OdeOptions<NoInfer<Y>, P> = {},
): OdeSolution<Y> {
  checkFunction(op, f);
  checkOptions(op, options, known);
  const { method = "tsit5", gradient = "steps", checkpoint = true, onStep } = options;
  checkChoice(op, "method", method, ["rk4", ...Object.keys(methods)]);
  // A stiff problem has no way back in time, as the adjoint goes.
  checkChoice(op, `${method}'s gradient`, gradient, ["steps", ...(method === "rosenbrock" ? [] : ["adjoint"]), "forward"]);
  checkChoice(op, "checkpoint", checkpoint, [true, "sqrt", "log"]);
  for (const own of [onStep, options.jacobian]) if (own !== undefined) checkFunction(op, own);
  const { events: wanted = [] } = options;
  if (!Array.isArray(wanted))
    throw new TreeError(`${op}: events are ${describe(wanted)}; give a list of functions, or of { when, terminal }.`);
  const { y0: first, like, system, toTree } = flattened(f, y0, options as OdeOptions);
  const times = timesOf(ts, first.dtype as "float64");
  const substeps = checkCount(op, "substeps", options.substeps ?? 1, 1);
  checkShape(op, [substeps]);
  // Infinity is as many as can be counted.
  const maxSteps = Math.min(checkCount(op, "maxSteps", options.maxSteps ?? 10_000, 1), 2 ** 31);
  const rtol = checkTolerance(op, "rtol", options.rtol) ?? 1e-6;
  const atol = toleranceOf(options.atol ?? 1e-9, like);
  const firstStep = checkTolerance(op, "firstStep", options.firstStep, Number.MIN_VALUE);
  const events = wanted.map((event, i) => eventOf(event, i, toTree, options.args, first.dtype));
  const result = (ts: NDArray, ys: NDArray, code: NDArray, counts: readonly NDArray[], all: readonly Happened[] = []): OdeSolution<Y> => {
    const [taken, rejected, evaluations] = counts.map((x) => x.astype("int32"));
    // As in a report: outside of vmap and jit numbers.
    return {
      ts,
      ys: toTree(ys) as Arrays<Y>,
      ...report(reasons, { code: code.astype("int32"), iterations: taken, evaluations }),
      rejected: plain<number>(rejected) as number,
      events: all.map(({ ts, ys, count }) => {
        const n = plain<number>(count.astype("int32")) as number;
        const cut = (x: NDArray): NDArray => (typeof n === "number" ? x.slice([0, n]) : x);
        return { ts: cut(ts), ys: toTree(cut(ys)) as Arrays<Y>, count: n };
      }),
    };
  };
  const zero = times.slice(0).stopGradient().mul(0);
  if (method === "rk4") {
    const ys = fixedSteps(system, first, times, substeps, options.checkpoint ? { checkpoint } : {});
    const isFinite = ys.stopGradient().isFinite().all();
    const steps = zero.add((times.size - 1) * substeps);
    if (events.length > 0) throw new TreeError(`${op}: rk4 has no events; use tsit5, dopri5 or rosenbrock.`);
    return result(times, ys, isFinite.where(codes.end[0], codes.notFinite[0]), [steps, zero, steps.mul(4)]);
  }
  const problem: Problem = {
    system,
    y0: first,
    ts: times,
    method: methods[method],
    rtol: Math.max(rtol, (10 * epsilonOf(first)) / methods[method].share),
    atol,
    maxSteps,
    firstStep,
    checkpoint,
    watch:
      onStep &&
      ((state, isTaken) => {
        const [t, next, iterations, on] = [state.t, state.h, state.taken, isTaken].map((x) => plain(x) as number | boolean);
        if (typeof t === "number") onStep({ t, y: toTree(state.smooth[0]) as Arrays<Y>, next, iterations, isTaken: on } as OdeStep<Y>);
      }),
  };
  const { evaluations } = problem.method;
  // The right-hand side at the start, and near it where the first step was to be found.
  const more = firstStep === undefined ? 2 : 1;
  const codeOf = ({ tried, t, error }: State, end: NDArray, code: codes.Reason): NDArray =>
    firstOf(
      t,
      [
        [t.equal(end), code],
        [error.isFinite().logicalNot(), codes.notFinite],
        [tried.greaterEqual(maxSteps), codes.maxSteps],
      ],
      codes.stepTooSmall,
    );
  const found = events.length > 0 ? withEvents(problem, gradient, events) : undefined;
  const [ys, last] = found?.solution ?? solution(problem, gradient);
  const { tried, taken } = last;
  const work = (tried: NDArray): NDArray => tried.mul(evaluations).add(more);
  const ended = codeOf(last, times.slice(-1).stopGradient(), codes.end);
  if (!found) return result(times, ys, ended, [taken, tried.sub(taken), work(tried)]);
  const { isOver, isLost, stop } = found;
  const reached = isOver.where(codeOf(last, stop, codes.event), ended);
  const code = isLost.logicalAnd(reached.greater(0)).where(codes.lostEvent[0], reached);
  return result(found.ts, ys, code, [taken, tried.sub(taken), work(tried).add(work(found.searched))], found.events);
}
