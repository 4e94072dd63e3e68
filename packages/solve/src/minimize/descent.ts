import { cond, type NDArray, zeros } from "@ad/core";
import { isStaging } from "@ad/core/internals/trace";
import * as codes from "../codes.js";
import { chosen, whileOn } from "../loop.js";
import { allFinite, count, epsilonOf } from "../problem.js";
import { begun, ended, held, isEndless, isFlat, type Objective, type Point, projected, reached, rest } from "./objective.js";

/** The memory of a method: a vector, and the number of steps in it. With 0 nothing is known, the vector is 0, and the step is that of the gradient. */
export interface Memory {
  readonly own: NDArray;
  readonly count: NDArray;
}

/** The choice of the direction of a method's steps. */
export interface Directions {
  /** The length of the memory's vector for n unknowns. */
  readonly size: (n: number) => number;
  /**
   * The direction at a point with gradient g, of which the elements that bounds hold are 0, after a step s along which the gradient changed by y;
   * and what is remembered.
   */
  readonly next: (memory: Memory, x: NDArray, g: NDArray, s: NDArray, y: NDArray) => readonly [direction: NDArray, memory: Memory];
  /** Whether a direction costs less than a branch of a program. */
  readonly isCheap: boolean;
}

/** A point on the line: how far along, the value, and the slope. */
interface Trial {
  readonly t: NDArray;
  readonly f: NDArray;
  readonly d: NDArray;
}

interface Search extends Point {
  readonly memory: Memory;
  /** The direction, and the slope along it. */
  readonly p: NDArray;
  readonly slope: NDArray;
  /** The length to try next. */
  readonly t: NDArray;
  /** The best point so far, and, once there is one, the other end of what holds the minimum. */
  readonly lo: Trial;
  readonly hi: Trial;
  readonly isIn: NDArray;
  readonly tries: NDArray;
}

const maxTries = 25;

/**
 * Descent along a line, to a point that satisfies the strong conditions of Wolfe (Nocedal and Wright, "Numerical optimization", 2006, algorithms 3.5 and
 * 3.6), or, where values differ by rounding alone, the approximate ones of Hager and Zhang (2005). Each turn evaluates the function once: the search and the steps are one
 * loop, so that in a batch no lane waits for another one's search.
 */
export function descent(objective: Objective, x0: NDArray, { size, next: ahead, isCheap }: Directions): Point {
  const { bounds } = objective;
  const epsilon = epsilonOf(x0);
  /** In a program that is being written both states are computed and chosen from, where that costs less than a branch. */
  const either = (on: NDArray, a: () => Search, b: () => Search): Search =>
    isCheap && isStaging() ? chosen(on, a(), b()) : cond(on, a, b);
  const zero = x0.sum().mul(0);
  const blank: Memory = { own: zeros([size(x0.size)], x0.dtype), count: count(0) };
  const no = zero.greater(0);

  /** A new line from a point, along the method's direction after a step, where that leads down; without one, along the gradient, with nothing remembered. */
  const line = (before: Memory, x: NDArray, f: NDArray, g: NDArray, s?: NDArray, y?: NDArray): Omit<Search, keyof Point> => {
    // An element next to its bound would cut each step to nothing.
    const isHeld = bounds && held(x, g, bounds, x.abs().mul(epsilon ** 0.5));
    const own = isHeld ? isHeld.where(0, g) : g;
    const steepest = own.neg();
    const [wanted, memory] = s && y ? ahead(before, x, own, s, y) : [steepest, blank];
    const down = wanted.mul(own).sum().less(0).where(wanted, steepest);
    const p = isHeld ? isHeld.where(rest(x, g, bounds).neg(), down) : down;
    const slope = p.mul(g).sum();
    const t = memory.count.equal(0).where(p.square().sum().sqrt().maximum(1).reciprocal(), 1).astype(x.dtype);
    const at = { t: zero, f, d: slope };
    return { memory, p, slope, t, lo: at, hi: at, isIn: no, tries: count(0) };
  };

  const begin = begun(objective, x0);
  const still = x0.mul(0);
  const start: Search = { ...begin, ...line(blank, x0, begin.f, begin.g, still, still) };

  const turn = (state: Search): Search => {
    const { x, f, g, p, slope, t, lo, memory, tries, iterations } = state;
    const wanted = x.add(p.mul(t));
    const x1 = projected(wanted, bounds);
    const [f1, g1] = objective.slope(x1);
    const isWhole = bounds && wanted.equal(x1);
    const d1 = g1.mul(isWhole ? isWhole.where(p, 0) : p).sum();
    const gain = bounds ? g.mul(x1.sub(x)).sum().minimum(0) : slope.mul(t);
    const falls = f1.lessEqual(f.add(gain.mul(1e-4)));
    const isLow = falls.logicalOr(
      f1
        .sub(f)
        .lessEqual(f.abs().mul(1000 * epsilon))
        .logicalAnd(d1.lessEqual(slope.mul(-0.9998))),
    );
    const isOver = tries.greaterEqual(maxTries);
    // A path that turns at a bound has no point of a small slope, if it turns at the least one.
    const isEnough = d1
      .abs()
      .lessEqual(slope.mul(-0.9))
      .logicalOr(isWhole ? isWhole.all().logicalNot().logicalOr(isOver) : isOver);
    const isEnd = isEndless(x1, f1);
    const isFound = isLow.logicalAnd(isEnough).logicalAnd(allFinite(g1)).logicalAnd(isEnd.logicalNot());

    const failed = ended(objective, state, slope);
    const isStuck = isOver.logicalAnd(isFlat(f, f.sub(f1)));

    const before = {
      ...state,
      evaluations: state.evaluations.add(1),
      code: isEnd.where(codes.unbounded[0], state.code),
    };
    const taken = (): Search => {
      const point = { x: x1, f: f1, g: g1 };
      const next = line(memory, x1, f1, g1, x1.sub(x), g1.sub(g));
      return {
        ...before,
        ...point,
        ...next,
        code: isStuck.where(failed, reached(objective, { x, f, g }, point, next.slope, iterations)),
        iterations: iterations.add(1),
      };
    };
    /** The search leads nowhere: along the gradient, if that is not where it led. */
    const lost = (): Search => {
      const isLast = memory.count.equal(0);
      return {
        ...before,
        ...line(memory, x, f, g),
        code: isLast.logicalOr(isFlat(f, slope)).where(failed, codes.maxIterations[0]),
      };
    };
    const refined = (): Search => {
      const at: Trial = { t, f: f1, d: d1 };
      const isAbove = isLow.logicalAnd(f1.lessEqual(lo.f)).logicalNot();
      const turns = d1.mul(state.isIn.where(state.hi.t.sub(lo.t), 1)).greaterEqual(0);
      const hi = chosen(isAbove, at, chosen(turns, lo, state.hi));
      const low = chosen(isAbove, lo, at);
      const isIn = state.isIn.logicalOr(isAbove).logicalOr(turns);
      // The last try is the best so far, if there is one.
      const isBack = tries.equal(maxTries - 1).logicalAnd(low.t.greater(0));
      const next = isIn.where(between(low, hi), farther(lo, at));
      return { ...before, lo: low, hi, isIn, t: isBack.where(low.t, next), tries: tries.add(1) };
    };
    const next = either(isFound, taken, () => either(isOver, lost, refined));
    const { show } = objective;
    if (show) {
      const showing = (): NDArray => {
        show(next);
        return no;
      };
      cond(isFound, showing, () => no);
    }
    return next;
  };
  return whileOn(start, turn, objective.maxIterations);
}

/** The minimum of the cubic polynomial with the values and slopes of two points, at least a tenth of the way from both; the middle where there is none. */
function between(a: Trial, b: Trial): NDArray {
  const way = b.t.sub(a.t);
  const own = a.d.add(b.d).sub(b.f.sub(a.f).div(way).mul(3));
  const root = own.square().sub(a.d.mul(b.d)).maximum(0).sqrt().mul(way.sign());
  const part = own
    .sub(a.d)
    .add(root)
    .div(b.d.sub(a.d).add(root.mul(2)));
  const share = part.isFinite().logicalAnd(b.f.isFinite()).where(part, 0.5).clip(0.1, 0.9);
  return a.t.add(way.mul(share));
}

/** A step farther: where the slope would be 0, but not less than as far again and a tenth, nor more than five times as far. */
function farther(before: Trial, at: Trial): NDArray {
  const way = at.t.sub(before.t);
  const part = at.d.div(before.d.sub(at.d));
  return at.t.add(way.mul(before.d.less(at.d).logicalAnd(part.isFinite()).where(part, 4).clip(1.1, 4)));
}
