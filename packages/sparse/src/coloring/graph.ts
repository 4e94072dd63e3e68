import type { Pattern } from "../pattern.js";

/** The entries of a pattern line by line: those of line i are `ends` from `starts[i]` up to `starts[i + 1]`. */
export interface Lines {
  readonly count: number;
  readonly starts: Int32Array;
  /** The line of the other direction at which each entry stands. */
  readonly ends: Int32Array;
}

/** The entries by lines of one direction, in the order of the other. */
function lines(count: number, of: Int32Array, to: Int32Array, keep?: Uint8Array): Lines {
  const starts = new Int32Array(count + 1);
  for (let k = 0; k < of.length; k++) if (keep === undefined || keep[k]) starts[of[k] + 1]++;
  for (let i = 0; i < count; i++) starts[i + 1] += starts[i];
  const next = starts.slice(0, count);
  const ends = new Int32Array(starts[count]);
  for (let k = 0; k < of.length; k++) if (keep === undefined || keep[k]) ends[next[of[k]]++] = to[k];
  return { count, starts, ends };
}

/** The entries of a pattern by rows, of all or of those that are kept. */
export const byRows = ({ shape, rows, columns }: Pattern, keep?: Uint8Array): Lines => lines(shape[0], rows, columns, keep);

/** The same by columns. */
export const byColumns = ({ shape, rows, columns }: Pattern, keep?: Uint8Array): Lines => lines(shape[1], columns, rows, keep);

/** Returns how many entries a line has. */
export const degree = ({ starts }: Lines, i: number): number => starts[i + 1] - starts[i];

/** Calls `meet` with the neighbours of a vertex, some of them more than once. */
export type Neighbours = (vertex: number, meet: (other: number) => void) => void;

/** Lines are neighbours that meet a line of the other direction together. */
export const atDistanceTwo =
  (own: Lines, other: Lines): Neighbours =>
  (vertex, meet) => {
    for (let k = own.starts[vertex]; k < own.starts[vertex + 1]; k++) {
      const line = own.ends[k];
      for (let l = other.starts[line]; l < other.starts[line + 1]; l++) if (other.ends[l] !== vertex) meet(other.ends[l]);
    }
  };

/** The lines of a symmetric pattern are neighbours where they have an entry in common. */
export const adjacent =
  ({ starts, ends }: Lines): Neighbours =>
  (vertex, meet) => {
    for (let k = starts[vertex]; k < starts[vertex + 1]; k++) if (ends[k] !== vertex) meet(ends[k]);
  };
