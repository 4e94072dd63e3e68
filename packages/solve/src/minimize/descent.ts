import { cond, type NDArray, zeros } from "@ad/core";
import * as codes from "../codes.js";
import { chosen, either, whileOn } from "../loop.js";
import { allFinite, count, epsilonOf, norm } from "../problem.js";
import { begun, ended, held, isEndless, isFlat, type Objective, type Point, projected, reached, rest } from "./objective.js";

/** The choice of the direction of a method's steps. */
export interface Directions {
  /** The length of what is remembered of steps, for n unknowns. */
  readonly size: (n: number) => number;
  /**
   * One vector: a direction, and then the memory, which begins with the number of steps that are in it. The direction is that at a point with gradient g, of
   * which the elements that bounds hold are 0, after a step s along which the gradient changed by y. `what` is 1 after a step, 0 where the memory is to be
   * forgotten, and -1 where it stays and no direction is asked for. Where nothing is remembered the direction may be 0.
   */
  readonly next: (memory: NDArray, what: NDArray, x: NDArray, g: NDArray, s: NDArray, y: NDArray) => NDArray;
}

/** A point on the line: how far along, the value, and the slope. */
interface Trial {
  readonly t: NDArray;
  readonly f: NDArray;
  readonly d: NDArray;
}

interface Search extends Point {
  /** The number of steps that are remembered, and the memory of the method. */
  readonly memory: NDArray;
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

type Place = Pick<Point, "x" | "f" | "g">;

/** The parts of a search but for the point and the counts. */
type Rest = Omit<Search, Exclude<keyof Point, "code">>;

const maxTries = 25;

/**
 * Descent along a line, to a point that satisfies the strong conditions of Wolfe (Nocedal and Wright, "Numerical optimization", 2006, algorithms 3.5 and
 * 3.6), or, where values differ by rounding alone, the approximate ones of Hager and Zhang (2005). Each turn evaluates the function once: the search and the steps are one
 * loop, so that in a batch no lane waits for another one's search.
 */
export function descent(objective: Objective, x0: NDArray, { size, next: ahead }: Directions): Point {
  const { bounds } = objective;
  const blank = zeros([1 + size(x0.size)], x0.dtype);
  const zero = blank.sum();
  const no = zero.greater(0);

  /** A new line from a point: along the method's direction where that leads down, and otherwise along the gradient. */
  const line = (memory: NDArray, what: NDArray, { x, f, g }: Place, s: NDArray, y: NDArray): Omit<Search, keyof Point> => {
    // An element next to its bound would cut each step to nothing.
    const isHeld = bounds && held(x, g, bounds, x.abs().mul(epsilonOf(x) ** 0.5));
    const own = isHeld ? isHeld.where(0, g) : g;
    const all = ahead(memory, what, x, own, s, y);
    const [wanted, after] = [all.slice([0, x.size]), all.slice([x.size, null])];
    const down = wanted.mul(own).sum().less(0).where(wanted, own.neg());
    const p = isHeld ? isHeld.where(rest(x, g, bounds).neg(), down) : down;
    const slope = p.mul(g).sum();
    const t = after.slice(0).equal(0).where(norm(p).maximum(1).reciprocal(), 1).astype(x.dtype);
    const at = { t: zero, f, d: slope };
    return { memory: after, p, slope, t, lo: at, hi: at, isIn: no, tries: count(0) };
  };

  const begin = begun(objective, x0);
  const still = x0.mul(0);
  const start: Search = { ...begin, ...line(blank, zero.add(1), begin, still, still) };

  const turn = (state: Search): Search => {
    const { x, f, g, p, slope, t, lo, memory, tries, iterations } = state;
    const wanted = x.add(p.mul(t));
    const x1 = projected(wanted, bounds);
    const [f1, g1] = objective.slope(x1);
    const isWhole = bounds && wanted.equal(x1);
    const d1 = g1.mul(isWhole ? isWhole.where(p, 0) : p).sum();
    const gain = bounds ? g.mul(x1.sub(x)).sum().minimum(0) : slope.mul(t);
    const falls = f1.lessEqual(f.add(gain.mul(1e-4)));
    const isLow = falls.logicalOr(isFlat(f.mul(16), f1.sub(f)).logicalAnd(d1.lessEqual(slope.mul(-0.9998))));
    const isOver = tries.greaterEqual(maxTries);
    // A path that turns at a bound has no point of a small slope, if it turns at the least one.
    const isEnough = d1
      .abs()
      .lessEqual(slope.mul(-0.9))
      .logicalOr(isWhole ? isWhole.all().logicalNot().logicalOr(isOver) : isOver);
    const isEnd = isEndless(x1, f1);
    const isFound = isLow.logicalAnd(isEnough).logicalAnd(allFinite(g1)).logicalAnd(isEnd.logicalNot());

    const point = chosen(isFound, { x: x1, f: f1, g: g1 }, { x, f, g });
    // Where a search leads nowhere a line begins along the gradient, if that is not where it led.
    const what = isFound.where(1, isOver.where(0, -1)).astype(x.dtype);
    const next = line(memory, what, point, x1.sub(x), g1.sub(g));
    const begin = (): Rest => {
      const failed = ended(objective, state, slope);
      const isStuck = isOver.logicalAnd(isFlat(f, f.sub(f1)));
      const isLast = memory.slice(0).equal(0).logicalOr(isFlat(f, slope));
      const taken = isStuck.where(failed, reached(objective, { x, f, g }, point, next.slope, iterations));
      return { ...next, code: isFound.where(taken, isLast.where(failed, codes.maxIterations[0])) };
    };
    const refine = (): Rest => {
      const at: Trial = { t, f: f1, d: d1 };
      const isAbove = isLow.logicalAnd(f1.lessEqual(lo.f)).logicalNot();
      const turns = d1.mul(state.isIn.where(state.hi.t.sub(lo.t), 1)).greaterEqual(0);
      const hi = chosen(isAbove, at, chosen(turns, lo, state.hi));
      const low = chosen(isAbove, lo, at);
      const isIn = state.isIn.logicalOr(isAbove).logicalOr(turns);
      // The last try is the best so far, if there is one.
      const isBack = tries.equal(maxTries - 1).logicalAnd(low.t.greater(0));
      const length = isIn.where(between(low, hi), farther(lo, at));
      return { memory: next.memory, p, slope, t: isBack.where(low.t, length), lo: low, hi, isIn, tries: tries.add(1), code: state.code };
    };
    const own = either(isFound.logicalOr(isOver), begin, refine);
    const done: Search = {
      ...point,
      ...own,
      code: isEnd.where(codes.unbounded[0], own.code),
      iterations: iterations.add(isFound.astype("int32")),
      evaluations: state.evaluations.add(1),
    };
    const { show } = objective;
    if (show)
      cond(
        isFound,
        () => {
          show(done);
          return no;
        },
        () => no,
      );
    return done;
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
