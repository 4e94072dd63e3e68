import { type NDArray, vjp } from "@ad/core";
import { isFloat } from "@ad/core/internals/trace";
import { jvp } from "@ad/forward";
import type { Case } from "./case.js";

/** A function from arrays to arrays. */
export type Arrays = (...x: NDArray[]) => NDArray[];

/** The part of a case that can be differentiated: from its floating operands to its floating results, the other operands held fixed. */
export interface Smooth {
  /** The operands that are floating. */
  readonly active: readonly number[];
  readonly operands: readonly NDArray[];
  readonly x: readonly NDArray[];
  readonly y: readonly NDArray[];
  readonly f: Arrays;
  /** The same with other fixed operands: those of example k. */
  readonly at: (k: number) => Arrays;
}

/** The parts of a case that were asked for, by example: an identity after the other asks for the same. */
const known = new WeakMap<Case, Smooth[]>();

export function smoothPart(c: Case, k = 0): Smooth {
  const parts = known.get(c) ?? [];
  known.set(c, parts);
  return (parts[k] ??= partOf(c, k));
}

function partOf({ f, example }: Case, k: number): Smooth {
  const operands = example(k);
  const active = operands.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
  const at =
    (j: number): Arrays =>
    (...x) => {
      const all = j === k ? operands.slice() : example(j);
      active.forEach((i, position) => {
        all[i] = x[position];
      });
      return f(...all).filter((y) => isFloat(y.dtype));
    };
  const x = active.map((i) => operands[i]);
  return { active, operands, x, y: at(k)(...x), f: at(k), at };
}

/** Returns whether a case has anything to differentiate. */
export const isSmooth = (c: Case): boolean => c.example(0).some((x) => isFloat(x.dtype)) && smoothPart(c).y.length > 0;

/** Jᵀ·g. */
export const pullback = (f: Arrays, x: readonly NDArray[], g: readonly NDArray[]): NDArray[] => vjp(f, ...x)[1]([...g]);

/** J·t. */
export const tangent = (f: Arrays, x: readonly NDArray[], t: readonly NDArray[]): NDArray[] => jvp(f, [...x], [...t])[1];

/** (x, t) ↦ J(x)·t, as a function to be differentiated again. */
export const forwards =
  (f: Arrays, n: number): Arrays =>
  (...xt) =>
    tangent(f, xt.slice(0, n), xt.slice(n));

/** (x, g) ↦ J(x)ᵀ·g, as a function to be differentiated again. */
export const backwards =
  (f: Arrays, n: number): Arrays =>
  (...xg) =>
    pullback(f, xg.slice(0, n), xg.slice(n));
