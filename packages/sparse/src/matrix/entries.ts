import { ShapeError, TreeError } from "@ad/core";
import { checkShape, describe, showShape } from "@ad/core/internals/checks";
import { type Pattern, samePattern } from "../pattern.js";
import { type Products, productsOf } from "./product.js";

/** Indices of entries, as users give them. */
export type Indices = Int32Array | readonly number[];

/** A pattern that matrices share, with what is made of it once: the products' operations, the order of the transpose, unions with others. */
export class Entries implements Pattern {
  /** The start of each row, and the end of the last one. */
  readonly starts: Int32Array;
  #products: Products | undefined;
  #transposed: Entries | undefined;
  #order: Int32Array | undefined;
  readonly #unions = new WeakMap<Entries, Union>();

  /** Sorted by rows, then by columns, each place once. */
  constructor(
    readonly shape: readonly [rows: number, columns: number],
    readonly rows: Int32Array,
    readonly columns: Int32Array,
  ) {
    this.starts = startsOf(rows, shape[0]);
  }

  get count(): number {
    return this.rows.length;
  }

  get products(): Products {
    this.#products ??= productsOf(this);
    return this.#products;
  }

  /** Entry i of the transposed pattern is entry order[i] of this one. */
  get order(): Int32Array {
    if (this.#order === undefined) {
      this.#order = ordered(this.columns, this.shape[1]);
    }
    return this.#order;
  }

  get transposed(): Entries {
    if (this.#transposed === undefined) {
      const { order, rows, columns, shape } = this;
      const own = new Entries(
        [shape[1], shape[0]],
        order.map((e) => columns[e]),
        order.map((e) => rows[e]),
      );
      own.#transposed = this;
      this.#transposed = own;
    }
    return this.#transposed;
  }

  /** Returns where the entry at a row and a column is, or −1. */
  at(row: number, column: number): number {
    let [low, high] = [this.starts[row], this.starts[row + 1] - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.columns[middle];
      if (found === column) return middle;
      if (found < column) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** For each of the first places of the diagonal the entry there, or −1. */
  get diagonal(): Int32Array {
    return Int32Array.from({ length: Math.min(...this.shape) }, (_, i) => this.at(i, i));
  }

  /** All entries of both patterns. */
  union(other: Entries): Union {
    let known = this.#unions.get(other);
    if (known === undefined) {
      known = merged(this, other);
      this.#unions.set(other, known);
    }
    return known;
  }
}

/** The entries of two patterns; each place that one of them lacks has its count, as if it had a last entry, of 0. */
export interface Union {
  readonly entries: Entries;
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/** The indices of keys from 0 to n in the order of these; those of one key in the order that is given, or their own. */
function ordered(keys: Int32Array, n: number, given?: Int32Array): Int32Array {
  const next = startsOf(keys, n);
  const order = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const e = given ? given[i] : i;
    order[next[keys[e]]++] = e;
  }
  return order;
}

/** The order of entries by rows, then by columns; those of one place in their own order. */
export const orderOf = ({ shape: [m, n], rows, columns }: Pattern): Int32Array => ordered(rows, m, ordered(columns, n));

function startsOf(keys: Int32Array, n: number): Int32Array {
  const starts = new Int32Array(n + 1);
  for (let e = 0; e < keys.length; e++) starts[keys[e] + 1]++;
  for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
  return starts;
}

function merged(a: Entries, b: Entries): Union {
  const [rows, columns, first, second]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let i = 0; i < a.shape[0]; i++) {
    let [p, q] = [a.starts[i], b.starts[i]];
    const [endOfA, endOfB] = [a.starts[i + 1], b.starts[i + 1]];
    while (p < endOfA || q < endOfB) {
      const own = p < endOfA ? a.columns[p] : Infinity;
      const other = q < endOfB ? b.columns[q] : Infinity;
      rows.push(i);
      columns.push(Math.min(own, other));
      first.push(own <= other ? p++ : a.count);
      second.push(other <= own ? q++ : b.count);
    }
  }
  return {
    entries: new Entries(a.shape, Int32Array.from(rows), Int32Array.from(columns)),
    first: Int32Array.from(first),
    second: Int32Array.from(second),
  };
}

/** The patterns of matrices that were made of arrays of the user's: whose array of rows is the same, and holds the same, has the same pattern. */
const known = new WeakMap<Int32Array, Entries>();

export function checkIndices(op: string, what: string, given: unknown): Int32Array {
  if (given instanceof Int32Array) return given;
  const list = Array.isArray(given) || ArrayBuffer.isView(given) ? Array.from(given as ArrayLike<number>) : undefined;
  if (!list?.every((i) => i === (i | 0)))
    throw new TreeError(`${op}: ${what} are ${describe(given)}; give an Int32Array or a list of whole numbers.`);
  return Int32Array.from(list);
}

/** Indices inside of a shape, one for each entry. */
export function checkPlaces(op: string, shape: unknown, rows: unknown, columns: unknown): Pattern {
  const [m, n] = checkMatrixShape(op, shape);
  const own = { shape: [m, n] as const, rows: checkIndices(op, "rows", rows), columns: checkIndices(op, "columns", columns) };
  if (own.rows.length !== own.columns.length)
    throw new ShapeError(`${op}: there are ${own.rows.length} rows and ${own.columns.length} columns; give both for each entry.`);
  for (let e = 0; e < own.rows.length; e++) {
    const [i, j] = [own.rows[e], own.columns[e]];
    if (i < 0 || i >= m || j < 0 || j >= n)
      throw new ShapeError(
        `${op}: entry ${e} is at row ${i} and column ${j}, outside of a matrix of shape ${showShape([m, n])}; rows and columns count from 0.`,
      );
  }
  return own;
}

export function checkMatrixShape(op: string, given: unknown): readonly [rows: number, columns: number] {
  const shape = Array.isArray(given) ? Array.from(given) : given;
  if (!Array.isArray(shape) || shape.length !== 2)
    throw new ShapeError(`${op}: the shape is ${Array.isArray(shape) ? showShape(shape) : describe(shape)}; give [rows, columns].`);
  // A matrix may have more places than an array can have elements.
  const [m, n] = shape.map((size) => checkShape(op, [size])[0]);
  return [m, n];
}

/** The pattern of entries that are sorted. */
export function entriesOf(op: string, shape: unknown, rows: unknown, columns: unknown): Entries {
  const places = checkPlaces(op, shape, rows, columns);
  const before = known.get(places.rows);
  if (before && samePattern(before, places)) return before;
  for (let e = 1; e < places.rows.length; e++) {
    const step = places.rows[e] - places.rows[e - 1] || places.columns[e] - places.columns[e - 1];
    if (step > 0) continue;
    const where = `at row ${places.rows[e]} and column ${places.columns[e]}`;
    throw new ShapeError(
      `${op}: entry ${e}, ${where}, ${step === 0 ? "is there twice" : "comes after one that it belongs before"}; sort by rows, then by columns, or use SparseMatrix.fromTriplets, which sorts and adds what is there twice.`,
    );
  }
  const own = new Entries(places.shape, places.rows.slice(), places.columns.slice());
  known.set(places.rows, own);
  return own;
}
