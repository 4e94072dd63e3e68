import { ShapeError, TreeError } from "@ad/core";
import { checkOptions, describe } from "@ad/core/internals/checks";
import { ints } from "./numbers.js";

/** The entries of a matrix that may differ from zero: entry i is at row `rows[i]` and column `columns[i]`, sorted by rows, then by columns. */
export interface Pattern {
  /** The number of rows and of columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** The row of each entry, int32 [entries]. */
  readonly rows: Int32Array;
  /** The column of each entry, int32 [entries]. */
  readonly columns: Int32Array;
  /** Set where the pattern holds at the point alone that it was found at. */
  readonly local?: true;
  /** The operations, where there were any, of which no more was known than that everything may depend on everything. */
  readonly dense?: readonly string[];
}

/** A pattern, or one that was saved as JSON. */
export interface PatternLike {
  /** The number of rows and of columns: two whole numbers. */
  readonly shape: readonly number[];
  /** The row of each entry, whole numbers [entries], in any order. */
  readonly rows: ArrayLike<number>;
  /** The column of each entry, whole numbers [entries]. */
  readonly columns: ArrayLike<number>;
  /** Whether the pattern holds at the point alone that it was found at. */
  readonly local?: boolean;
}

/** A pattern that JSON saves as lists. */
class SavedPattern implements Pattern {
  declare readonly local?: true;
  declare readonly dense?: readonly string[];
  constructor(
    readonly shape: readonly [rows: number, columns: number],
    readonly rows: Int32Array,
    readonly columns: Int32Array,
    local: boolean | undefined,
    dense: readonly string[],
  ) {
    if (local) this.local = true;
    if (dense.length > 0) this.dense = dense;
  }

  toJSON(): unknown {
    return { ...this, rows: Array.from(this.rows), columns: Array.from(this.columns) };
  }
}

export const makePattern = (
  shape: readonly [number, number],
  rows: Int32Array,
  columns: Int32Array,
  local?: boolean,
  dense: readonly string[] = [],
): Pattern => new SavedPattern(shape, rows, columns, local, dense);

/** Returns whether typed arrays have room for a number for each of so many lines. */
const isLength = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= 0 && (n as number) < 2 ** 28;

/** A pattern that somebody gave, checked, and sorted where it is not. */
export function checkPattern(op: string, given: PatternLike): Pattern {
  const { shape, rows, columns, local } = given ?? {};
  if (!Array.isArray(shape) || shape.length !== 2 || !shape.every(isLength) || rows?.length === undefined || columns?.length === undefined)
    throw new TreeError(`${op}: pattern is ${describe(given)}; give { shape: [rows, columns], rows, columns }, as sparsity does.`);
  if (Object.getPrototypeOf(given) === Object.prototype) checkOptions(op, given, ["shape", "rows", "columns", "local", "dense"]);
  const [m, n] = shape as [number, number];
  if (rows.length !== columns.length)
    throw new ShapeError(
      `${op}: the pattern has ${rows.length} rows and ${columns.length} columns of entries; give one of each for every entry.`,
    );
  const [i, j] = [ints(rows.length, (k) => rows[k]), ints(rows.length, (k) => columns[k])];
  let sorted = true;
  for (let k = 0; k < i.length; k++) {
    if (!(rows[k] === i[k] && columns[k] === j[k] && i[k] >= 0 && i[k] < m && j[k] >= 0 && j[k] < n))
      throw new ShapeError(`${op}: entry ${k} of the pattern is at row ${rows[k]} and column ${columns[k]}, outside of [${m}, ${n}].`);
    if (k > 0 && (i[k] < i[k - 1] || (i[k] === i[k - 1] && j[k] <= j[k - 1]))) sorted = false;
  }
  if (sorted) return makePattern([m, n], i, j, local);
  return fromKeys(
    [m, n],
    Float64Array.from(i, (row, k) => row * n + j[k]),
    local,
  );
}

/** The pattern of entries by their positions, row · columns + column, in any order and any number of times. */
export function fromKeys(shape: readonly [number, number], keys: Float64Array, local?: boolean, dense?: readonly string[]): Pattern {
  const sorted = keys.slice().sort();
  let count = 0;
  for (let k = 0; k < sorted.length; k++) if (k === 0 || sorted[k] !== sorted[count - 1]) sorted[count++] = sorted[k];
  const row = (k: number): number => Math.floor(sorted[k] / shape[1]);
  return makePattern(
    shape,
    ints(count, row),
    ints(count, (k) => sorted[k] - row(k) * shape[1]),
    local,
    dense,
  );
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Returns whether two matrices have their entries at the same places. */
export const samePattern = (a: Pattern, b: Pattern): boolean =>
  a.shape[0] === b.shape[0] && a.shape[1] === b.shape[1] && equal(a.rows, b.rows) && equal(a.columns, b.columns);

/** The pattern with its mirror image. */
export function symmetrised(pattern: Pattern): Pattern {
  const { shape, rows, columns, local, dense } = pattern;
  const mirror = transposed(pattern);
  if (samePattern(pattern, mirror)) return pattern;
  const n = shape[1];
  const keys = new Float64Array(2 * rows.length);
  for (let k = 0; k < rows.length; k++) {
    keys[k] = rows[k] * n + columns[k];
    keys[rows.length + k] = columns[k] * n + rows[k];
  }
  return fromKeys(shape, keys, local, dense);
}

/** The entries of the transposed matrix, sorted. */
export function transposed({ shape: [m, n], rows, columns, local }: Pattern): Pattern {
  const next = new Int32Array(n + 1);
  for (let k = 0; k < columns.length; k++) next[columns[k] + 1]++;
  for (let j = 0; j < n; j++) next[j + 1] += next[j];
  const [i, j] = [new Int32Array(rows.length), new Int32Array(rows.length)];
  for (let k = 0; k < rows.length; k++) {
    const at = next[columns[k]]++;
    i[at] = columns[k];
    j[at] = rows[k];
  }
  return makePattern([n, m], i, j, local);
}
