import type { NDArray } from "../array/ndarray.js";
import type { ArrayList, Operation, Parts } from "./operation.js";
import type { Params, PrimitiveName } from "./primitive.js";
import { apply } from "./trace.js";

/**
 * Deferred work, in one form wherever work is deferred: a graph of equations, each of which applies an operation to values. The pushforward and
 * compiled programs are whole graphs; the tape, the CPU's fusion and a GPU's lazy expressions keep equations one by one, at the values that
 * they define, and share the walks of this file.
 */

/** Each node after the nodes that it reads, from the roots on; every node once. */
export function topologicalOrder<N>(roots: Iterable<N>, inputsOf: (node: N) => Iterable<N>): N[] {
  const order = new Set<N>();
  const entered = new Set<N>();
  for (const root of roots) {
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (entered.has(node)) {
        stack.pop();
        order.add(node);
        continue;
      }
      entered.add(node);
      for (const input of inputsOf(node)) if (!entered.has(input)) stack.push(input);
    }
  }
  return [...order];
}

/** For each value the last of the steps that reads it. */
export function lastUses<N, V>(steps: readonly N[], inputsOf: (step: N) => Iterable<V>): Map<V, number> {
  const last = new Map<V, number>();
  steps.forEach((step, at) => {
    for (const input of inputsOf(step)) last.set(input, at);
  });
  return last;
}

/** An operation, what it reads and what it defines. An input is a variable of the graph or a constant. */
export interface Equation {
  readonly operation: PrimitiveName | Operation;
  readonly inputs: ArrayList;
  readonly params: unknown;
  readonly outs: ArrayList;
}

/** The same of an operation that carries its own rules. */
export type CallEquation = Equation & { readonly operation: Operation };

/** The name of an equation's operation. */
export const nameOf = ({ operation }: Equation): string => (typeof operation === "string" ? operation : operation.name);

/** The parameters of an equation, or the options of its operation. */
export const paramsOf = ({ operation, params }: Equation): unknown => (typeof operation === "string" ? params : operation.options);

/**
 * Returns whether an equation does more than give results: it prints, or throws at an index that is out of bounds. It is run as often as it is
 * written, whether its results are needed or not.
 */
export const hasEffect = ({ operation, params }: Equation): boolean =>
  typeof operation === "string"
    ? operation === "wrapIndex" && !(params as Params<"wrapIndex">).isKnown
    : (operation.effect ?? operation.programs?.some(({ equations }) => equations.some(hasEffect))) === true;

/** A program: equations in an order in which they can be run. */
export class Graph {
  #lastUse: ReadonlyMap<NDArray, number> | undefined;

  constructor(
    readonly inputs: ArrayList,
    readonly equations: readonly Equation[],
    /** Undefined is a zero that was never made. */
    readonly outputs: Parts,
  ) {}

  /** The same without the equations that no output needs, but for those that are kept: by default, those that have an effect. */
  withoutDeadCode(isKept: (equation: Equation) => boolean = hasEffect): Graph {
    const needed = new Set<NDArray | undefined>(this.outputs);
    // The inputs of an equation are defined before it, so one walk from the end finds all that is needed.
    const live: Equation[] = [];
    for (let equation of [...this.equations].reverse()) {
      const wanted = equation.outs.map((out) => needed.has(out));
      if (!isKept(equation)) {
        if (!wanted.includes(true)) continue;
        equation = (equation.operation as Operation).narrowed?.(equation, wanted) ?? equation;
      }
      for (const input of equation.inputs) needed.add(input);
      live.push(equation);
    }
    return new Graph(this.inputs, live.reverse(), this.outputs);
  }

  /** Runs the equations on values for the inputs. A value is let go after its last use. */
  run(args: ArrayList): (NDArray | undefined)[] {
    const values = new Map<NDArray, NDArray>(this.inputs.map((input, i) => [input, args[i]]));
    const valueOf = (x: NDArray): NDArray => values.get(x) ?? x;
    this.#lastUse ??= lastUses(this.equations, ({ inputs }) => inputs);
    const lastUse = this.#lastUse;
    this.equations.forEach(({ operation, inputs, params, outs }, at) => {
      const results = apply(operation, inputs.map(valueOf), params);
      outs.forEach((out, i) => {
        values.set(out, results[i]);
      });
      for (const input of inputs) if (lastUse.get(input) === at && !this.outputs.includes(input)) values.delete(input);
    });
    return this.outputs.map((x) => x && valueOf(x));
  }
}
