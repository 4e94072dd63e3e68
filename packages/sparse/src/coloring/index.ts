import { ShapeError, TransformError, TreeError } from "@ad/core";
import { checkOptions, describe } from "@ad/core/internals/checks";
import { checkPattern, type Pattern, type PatternLike } from "../pattern.js";
import { adjacent, atDistanceTwo, byColumns, byRows, degree, type Lines } from "./graph.js";
import { type Colors, distinct, star } from "./greedy.js";
import { checkOrder, type Order, orderOf } from "./order.js";
import { type Painted, recover, type Sources } from "./recover.js";

/** What is coloured: columns (for products by forward mode), rows (by reverse mode), both, or the columns of a symmetric matrix. */
export type Kind = "columns" | "rows" | "symmetric" | "bidirectional";

/** Colours from 0 on of all columns, or of all rows. */
export interface OneWay {
  readonly kind: "columns" | "rows" | "symmetric";
  readonly colors: Int32Array;
  readonly count: number;
}

/** Colours from 0 on of some rows and some columns; -1 where a line has none. */
export interface BothWays {
  readonly kind: "bidirectional";
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Of rows and columns together. */
  readonly count: number;
}

export type Coloring = OneWay | BothWays;

/** A colouring, or one that was saved as JSON. */
export interface ColoringLike {
  readonly kind: Kind;
  readonly colors?: ArrayLike<number>;
  readonly rows?: ArrayLike<number>;
  readonly columns?: ArrayLike<number>;
  readonly count?: number;
}

/** A colouring that JSON saves as lists. */
function saved<T extends object>(coloring: T): T {
  const lists = (): unknown =>
    Object.fromEntries(Object.entries(coloring).map(([key, value]) => [key, value instanceof Int32Array ? Array.from(value) : value]));
  return Object.defineProperty(coloring, "toJSON", { value: lists });
}

const oneWay = (kind: OneWay["kind"], { colors, count }: Colors): OneWay => saved({ kind, colors, count });

/** In the order that is asked for, or in the one of two that gives fewer colours. */
function best(order: Order | undefined, paint: (order: Order) => Colors): Colors {
  if (order !== undefined) return paint(order);
  const [a, b] = [paint("natural"), paint("smallestLast")];
  return b.count < a.count ? b : a;
}

const paint = (own: Lines, other: Lines, order: Order | undefined, skipEmpty = false): Colors => {
  const neighbours = atDistanceTwo(own, other);
  return best(order, (each) => distinct(own, orderOf(each, own.count, neighbours), neighbours, skipEmpty));
};

const ofColumns = (pattern: Pattern, order?: Order, keep?: Uint8Array): Colors =>
  paint(byColumns(pattern, keep), byRows(pattern, keep), order, keep !== undefined);

const ofRows = (pattern: Pattern, order?: Order, keep?: Uint8Array): Colors =>
  paint(byRows(pattern, keep), byColumns(pattern, keep), order, keep !== undefined);

/** Which lines have so many entries that a colour each costs less than what they ask of the others. */
function denseLines(lines: Lines): Uint8Array {
  const order = Int32Array.from({ length: lines.count }, (_, i) => i).sort((a, b) => degree(lines, b) - degree(lines, a) || a - b);
  let [least, count] = [Infinity, 0];
  for (let k = 0; k <= lines.count; k++) {
    const cost = k + (k < lines.count ? degree(lines, order[k]) : 0);
    if (cost < least) [least, count] = [cost, k];
  }
  const dense = new Uint8Array(lines.count);
  for (let k = 0; k < count; k++) dense[order[k]] = 1;
  return dense;
}

/** The densest rows by rows and the rest by columns, or the densest columns by columns and the rest by rows: what takes fewer colours. */
function bothWays(pattern: Pattern, order?: Order): BothWays {
  const { rows: i, columns: j } = pattern;
  const split = (dense: Uint8Array, of: Int32Array, isRow: boolean): BothWays => {
    const inDense = Uint8Array.from(of, (line) => dense[line]);
    const others = inDense.map((on) => 1 - on);
    const rows = ofRows(pattern, order, isRow ? inDense : others);
    const columns = ofColumns(pattern, order, isRow ? others : inDense);
    return saved({ kind: "bidirectional", rows: rows.colors, columns: columns.colors, count: rows.count + columns.count });
  };
  const [a, b] = [split(denseLines(byRows(pattern)), i, true), split(denseLines(byColumns(pattern)), j, false)];
  return b.count < a.count ? b : a;
}

/** How much more a product by rows costs than one by columns, and how much is won at least where f is run in both modes. */
const rowsCost = 1.5;
const gain = 2;

/** By columns, by rows or, where a few lines are dense, by both: what needs the fewest products. */
function auto(pattern: Pattern, order?: Order): Coloring {
  const [byRow, byColumn] = [byRows(pattern), byColumns(pattern)];
  const most = (lines: Lines): number => {
    let n = 0;
    for (let i = 0; i < lines.count; i++) n = Math.max(n, degree(lines, i));
    return n;
  };
  // The entries of a line all have colours of their own, so these are the fewest there can be.
  const [leastColumns, leastRows] = [most(byRow), most(byColumn)];
  const choices: { coloring: Coloring; cost: number }[] = [];
  if (leastColumns <= leastRows * rowsCost * 2) {
    const coloring = oneWay("columns", ofColumns(pattern, order));
    choices.push({ coloring, cost: coloring.count });
  }
  if (choices.length === 0 || leastRows * rowsCost < choices[0].cost) {
    const coloring = oneWay("rows", ofRows(pattern, order));
    choices.push({ coloring, cost: coloring.count * rowsCost });
  }
  const cheapest = choices.reduce((a, b) => (b.cost < a.cost ? b : a));
  if (cheapest.cost <= 8) return cheapest.coloring;
  const both = bothWays(pattern, order);
  return both.count * gain < cheapest.cost ? both : cheapest.coloring;
}

function checkSymmetric(op: string, { shape, rows, columns }: Pattern): void {
  const [m, n] = shape;
  if (m !== n) throw new ShapeError(`${op}: the pattern is [${m}, ${n}], and a symmetric one is square; use kind: "columns".`);
  const keys = new Set<number>();
  rows.forEach((row, k) => keys.add(row * n + columns[k]));
  rows.forEach((row, k) => {
    if (!keys.has(columns[k] * n + row))
      throw new TransformError(
        `${op}: the pattern has an entry at row ${row} and column ${columns[k]} and none in its mirror image; it is not symmetric: use kind: "columns".`,
      );
  });
}

/** A colouring of a pattern that has been checked. */
export function colored(pattern: Pattern, kind: Kind | "auto", order?: Order): Coloring {
  switch (kind) {
    case "columns":
      return oneWay("columns", ofColumns(pattern, order));
    case "rows":
      return oneWay("rows", ofRows(pattern, order));
    case "bidirectional":
      return bothWays(pattern, order);
    case "auto":
      return auto(pattern, order);
    case "symmetric": {
      const lines = byRows(pattern);
      return oneWay(
        "symmetric",
        best(order, (each) => star(lines, orderOf(each, lines.count, adjacent(lines)))),
      );
    }
  }
}

/** What of a colouring is painted. */
export const paintedBy = (coloring: Coloring): Painted => {
  if (coloring.kind === "bidirectional") return { rows: coloring.rows, columns: coloring.columns };
  if (coloring.kind === "rows") return { rows: coloring.colors };
  return { columns: coloring.colors, symmetric: coloring.kind === "symmetric" };
};

/** Where the entries of a pattern are read in the products of a colouring; throws where it is none of this pattern. */
export const sourcesOf = (op: string, pattern: Pattern, coloring: Coloring): Sources => recover(op, pattern, paintedBy(coloring));

/** A colouring that somebody gave, for a pattern. */
export function checkColoring(op: string, given: ColoringLike, { shape: [m, n] }: Pattern): Coloring {
  const kind = given?.kind ?? (given?.colors ? (given.colors.length === n ? "columns" : "rows") : "bidirectional");
  const list = (what: string, colors: ArrayLike<number> | undefined, length: number): Int32Array => {
    if (colors?.length === undefined)
      throw new TreeError(
        `${op}: coloring is ${describe(given)}; give what coloring gives: { kind, colors, count } or { kind, rows, columns, count }.`,
      );
    if (colors.length !== length)
      throw new ShapeError(
        `${op}: the colouring has ${colors.length} colours of ${what}, but the pattern has ${length} ${what}; take one that coloring makes of this pattern.`,
      );
    return Int32Array.from(colors);
  };
  const countOf = (colors: Int32Array): number => colors.reduce((most, color) => Math.max(most, color + 1), 0);
  if (kind === "bidirectional") {
    const [rows, columns] = [list("rows", given.rows, m), list("columns", given.columns, n)];
    return saved({ kind, rows, columns, count: countOf(rows) + countOf(columns) });
  }
  if (kind !== "columns" && kind !== "rows" && kind !== "symmetric")
    throw new TransformError(`${op}: the colouring is of kind ${describe(kind)}; use "columns", "rows", "symmetric" or "bidirectional".`);
  const colors = list(kind === "rows" ? "rows" : "columns", given.colors, kind === "rows" ? m : n);
  return oneWay(kind, { colors, count: countOf(colors) });
}

/** Options of {@link coloring}. */
export interface ColoringOptions<K extends Kind | "auto" = Kind | "auto"> {
  readonly kind?: K;
  readonly order?: Order;
  readonly check?: boolean;
}

const kinds: readonly unknown[] = ["columns", "rows", "symmetric", "bidirectional", "auto"];

export function coloring(pattern: PatternLike, options: ColoringOptions<"columns" | "rows" | "symmetric">): OneWay;
export function coloring(pattern: PatternLike, options: ColoringOptions<"bidirectional">): BothWays;
export function coloring(pattern: PatternLike, options?: ColoringOptions): Coloring;
export function coloring(given: PatternLike, options: ColoringOptions = {}): Coloring {
  const op = "coloring";
  checkOptions(op, options, ["kind", "order", "check"]);
  const { kind = "auto", order, check = false } = options;
  if (!kinds.includes(kind))
    throw new TransformError(`${op}: kind is ${describe(kind)}; use "columns", "rows", "symmetric", "bidirectional" or "auto".`);
  const pattern = checkPattern(op, given);
  if (kind === "symmetric") checkSymmetric(op, pattern);
  const found = colored(pattern, kind, order === undefined ? order : checkOrder(op, order));
  if (check) sourcesOf(op, pattern, found);
  return found;
}
