import type { NDArray } from "@ad/core";
import type { Numbers } from "@ad/core/internals/trace";
import { dot, largestOf, normOf } from "../dot.js";
import { code, iterations } from "../turns.js";
import type { Objective, Point } from "./objective.js";
import { isOpen, own, Search, tried, value } from "./search.js";

/** The choice of the direction of a method's steps. */
export interface Directions {
  /** The length of what is remembered of steps. */
  readonly size: number;
  /** Remembers a step: the changes of x and of the gradient stand in the places of the direction and of the gradient, and `curvature` is their product. */
  readonly remember?: (s: Numbers, search: Search, curvature: number) => void;
  /** Turns the direction from that of the steepest descent. In both, elements that bounds hold are 0. */
  readonly turn?: (s: Numbers, search: Search, held: readonly number[]) => void;
  /** Finds the direction by array operations, from that of the steepest descent at a point. */
  readonly find?: (x: NDArray, down: NDArray) => NDArray;
}

/** The number of steps that are remembered. */
export const count = own;
/** The slope along the direction. */
const slope = own + 1;
/** The number of tries on the line. */
const tries = own + 2;
/** The place of the next try on the line, and the value and the slope there. */
const next = own + 3;
/** The same of the lowest point on the line, and, where there is one, of the other end of what holds the minimum. */
const low = own + 6;
const high = own + 9;
const isIn = own + 12;

const maxTries = 25;

/**
 * Descent along a line, to a point that satisfies the strong conditions of Wolfe (Nocedal and Wright, "Numerical optimization", 2006, algorithms 3.5 and
 * 3.6), or, where values differ by rounding alone, the approximate ones of Hager and Zhang (2005). The search and the steps are one
 * loop, so that in a batch no lane waits for another one's search.
 */
export function descent(objective: Objective, x0: NDArray, { size, remember, turn, find }: Directions): Point {
  const search = new Search(objective, x0.size);
  const { n, x, g, p } = search;
  // An element next to its bound would cut each step to nothing.
  const near = Math.sqrt(objective.epsilon);

  /** Tries a point on the line. */
  const ahead = (s: Numbers, t: number): void => {
    s[next] = t;
    for (let i = 0; i < n; i++) s[tried + i] = search.within(s, i, s[x + i] + s[p + i] * t);
  };

  /** Begins a line: along the direction where it leads down, and otherwise along the gradient. Elements that bounds hold go as far as these. */
  const aim = (s: Numbers, isDown: boolean): void => {
    for (let i = 0; i < n; i++) {
      if (search.isHeld(s, i, near)) s[p + i] = -Math.sign(s[g + i]) * search.room(s, i);
      else if (!isDown) s[p + i] = -s[g + i];
    }
    s[slope] = dot(s, p, s, g, n);
    s[low] = s[isIn] = s[tries] = s[isOpen] = 0;
    s[low + 1] = s[value];
    s[low + 2] = s[slope];
    ahead(s, s[count] ? 1 : 1 / Math.max(normOf(s, p, n), 1));
  };

  /** Finds the direction at a new point, and begins a line along it. */
  const steer = (s: Numbers): void => {
    const held: number[] = [];
    for (let i = 0; i < n; i++) {
      const isHeld = search.isHeld(s, i, near);
      s[p + i] = isHeld ? 0 : -s[g + i];
      if (isHeld) held.push(i);
    }
    if (find) s[isOpen] = 1;
    else {
      if (s[count]) turn?.(s, search, held);
      go(s);
    }
  };

  /** Begins a line at a new point, and ends the search if it is near enough. */
  const go = (s: Numbers): void => {
    aim(s, dot(s, p, s, g, n) < 0);
    if (s[iterations] && !s[code]) search.reach(s, s[slope]);
  };

  /** Takes the step to the point that was tried. */
  const take = (s: Numbers, f1: number, g1: Numbers): void => {
    for (let i = 0; i < n; i++) {
      s[p + i] = s[tried + i] - s[x + i];
      s[g + i] = g1[i] - s[g + i];
    }
    const curvature = dot(s, p, s, g, n);
    // It is remembered where it tells of a curvature that is positive, and more than rounding.
    if (curvature > normOf(s, p, n) * normOf(s, g, n) * 1e-14 || !remember) {
      s[count]++;
      remember?.(s, search, curvature);
    }
    search.take(s, f1, g1);
    steer(s);
  };

  /** Tries another point on the line. */
  const refine = (s: Numbers, f1: number, d1: number, isLow: boolean): void => {
    const isAbove = !isLow || !(f1 <= s[low + 1]);
    const turns = d1 * (s[isIn] ? s[high] - s[low] : 1) >= 0;
    // As long as nothing holds the minimum, the other end is the point before.
    if (!isAbove && (turns || !s[isIn])) s.copyWithin(high, low, high);
    s[next + 1] = f1;
    s[next + 2] = d1;
    s.copyWithin(isAbove ? high : low, next, low);
    if (isAbove || turns) s[isIn] = 1;
    // The last try is the best so far, if there is one.
    const isBack = ++s[tries] === maxTries && s[low] > 0;
    ahead(s, isBack ? s[low] : bottom(s));
  };

  const judge = (s: Numbers, f1: number, g1: Numbers): void => {
    const [f, along, t] = [s[value], s[slope], s[next]];
    let d1 = 0;
    let gain = 0;
    let isCut = false;
    for (let i = 0; i < n; i++) {
      const wanted = s[x + i] + s[p + i] * t;
      const edge = search.within(s, i, wanted);
      if (wanted === edge) d1 += g1[i] * s[p + i];
      else {
        isCut = true;
        // A bound on which the gradient is not finite is drawn in by rounding: next to it a gradient can hold the element, at the next try.
        if (!(Math.abs(g1[i]) < Infinity)) {
          s[(wanted < edge ? search.lower : search.upper) + i] =
            edge + Math.sign(edge - wanted) * Math.hypot(edge, s[x + i]) * objective.epsilon;
        }
      }
      gain += s[g + i] * (edge - s[x + i]);
    }
    const falls = f1 <= f + Math.min(gain, 0) * 1e-4;
    const isLow = largestOf(g1) < Infinity && (falls || (search.isFlat(f * 16, f1 - f) && d1 <= along * -0.9998));
    const isOver = s[tries] >= maxTries;
    // A path that turns at a bound has no point of a small slope, if it turns at the least one.
    const isFound = isLow && (isCut || isOver || Math.abs(d1) <= along * -0.9);
    if (isOver && (isFound ? search.isFlat(f, f - f1) : !s[count] || search.isFlat(f, along))) search.end(s, along);
    if (isFound) take(s, f1, g1);
    else if (isOver) {
      // Where a search leads nowhere a line begins along the gradient, if that is not where it led.
      s[count] = 0;
      aim(s, false);
    } else refine(s, f1, d1, isLow);
  };

  /** A turn that is not open asks for the direction at a gradient of 0, which takes no steps. */
  const complete =
    find &&
    ((s: NDArray): NDArray =>
      search.after(s, [find(search.vector(s, x), search.vector(s, p).mul(s.slice(isOpen)))], (s, [own]) => {
        if (!s[isOpen]) return;
        s.set(own, p);
        go(s);
      }));
  return search.run(x0, { size, ask: objective.slope, start: steer, turn: judge, complete });
}

/**
 * The minimum of the cubic polynomial with the values and slopes of the two points. Between them it is at least a tenth of the way from both, and in the middle
 * where there is none; otherwise as far again and a tenth from the low one, at least, and at most five times as far.
 */
function bottom(s: Numbers): number {
  const [way, da, db] = [s[high] - s[low], s[low + 2], s[high + 2]];
  const rise = da + db - ((s[high + 1] - s[low + 1]) / way) * 3;
  const root = Math.sqrt(Math.max(rise * rise - da * db, 0)) * Math.sign(way);
  const part = (rise - da + root) / (db - da + root * 2);
  const [least, middle, most, end] = s[isIn] ? [0.1, 0.5, 0.9, Infinity] : [-4, -4, -1.1, 0];
  const share = part < end ? part : middle;
  return s[low] + way * Math.min(Math.max(share, least), most);
}
