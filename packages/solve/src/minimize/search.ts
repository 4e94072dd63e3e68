import { concatenate, cond, type NDArray, whileLoop, zeros } from "@ad/core";
import { type ArrayList, computed, type Numbers } from "@ad/core/internals/trace";
import * as codes from "../codes.js";
import type { Objective, Point } from "./objective.js";

// The state of a search is one vector, so that a turn is one operation on plain numbers. These are the places of its numbers; vectors stand behind them.

/** 1 where the search is over. */
const isOver = 0;
export const code = 1;
export const iterations = 2;
export const evaluations = 3;
/** The value at the best point, the largest part of its gradient that bounds leave, and both at the point before. */
export const value = 4;
const rest = 5;
const valueBefore = 6;
const restBefore = 7;
/** The largest change of an unknown between these. */
const move = 8;
/** 1 where array operations have to complete the turn. */
export const isOpen = 9;
/** The numbers of a method begin here. */
export const own = 10;
/** The vectors begin here: the point that is tried. */
export const tried = own + 13;

/** With a larger relative slope than this a value is no least one, however little the next step would change it: it falls without limit. */
const maxSlope = 0.1;

/** The largest absolute value of n numbers; NaN where one is. */
export function largest(v: Numbers, from: number, n: number): number {
  let most = 0;
  for (let i = from; i < from + n; i++) most = Math.max(most, Math.abs(v[i]));
  return most;
}

/** Says what is tried next, by the value at the point that was tried, and by the gradient where it was asked for. */
export type Turn = (s: Numbers, f: number, g: Numbers) => void;

/** The parts of a method. */
export interface Method {
  /** The length of what it has beside the vectors of all searches. */
  readonly size: number;
  /** The function that is evaluated in each turn: a value, and a gradient behind it. */
  readonly ask: (x: NDArray) => ArrayList;
  /** The first turn, which has taken the point where there is a gradient. */
  readonly start: (s: Numbers, f: number) => void;
  readonly turn: Turn;
  /** Completes a turn by array operations. */
  readonly complete?: (s: NDArray) => NDArray;
}

/** What methods ask of their state. */
export class Search {
  /** The places of vectors: the best point, the gradient there, the direction and the bounds; then what a method has beside. */
  declare readonly x: number;
  declare readonly g: number;
  declare readonly p: number;
  declare readonly lower: number;
  declare readonly upper: number;
  declare readonly beside: number;
  declare readonly objective: Objective;
  declare readonly n: number;

  constructor(objective: Objective, n: number) {
    this.objective = objective;
    this.n = n;
    [this.x, this.g, this.p, this.lower, this.upper, this.beside] = [1, 2, 3, 4, 5, 6].map((i) => tried + i * n);
  }

  /** A number as near as an element's bounds let it be. */
  within(s: Numbers, i: number, x: number): number {
    return this.objective.bounds ? Math.min(Math.max(x, s[this.lower + i]), s[this.upper + i]) : x;
  }

  /** The way from an element to the bound to which the gradient leads. */
  room(s: Numbers, i: number): number {
    const x = s[this.x + i];
    if (!this.objective.bounds) return Infinity;
    return s[this.g + i] > 0 ? x - s[this.lower + i] : s[this.upper + i] - x;
  }

  /** Returns whether a bound holds an element: it is so near to it, in parts of itself. */
  isHeld(s: Numbers, i: number, near: number): boolean {
    return this.room(s, i) <= Math.abs(s[this.x + i]) * near;
  }

  /** Returns whether a value does not change by more than rounding where a change is foreseen. */
  isFlat(f: number, foreseen: number): boolean {
    return Math.abs(foreseen) <= Math.abs(f) * 64 * this.objective.epsilon;
  }

  /** Takes a step to the point that was tried. */
  take(s: Numbers, f: number, g: Numbers): void {
    s[valueBefore] = s[value];
    s[restBefore] = s[rest];
    s[move] = 0;
    for (let i = 0; i < this.n; i++) s[move] = Math.max(s[move], Math.abs(s[tried + i] - s[this.x + i]));
    s.copyWithin(this.x, tried, this.x);
    s.set(g, this.g);
    s[value] = f;
    s[rest] = this.#largestRest(s, false);
    if (s[evaluations] > 1) s[iterations]++;
  }

  /** The largest rest; or, relatively, each times its unknown, with what is below 1 counted as 1. */
  #largestRest(s: Numbers, isRelative: boolean): number {
    let most = 0;
    for (let i = 0; i < this.n; i++)
      most = Math.max(most, Math.min(Math.abs(s[this.g + i]), this.room(s, i)) * (isRelative ? Math.max(Math.abs(s[this.x + i]), 1) : 1));
    return most;
  }

  /** The largest relative change of the value per relative change of an unknown. */
  #slope(s: Numbers): number {
    return this.#largestRest(s, true) / Math.max(Math.abs(s[value]), 1);
  }

  /**
   * Ends the search where no step lowers the value: within rounding it is the least where the next step foresees no more than rounding, or where the
   * gradient is small in the units of x and of the value (Dennis and Schnabel, "Numerical methods for unconstrained optimization and nonlinear
   * equations", 1983).
   */
  end(s: Numbers, foreseen: number): void {
    const slope = this.#slope(s);
    const isLeast = (this.isFlat(s[value], foreseen) && slope <= maxSlope) || slope <= 100 * Math.sqrt(this.objective.epsilon);
    s[code] = (isLeast ? codes.rounding : codes.noProgress)[0];
  }

  /** Ends the search after a step that meets a tolerance, where the next one is foreseen to lower the value by so much. */
  reach(s: Numbers, foreseen: number): void {
    const { gtol, ftol, xtol } = this.objective;
    const gain = s[valueBefore] - s[value];
    if (s[rest] <= gtol) s[code] = codes.gradient[0];
    else if (gain >= 0 && gain < Math.abs(s[valueBefore]) * ftol) s[code] = codes.cost[0];
    else if (s[move] < largest(s, this.x, this.n) * xtol) s[code] = codes.step[0];
    else if (this.isFlat(s[value], foreseen) && s[rest] > s[restBefore] * 0.5 && this.#slope(s) <= maxSlope) s[code] = codes.rounding[0];
  }

  /** A vector of the state. */
  vector(s: NDArray, at: number): NDArray {
    return s.slice([at, at + this.n]);
  }

  /** The state after one, and more numbers. */
  after(before: NDArray, inputs: ArrayList, change: (s: Numbers, inputs: readonly Numbers[]) => void): NDArray {
    return computed("minimize's step", [before, ...inputs], before.size, ([before, ...own], s) => {
      s.set(before);
      change(s, own);
      s[isOver] = +(s[code] !== codes.maxIterations[0] || s[iterations] >= this.objective.maxIterations);
    });
  }

  /** The point of a state. */
  #point(s: NDArray): Point {
    const [found, steps, calls] = s.slice([code, value]).astype("int32");
    return { x: this.vector(s, this.x), f: s.slice(value), g: this.vector(s, this.g), code: found, iterations: steps, evaluations: calls };
  }

  /** Searches from a point on. Each turn evaluates the function once. */
  run(x0: NDArray, { size, ask, start, turn, complete = (s) => s }: Method): Point {
    const { bounds, show } = this.objective;
    const numbers = (n: number): NDArray => zeros([n], x0.dtype);
    const first = concatenate([numbers(tried), x0, numbers(3 * this.n), bounds?.lower ?? x0, bounds?.upper ?? x0, numbers(size)]);
    const step = (before: NDArray): NDArray => {
      const s = complete(
        this.after(before, ask(this.vector(before, tried)), (s, [f, g]) => {
          const f1 = f[0];
          if (++s[evaluations] === 1) {
            if (g) {
              this.take(s, f1, g);
              this.reach(s, Infinity);
              if (!(Math.abs(f1) + largest(g, 0, this.n) < Infinity)) s[code] = codes.notFinite[0];
            }
            start(s, f1);
          } else if (f1 === -Infinity || Math.min(largest(s, tried, this.n), -f1) > 1e15)
            // There is no least value on the way, or value and unknowns are beyond all numbers that are meant.
            s[code] = codes.unbounded[0];
          else turn(s, f1, g);
        }),
      );
      const isShown = s.slice(iterations).greater(before.slice(iterations));
      if (show)
        cond(
          isShown,
          () => {
            show(this.#point(s));
            return isShown;
          },
          () => isShown,
        );
      return s;
    };
    return this.#point(whileLoop((s: NDArray) => s.slice(isOver).equal(0), step, first));
  }
}
