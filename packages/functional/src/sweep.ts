import type { NDArray } from "@ad/core";
import { Assembly, type Flat, flatten, type Structure, sliceAxis, splitAux, transposed } from "@ad/core/internals";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { chunks, dimension, directions, noDirections, overlap, type Range, ranges } from "./basis.js";
import { checkOutputs, type FlatFunction, recordFlat } from "./flat.js";
import type { Strategy } from "./options.js";

/** What a sweep over all directions gives. */
export interface Sweep {
  readonly out: readonly NDArray[];
  readonly structure: Structure;
  readonly aux: unknown;
  /** blocks[o][i]: ∂out leaf o / ∂in leaf i, of shape [...out, ...in]. */
  readonly blocks: NDArray[][];
}

/** One linear map between spaces of leaves, at one direction; an undefined part of it is zero. Mapped over many, it takes stacks of them. */
type LinearMap = (direction: readonly (NDArray | undefined)[]) => readonly NDArray[];

/** The images of a range of the standard basis, stacked: [range, ...shape] for each leaf of the target. */
function images(map: LinearMap, sources: readonly NDArray[], own: readonly Range[], range: Range): readonly NDArray[] {
  const stacks = sources.map((x, i) => directions(x, own[i], range));
  if (range.count === 1)
    return map(stacks.map((stack, i) => stack?.reshape(sources[i].shape))).map((image) => image.reshape([1, ...image.shape]));
  if (sources.length === 0) return [];
  const active = stacks.flatMap((stack, i) => (stack === undefined ? [] : [{ i, stack }]));
  // vmap wants one mapped argument at least.
  const given = active.length > 0 ? active : [{ i: 0, stack: noDirections(sources[0], range) }];
  const spread = (...parts: NDArray[]): readonly NDArray[] => {
    const direction = new Array<NDArray | undefined>(sources.length);
    given.forEach(({ i }, k) => {
      direction[i] = parts[k];
    });
    return map(direction);
  };
  return vmap(spread)(...given.map(({ stack }) => stack));
}

/** Where the images of a source leaf's directions go: as rows or as columns of the block with a target leaf. */
type Orientation = "rows" | "columns";

/**
 * The matrix of a linear map, block by block: table[s][t] has the images of source leaf s's directions in target leaf t. The chunks are
 * written into their place one after the other.
 */
function matrix(
  map: LinearMap,
  sources: readonly NDArray[],
  targets: () => readonly NDArray[],
  chunk: number,
  orientation: Orientation,
): NDArray[][] {
  const own = ranges(sources);
  const along = orientation === "rows" ? 0 : 1;
  let table: Assembly[][] | undefined;
  for (const range of chunks(dimension(sources), chunk)) {
    const stacks = images(map, sources, own, range);
    // In forward mode the targets are known from the first pass on.
    table ??= sources.map((x) =>
      targets().map((y) => {
        // As in a gradient, the dtype is the argument's.
        if (orientation === "rows") return new Assembly([x.size, y.size], y.dtype, along);
        return new Assembly([y.size, x.size], x.dtype, along);
      }),
    );
    for (const [s, row] of table.entries()) {
      const { start, count } = overlap(own[s], range);
      if (count === 0) continue;
      for (const [t, block] of row.entries()) {
        const stack = stacks[t];
        const part = sliceAxis(stack, 0, start - range.start, count).reshape([count, stack.size / range.count]);
        block.add(along === 0 ? part : part.swapaxes(0, 1));
      }
    }
  }
  return (table ?? []).map((row) => row.map((block) => block.result()));
}

const shaped = (block: NDArray, y: NDArray, x: NDArray): NDArray => block.reshape([...y.shape, ...x.shape]);

/** From blocks that stand by column to blocks[o][i]. */
const byRow = (table: readonly (readonly NDArray[])[], out: readonly NDArray[], leaves: readonly NDArray[]): NDArray[][] =>
  out.map((y, o) => leaves.map((x, i) => shaped(table[i][o], y, x)));

/** Column by column: one tangent per input element. f runs once for each chunk. */
export function forwardSweep(g: FlatFunction, chunk: number): Sweep {
  const { leaves } = g;
  let out: Flat | undefined;
  let aux: unknown;
  const push: LinearMap = (tangents) => {
    const at = tangents.flatMap((t, i) => (t === undefined ? [] : [i]));
    const inner = (...given: NDArray[]): [NDArray[], unknown] => {
      const filled = leaves.slice();
      at.forEach((i, k) => {
        filled[i] = given[k];
      });
      const [value, extra] = splitAux(g.op, g.f(...(g.fill(filled) as never)), g.hasAux);
      const { leaves: results, ...rest } = flatten(value, g.op, "the function's result");
      out = { leaves: results, ...rest };
      return [results, extra];
    };
    const [results, pushed, extra] = jvp(
      inner,
      at.map((i) => leaves[i]),
      at.map((i) => tangents[i] as NDArray),
      { hasAux: true },
    );
    out = { ...(out as Flat), leaves: results };
    aux = extra;
    checkOutputs(g.op, results);
    return pushed;
  };
  const table = matrix(push, leaves, () => (out as Flat).leaves, chunk, "columns");
  // Without leaves there is no direction, and f has still to run.
  if (out === undefined) push([]);
  const { leaves: results, structure } = out as unknown as Flat;
  return { out: results, structure, aux, blocks: byRow(table, results, leaves) };
}

/** Row by row, one cotangent per output element, or by what is fewer, after one run of f. A column costs less than a row, so it wins a tie. */
export function recordedSweep(g: FlatFunction, strategy: Strategy, chunk: number): Sweep {
  const { op, leaves } = g;
  const { out, aux, pull } = recordFlat(g);
  const { leaves: results, structure } = out;
  checkOutputs(op, results);
  const [n, m] = [dimension(leaves), dimension(results)];
  if (strategy === "auto" && n <= m && m > 1) {
    // The pullback is linear in the cotangents, and its transpose is the pushforward: f has not to be run again.
    const avals = results.map((y) => y.aval);
    const { pull: push } = transposed(op, pull, avals);
    return {
      out: results,
      structure,
      aux,
      blocks: byRow(
        matrix(push, leaves, () => results, chunk, "columns"),
        results,
        leaves,
      ),
    };
  }
  const table = matrix(pull, results, () => leaves, chunk, "rows");
  return { out: results, structure, aux, blocks: results.map((y, o) => leaves.map((x, i) => shaped(table[o][i], y, x))) };
}
