import type { NDArray } from "@ad/core";
import type { Numbers } from "@ad/core/internals/trace";
import * as codes from "../codes.js";
import { largestOf } from "../dot.js";
import { code, evaluations, iterations } from "../turns.js";
import type { Objective, Point } from "./objective.js";
import { own, Search, tried, value } from "./search.js";

/** The point of the simplex whose value is asked for, or, of what an iteration tries, the first and the second. */
const asked = own;
const first = -1;
const second = -2;

/** The method of Nelder and Mead (1965): a simplex that turns over, stretches and shrinks. It asks for values alone, but for the gradient at the end. */
export function nelderMead(objective: Objective, x0: NDArray): Point {
  const { ftol, xtol } = objective;
  const search = new Search(objective, x0.size);
  const { n, x, g: centre, p: way, beside } = search;
  /** n + 1 points, the best first, and what an iteration tries first; then the values there. What is not a number counts as infinite. */
  const point = (k: number): number => beside + k * n;
  const values = point(n + 2);

  const tryAt = (s: Numbers, t: number): void => {
    for (let i = 0; i < n; i++) s[tried + i] = search.within(s, i, s[centre + i] + s[way + i] * t);
  };
  const copy = (s: Numbers, to: number, from: number): Numbers => s.copyWithin(to, from, from + n);
  /** Puts a point among the k best ones. */
  const insert = (s: Numbers, from: number, f: number, k: number): void => {
    let at = k;
    while (at > 0 && s[values + at - 1] > f) at--;
    s.copyWithin(values + at + 1, values + at, values + k);
    s.copyWithin(point(at + 1), point(at), point(k));
    s[values + at] = f;
    copy(s, point(at), from);
  };
  /** Begins an iteration: the worst point turns over. */
  const begin = (s: Numbers): void => {
    copy(s, x, beside);
    s[value] = s[values];
    s.fill(0, centre, centre + n);
    for (let i = 0; i < n * n; i++) s[centre + (i % n)] += s[beside + i] / n;
    for (let i = 0; i < n; i++) s[way + i] = s[centre + i] - s[point(n) + i];
    s[asked] = first;
    tryAt(s, 1);
  };
  /** Ends an iteration with a point in the place of the worst. */
  const end = (s: Numbers, from: number, f: number): void => {
    insert(s, from, f, n);
    begin(s);
    s[iterations]++;
    let apart = 0;
    for (let i = 0; i < n * n; i++) apart = Math.max(apart, Math.abs(s[point(1) + i] - s[x + (i % n)]));
    const isNear = apart <= Math.max(largestOf(s, x, n), 1) * xtol;
    if (isNear && s[values + n] - s[value] <= Math.max(Math.abs(s[value]), 1) * ftol) s[code] = codes.step[0];
  };
  /** Fills the simplex around the first point. */
  const start = (s: Numbers, f: number): void => {
    for (let k = 0; k <= n; k++) copy(s, point(k), tried);
    for (let i = 0; i < n; i++) {
      const own = s[tried + i];
      const edge = own * 0.05 || 0.00025;
      // An edge that would lead out of the bounds leads the other way: otherwise nothing might be left of it.
      const isOut = search.within(s, i, own + edge) !== own + edge;
      s[point(i + 1) + i] = search.within(s, i, own + (isOut ? -edge : edge));
    }
    turn(s, f);
  };
  const turn = (s: Numbers, given: number): void => {
    const f = given < Infinity ? given : Infinity;
    const k = s[asked];
    const [poor, worst, f1] = s.subarray(values + n - 1);
    if (k >= 0) {
      if (k < n) {
        insert(s, tried, f, k);
        copy(s, tried, point(++s[asked]));
      } else if (s[evaluations] > n + 1) end(s, tried, f);
      else {
        insert(s, tried, f, n);
        begin(s);
        if (s[value] === Infinity) s[code] = codes.notFinite[0];
      }
    } else if (k === first) {
      s[values + n + 1] = f;
      copy(s, point(n + 1), tried);
      s[asked] = second;
      if (f >= s[values] && f < poor) end(s, tried, f);
      else tryAt(s, f < s[values] ? 2 : f < worst ? 0.5 : -0.5);
    } else if (f1 >= worst ? f < worst : f <= f1) end(s, tried, f);
    else if (f1 < poor) end(s, point(n + 1), f1);
    else {
      for (let i = n; i < n * n + n; i++) s[beside + i] = (s[beside + i] + s[beside + (i % n)]) / 2;
      s[asked] = 1;
      copy(s, tried, point(1));
    }
  };
  const last = search.run(x0, { size: (n + 1) * (n + 2), ask: (x) => [objective.value(x)], start, turn });
  return { ...last, g: objective.slope(last.x)[1] };
}
