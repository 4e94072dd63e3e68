import type { NDArray } from "@ad/core";
import { Aval, bind, type Shape } from "@ad/core/internals/trace";

/** Leaves in a row span one space; this is the number of its dimensions. */
export const dimension = (leaves: readonly NDArray[]): number => leaves.reduce((n, x) => n + x.size, 0);

/** Some consecutive dimensions. */
export interface Range {
  readonly start: number;
  readonly count: number;
}

/** The place of each leaf's elements among all. */
export function ranges(leaves: readonly NDArray[]): Range[] {
  let end = 0;
  return leaves.map(({ size }) => {
    const start = end;
    end += size;
    return { start, count: size };
  });
}

/** The part that two ranges have in common. */
export function overlap(a: Range, b: Range): Range {
  const start = Math.max(a.start, b.start);
  return { start, count: Math.max(0, Math.min(a.start + a.count, b.start + b.count) - start) };
}

/** All dimensions in ranges of a size; one, if empty, where there is nothing. */
export function* chunks(total: number, size: number): Generator<Range> {
  for (let start = 0; start === 0 || start < total; start += size) yield { start, count: Math.min(size, total - start) };
}

/** A range of the standard basis, stacked, as a leaf sees it: [range, ...shape]; undefined where all of it is zero. */
export function directions(x: NDArray, own: Range, range: Range): NDArray | undefined {
  const { start, count } = overlap(own, range);
  if (count === 0) return undefined;
  return units(x, { start: start - range.start, count }, range.count, start - own.start);
}

/** [length, ...shape of x]: from row `rows.start` on, a one at element `first` of x, then at the next one, and zeros elsewhere. */
function units(x: NDArray, rows: Range, length: number, first: number): NDArray {
  const { size, dtype } = x;
  const flat = (shape: Shape): Aval => new Aval(shape, dtype);
  const ones = x.filled(1, flat([rows.count]));
  const spots = { starts: [rows.start * size + first], steps: [size + 1], shape: [length * size] };
  return bind("reshape", [bind("place", [ones], spots)], { shape: [length, ...x.shape] });
}

/** Zeros for a range of directions. */
export const noDirections = (x: NDArray, { count }: Range): NDArray => x.filled(0, new Aval([count, ...x.shape], x.dtype));
