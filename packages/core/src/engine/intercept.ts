import type { NDArray } from "../array/ndarray.js";
import type { Operation } from "./operation.js";
import { type Run, setWatch, type Watch } from "./trace.js";

/** Stands around each operation: it may replace what goes in and look at what comes out. Its own operations are not observed by it. */
export type Observer = Watch;

/** The observers at work, from the innermost outwards. */
interface Frame {
  readonly observer: Observer;
  readonly outer: Frame | undefined;
  /** The frames that see the operations of a rule: those that look deep. */
  inside: Frame | undefined;
  readonly watch: Watch;
}

let frame: Frame | undefined;

function framed(observer: Observer, deep: boolean, outer: Frame | undefined): Frame {
  const watch: Watch = (name, inputs, run, operation) =>
    around(own, name, inputs, (given) => under(own.inside, () => run(given)), operation);
  const own: Frame = { observer, outer, inside: outer?.inside, watch };
  if (deep) own.inside = outer === outer?.inside ? own : framed(observer, true, outer?.inside);
  return own;
}

function enter(next: Frame | undefined): void {
  frame = next;
  setWatch(next?.watch);
}

function under<T>(next: Frame | undefined, body: () => T): T {
  const before = frame;
  enter(next);
  try {
    return body();
  } finally {
    enter(before);
  }
}

/** Runs `body` with an observer around each of its operations and, if it looks deep, around those that rules make of them. */
export const observed = <T>(observer: Observer, deep: boolean, body: () => T): T => under(framed(observer, deep, frame), body);

/** The frames of `at` inside of others. */
const inside = (outer: Frame | undefined, at: Frame | undefined): Frame | undefined =>
  at === outer || at === undefined ? outer : framed(at.observer, at.inside !== at.outer?.inside, inside(outer, at.outer));

/** The same with an observer that comes before all others: it sees what the body passes as it is, and they see what it makes of that. */
export const observedFirst = <T>(observer: Observer, body: () => T): T => under(inside(framed(observer, true, undefined), frame), body);

/** Runs `body` as the operations of a rule are run: seen only by observers that are deep. */
export const asRule = <T>(body: () => T): T => under(frame?.inside, body);

/** The observers of this moment, which are set up again for code that runs later, around those of that time. */
export function observers(): <T>(body: () => T) => T {
  const now = frame;
  return (body) => under(inside(now, frame), body);
}

/** From the outermost observer inwards, as the values that each of them puts in are those of older traces. */
const around = <T>(own: Frame | undefined, name: string, inputs: readonly NDArray[], run: Run<T>, operation?: Operation): T =>
  own === undefined
    ? run(inputs)
    : around(own.outer, name, inputs, (given) => under(own.outer, () => own.observer(name, given, run, operation)), operation);
