import { TransformError } from "@ad/core";
import { greatest } from "../numbers.js";
import type { Pattern } from "../pattern.js";
import { byColumns, byRows, type Lines } from "./graph.js";

/** The colours of a pattern's columns, of its rows, or of both; -1 where a line has none. `symmetric`: a column's product serves the row as well. */
export interface Painted {
  readonly columns?: Int32Array | undefined;
  readonly rows?: Int32Array | undefined;
  readonly symmetric?: boolean;
}

/** The place where each entry is read: in the product of a colour of columns (or of rows, where `byRow` is 1), at a line of the other direction. */
export interface Sources {
  readonly colors: Int32Array;
  readonly lines: Int32Array;
  readonly byRow: Uint8Array;
}

/** Returns for each of a line's entries whether it is the only one of its colour there. `at` gives an entry's number from its place among the lines. */
function alone(lines: Lines, colors: Int32Array, at: (k: number) => number, size: number): Uint8Array {
  const out = new Uint8Array(size);
  const most = greatest(colors);
  const [round, first] = [new Int32Array(most + 1).fill(-1), new Int32Array(most + 1)];
  for (let i = 0; i < lines.count; i++)
    for (let k = lines.starts[i]; k < lines.starts[i + 1]; k++) {
      const color = colors[lines.ends[k]];
      if (color < 0) continue;
      if (round[color] === i) out[first[color]] = 0;
      else {
        round[color] = i;
        first[color] = at(k);
        out[at(k)] = 1;
      }
    }
  return out;
}

/** For the entries by columns, their numbers by rows. */
function numbersByColumns({ shape, columns }: Pattern): Int32Array {
  const next = new Int32Array(shape[1] + 1);
  for (let k = 0; k < columns.length; k++) next[columns[k] + 1]++;
  for (let j = 0; j < shape[1]; j++) next[j + 1] += next[j];
  const out = new Int32Array(columns.length);
  for (let k = 0; k < columns.length; k++) out[next[columns[k]]++] = k;
  return out;
}

/** Returns where each entry of a pattern is read; throws where one cannot be told from another. This is the proof that a colouring is one. */
export function recover(op: string, pattern: Pattern, { columns, rows, symmetric = false }: Painted): Sources {
  const size = pattern.rows.length;
  const fromColumns = columns && alone(byRows(pattern), columns, (k) => k, size);
  const byColor = symmetric ? columns : rows;
  const order = byColor && numbersByColumns(pattern);
  const fromRows = byColor && alone(byColumns(pattern), byColor, (k) => (order as Int32Array)[k], size);
  const [colors, lines, byRow] = [new Int32Array(size), new Int32Array(size), new Uint8Array(size)];
  const mirrored = symmetric && order ? order : undefined;
  for (let k = 0; k < size; k++) {
    const i = pattern.rows[k];
    const j = pattern.columns[k];
    // An entry of a symmetric matrix and its mirror image are read at one place.
    const mirror = mirrored?.[k] ?? k;
    if (mirror < k) {
      colors[k] = colors[mirror];
      lines[k] = lines[mirror];
      continue;
    }
    if (columns && fromColumns?.[k]) {
      colors[k] = columns[j];
      lines[k] = i;
    } else if (byColor && fromRows?.[k]) {
      colors[k] = byColor[i];
      lines[k] = j;
      byRow[k] = symmetric ? 0 : 1;
    } else throw collision(op, pattern, { columns, rows, symmetric }, i, j);
  }
  return { colors, lines, byRow };
}

/** Returns which entries stand in each other's way. */
function collision(op: string, pattern: Pattern, { columns, rows }: Painted, i: number, j: number): TransformError {
  const at = pattern.rows.findIndex((row, k) => row === i && pattern.columns[k] !== j && columns?.[pattern.columns[k]] === columns?.[j]);
  const below = pattern.columns.findIndex((column, k) => column === j && pattern.rows[k] !== i && rows?.[pattern.rows[k]] === rows?.[i]);
  const why =
    columns && columns[j] >= 0 && at >= 0
      ? `columns ${j} and ${pattern.columns[at]} have colour ${columns[j]}, and both have an entry in row ${i}`
      : rows && rows[i] >= 0 && below >= 0
        ? `rows ${i} and ${pattern.rows[below]} have colour ${rows[i]}, and both have an entry in column ${j}`
        : `the entry at row ${i} and column ${j} has no colour`;
  return new TransformError(`${op}: the colouring collides: ${why}; take one that coloring makes of this pattern.`);
}
