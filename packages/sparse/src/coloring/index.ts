import { ShapeError, TransformError, TreeError } from "@ad/core";
import { checkOptions, describe } from "@ad/core/internals/checks";
import { greatest, ints } from "../numbers.js";
import { checkPattern, type Pattern, type PatternLike, transposed } from "../pattern.js";
import { adjacent, atDistanceTwo, byColumns, byRows, degree, type Lines } from "./graph.js";
import { type Colors, distinct, star } from "./greedy.js";
import { checkOrder, type Order, orderOf } from "./order.js";
import { type Painted, recover, type Sources } from "./recover.js";

/** The lines that are coloured: columns (for products by forward mode), rows (by reverse mode), both, or the columns of a symmetric matrix. */
export type Kind = "columns" | "rows" | "symmetric" | "bidirectional";

/** Colours from 0 on of all columns, or of all rows. */
export interface OneWay {
  /** The lines that are coloured; "symmetric" colours columns, which serve as rows too. */
  readonly kind: "columns" | "rows" | "symmetric";
  /** The colour of each line, int32 [lines]; -1 where a line needs none. */
  readonly colors: Int32Array;
  /** The number of colours. */
  readonly count: number;
}

/** Colours from 0 on of some rows and some columns; -1 where a line has none. */
export interface BothWays {
  /** It says that rows and columns are coloured. */
  readonly kind: "bidirectional";
  /** The colour of each row, int32 [rows]; -1 where a row has none. */
  readonly rows: Int32Array;
  /** The colour of each column, int32 [columns]; -1 where a column has none. */
  readonly columns: Int32Array;
  /** The number of colours that rows and columns have together. */
  readonly count: number;
}

/** The result of {@link coloring}: the colours of one kind of lines, or of both. */
export type Coloring = OneWay | BothWays;

/** A colouring, or one that was saved as JSON. */
export interface ColoringLike {
  /** The lines that are coloured. */
  readonly kind: Kind;
  /** The colour of each line, whole numbers [lines], for every kind but "bidirectional". */
  readonly colors?: ArrayLike<number>;
  /** The colour of each row, whole numbers [rows], for "bidirectional". */
  readonly rows?: ArrayLike<number>;
  /** The colour of each column, whole numbers [columns], for "bidirectional". */
  readonly columns?: ArrayLike<number>;
  /** The number of colours; it is counted anew. */
  readonly count?: number;
}

/** A colouring that JSON saves as lists. */
function saved<T extends object>(coloring: T): T {
  const lists = (): unknown =>
    Object.fromEntries(Object.entries(coloring).map(([key, value]) => [key, value instanceof Int32Array ? Array.from(value) : value]));
  return Object.defineProperty(coloring, "toJSON", { value: lists });
}

const oneWay = (kind: OneWay["kind"], { colors, count }: Colors): OneWay => saved({ kind, colors, count });

/**
 * Colours lines in the order that is asked for: without one, in their own order, and in another one where that has far more colours than some line has entries:
 * so many there have to be.
 */
function best(order: Order | undefined, paint: (order: Order) => Colors, least: number): Colors {
  const own = paint(order ?? "natural");
  if (order !== undefined || own.count <= 1.25 * least) return own;
  const other = paint("smallestLast");
  return other.count < own.count ? other : own;
}

/** The greatest number of entries in a line. */
function most(lines: Lines): number {
  let n = 0;
  for (let i = 0; i < lines.count; i++) n = Math.max(n, degree(lines, i));
  return n;
}

const paint = (own: Lines, other: Lines, order: Order | undefined, skipEmpty = false): Colors => {
  const neighbours = atDistanceTwo(own, other);
  return best(order, (each) => distinct(own, orderOf(each, own.count, neighbours), neighbours, skipEmpty), most(other));
};

const ofColumns = (pattern: Pattern, order?: Order, keep?: Uint8Array): Colors =>
  paint(byColumns(pattern, keep), byRows(pattern, keep), order, keep !== undefined);

const ofRows = (pattern: Pattern, order?: Order, keep?: Uint8Array): Colors =>
  paint(byRows(pattern, keep), byColumns(pattern, keep), order, keep !== undefined);

interface Dense {
  readonly dense: Uint8Array;
  /** The least number of colours that it takes. */
  readonly cost: number;
}

/** The lines with so many entries that a colour each costs less than what they ask of the others. */
function denseLines(lines: Lines): Dense {
  const counts = new Int32Array(most(lines) + 1);
  for (let i = 0; i < lines.count; i++) counts[degree(lines, i)]++;
  let [cost, bound] = [Infinity, 0];
  for (let own = counts.length - 1, denser = 0; own >= 0; own--) {
    if (denser + own < cost) [cost, bound] = [denser + own, own];
    denser += counts[own];
  }
  const dense = new Uint8Array(lines.count);
  for (let i = 0; i < lines.count; i++) dense[i] = degree(lines, i) > bound ? 1 : 0;
  return { dense, cost };
}

/** The densest rows by rows and the rest by columns, or the densest columns by columns and the rest by rows: what takes fewer colours. */
function bothWays(pattern: Pattern, order?: Order): BothWays {
  const { rows: i, columns: j } = pattern;
  const split = ({ dense }: Dense, of: Int32Array, isRow: boolean): BothWays => {
    const inDense = new Uint8Array(of.length);
    const others = new Uint8Array(of.length);
    for (let k = 0; k < of.length; k++) {
      inDense[k] = dense[of[k]];
      others[k] = 1 - inDense[k];
    }
    const rows = ofRows(pattern, order, isRow ? inDense : others);
    const columns = ofColumns(pattern, order, isRow ? others : inDense);
    return saved({ kind: "bidirectional", rows: rows.colors, columns: columns.colors, count: rows.count + columns.count });
  };
  const [a, b] = [split(denseLines(byRows(pattern)), i, true), split(denseLines(byColumns(pattern)), j, false)];
  return b.count < a.count ? b : a;
}

/** The cost of a product by rows, in products by columns. */
const rowsCost = 1.5;

/** The factor by which products must become fewer where f is run in both modes. */
const gain = 2;

/** Colours columns, rows or, where a few lines are dense, both: whatever costs least. */
function auto(pattern: Pattern, order?: Order): Coloring {
  const lines = { columns: byRows(pattern), rows: byColumns(pattern) };
  const costs = { columns: 1, rows: rowsCost };
  // The entries of a line all have colours of their own, so there are no fewer.
  const least = { columns: most(lines.columns), rows: most(lines.rows) * rowsCost };
  const by = (kind: "columns" | "rows"): OneWay =>
    oneWay(kind, kind === "columns" ? paint(lines.rows, lines.columns, order) : paint(lines.columns, lines.rows, order));
  const [kind, other] = least.columns <= least.rows ? (["columns", "rows"] as const) : (["rows", "columns"] as const);
  let found = by(kind);
  let cost = found.count * costs[kind];
  if (least[other] * gain < cost) {
    const second = by(other);
    if (second.count * costs[other] < cost) [found, cost] = [second, second.count * costs[other]];
  }
  if (Math.min(denseLines(lines.columns).cost, denseLines(lines.rows).cost) * gain >= cost) return found;
  const both = bothWays(pattern, order);
  return both.count * gain < cost ? both : found;
}

/** Checks a pattern for a colouring whose columns serve as rows. */
export function checkSymmetric(op: string, { shape, rows, columns }: Pattern): void {
  const [m, n] = shape;
  if (m !== n) throw new ShapeError(`${op}: the pattern is [${m}, ${n}], and a symmetric one is square; use kind: "columns".`);
  const mirror = transposed({ shape: [m, n], rows, columns });
  const at = rows.findIndex((row, k) => row !== mirror.rows[k] || columns[k] !== mirror.columns[k]);
  if (at < 0) return;
  const [row, column] =
    rows[at] * n + columns[at] < mirror.rows[at] * n + mirror.columns[at] ? [rows[at], columns[at]] : [mirror.columns[at], mirror.rows[at]];
  throw new TransformError(
    `${op}: the pattern has an entry at row ${row} and column ${column} and none in its mirror image; it is not symmetric: use kind: "columns".`,
  );
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
      const least = most(lines);
      const found = best(order, (each) => star(lines, orderOf(each, lines.count, adjacent(lines))), least);
      // Colours at distance two are a star colouring as well.
      const plain = order === undefined && found.count > least ? ofColumns(pattern) : found;
      return oneWay("symmetric", plain.count < found.count ? plain : found);
    }
  }
}

/** Returns what of a colouring is painted. */
export const paintedBy = (coloring: Coloring): Painted => {
  if (coloring.kind === "bidirectional") return { rows: coloring.rows, columns: coloring.columns };
  if (coloring.kind === "rows") return { rows: coloring.colors };
  return { columns: coloring.colors, symmetric: coloring.kind === "symmetric" };
};

/** Returns where the entries of a pattern are read in the products of a colouring; throws where it is none of this pattern. */
export const sourcesOf = (op: string, pattern: Pattern, coloring: Coloring): Sources => recover(op, pattern, paintedBy(coloring));

/** A colouring that somebody gave, for a pattern. */
export function checkColoring(op: string, given: ColoringLike, { shape: [m, n] }: Pattern): Coloring {
  const kind = given?.kind ?? (given?.colors ? (given.colors.length === n ? "columns" : "rows") : "bidirectional");
  const list = (what: "rows" | "columns", colors: ArrayLike<number> | undefined, length: number): Int32Array => {
    if (colors?.length === undefined)
      throw new TreeError(
        `${op}: coloring is ${describe(given)}; give what coloring gives: { kind, colors, count } or { kind, rows, columns, count }.`,
      );
    if (colors.length !== length)
      throw new ShapeError(
        `${op}: the colouring has ${colors.length} colours of ${what}, but the pattern has ${length} ${what}; take one that coloring makes of this pattern.`,
      );
    for (let i = 0; i < length; i++)
      if (!(Number.isInteger(colors[i]) && colors[i] >= -1 && colors[i] < length))
        throw new TransformError(
          `${op}: the colour of ${what === "rows" ? "row" : "column"} ${i} is ${describe(colors[i])}; colours are whole numbers from 0 to ${length - 1}, or -1 for none.`,
        );
    return ints(length, (i) => colors[i]);
  };
  const countOf = (colors: Int32Array): number => greatest(colors) + 1;
  if (kind === "bidirectional") {
    const [rows, columns] = [list("rows", given?.rows, m), list("columns", given?.columns, n)];
    return saved({ kind, rows, columns, count: countOf(rows) + countOf(columns) });
  }
  if (kind !== "columns" && kind !== "rows" && kind !== "symmetric")
    throw new TransformError(`${op}: the colouring is of kind ${describe(kind)}; use "columns", "rows", "symmetric" or "bidirectional".`);
  const colors = list(kind === "rows" ? "rows" : "columns", given.colors, kind === "rows" ? m : n);
  return oneWay(kind, { colors, count: countOf(colors) });
}

/** Options of {@link coloring}. */
export interface ColoringOptions<K extends Kind | "auto" = Kind | "auto"> {
  /** The lines that are coloured; "auto" (default) takes columns, rows or both, whichever needs the fewest products. */
  readonly kind?: K;
  /** The order in which the lines are visited: "natural", "largestFirst", "smallestLast" or "random" (the same each time). By default two are tried. */
  readonly order?: Order;
  /** Prove that no two entries collide, and throw where they do. */
  readonly check?: boolean;
}

const kinds: readonly unknown[] = ["columns", "rows", "symmetric", "bidirectional", "auto"];

/**
 * Colours for the lines of a pattern, such that one product by forward mode (of columns) or reverse mode (of rows) holds all entries of the
 * lines of a colour. "columns" and "rows" colour so that no two lines of a colour meet (distance 2), "symmetric" makes a star colouring, of
 * which each entry or its mirror image can be read, "bidirectional" gives the few dense lines of one kind colours of their own, and colours
 * the rest by the other kind. All are greedy.
 *
 * @param pattern as {@link sparsity} gives it, or lists of numbers; of any shape [rows, columns], square and symmetric for "symmetric"
 * @param options kind, order, check
 * @returns `{ kind, colors, count }`, or for "bidirectional" `{ kind, rows, columns, count }`: a colour for each line, from 0 on, as int32
 * arrays; -1 where a line needs none. `JSON.stringify` saves it
 * @throws TreeError where the pattern is none or an option is unknown, ShapeError where its entries are outside of its shape or "symmetric"
 * is asked of a shape that is not square, TransformError for an unknown kind or order, and where "symmetric" is asked of what is not
 * @example
 * const differences = (x: NDArray) => x.slice([1, null]).sub(x.slice([0, -1]));
 * const { colors, count } = coloring(sparsity(differences)(ones([5])), { kind: "columns" });
 * count; // 2
 * Array.from(colors); // [0, 1, 0, 1, 0]
 */
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
