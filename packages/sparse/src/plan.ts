import { ShapeError } from "@ad/core";
import { type Coloring, type ColoringLike, checkColoring, checkSymmetric, colored, sourcesOf } from "./coloring/index.js";
import type { Sources } from "./coloring/recover.js";
import { layout } from "./flat.js";
import { Entries } from "./matrix/entries.js";
import { greatest, ints } from "./numbers.js";
import { checkPattern, type Pattern, type PatternLike } from "./pattern.js";

/** A block of the matrix: the derivative of one leaf of the results by one leaf of the arguments. */
export interface Block {
  readonly entries: Entries;
  /** The place of each entry among all products: those of the columns' colours one after the other, then those of the rows'. */
  readonly from: Int32Array;
}

/** All that is found once for functions of one pattern. */
export class Plan {
  readonly #sources: Sources;
  readonly #blocks = new Map<string, readonly (readonly Block[])[]>();
  readonly columns: { readonly colors: Int32Array; readonly count: number } | undefined;
  readonly rows: { readonly colors: Int32Array; readonly count: number } | undefined;

  constructor(
    op: string,
    readonly pattern: Pattern,
    readonly coloring: Coloring,
  ) {
    this.#sources = sourcesOf(op, pattern, coloring);
    const counted = (colors: Int32Array) => ({ colors, count: greatest(colors) + 1 });
    if (coloring.kind === "bidirectional") {
      this.columns = counted(coloring.columns);
      this.rows = counted(coloring.rows);
    } else if (coloring.kind === "rows") this.rows = counted(coloring.colors);
    else this.columns = counted(coloring.colors);
  }

  /** The number of products. */
  get count(): number {
    return (this.columns?.count ?? 0) + (this.rows?.count ?? 0);
  }

  /** The blocks for leaves of these sizes; one block where all leaves are one. */
  blocks(outs: readonly number[], ins: readonly number[]): readonly (readonly Block[])[] {
    const key = `${outs};${ins}`;
    const known = this.#blocks.get(key);
    if (known) return known;
    const made = this.#cut(outs, ins);
    this.#blocks.set(key, made);
    return made;
  }

  #cut(outs: readonly number[], ins: readonly number[]): Block[][] {
    const { rows, columns, shape } = this.pattern;
    const { colors, lines, byRow } = this.#sources;
    const offset = (this.columns?.count ?? 0) * shape[0];
    const ends = (sizes: readonly number[]): number[] => layout(sizes.map((size) => ({ size }))).starts.map((start, i) => start + sizes[i]);
    const [rowEnds, columnEnds] = [ends(outs), ends(ins)];
    const leafOf = (all: readonly number[], count: number): Int32Array => {
      const out = new Int32Array(count);
      for (let at = 0, leaf = 0; at < count; at++) {
        while (at >= all[leaf]) leaf++;
        out[at] = leaf;
      }
      return out;
    };
    const [rowLeaf, columnLeaf] = [leafOf(rowEnds, shape[0]), leafOf(columnEnds, shape[1])];
    const lists = outs.map(() => ins.map(() => ({ entries: new Int32Array(outs.length * ins.length === 1 ? rows.length : 16), count: 0 })));
    for (let k = 0; k < rows.length; k++) {
      const list = lists[rowLeaf[rows[k]]][columnLeaf[columns[k]]];
      if (list.count === list.entries.length) {
        const { entries } = list;
        list.entries = new Int32Array(2 * entries.length);
        list.entries.set(entries);
      }
      list.entries[list.count++] = k;
    }
    return lists.map((line, o) =>
      line.map(({ entries, count }, i) => {
        const each = (at: (k: number) => number): Int32Array => ints(count, (e) => at(entries[e]));
        return {
          entries: new Entries(
            [outs[o], ins[i]],
            each((k) => rows[k] - rowEnds[o] + outs[o]),
            each((k) => columns[k] - columnEnds[i] + ins[i]),
          ),
          from: each((k) => (byRow[k] ? offset + colors[k] * shape[1] : colors[k] * shape[0]) + lines[k]),
        };
      }),
    );
  }
}

/** The way in which entries are found: by columns, by rows, or by whichever costs least. */
export type Strategy = "auto" | "forward" | "reverse";

const kinds = { auto: "auto", forward: "columns", reverse: "rows", symmetric: "symmetric" } as const;

export interface Given {
  readonly pattern?: PatternLike | undefined;
  readonly coloring?: ColoringLike | undefined;
}

/** The plan of a pattern and a colouring that somebody gave, or that are found. */
export function planOf(op: string, given: Given, columns: number, strategy: keyof typeof kinds, find: () => Pattern): Plan {
  const pattern = given.pattern === undefined ? find() : checkPattern(op, given.pattern);
  if (pattern.shape[1] !== columns)
    throw new ShapeError(
      `${op}: the pattern is [${pattern.shape.join(", ")}], but the arguments have ${columns} elements; give the pattern of this function at arguments of these shapes.`,
    );
  const coloring = given.coloring === undefined ? colored(pattern, kinds[strategy]) : checkColoring(op, given.coloring, pattern);
  if (coloring.kind === "symmetric") checkSymmetric(op, pattern);
  return new Plan(op, pattern, coloring);
}
