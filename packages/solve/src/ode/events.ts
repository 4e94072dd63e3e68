import { arange, concatenate, cond, full, type NDArray, stack, stopGradient, whileLoop } from "@ad/core";
import { Closure, implicitRoot, type LinearSolve } from "@ad/core/internals/trace";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { flow } from "./flow.js";
import { type Gradient, solution } from "./gradient.js";
import { begin, type Problem, within } from "./integrate.js";
import type { System } from "./method.js";
import { known, op, smooth } from "./rule.js";
import { plainly, type State } from "./steps.js";

/** A function whose zeros are looked for, on vectors. */
export interface EventOf {
  readonly g: System["f"];
  readonly isTerminal: boolean;
  /** 1: only where it rises, -1: only where it falls, 0: both. */
  readonly direction: number;
  readonly limit: number;
}

/** The places where an event happened: [limit] times, the first `count` of which are such, and the solution there. It may happen more often than that. */
export interface Happened {
  readonly ts: NDArray;
  readonly ys: NDArray;
  readonly count: NDArray;
}

/** θ between 0 and 1 where g changes its sign: by the Illinois method. */
function crossing(g: (theta: NDArray) => NDArray, ga: NDArray, gb: NDArray): NDArray {
  const zero = ga.mul(0);
  const { b } = whileLoop(
    ({ a, b, gb, n }) => b.sub(a).abs().greater(1e-13).logicalAnd(gb.notEqual(0)).logicalAnd(n.less(100)),
    ({ a, b, ga, gb, n }) => {
      const c = b.sub(gb.mul(b.sub(a)).div(gb.sub(ga)));
      const gc = g(c);
      const isSame = gc.sign().equal(gb.sign());
      return { a: isSame.where(a, b), ga: isSame.where(ga.mul(0.5), gb), b: c, gb: gc, n: n.add(1) };
    },
    { a: zero, b: zero.add(1), ga, gb, n: zero },
  );
  return b;
}

/** Returns whether one of some numbers is NaN. */
const anyNaN = (list: readonly NDArray[]): NDArray =>
  stack([...list])
    .isNaN()
    .any();

/**
 * Returns when events happen, by the values alone: for each of them [limit] times, in the order of time, and a count; when the first terminal one
 * does; and whether one was NaN before that, so that it may have happened unseen.
 */
function timesOf(problem: Problem, events: readonly EventOf[]) {
  const [setting, first] = begin(problem, problem.system);
  const step = plainly(problem.system, setting);
  const { direction, end } = setting;
  const far = direction.mul(Number.POSITIVE_INFINITY);
  const zero = first.t.mul(0);
  const starts = events.map(({ g }) => g(first.t, first.smooth[0]));
  const found = whileLoop(
    ({ state }) => (state as State).reach.less(end.mul(direction)),
    ({ state: before, gs, ts, counts, stop, isLost }) => {
      const state = step(before as State);
      const { smooth, t, from, length, reach, taken } = state;
      const isTaken = taken.greater((before as State).taken);
      const next = events.map(({ g }, i) => isTaken.where(g(t, smooth[0]), gs[i]));
      const isCrossed = events.map(({ direction: way }, i) => {
        const signs = [gs[i].sign(), next[i].sign()];
        const isOther = signs[0].notEqual(0).logicalAnd(signs[0].notEqual(signs[1]));
        return way === 0 ? isOther : isOther.logicalAnd(signs[0].equal(-way));
      });
      const at = isCrossed.map((on, i) =>
        cond(
          on,
          (): NDArray => {
            const time = (theta: NDArray): NDArray => from.add(length.mul(theta));
            return time(crossing((theta) => events[i].g(time(theta), within(smooth, theta)), gs[i], next[i]));
          },
          (): NDArray => far,
        ),
      );
      const terminal = at.filter((_, i) => events[i].isTerminal);
      const stops =
        terminal.length === 0
          ? stop
          : stack([stop, ...terminal])
              .mul(direction)
              .min()
              .mul(direction);
      const isOver = stops.abs().less(Number.POSITIVE_INFINITY);
      // An event that comes after the end in the same step has not happened.
      const isIn = isCrossed.map((on, i) => on.logicalAnd(at[i].sub(stops).mul(direction).lessEqual(0)));
      return {
        state: { ...state, reach: isOver.where(Number.POSITIVE_INFINITY, reach) },
        gs: next,
        ts: ts.map((own: NDArray, i: number) => arange(events[i].limit).equal(counts[i]).logicalAnd(isIn[i]).where(at[i], own)),
        counts: counts.map((n: NDArray, i: number) => n.add(isIn[i].where(1, 0))),
        stop: stops,
        isLost: anyNaN([...next, ...at])
          .logicalAnd(isOver.logicalNot())
          .logicalOr(isLost),
      };
    },
    {
      state: first,
      gs: starts,
      ts: events.map(({ limit }) => full([limit], Number.NaN, problem.y0.dtype).add(zero)),
      counts: events.map(() => zero),
      stop: far,
      isLost: anyNaN(starts),
    },
  );
  return { ...found, direction, state: found.state as State };
}

/**
 * The solution of a problem up to the first terminal event. Events are looked for by the values alone; then the solution is computed with
 * their times among the others, and each time moves with the zero, by the implicit function theorem.
 */
export function withEvents(problem: Problem, gradient: Gradient, events: readonly EventOf[]) {
  const still = { ...problem, y0: stopGradient(problem.y0), ts: stopGradient(problem.ts) };
  const { ts: times, counts, stop, isLost, direction, state: search } = new Closure().constant(() => stopGradient(timesOf(still, events)));
  const { system, ts } = problem;
  const isOver = stop.abs().less(Number.POSITIVE_INFINITY);
  const end = isOver.where(stop, search.t);
  const isBeyond = still.ts.sub(end).mul(direction).greaterEqual(0).logicalAnd(isOver);
  const cut = isBeyond.where(end, ts);
  const found = concatenate(times);
  const isOne = found.isNaN().logicalNot();
  // The places of events that did not happen stand at the end, as far as it was reached.
  const filled = isOne.where(found, end);
  const all = concatenate([cut, filled]);
  const order = stopGradient(all).mul(direction).argsort();
  const [ys, last] = solution({ ...problem, ts: all.take(order) }, gradient);
  const own = ys.take(order.argsort());
  const near = still.ts.slice(-1).sub(still.ts.slice(0)).abs().mul(1e-5);
  const m = ts.size;
  /** Newton's method along the solution, by the values alone, and whether that leads to the zero: where g jumps from one sign to the other, it leads elsewhere or nowhere. */
  const polished = (g: EventOf["g"], t0: NDArray, y0: NDArray, is: NDArray): NDArray[] => {
    let [t, y, isZero] = [t0, y0, is];
    for (let round = 0; round < 2; round++) {
      const one = t.mul(0).add(1);
      const slope = system.f(t, y);
      const [value, rate] = jvp(g, [t, y], [one, slope]);
      const isSteep = isZero.logicalAnd(rate.notEqual(0));
      const way = value.neg().div(isSteep.where(rate, 1));
      isZero = isSteep.logicalAnd(way.abs().lessEqual(near));
      const by = isZero.where(way, 0);
      [t, y] = [t.add(by), y.add(slope.mul(by))];
    }
    return [t, y.sub(y0), isZero];
  };
  /** The time and the state of an event that move with it: a root along the solution. */
  const moved = (g: EventOf["g"], t0: NDArray, y0: NDArray, is: NDArray): NDArray[] => {
    const [from, by, isZero] = new Closure().constant(() => polished(g, t0, y0, is)).map((x) => x.stopGradient());
    const start = y0.add(by);
    // Where the event does not move with the time, the derivative is asked for all the same.
    const solve: LinearSolve = (map, [b]) => {
      const [rate] = map([b.filled(1, b.aval)]);
      return [b.div(rate.equal(0).where(1, rate))];
    };
    const [[t]] = implicitRoot(
      op,
      () => [[from], 0],
      ([t]) => [g(t, flow(system.f, from, t, start))],
      solve,
    );
    // A time that is no zero asks of the solution all the same.
    const y = flow(system.f, from, t, start);
    return [t.add(y.sum().mul(0)), y, isZero];
  };
  let start = 0;
  const each = events.map(({ g, limit }, i): Happened => {
    const [a, b] = [start, (start += limit)];
    const [at, is] = [filled, isOne].map((x) => x.slice([a, b]));
    const [t, y, isZero] = vmap((t: NDArray, y: NDArray, is: NDArray) => moved(g, t, y, is))(
      at,
      own.slice([m + a, m + b]),
      is,
    ) as NDArray[];
    // A time that a jump gives is known, and how it moves is not.
    const [ts, ys] = [t, y].map((x, axis) => {
      const [isKnown, isSmooth] = [is, isZero].map((on) => (axis ? on.expandDims(1) : on));
      return known(isKnown, smooth(isSmooth, x));
    });
    return { ts, ys, count: counts[i] };
  });
  // The end, as the event that made it says.
  const [allTs, allYs] = [concatenate(each.map(({ ts }) => ts)), concatenate(each.map(({ ys }) => ys))];
  const which = concatenate(events.map(({ isTerminal, limit }, i) => times[i].equal(stop).logicalAnd(full([limit], isTerminal))))
    .astype("int32")
    .argmax();
  const [endTime, endState] = [allTs.take(which), allYs.take(which)];
  return {
    ts: isBeyond.where(endTime, ts),
    solution: [isBeyond.expandDims(1).where(endState, own.slice([0, m])), last] as const,
    events: each,
    isOver,
    stop,
    isLost,
    searched: search.tried,
  };
}
