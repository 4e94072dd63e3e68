import { concatenate, type NDArray, zeros } from "@ad/core";
import type { ArrayList, Numbers } from "@ad/core/internals/trace";
import * as codes from "../codes.js";
import { largestOf } from "../dot.js";
import { after, code, counts, evaluations, own as first, iterations, turns } from "../turns.js";
import type { Objective, Point } from "./objective.js";

// The places of numbers in the state of a search, behind those of `turns.ts`; vectors stand behind them.

/** The value at the best point, the largest part of its gradient that bounds leave, and both at the point before. */
export const value = first;
const rest = first + 1;
const valueBefore = first + 2;
const restBefore = first + 3;
/** The largest change of an unknown between these. */
const move = first + 4;
/** 1 where array operations have to complete the turn. */
export const isOpen = first + 5;
/** The numbers of a method begin here. */
export const own = first + 6;
/** The vectors begin here: the point that is tried. */
export const tried = own + 13;

/** With a larger relative slope than this a value is no least one, however little the next step would change it: it falls without limit. */
const maxSlope = 0.1;

/** Chooses the point that is tried next, by the value at the one that was tried, and by the gradient where it was asked for. */
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
  readonly complete?: ((s: NDArray) => NDArray) | undefined;
}

/** The state of a search with its vectors, and the questions that all methods ask of it. */
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
    this.x = tried + n;
    this.g = this.x + n;
    this.p = this.g + n;
    this.lower = this.p + n;
    this.upper = this.lower + n;
    this.beside = this.upper + n;
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

  /** Takes a step to the point that was tried, which is that in the place of the direction. */
  take(s: Numbers, f: number, g: Numbers): void {
    s.copyWithin(valueBefore, value, valueBefore);
    s[move] = largestOf(s, this.p, this.n);
    s.copyWithin(this.x, tried, this.x);
    s.set(g, this.g);
    s[value] = f;
    s[rest] = this.#largestRest(s, 0);
    if (s[evaluations] > 1) s[iterations]++;
  }

  /** The largest rest, each times its unknown in a scale, with what is below 1 counted as 1. */
  #largestRest(s: Numbers, scale: number): number {
    let most = 0;
    for (let i = 0; i < this.n; i++)
      most = Math.max(most, Math.min(Math.abs(s[this.g + i]), this.room(s, i)) * Math.max(Math.abs(s[this.x + i]) * scale, 1));
    return most;
  }

  /** The largest relative change of the value per relative change of an unknown. */
  #slope(s: Numbers): number {
    return this.#largestRest(s, 1) / Math.max(Math.abs(s[value]), 1);
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
    else if (s[move] < largestOf(s, this.x, this.n) * xtol) s[code] = codes.step[0];
    else if (this.isFlat(s[value], foreseen) && s[rest] > s[restBefore] * 0.5 && this.#slope(s) <= maxSlope) s[code] = codes.rounding[0];
  }

  /** A vector of the state. */
  vector(s: NDArray, at: number): NDArray {
    return s.slice([at, at + this.n]);
  }

  /** The state after one, by the numbers of some arrays. */
  after(before: NDArray, inputs: ArrayList, change: (s: Numbers, inputs: readonly Numbers[]) => void): NDArray {
    return after(this.objective.maxIterations, before, inputs, change);
  }

  /** The point of a state. */
  #point(s: NDArray): Point {
    return { ...counts(s), x: this.vector(s, this.x), f: s.slice(value), g: this.vector(s, this.g) };
  }

  /** Searches from a point on. Each turn evaluates the function once. */
  run(x0: NDArray, { size, ask, start, turn, complete = (s) => s }: Method): Point {
    const { bounds, show } = this.objective;
    const numbers = (n: number): NDArray => zeros([n], x0.dtype);
    // The way to the first point is that from 0.
    const first = concatenate([numbers(tried), x0, x0, numbers(this.n), x0, ...(bounds ?? [x0, x0]), numbers(size)]);
    const judge = (s: Numbers, [[f1], g]: readonly Numbers[]): void => {
      if (++s[evaluations] === 1) {
        if (g) {
          this.take(s, f1, g);
          this.reach(s, Infinity);
          if (!(Math.abs(f1) + largestOf(g) < Infinity)) s[code] = codes.notFinite[0];
        }
        start(s, f1);
      } else if (f1 === -Infinity || Math.min(largestOf(s, tried, this.n), -f1) > 2 ** 50)
        // There is no least value on the way, or value and unknowns are beyond all numbers that are meant.
        s[code] = codes.unbounded[0];
      else turn(s, f1, g);
    };
    const step = (before: NDArray): NDArray => complete(this.after(before, ask(this.vector(before, tried)), judge));
    return this.#point(turns(first, step, (s) => show?.(this.#point(s))));
  }
}
