import type { NDArray } from "@ad/core";
import {
  type ArrayList,
  Aval,
  bind,
  type CallEquation,
  type Equation,
  Graph,
  type Lift,
  type Operation,
  type Parts,
  pullbackAt,
} from "@ad/core/internals/trace";
import { countOf, cut, floats, isAlike, isThere, type Mask, spread, where } from "../lists.js";
import { withoutEffects } from "../passes/effects.js";
import { closed, type Derivative, dependents, filled, returning, type Staged, withCaptured } from "../staging.js";

export const avalsOf = (values: Parts): Aval[] => values.map((x) => (x as NDArray).aval);

/** Staged functions as graphs of their own inputs, which have one meaning in each, and all that any of them captures as further inputs of all. */
export function united(kind: string, all: readonly Staged[]): { graphs: Graph[]; captured: ArrayList } {
  const captured = [...new Set(all.flatMap((each) => each.captured))];
  return { graphs: all.map((each) => withCaptured(kind, each, captured)), captured };
}

/** The same graph with results of these avals: where a number gave way to the dtype of what it meets. */
export function fitted(kind: string, graph: Graph, avals: readonly Aval[]): Graph {
  if (alike(avalsOf(graph.outputs), avals)) return graph;
  return closed(kind, (inputs) => graph.run(inputs).map((x, i) => fit(x as NDArray, avals[i])), graph.inputs);
}

/** The same values, with the dtype and the weakness of an aval. */
const fit = (x: NDArray, { dtype, weak }: Aval): NDArray =>
  x.dtype === dtype && x.aval.weak === weak ? x : bind("cast", [x], { dtype, weak });

/** Returns what several results have in common: a number gives way to an array. */
export const joinedAvals = (all: readonly (readonly Aval[])[]): Aval[] =>
  all[0].map((first, i) => all.map((avals) => avals[i]).reduce((a, b) => (a.weak > b.weak ? b : a), first));

/**
 * Returns the graph that maps those cotangents of a graph's results that are given, and its inputs, to the cotangents of all inputs; undefined
 * is a zero that was never made, as that of one that is not active. It computes the graph again, without its effects.
 */
export const pulled = (kind: string, graph: Graph, active: Mask, given: Mask): Graph =>
  closed(
    kind,
    (all) => {
      const [cotangents, inputs] = cut(all, countOf(given));
      const [, pull] = pullbackAt(kind, (own) => withoutEffects(graph).run(own) as ArrayList, inputs, active);
      return pull(spread(given, cotangents));
    },
    [...where(graph.outputs as ArrayList, given), ...graph.inputs],
  );

/** A graph for all lanes of a batch. The inputs that are mapped, and the results but those that are the same in all lanes, have a leading axis. */
export function inLanes(kind: string, graph: Graph, mapped: Mask, size: number, lift: Lift, same: Mask = []): Graph {
  let one: Parts;
  const operation = { name: kind, forward: (inputs: ArrayList) => (one = graph.run(inputs)) as ArrayList };
  const like = graph.inputs.map((x, i) => (mapped[i] ? x.filled(0, laneAval(x, size)) : x));
  return closed(
    kind,
    (inputs) =>
      lift(operation, mapped)
        .forward(inputs)
        .map((x, i) => (same[i] ? one[i] : x)),
    like,
  );
}

const laneAval = (x: NDArray, size: number): Aval => new Aval([size, ...x.shape], x.dtype, x.aval.weak);

/** Values by lanes, with those of one lane that is on in place of the others': what is computed for these, and thrown away, is finite. */
export function admitted(on: NDArray, x: NDArray): NDArray {
  if (on.size === 0) return x;
  // The index is a lane's: a check of it would be an effect, and what it is read for would stay.
  return chosen(
    on,
    x,
    bind("take", [x, on.argmax(0)], { axis: 0 })
      .stopGradient()
      .expandDims(0),
  );
}

/** For each lane the first where it is on. */
export const chosen = (on: NDArray, a: NDArray, b: NDArray): NDArray =>
  on.reshape([a.shape[0], ...new Array<number>(a.ndim - 1).fill(1)]).where(a, b);

/** Returns whether two lists of avals say the same. */
const alike = (a: readonly Aval[], b: readonly Aval[]): boolean => a.every((x, i) => isAlike(x, b[i]));

/**
 * Returns which results some of the graphs make, and the graphs with these: a zero that one of them never made, and another one makes, is made.
 */
export function made(graphs: readonly Graph[]): readonly [isMade: Mask, graphs: readonly Graph[]] {
  const like = graphs.map(({ outputs }) => outputs).reduce((a, b) => a.map((x, i) => x ?? b[i]));
  const isMade = like.map(isThere);
  const own = (outputs: Parts): Parts => filled(where(outputs, isMade), like.filter(isThere));
  return [isMade, graphs.map(({ inputs, equations, outputs }) => new Graph(inputs, equations, own(outputs)))];
}

/** Returns which inputs some of the graphs read, or give as results. An operation that is linear in its operands may read none of them in its pullback. */
export function readBy(graphs: readonly Graph[]): boolean[] {
  const read = new Set(graphs.flatMap(({ equations, outputs }) => [...equations.flatMap(({ inputs }) => inputs), ...outputs]));
  return graphs[0].inputs.map((_, i) => graphs.some(({ inputs }) => read.has(inputs[i])));
}

/** Returns which results of a graph depend on the inputs of a mask. */
export function dependent(graph: Graph, mask: Mask): boolean[] {
  const found = dependents(graph, where(graph.inputs, mask));
  return graph.outputs.map((x) => found.has(x as NDArray));
}

/**
 * Returns which inputs of a loop's body depend on the active ones at any step: of the state, which stands after `count` constants, what is
 * floating, or all. Each result that comes before those that are stacked is the next state.
 */
export function reached(body: Graph, active: Mask, count: number, state: number, ofAll?: boolean): Mask {
  const found = dependent(body, active);
  const may = floats(body.inputs);
  const next = active.map((on, i) => on || (i < count + state && found[i - count] && (ofAll || may[i])));
  return countOf(next) > countOf(active) ? reached(body, next, count, state, ofAll) : next;
}

/**
 * Branches, or the body of a loop, that give the wanted results alone, and which inputs and results they have then: a state that some step needs,
 * or that is read `also`, stays. The state stands after `count` inputs.
 */
export function lean(
  graphs: readonly Graph[],
  wanted: Mask,
  count = 0,
  state = 0,
  also: Mask = [],
): readonly [graphs: readonly Graph[], isRead: Mask, isGiven: Mask] {
  const own = wanted.every(Boolean) ? graphs : graphs.map((graph) => returning(graph, wanted));
  const read = readBy(own).map((on, i) => on || also[i]);
  const isGiven = wanted.map((on, i) => on || (i < state && read[count + i]));
  if (countOf(isGiven) > countOf(wanted)) return lean(graphs, isGiven, count, state, also);
  const isRead = read.map((on, i) => on || (i < count + state && isGiven[i - count]));
  return [own, isRead, isGiven];
}

/** Graphs of the same inputs without those that are not read. */
export const taking = (graphs: readonly Graph[], isRead: Mask): Graph[] =>
  graphs.map(({ inputs, equations, outputs }) => new Graph(where(inputs, isRead), equations, outputs));

/** The inputs and the results of an equation. */
export type Sides = Pick<Equation, "inputs" | "outs">;

/** An equation of some of its inputs and results, of another operation. */
export const among = ({ inputs, outs }: Sides, operation: Operation, isRead: Mask, isGiven: Mask): CallEquation => ({
  operation,
  inputs: where(inputs, isRead),
  params: undefined,
  outs: where(outs, isGiven),
});

/** A graph that knows the results that it has where it is differentiated. */
interface Ruled {
  readonly name: string;
  readonly graph: Graph;
  ruled(active: Mask): Graph;
}

/** A program with a pullback that computes it again: its residuals are its inputs. */
export function recomputing(program: Ruled, active: Mask): Pick<Derivative, "forward" | "residuals" | "backward"> {
  const forward = program.ruled(active);
  return { forward, residuals: forward.inputs, backward: (mask) => pulled(program.name, program.graph, active, mask) };
}

/** Lists one after the other, each with the other of its meaning behind it: constants and theirs, state and its, rows and theirs. */
export const paired = <T>(first: readonly (readonly T[])[], second: readonly (readonly T[])[]): T[] =>
  first.flatMap((list, i) => [...list, ...second[i]]);

/** A body of a loop that is staged, and a state that begins as it goes on: where it begins as a number, it takes the dtype that the body gives it. */
export function settled(first: ArrayList, staged: (state: ArrayList) => Staged): { state: ArrayList; turn: Staged } {
  for (let state = first, round = 0; ; round++) {
    const turn = staged(state);
    const next = avalsOf(turn.graph.outputs.slice(0, state.length));
    if (round === 3 || alike(next, avalsOf(state))) return { state, turn };
    state = state.map((x, i) => fit(x, next[i]));
  }
}

/** The same graph with its last inputs, those that it captured, before the first `count`. */
export const capturedFirst = ({ inputs, equations, outputs }: Graph, count: number): Graph =>
  new Graph([...inputs.slice(count), ...inputs.slice(0, count)], equations, outputs);
