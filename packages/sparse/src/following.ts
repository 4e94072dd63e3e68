import { NDArray } from "@ad/core";
import { type Aval, Tracer } from "@ad/core/internals/trace";

/** A call of a method, as a recording has it. */
export interface MethodCall {
  readonly name: string;
  /** The array whose method it is, by its number. */
  readonly self: number;
  readonly args: readonly unknown[];
  /** It wrote down the equations from this one on, up to that one. */
  readonly from: number;
  readonly to: number;
  /** The number of all values after it, and its result among them. */
  readonly end: number;
  readonly result: number;
  readonly aval: Aval;
}

export type Method = (...args: unknown[]) => unknown;

/** A recording, as far as it follows methods. */
export interface Follower {
  /** Calls a method of a value, or follows it. */
  method(self: NDArray, name: string, run: Method, args: unknown[]): unknown;
  /** Returns the number of a value of the recording, and -1 for all else. */
  numberOf(x: unknown): number;
}

/** A value of the recording among arguments. */
class Reference {
  constructor(readonly index: number) {}
}

/** Arguments of more parts than this are not compared. */
const maxParts = 64;

/** Copies of a method's arguments; undefined where one of them may change without a word: a function, or an array that is no value of the recording. */
export function argumentsOf(recording: Follower, args: readonly unknown[]): readonly unknown[] | undefined {
  let parts = 0;
  const giveUp = (): void => {
    parts = Infinity;
  };
  const copyOf = (x: unknown): unknown => {
    if (++parts > maxParts) return undefined;
    const index = recording.numberOf(x);
    if (index >= 0) return new Reference(index);
    if (Array.isArray(x)) return x.length > maxParts ? giveUp() : Array.from(x, copyOf);
    if (isRecord(x)) return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, copyOf(value)]));
    return typeof x === "function" || (typeof x === "object" && x !== null) ? giveUp() : x;
  };
  const copies = args.map(copyOf);
  return parts > maxParts ? undefined : copies;
}

/** Returns whether arguments are those that were copied. */
export const sameArguments = (recording: Follower, args: readonly unknown[], copies: readonly unknown[]): boolean =>
  sameList(args, copies, (a, b) => sameParts(a, b, recording));

export function sameList<T>(a: ArrayLike<T>, b: ArrayLike<T>, same: (x: T, y: T) => boolean = Object.is): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
  return true;
}

/** Compares numbers, texts, lists of them, and objects of all these. */
export function sameParts(a: unknown, b: unknown, recording?: Follower): boolean {
  if (Object.is(a, b)) return true;
  if (typeof b !== "object" || b === null) return false;
  if (b instanceof Reference) return recording?.numberOf(a) === b.index;
  const same = (x: unknown, y: unknown): boolean => sameParts(x, y, recording);
  if (Array.isArray(b)) return Array.isArray(a) && sameList(a, b, same);
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;

/** The same class of values, whose recording may follow their methods instead of running them. */
export function followed<C extends { readonly prototype: NDArray & { readonly owner: Follower } }>(Values: C): C {
  const own = Values.prototype;
  for (let at: object = NDArray.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof value === "function" && name !== "constructor" && !Object.hasOwn(Tracer.prototype, name) && !Object.hasOwn(own, name))
        Object.defineProperty(own, name, {
          value(this: typeof own, ...args: unknown[]): unknown {
            return this.owner.method(this, name, value, args);
          },
        });
  return Values;
}
