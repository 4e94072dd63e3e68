import type { NDArray } from "@ad/core";
import { type Aval, isFloat, type Parts, sameShape } from "@ad/core/internals/trace";

/** Says for each element of a list whether something holds. */
export type Mask = readonly boolean[];

export const isAlike = (a: Aval, b: Aval): boolean => a === b || (a.dtype === b.dtype && a.weak === b.weak && sameShape(a.shape, b.shape));

export const isThere = (x: NDArray | undefined): x is NDArray => x !== undefined;

/** Returns which values are floating. */
export const floats = (values: Parts): boolean[] => values.map((x) => x !== undefined && isFloat(x.dtype));

/** The elements of a list where a mask is true. */
export const where = <T>(list: readonly T[], mask: Mask): T[] => list.filter((_, i) => mask[i]);

/** The elements of a list, one after the other, at the places where a mask is true. */
export function spread<T>(mask: Mask, list: readonly T[]): (T | undefined)[] {
  let next = 0;
  return mask.map((on) => (on ? list[next++] : undefined));
}

/** The mask that is true where this one is not. */
export const not = (mask: Mask): boolean[] => mask.map((on) => !on);

/** Returns how often a mask is true. */
export const countOf = (mask: Mask): number => mask.filter(Boolean).length;

/** Cuts a list into parts of these lengths, and what is behind them. Places that were never written count as undefined. */
export function cut<T>(list: readonly T[], ...lengths: readonly number[]): T[][] {
  let at = 0;
  const all = Array.from(list);
  return [...lengths, all.length].map((n) => all.slice(at, (at += n)));
}
