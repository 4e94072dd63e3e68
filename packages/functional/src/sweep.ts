import { type NDArray, TransformError } from "@ad/core";
import { type Recording, type Structure, transposed } from "@ad/core/internals";
import { jvp } from "@ad/forward";
import { dimension } from "./basis.js";
import { checkOutputs, type Evaluated, evaluate, type FlatFunction, recordFlat } from "./flat.js";
import { type DirectionMap, matrix } from "./matrix.js";
import type { Strategy } from "./options.js";

/** What a sweep over all directions gives. */
export interface Sweep {
  readonly out: readonly NDArray[];
  readonly structure: Structure;
  readonly aux: unknown;
  /** blocks[o][i]: ∂out leaf o / ∂in leaf i, of shape [...out, ...in]. */
  readonly blocks: NDArray[][];
}

const shaped = (block: NDArray, y: NDArray, x: NDArray): NDArray => block.reshape([...y.shape, ...x.shape]);

/** From blocks that stand by column to blocks[o][i]. */
const byRow = (table: readonly (readonly NDArray[])[], out: readonly NDArray[], leaves: readonly NDArray[]): NDArray[][] =>
  out.map((y, o) => leaves.map((x, i) => shaped(table[i][o], y, x)));

/** Column by column: one tangent per input element. f runs once for each chunk. */
export function forwardSweep(g: FlatFunction, chunk: number): Sweep {
  const { leaves } = g;
  let last: Evaluated | undefined;
  const push: DirectionMap = (tangents) => {
    const at = tangents.flatMap((t, i) => (t === undefined ? [] : [i]));
    const inner = (...given: NDArray[]): [readonly NDArray[], Omit<Evaluated, "leaves">] => {
      const { leaves: results, ...beside } = evaluate(g, at, given);
      return [results, beside];
    };
    const point = at.map((i) => leaves[i]);
    const [results, pushed, beside] = jvp(
      inner,
      point,
      at.map((i) => tangents[i] as NDArray),
      { hasAux: true },
    );
    last = { leaves: results, ...beside };
    return pushed;
  };
  const table = matrix(push, leaves, () => (last as Evaluated).leaves, chunk, "columns");
  // Without leaves there is no direction, and f has still to run.
  if (last === undefined) push([]);
  const { leaves: out, form, aux } = last as unknown as Evaluated;
  return { out, structure: form.structure, aux, blocks: byRow(table, out, leaves) };
}

/** Row by row, one cotangent per output element, or by what is fewer, after one run of f. A column costs less than a row, so it wins a tie. */
export function recordedSweep(g: FlatFunction, strategy: Strategy, chunk: number): Sweep {
  const { op, leaves } = g;
  const { out, aux, pull } = recordFlat(g);
  const { leaves: results, structure } = out;
  checkOutputs(op, results);
  const [n, m] = [dimension(leaves), dimension(results)];
  const byRows = (): NDArray[][] => {
    const table = matrix(pull, results, () => leaves, chunk, "rows");
    return results.map((y, o) => leaves.map((x, i) => shaped(table[o][i], y, x)));
  };
  const blocks = (strategy === "auto" && n <= m && m > 1 ? byColumns(op, pull, leaves, results, chunk) : undefined) ?? byRows();
  return { out: results, structure, aux, blocks };
}

/** The pullback is linear in the cotangents, and its transpose is the pushforward: f has not to be run again. Undefined where a custom pullback is not linear. */
function byColumns(
  op: string,
  pull: Recording["pull"],
  leaves: readonly NDArray[],
  results: readonly NDArray[],
  chunk: number,
): NDArray[][] | undefined {
  try {
    const { pull: push } = transposed(
      op,
      pull,
      results.map((y) => y.aval),
    );
    return byRow(
      matrix(push, leaves, () => results, chunk, "columns"),
      results,
      leaves,
    );
  } catch (error) {
    if (error instanceof TransformError) return undefined;
    throw error;
  }
}
