import type { NDArray } from "@ad/core";
import {
  type ArrayList,
  Aval,
  bind,
  Graph,
  GraphTrace,
  isFloat,
  type Lift,
  type Parts,
  pullbackAt,
  sameShape,
} from "@ad/core/internals/trace";
import { withoutEffects } from "../passes/effects.js";
import { closed, type Derivative, type Staged } from "../staging.js";

/** Returns which values are floating. */
export const floats = (values: Parts): boolean[] => values.map((x) => x !== undefined && isFloat(x.dtype));

export const avalsOf = (values: Parts): Aval[] => values.map((x) => (x as NDArray).aval);

export const zeros = (like: NDArray): NDArray => like.filled(0, like.aval);

/** The elements of a list where a mask is true. */
export const where = <T>(list: readonly T[], mask: readonly boolean[]): T[] => list.filter((_, i) => mask[i]);

/** Cuts a list into parts of these lengths. Places that were never written count as undefined. */
export function cut<T>(list: readonly T[], ...lengths: readonly number[]): T[][] {
  let at = 0;
  const all = Array.from(list);
  return lengths.map((n) => {
    const part = all.slice(at, at + n);
    at += n;
    return part;
  });
}

/** Graphs with `count` inputs of one meaning each, and all that any of them captures as further inputs of all. */
export function united(kind: string, all: readonly Staged[], count: number): { graphs: Graph[]; captured: ArrayList } {
  const captured = [...new Set(all.flatMap((each) => each.captured))];
  const unread = new GraphTrace(kind);
  const graphs = all.map(({ graph, captured: own }) => {
    const more = captured.map((x) => {
      const at = own.indexOf(x);
      return at < 0 ? unread.input(x) : graph.inputs[count + at];
    });
    return new Graph([...graph.inputs.slice(0, count), ...more], graph.equations, graph.outputs);
  });
  return { graphs, captured };
}

/** The same graph with results of these avals: where a number gave way to the dtype of what it meets. */
export function fitted(kind: string, graph: Graph, avals: readonly Aval[]): Graph {
  const fits = graph.outputs.every((x, i) => x && x.dtype === avals[i].dtype && x.aval.weak === avals[i].weak);
  if (fits) return graph;
  return closed(kind, (inputs) => graph.run(inputs).map((x, i) => fit(x as NDArray, avals[i])), graph.inputs);
}

/** The same values, with the dtype and the weakness of an aval. */
export const fit = (x: NDArray, { dtype, weak }: Aval): NDArray =>
  x.dtype === dtype && x.aval.weak === weak ? x : bind("cast", [x], { dtype, weak });

/** Returns what several results have in common: a number gives way to an array. */
export const joinedAvals = (all: readonly (readonly Aval[])[]): Aval[] =>
  all[0].map((first, i) => all.map((avals) => avals[i]).reduce((a, b) => (a.weak > b.weak ? b : a), first));

/** Returns the graph that maps a graph's inputs and the cotangents of its floating results to those of the active inputs: it computes the graph again, without its effects. */
export function pulled(kind: string, graph: Graph, active: readonly boolean[], given: readonly boolean[]): Graph {
  const count = graph.inputs.length;
  const own = withoutEffects(graph);
  return closed(
    kind,
    (all) => {
      const inputs = all.slice(0, count);
      const [, pull] = pullbackAt(kind, (given) => own.run(given) as ArrayList, inputs, active);
      let next = count;
      const parts = pull(given.map((on) => (on ? all[next++] : undefined)));
      return where(parts, active).map((part, i) => part ?? zeros(where(inputs, active)[i]));
    },
    [...graph.inputs, ...where(graph.outputs as ArrayList, given)],
  );
}

/** A graph for all lanes of a batch. The inputs that are mapped, and all results, have a leading axis. */
export function inLanes(kind: string, graph: Graph, mapped: readonly boolean[], size: number, lift: Lift): Graph {
  const operation = { name: kind, forward: (inputs: ArrayList): ArrayList => graph.run(inputs) as ArrayList };
  const like = graph.inputs.map((x, i) => (mapped[i] ? x.filled(0, laneAval(x, size)) : x));
  return closed(kind, (inputs) => lift(operation, mapped).forward(inputs), like);
}

const laneAval = (x: NDArray, size: number): Aval => new Aval([size, ...x.shape], x.dtype, x.aval.weak);

/** The same value in each lane. */
export const broadcastLanes = (x: NDArray, size: number): NDArray =>
  bind("broadcast", [x], { shape: [size, ...x.shape], dims: x.shape.map((_, axis) => axis + 1) });

/** Values by lanes, with those of one lane that is on in place of the others': what is computed for these, and thrown away, is finite. */
export function admitted(on: NDArray, x: NDArray): NDArray {
  if (on.size === 0) return x;
  const mask = on.reshape([x.shape[0], ...new Array<number>(x.ndim - 1).fill(1)]);
  const one = bind("stopGradient", [x.take(on.argmax(0), 0)], {});
  return mask.where(x, one.reshape([1, ...x.shape.slice(1)]));
}

/** For each lane the first where it is on. */
export const chosen = (on: NDArray, a: NDArray, b: NDArray): NDArray =>
  on.reshape([a.shape[0], ...new Array<number>(a.ndim - 1).fill(1)]).where(a, b);

/** Returns whether two lists of avals say the same. */
export const alike = (a: readonly Aval[], b: readonly Aval[]): boolean =>
  a.every((x, i) => sameShape(x.shape, b[i].shape) && x.dtype === b[i].dtype && x.weak === b[i].weak);

/** Returns which inputs some of the graphs read, or give as results. An operation that is linear in its operands may read none of them in its pullback. */
export function readBy(graphs: readonly Graph[]): boolean[] {
  const read = new Set(graphs.flatMap(({ equations, outputs }) => [...equations.flatMap(({ inputs }) => inputs), ...outputs]));
  return graphs[0].inputs.map((_, i) => graphs.some(({ inputs }) => read.has(inputs[i])));
}

/** The graphs without the inputs that none of them reads, and the values for the others. */
export function withoutUnread(graphs: readonly Graph[], values: ArrayList): [graphs: Graph[], values: ArrayList] {
  const mask = readBy(graphs);
  return [graphs.map(({ inputs, equations, outputs }) => new Graph(where(inputs, mask), equations, outputs)), where(values, mask)];
}

/** A graph with a pullback that computes it again: its residuals are its inputs. */
export const recomputing = (
  kind: string,
  graph: Graph,
  active: readonly boolean[],
): Pick<Derivative, "forward" | "inputOf" | "backward"> => ({
  forward: graph,
  inputOf: graph.inputs.map((_, i) => i),
  backward: (mask) =>
    closed(
      kind,
      (all) => {
        const n = mask.filter(Boolean).length;
        const [, pull] = pullbackAt(kind, (own) => withoutEffects(graph).run(own) as ArrayList, all.slice(n), active);
        let next = 0;
        return pull(mask.map((on) => (on ? all[next++] : undefined)));
      },
      [...where(graph.outputs as ArrayList, mask), ...graph.inputs],
    ),
});
