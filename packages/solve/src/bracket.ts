import { type ArrayLike, DTypeError, type NDArray, type Shape, ShapeError, zeros } from "@ad/core";
import { broadcastShapes, checkFunction, checkOptions, showShape } from "@ad/core/internals/checks";
import { type ArrayList, asArray, isFloat, type LinearSolve, type Numbers, sameShape } from "@ad/core/internals/trace";
import * as codes from "./codes.js";
import { checkCount, checkTolerance, firstOf, numberOf, show } from "./loop.js";
import { differentiable, epsilonOf } from "./problem.js";
import { type Report, report } from "./result.js";
import { provided } from "./scalars.js";
import { after, code, counts, evaluations, own as first, iterations, turns } from "./turns.js";

/** A step, as {@link bisect} and {@link brent} show it. */
export interface BracketStep {
  /** The number of steps that were taken. */
  readonly iteration: number;
  /** The best points so far. */
  readonly x: NDArray;
}

/** Options of {@link bisect} and {@link brent}. */
export interface BracketOptions {
  /** It has converged where each interval is not larger than xtol + rtol·|x|. Default ε^¾, 1.8e-12 in float64. */
  readonly xtol?: number;
  /** Default 4ε. */
  readonly rtol?: number;
  /** Default 200. */
  readonly maxIterations?: number;
  /** Called after each step; under jit in each run, under vmap with all lanes at once. */
  readonly onStep?: (step: BracketStep) => void;
}

/** The result of {@link bisect} and {@link brent}. */
export interface Bracketed extends Report {
  /** The roots; NaN where f has one sign at both ends, or is NaN on the way. They have implicit derivatives. */
  readonly x: NDArray;
  /** f there. It has no derivatives. */
  readonly residual: NDArray;
}

/**
 * The numbers of an interval in which f changes its sign: b is the best point, a the one before, c on the other side of the root; the values there; the last
 * step, and the one before; the point that is tried next, and whether there is none.
 */
const perInterval = 10;

/** Returns the step of b and the step before it, from the half of the interval and its tolerance. */
type Rule = (points: readonly number[], half: number, tol: number) => readonly [d: number, e: number];

/** Halves the interval. */
const halving: Rule = (_, half) => [half, half];

/** Steps by a line or a parabola, where that leads well into the interval and faster than halving; Brent 1973, chapter 4. */
const interpolating: Rule = ([a, b, c, fa, fb, fc, d, e], half, tol) => {
  const s = fb / fa;
  const [q, r] = [fa / fc, fb / fc];
  const isLine = a === c;
  const p = isLine ? 2 * half * s : s * (2 * half * q * (q - r) - (b - a) * (r - 1));
  const way = (isLine ? 1 - s : (q - 1) * (r - 1) * (s - 1)) * (p > 0 ? -1 : 1);
  const most = Math.min(3 * half * way - Math.abs(tol * way), Math.abs(e * way));
  const isGood = Math.abs(e) >= tol && Math.abs(fa) > Math.abs(fb) && 2 * Math.abs(p) < most;
  return isGood ? [Math.abs(p) / way, d] : [half, half];
};

/** Puts the best point at b and the root between b and c, and chooses the point that is tried next. */
function advance(own: Numbers, rule: Rule, xtol: number, rtol: number): void {
  let [a, b, c, fa, fb, fc, d, e, to, isDone] = own;
  if (Math.sign(fb) === Math.sign(fc)) [c, fc, d, e] = [a, fa, b - a, b - a];
  if (Math.abs(fc) < Math.abs(fb)) [a, b, c, fa, fb, fc] = [b, c, b, fb, fc, fb];
  // Half of the way: the whole may be too large a number.
  const half = c * 0.5 - b * 0.5;
  const tol = (Math.abs(b) * rtol + xtol) * 0.5;
  if (Math.abs(half) <= tol || !(Math.abs(fb) > 0)) isDone = 1;
  else {
    [d, e] = rule([a, b, c, fa, fb, fc, d, e], half, tol);
    to = b + (Math.abs(d) > tol ? d : Math.sign(half) * tol);
  }
  own.set([a, b, c, fa, fb, fc, d, e, to, isDone]);
}

/** The Jacobian of an elementwise function is a diagonal: what it does to ones. */
const diagonalSolve: LinearSolve = (map, b, like) => {
  const slopes = map(like.map((x) => x.filled(1, x.aval)));
  return b.map((y, i) => y.div(slopes[i]));
};

function bracketed(
  op: string,
  rule: Rule,
  f: (x: NDArray) => ArrayLike,
  lo: ArrayLike,
  hi: ArrayLike,
  options: BracketOptions = {},
): Bracketed {
  checkFunction(op, f);
  checkOptions(op, options, ["xtol", "rtol", "maxIterations", "onStep"]);
  const { onStep } = options;
  if (onStep !== undefined) checkFunction(op, onStep);
  checkTolerance(op, "xtol", options.xtol);
  checkTolerance(op, "rtol", options.rtol);
  const maxIterations = checkCount(op, "maxIterations", options.maxIterations ?? 200);
  const [low, high] = [lo, hi].map((end) => {
    const x = asArray(end, op).stopGradient();
    return provided(x.abs().notEqual(Infinity), x, () => new DTypeError(`${op}: an end of an interval is infinite; give finite ones.`));
  });
  const value = (x: NDArray): NDArray => {
    const y = asArray(f(x), op);
    return y.astype(x.dtype);
  };
  const both = broadcastShapes(op, low.shape, high.shape);
  const { dtype: joint } = low.add(high);
  const dtype = isFloat(joint) ? joint : "float64";
  /** An end under a shape: a number is an array from here on. */
  const end = (x: NDArray, shape: readonly number[]): NDArray => zeros(shape, dtype).add(x);

  const find = (): readonly [NDArray, readonly [residual: NDArray, report: Report]] => {
    // The shape of the result counts: the ends may be numbers, and f may close over arrays.
    const fa = value(end(low, both));
    const { shape } = fa;
    const elementwise = (y: Shape, x: Shape): void => {
      if (!sameShape(broadcastShapes(op, x, y), y))
        throw new ShapeError(
          `${op}: the function gives shape ${showShape(y)} for ${showShape(x)}; give one that works element by element.`,
        );
    };
    elementwise(shape, both);
    const [a, b] = [end(low, shape), end(high, shape)];
    const fb = value(b);
    elementwise(fb.shape, shape);
    const epsilon = epsilonOf(a);
    const { xtol = epsilon ** 0.75, rtol = 4 * epsilon } = options;
    // Elements without a bracket, or without a number, are left as they are: the others may have a root.
    const isOpen = fa.sign().mul(fb.sign()).greater(0);
    const { size } = a;
    /** Changes each interval that is not done, and ends where all are. */
    const changed = (before: NDArray, given: ArrayList, change: (own: Numbers, values: readonly number[]) => void): NDArray =>
      after(maxIterations, before, given, (s, all) => {
        let isOver = true;
        for (let i = 0; i < size; i++) {
          const own = s.subarray(first + i * perInterval, first + (i + 1) * perInterval);
          const values = all.map((x) => x[i]);
          if (!own[9]) change(own, values);
          if (!own[9]) advance(own, rule, xtol, rtol);
          isOver &&= own[9] === 1;
        }
        s[iterations] = s[evaluations]++;
        if (isOver) s[code] = codes.interval[0];
      });
    const column = (s: NDArray, k: number): NDArray => s.slice([first + k, null, perInterval]).reshape(shape);
    const last = turns(
      changed(zeros([first + size * perInterval], dtype), [a, b, fa, fb, isOpen.astype(dtype)], (own, [a, b, fa, fb, isOpen]) => {
        own.set([a, b, a, fa, Number.isNaN(fa) ? fa : fb, fa, b - a, b - a, b, isOpen]);
      }),
      (before) =>
        changed(before, [value(column(before, 8))], (own, [f]) => {
          own.set([own[1], own[8], own[2], own[4], f]);
        }),
      onStep && ((s) => show(op, ([n, x]) => onStep({ iteration: numberOf(n), x }), [counts(s).iterations, column(s, 1)])),
    );
    const [best, residual] = [column(last, 1), column(last, 4)];
    const isLost = best.mul(0).add(residual).isNaN();
    const x = isOpen.logicalOr(isLost).where(Number.NaN, best).astype(dtype);
    const ends = counts(last);
    // Some elements without a root are a failure, whatever the others are.
    const failed = firstOf(
      ends.code,
      [
        [isLost.any(), codes.notFinite],
        [isOpen.any(), codes.noBracket],
      ],
      codes.interval,
    );
    const why = ends.code.greater(0).where(failed, ends.code);
    const counted = { ...ends, code: why, evaluations: ends.iterations.add(2) };
    return [x, [residual, report([codes.notFinite, codes.noBracket, codes.maxIterations, codes.interval], counted)]];
  };
  const [x, [residual, beside]] = differentiable(op, find, value, diagonalSolve);
  return { x, residual, ...beside };
}

/**
 * Roots of a function of one number by halving an interval at whose ends it has different signs. Arrays of intervals are done at once,
 * with a function that works element by element. The roots have implicit derivatives with respect to all that f closes over.
 *
 * @param f an elementwise function of floating arrays
 * @param lo one end of each interval: numbers or an array; both ends and the result of f broadcast to one shape
 * @param hi the other end
 * @param options xtol, rtol, maxIterations, onStep: {@link BracketOptions}
 * @returns `{ x, residual, converged, status, iterations, evaluations }`, x of the shape of f's result. x is NaN where f has one sign at both
 * ends, or is NaN on the way, and then it has not converged, whatever the other elements did. Inside of jit it is NaN too where an end is infinite
 * @throws ShapeError where f is not elementwise, DTypeError where an end or f's result is no {@link ArrayLike} or an end is infinite, TreeError for an unknown or
 * wrong option, TransformError where f is no function
 * @example
 * bisect((x) => x.square().sub(2), 0, 2).x.item(); // 1.414213562
 * grad((a: NDArray) => bisect((x) => x.square().sub(a), 0, 2).x)(2).item(); // 0.353553391
 */
export const bisect = (f: (x: NDArray) => ArrayLike, lo: ArrayLike, hi: ArrayLike, options?: BracketOptions): Bracketed =>
  bracketed("bisect", halving, f, lo, hi, options);

/**
 * Roots of a function of one number by Brent's method: like {@link bisect} it keeps an interval in which f changes its sign, and it goes by a
 * line or a parabola where these lead faster. It takes the same arguments and gives the same result.
 *
 * @param f an elementwise function of floating arrays
 * @param lo one end of each interval: numbers or an array; both ends and the result of f broadcast to one shape
 * @param hi the other end
 * @param options xtol, rtol, maxIterations, onStep: {@link BracketOptions}
 * @returns as {@link bisect} does
 * @throws as {@link bisect} does
 * @example
 * brent((x) => x.cos().sub(x), 0, 1).x.item(); // 0.739085133
 * const roots = (a: NDArray) => brent((x) => x.pow(3).sub(a), 0, 5).x;
 * roots(array([1, 8, 27])).toArray(); // [1, 2, 3]
 */
export const brent = (f: (x: NDArray) => ArrayLike, lo: ArrayLike, hi: ArrayLike, options?: BracketOptions): Bracketed =>
  bracketed("brent", interpolating, f, lo, hi, options);
