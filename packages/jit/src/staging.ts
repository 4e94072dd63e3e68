import { type NDArray, TransformError } from "@ad/core";
import {
  type ArrayList,
  type Equation,
  Graph,
  GraphTrace,
  type Operation,
  observed,
  type Parts,
  type Push,
  pullbackAt,
  type Stager,
  within,
  withStager,
} from "@ad/core/internals/trace";
import { countOf, cut, floats, type Mask, spread, where } from "./lists.js";
import { isElementwise, unstretched } from "./passes/broadcasts.js";
import { stretching } from "./passes/constants.js";
import { withoutEffects } from "./passes/effects.js";

let control: Stager | undefined;

/** Sets the way in which control flow is staged. The operations that it becomes are made by this file, so they cannot be known to it from the start. */
export function setControl(next: Stager): void {
  control = next;
}

/** Runs a body whose control flow is staged. */
export const staging = <T>(body: () => T): T => withStager(control, body);

/** A function as a graph. Values of older traces that it closes over are inputs, after its own. */
export interface Staged {
  readonly graph: Graph;
  readonly captured: ArrayList;
}

/** Thrown where a function brings the lanes of a batch together that was there before it was staged: a program has no such lanes. */
export class LanesMet {}

/** Runs a body in which each value of a trace that is older than this one is replaced. */
function capturing<T>(trace: GraphTrace, own: (x: NDArray) => NDArray, body: () => T): T {
  // A checkpoint that is run again itself replaces the values of a trace that is over.
  const isOlder = ({ owner: { level, live } }: NDArray): boolean => live && level > 0 && level < trace.level;
  return observed(
    (name, inputs, run, operation) => {
      if (operation?.across && operation.across.level < trace.level) throw new LanesMet();
      const given = inputs.map((x) => (isOlder(x) ? own(x) : x));
      // An operation on constants alone is computed at once: on stretched ones, before they are stretched.
      const small = isElementwise(name) && unstretched(given, stretching, (all) => run(all) as NDArray);
      return (small || run(given)) as ReturnType<typeof run>;
    },
    true,
    body,
  );
}

/** Writes down what a function does with arrays of these shapes and dtypes. */
export function stage(kind: string, f: (inputs: ArrayList) => Parts, like: ArrayList): Staged {
  const trace = new GraphTrace(kind);
  const inputs = like.map((x) => trace.input(x));
  const entered = new Map<NDArray, NDArray>();
  const own = (x: NDArray): NDArray => {
    const inner = entered.get(x) ?? trace.input(x);
    entered.set(x, inner);
    return inner;
  };
  const outputs = staging(() => capturing(trace, own, () => within(trace, () => f(inputs))));
  const outer = (x: NDArray | undefined): NDArray | undefined => (x && x.owner.level > 0 && !trace.owns(x) ? own(x) : x);
  const { equations, outputs: ends } = trace.graph(outputs.map(outer)).withoutDeadCode();
  const read = new Set([...equations.flatMap((equation) => equation.inputs), ...ends]);
  const captured = [...entered].filter(([, inner]) => read.has(inner));
  return {
    graph: new Graph([...inputs, ...captured.map(([, inner]) => inner)], equations, ends),
    captured: captured.map(([x]) => x),
  };
}

/** The same for a function that closes over nothing: a user's rule alone could, if it cannot be run on shapes. */
export function closed(kind: string, f: (inputs: ArrayList) => Parts, like: ArrayList): Graph {
  const { graph, captured } = stage(kind, f, like);
  if (captured.length > 0) throw new TransformError(`${kind}: a custom rule uses a traced array. Pass it as an argument.`);
  return graph;
}

/** The graph of a staged function that takes all of these values after its own inputs: those that it captured, and others that it does not read. */
export function withCaptured(kind: string, { graph, captured }: Staged, all: ArrayList): Graph {
  const { inputs, equations, outputs } = graph;
  const count = inputs.length - captured.length;
  const unread = new GraphTrace(kind);
  const more = all.map((x) => (captured.includes(x) ? inputs[count + captured.indexOf(x)] : unread.input(x)));
  return new Graph([...inputs.slice(0, count), ...more], equations, outputs);
}

/** A graph with its pullback, of which the active inputs get cotangents. The pullback reads residuals: values of the forward graph. */
export class Derivative {
  /** The results of the graph, and after them the residuals that are no inputs. */
  readonly forward: Graph;
  /** The values of the forward graph that the pullback reads. */
  readonly residuals: ArrayList;
  readonly #outs: ArrayList;
  readonly #pull: (cotangents: Parts) => Parts;
  /** The pullback of all cotangents. */
  readonly #backward: Graph;

  constructor(
    readonly kind: string,
    graph: Graph,
    active: Mask,
  ) {
    // The trace lives on: further pullbacks are staged when they are asked for.
    const trace = new GraphTrace(kind);
    const inputs = graph.inputs.map((x) => trace.input(x));
    [this.#outs, this.#pull] = staging(() => pullbackAt(kind, (own) => graph.run(own) as ArrayList, inputs, active));
    const { graph: backward, captured } = this.#stage(floats(this.#outs));
    if (!captured.every((x) => trace.owns(x))) throw new TransformError(`${kind}: a custom rule is not linear in its arguments.`);
    this.residuals = captured;
    this.forward = trace.graph([...this.#outs, ...captured.filter((x) => !inputs.includes(x))]).withoutDeadCode();
    this.#backward = backward;
  }

  /** Returns the graph that maps those cotangents that are given, and then the residuals, to the cotangents of the graph's inputs. */
  backward(mask: Mask): Graph {
    if (`${mask}` === `${floats(this.#outs)}`) return this.#backward;
    const own = this.#stage(mask);
    const keepsAll = own.captured.every((x) => this.residuals.includes(x));
    return keepsAll ? withCaptured(this.kind, own, this.residuals) : this.#withZeros(mask);
  }

  /** The pullback of all cotangents, with zeros for those that are not given: alone, the others read values that were not kept. */
  #withZeros(mask: Mask): Graph {
    const body = (inputs: ArrayList): Parts => {
      const [given, residuals] = cut(inputs, countOf(mask));
      const cotangents = filled(spread(mask, given), this.#outs);
      return this.#backward.run([...where(cotangents, floats(this.#outs)), ...residuals]);
    };
    return closed(this.kind, body, [...where(this.#outs, mask), ...this.residuals]);
  }

  #stage(mask: Mask): Staged {
    return stage(this.kind, (given) => this.#pull(spread(mask, given)), where(this.#outs, mask));
  }
}

export const zeros = (like: NDArray): NDArray => like.filled(0, like.aval);

/** Tangents or cotangents, made where they are zeros that were not. */
export const filled = (parts: Parts, like: ArrayList): NDArray[] => like.map((x, i) => parts[i] ?? zeros(x));

const top = (values: Parts): number => Math.max(0, ...values.map((x) => x?.owner.level ?? 0));

/** Returns whether tangents are of a newer trace than all values: these do not wait for them, and are computed apart. */
export const isAhead = (inputs: ArrayList, tangents: Parts): boolean => top(tangents) > top(inputs);

/**
 * A graph in two: from its first inputs, `count` of them, to what waits for no other one; from the others and these values to the results
 * from `first` on. Both are without effects.
 */
export function split(graph: Graph, count: number, first: number): readonly [ahead: Graph, waiting: Graph] {
  const { inputs, equations } = withoutEffects(graph);
  const outputs = graph.outputs.slice(first);
  const moving = dependents(graph, inputs.slice(count));
  // A loop of values and tangents waits; those of its values that others read are computed by a loop of their own.
  const waits = ({ outs }: Equation): boolean => outs.some((out) => moving.has(out));
  const waiting = equations.filter(waits);
  const read = new Set([...waiting.flatMap((equation) => equation.inputs), ...(outputs as ArrayList)]);
  const known = equations.flatMap((equation) => (waits(equation) ? [] : equation.outs));
  const kept = [...inputs.slice(0, count), ...known].filter((x) => read.has(x));
  return [
    new Graph(inputs.slice(0, count), equations, kept).withoutDeadCode(() => false),
    new Graph([...inputs.slice(count), ...kept], waiting, outputs).withoutDeadCode(() => false),
  ];
}

/** The same graph with the wanted ones of its results alone. */
export const returning = ({ inputs, equations, outputs }: Graph, wanted: Mask): Graph =>
  new Graph(inputs, equations, where(outputs, wanted)).withoutDeadCode();

/** The values of a graph that are made of any of these. */
export function dependents({ equations }: Graph, of: ArrayList): ReadonlySet<NDArray> {
  const found = new Set(of);
  for (const { operation, inputs, outs } of equations) {
    const mask = inputs.map((x) => found.has(x));
    if (!mask.includes(true)) continue;
    const same = (operation as Operation).unmapped?.(mask);
    outs.forEach((out, i) => same?.[i] || found.add(out));
  }
  return found;
}

/**
 * A graph's results and, after them, their tangents, from its inputs and the tangents of those that have one; undefined is a zero that was never
 * made. Forward mode, which alone asks an operation with a pullback for tangents, lends its way through functions.
 */
export function pushed(kind: string, graph: Graph, mask: Mask, push: Push | undefined): Graph {
  const n = graph.inputs.length;
  return closed(
    kind,
    (all) => {
      const [outs, moved] = (push as Push)((own) => graph.run(own) as ArrayList, all.slice(0, n), spread(mask, all.slice(n)));
      return [...outs, ...moved];
    },
    [...graph.inputs, ...where(graph.inputs, mask)],
  );
}
