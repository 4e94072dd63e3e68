import { type ArrayLike, DTypeError, type NDArray, type Shape, ShapeError, zeros } from "@ad/core";
import { broadcastShapes, checkFunction, checkOptions, showShape } from "@ad/core/internals/checks";
import { asArray, isFloat, type LinearSolve, sameShape } from "@ad/core/internals/trace";
import * as codes from "./codes.js";
import { checkCount, checkTolerance, chosen, firstOf, iterate, type State, shown } from "./loop.js";
import { count, differentiable, epsilonOf } from "./problem.js";
import { type Report, report } from "./result.js";
import { provided } from "./scalars.js";

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
  /**
   * Called after each step; under jit in each run. Under vmap it is called with all lanes at once, after each step of one of them at the least; a lane whose
   * iteration is the same as before has taken none, and is shown where it stands. What it returns is not looked at; what it throws ends the search.
   */
  readonly onStep?: (step: BracketStep) => void;
}

/** The result of {@link bisect} and {@link brent}. */
export interface Bracketed extends Report {
  /** The roots; NaN where f has one sign at both ends, or is NaN on the way. They have implicit derivatives. */
  readonly x: NDArray;
  /** f there. It has no derivatives. */
  readonly residual: NDArray;
}

/** An interval in which f changes its sign: b is the best point, a the one before, c on the other side of the root. */
interface Bracket extends State {
  readonly a: NDArray;
  readonly b: NDArray;
  readonly c: NDArray;
  readonly fa: NDArray;
  readonly fb: NDArray;
  readonly fc: NDArray;
  /** The last step, and the one before. */
  readonly d: NDArray;
  readonly e: NDArray;
}

type Points = Omit<Bracket, "code" | "iterations">;

/** Returns the step of b and the step before it, from the half of the interval and its tolerance. */
type Rule = (points: Points, half: NDArray, tol: NDArray) => Pick<Bracket, "d" | "e">;

/** Half of the way: the whole may be too large a number. */
const halfOf = (b: NDArray, c: NDArray): NDArray => c.mul(0.5).sub(b.mul(0.5));

/** Halves the interval. */
const halving: Rule = (_, half) => ({ d: half, e: half });

/** Steps by a line or a parabola, where that leads well into the interval and faster than halving; Brent 1973, chapter 4. */
const interpolating: Rule = ({ a, b, c, fa, fb, fc, d, e }, half, tol) => {
  const s = fb.div(fa);
  const [q, r] = [fa.div(fc), fb.div(fc)];
  const isLine = a.equal(c);
  const p1 = isLine.where(
    half.mul(s).mul(2),
    s.mul(
      half
        .mul(2)
        .mul(q)
        .mul(q.sub(r))
        .sub(b.sub(a).mul(r.sub(1))),
    ),
  );
  const q1 = isLine.where(s.neg().add(1), q.sub(1).mul(r.sub(1)).mul(s.sub(1)));
  const way = p1.greater(0).where(q1.neg(), q1);
  const p = p1.abs();
  const isGood = e
    .abs()
    .greaterEqual(tol)
    .logicalAnd(fa.abs().greater(fb.abs()))
    .logicalAnd(p.mul(2).less(half.mul(way).mul(3).sub(tol.mul(way).abs()).minimum(e.mul(way).abs())));
  return { d: isGood.where(p.div(way), half), e: isGood.where(d, half) };
};

/** The points with the best at b and the root between b and c. */
function ordered({ a, b, c, fa, fb, fc, d, e }: Points): Points {
  const isSame = fb.sign().equal(fc.sign());
  const [c1, fc1, step] = [isSame.where(a, c), isSame.where(fa, fc), b.sub(a)];
  const swap = fc1.abs().less(fb.abs());
  return {
    a: swap.where(b, a),
    fa: swap.where(fb, fa),
    b: swap.where(c1, b),
    fb: swap.where(fc1, fb),
    c: swap.where(b, c1),
    fc: swap.where(fb, fc1),
    d: isSame.where(step, d),
    e: isSame.where(step, e),
  };
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

  const find = (): readonly [NDArray[], readonly [residual: NDArray, report: Report]] => {
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
    const step = b.sub(a);
    const first = ordered({ a, b, c: a, fa, fb: fa.isNaN().where(fa, fb), fc: fa, d: step, e: step });
    const toleranceAt = (x: NDArray): NDArray => x.abs().mul(rtol).add(xtol).mul(0.5);
    const isDone = ({ b, c, fb }: Points): NDArray =>
      halfOf(b, c).abs().lessEqual(toleranceAt(b)).logicalOr(fb.abs().greater(0).logicalNot()).logicalOr(isOpen);
    const codeOf = (points: Points): NDArray => isDone(points).all().where(codes.interval[0], codes.maxIterations[0]).astype("int32");
    const last = iterate<Bracket>(
      { ...first, code: codeOf(first), iterations: count(0) },
      ({ code: _, iterations: __, ...points }) => {
        const { b, c, fb } = points;
        const [half, tol] = [halfOf(b, c), toleranceAt(b)];
        const done = isDone(points);
        const { d, e } = rule(points, half, tol);
        const move = d.abs().greater(tol).where(d, half.sign().mul(tol));
        const to = done.where(b, b.add(move));
        const own = chosen(done, points, ordered({ ...points, a: b, fa: fb, b: to, fb: value(to), d, e }));
        return { ...own, code: codeOf(own) };
      },
      maxIterations,
      // The points are all that it shows.
      shown(
        op,
        onStep,
        (x) => x,
        "x",
        ({ b }) => [b, b],
      ),
    );
    const isLost = last.b.mul(0).add(last.fb).isNaN();
    const x = isOpen.logicalOr(isLost).where(Number.NaN, last.b).astype(last.b.dtype);
    // Some elements without a root are a failure, whatever the others are.
    const failed = firstOf(
      last.code,
      [
        [isLost.any(), codes.notFinite],
        [isOpen.any(), codes.noBracket],
      ],
      codes.interval,
    );
    const why = last.code.greater(0).where(failed, last.code);
    return [
      [x],
      [
        last.fb,
        report([codes.notFinite, codes.noBracket, codes.maxIterations, codes.interval], {
          code: why,
          iterations: last.iterations,
          evaluations: last.iterations.add(2),
        }),
      ],
    ];
  };
  const [[x], [residual, beside]] = differentiable(op, find, (u) => [value(u)], diagonalSolve);
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
