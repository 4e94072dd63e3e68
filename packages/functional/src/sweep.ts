import { type NDArray, TransformError } from "@ad/core";
import { type Structure, transposeLinear } from "@ad/core/internals/trace";
import { jvp } from "@ad/forward";
import { dimension } from "./basis.js";
import { lanesOf } from "./dependencies.js";
import { alike, checkOutputs, type Evaluated, evaluate, type FlatFunction, recordFlat } from "./flat.js";
import { type Direction, type DirectionMap, matrix, type Orientation } from "./matrix.js";
import type { Chunking, Strategy } from "./options.js";

/** The outcome of a sweep over all directions. */
export interface Sweep {
  readonly out: readonly NDArray[];
  readonly structure: Structure;
  readonly aux: unknown;
  /** blocks[o][i]: ∂out leaf o / ∂in leaf i, of shape [...out, ...in], or what the layout makes of it. */
  readonly blocks: NDArray[][];
}

/**
 * The part of the Jacobian that is wanted. A direction starts at a leaf of one side, and its image arrives at those of the other side: columns
 * start at the arguments, rows at the results.
 */
export interface Layout {
  /** An array of the shape that directions have at a leaf. */
  readonly source: (x: NDArray) => NDArray;
  /** An array of the shape that is kept of an image. */
  readonly target: (y: NDArray) => NDArray;
  /** A direction as one of the whole leaf. */
  readonly lift: (direction: NDArray, x: NDArray) => NDArray;
  /** The part of a direction's image that is kept. */
  readonly keep: (image: NDArray, direction: Direction) => NDArray;
  /** A block of shape [...out, ...in], both as the layout has them, in its final form. */
  readonly finish: (block: NDArray, out: NDArray, by: Orientation) => NDArray;
}

export const wholeJacobian: Layout = { source: (x) => x, target: (y) => y, lift: (v) => v, keep: (y) => y, finish: (block) => block };

/** A map of directions in the layout's form. */
const laidOut =
  (map: DirectionMap, sources: readonly NDArray[], { lift, keep }: Layout): DirectionMap =>
  (direction) =>
    map(direction.map((v, i) => v && lift(v, sources[i]))).map((image) => keep(image, direction));

function columns(
  push: DirectionMap,
  leaves: readonly NDArray[],
  out: () => readonly NDArray[],
  chunk: Chunking,
  layout: Layout,
): NDArray[][] {
  const { source, target, finish } = layout;
  const sources = leaves.map(source);
  const size = chunk(dimension(sources), dimension(leaves));
  const table = matrix(laidOut(push, leaves, layout), sources, () => out().map(target), size, "columns");
  return out().map((y, o) =>
    sources.map((x, i) => {
      const kept = target(y);
      return finish(table[i][o].reshape([...kept.shape, ...x.shape]), kept, "columns");
    }),
  );
}

function rows(pull: DirectionMap, leaves: readonly NDArray[], out: readonly NDArray[], chunk: Chunking, layout: Layout): NDArray[][] {
  const { source, target, finish } = layout;
  const [sources, targets] = [out.map(source), leaves.map(target)];
  const size = chunk(dimension(sources), dimension(out) + dimension(leaves));
  const table = matrix(laidOut(pull, out, layout), sources, () => targets, size, "rows");
  return sources.map((y, o) => targets.map((x, i) => finish(table[o][i].reshape([...y.shape, ...x.shape]), y, "rows")));
}

/** The pushforward of g, which runs f each time, and what the last run gave. */
export function pushing(g: FlatFunction): { readonly push: DirectionMap; readonly last: () => Evaluated } {
  const run: { last?: Evaluated } = {};
  const push: DirectionMap = (tangents) => {
    const at = tangents.flatMap((t, i) => (t === undefined ? [] : [i]));
    const inner = (...given: NDArray[]): [readonly NDArray[], Omit<Evaluated, "leaves">] => {
      const { leaves, ...beside } = evaluate(g, at, given);
      return [leaves, beside];
    };
    const point = at.map((i) => g.leaves[i]);
    const direction = at.map((i) => tangents[i] as NDArray);
    const [leaves, pushed, beside] = jvp(inner, point, direction, { hasAux: true });
    run.last = alike(g.op, run.last, { leaves, ...beside });
    return pushed;
  };
  return {
    push,
    last() {
      // Without leaves there is no direction, and f has still to run.
      if (run.last === undefined) push([]);
      return run.last as Evaluated;
    },
  };
}

/** Column by column: one tangent per input element. f runs once for each chunk. */
export function forwardSweep(g: FlatFunction, chunk: Chunking, layout = wholeJacobian): Sweep {
  const { push, last } = pushing(g);
  const blocks = columns(push, g.leaves, () => last().leaves, chunk, layout);
  const { leaves: out, form, aux } = last();
  return { out, structure: form.structure, aux, blocks };
}

/**
 * A pass costs each operation about as much as moving the numbers at hand, whose count lies between the arguments' and the results'. For
 * columns the pullback has to be transposed first, which costs it as much as a few hundred numbers do.
 */
const columnsAreCheaper = (columns: number, rows: number, numbers: number): boolean => (rows - columns) * numbers > 400;

/** Row by row, one cotangent per output element, or by what costs less, after one run of f. */
export function recordedSweep(g: FlatFunction, strategy: Strategy, chunk: Chunking, layout = wholeJacobian): Sweep {
  const { op, leaves } = g;
  const { out, aux, pull, elements } = recordFlat(g);
  const { leaves: results, structure } = out;
  checkOutputs(op, results);
  const known: Chunking = (count, numbers) => chunk(count, numbers, 8 * elements * lanesOf(leaves));
  const [n, m] = [leaves, results].map((side) => dimension(side.map(layout.source)));
  const byColumns = (): NDArray[][] | undefined => {
    try {
      // The pullback is linear in the cotangents, and its transpose is the pushforward: f has not to be run again.
      return columns(transposeLinear(op, pull, results), leaves, () => results, known, layout);
    } catch (error) {
      // A custom pullback need not be linear.
      if (error instanceof TransformError) return undefined;
      throw error;
    }
  };
  const cheaper = strategy === "auto" && columnsAreCheaper(n, m, dimension(leaves) + dimension(results));
  const blocks = (cheaper ? byColumns() : undefined) ?? rows(pull, leaves, results, known, layout);
  return { out: results, structure, aux, blocks };
}

export const sweep = (g: FlatFunction, strategy: Strategy, chunk: Chunking, layout = wholeJacobian): Sweep =>
  strategy === "forward" ? forwardSweep(g, chunk, layout) : recordedSweep(g, strategy, chunk, layout);
