import { type NDArray, stack } from "@ad/core";
import { flatten, record, type Structure, splitAux } from "@ad/core/internals";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { basis, dimension, unit } from "./basis.js";

/** A function of trees as one from leaves to leaves, at a point. */
export interface FlatFunction {
  readonly op: string;
  readonly f: (...args: never) => unknown;
  /** The leaves to differentiate by, and how they go back into the arguments. */
  readonly leaves: readonly NDArray[];
  readonly fill: (leaves: readonly NDArray[]) => unknown[];
  readonly hasAux: boolean;
}

/** What a sweep over all directions gives. */
export interface Sweep {
  readonly out: readonly NDArray[];
  readonly structure: Structure;
  readonly aux: unknown;
  /** blocks[o][i]: ∂out leaf o / ∂in leaf i, of shape [...out, ...in]. */
  readonly blocks: NDArray[][];
}

/** Cuts stacked directions along their first axis into one part per leaf. */
function cut(stacked: NDArray, leaves: readonly NDArray[]): NDArray[] {
  let start = 0;
  return leaves.map(({ size }) => {
    const part = stacked.slice([start, start + size]);
    start += size;
    return part;
  });
}

/** Column by column: one tangent per input element, all of them as one batch unless `vectorize` is false. */
export function forwardSweep(g: FlatFunction, vectorize: boolean): Sweep {
  let out: readonly NDArray[] = [];
  let structure: Structure = null;
  let aux: unknown;
  const flat = (...leaves: NDArray[]): [NDArray[], unknown] => {
    const [value, extra] = splitAux(g.op, g.f(...(g.fill(leaves) as never)), g.hasAux);
    const result = flatten(value, g.op, "the function's result");
    structure = result.structure;
    return [result.leaves, extra];
  };
  const push = (...tangents: NDArray[]): NDArray[] => {
    let pushed: NDArray[];
    [out, pushed, aux] = jvp(flat, [...g.leaves], tangents, { hasAux: true });
    return pushed;
  };
  const n = dimension(g.leaves);
  const columns =
    vectorize || n === 0
      ? vmap(push)(...basis(g.leaves))
      : transposeLists(Array.from({ length: n }, (_, k) => push(...unit(g.leaves, k)))).map((list) => stack(list));
  const jacobians = columns.map((stacked, o) =>
    cut(stacked, g.leaves).map((part, i) => part.moveaxis(0, -1).reshape([...out[o].shape, ...g.leaves[i].shape])),
  );
  return { out, structure, aux, blocks: jacobians };
}

/** The result of the function, with its Jacobian still to be swept row by row: one cotangent per output element. */
export function reverseSweep(g: FlatFunction): { out: readonly NDArray[]; sweep: (vectorize: boolean) => Sweep } {
  const inputs = g.leaves.map((leaf, position) => ({ position, flat: { leaves: [leaf], structure: null, paths: ["$"] } }));
  const { out, aux, pull } = record(g.op, (...leaves: NDArray[]) => g.f(...(g.fill(leaves) as never)), g.leaves, inputs, g.hasAux);
  const { leaves, structure } = out;
  const sweep = (vectorize: boolean): Sweep => {
    const m = dimension(leaves);
    const rows =
      m !== 1 && (vectorize || m === 0)
        ? vmap((...cotangents: NDArray[]) => pull(cotangents))(...basis(leaves))
        : transposeLists(Array.from({ length: m }, (_, k) => pull(unit(leaves, k)))).map((list) => stack(list));
    const cuts = rows.map((stacked) => cut(stacked, leaves));
    const jacobians = leaves.map((y, o) => g.leaves.map((x, i) => cuts[i][o].reshape([...y.shape, ...x.shape])));
    return { out: leaves, structure, aux, blocks: jacobians };
  };
  return { out: leaves, sweep };
}

const transposeLists = (lists: readonly (readonly NDArray[])[]): NDArray[][] => lists[0].map((_, i) => lists.map((list) => list[i]));
