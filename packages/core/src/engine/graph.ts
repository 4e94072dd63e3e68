import type { NDArray } from "../array/ndarray.js";
import type { PrimitiveName } from "../primitives/index.js";
import { showShape } from "./errors.js";
import type { ArrayList, Operation, Parts } from "./operation.js";
import { bind, call } from "./trace.js";

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

const nameOf = ({ operation }: Equation): string => (typeof operation === "string" ? operation : operation.name);

/** `{ axes: [0], shape: [2, 3] }`, as the printed program shows parameters. */
const showParams = (params: unknown): string => {
  const entries = Object.entries(params ?? {}).map(([key, value]) => `${key}: ${JSON.stringify(value)?.replaceAll(",", ", ")}`);
  return entries.length > 0 ? ` { ${entries.join(", ")} }` : "";
};

/** A name for each number: a, b, … z, a1, b1, … */
const letter = (n: number): string => String.fromCharCode(97 + (n % 26)) + (n < 26 ? "" : Math.floor(n / 26));

/** A program: equations in an order in which they can be run. */
export class Graph {
  #lastUse: ReadonlyMap<NDArray, number> | undefined;

  constructor(
    readonly inputs: ArrayList,
    readonly equations: readonly Equation[],
    /** Undefined is a zero that was never made. */
    readonly outputs: Parts,
  ) {}

  /** The same without the equations that no output needs. */
  withoutDeadCode(): Graph {
    const needed = new Set<NDArray | undefined>(this.outputs);
    // The inputs of an equation are defined before it, so one walk from the end finds all that is needed.
    const live = [...this.equations].reverse().filter(({ inputs, outs }) => {
      if (!outs.some((out) => needed.has(out))) return false;
      for (const input of inputs) needed.add(input);
      return true;
    });
    return new Graph(this.inputs, live.reverse(), this.outputs);
  }

  /** The same with these of its outputs alone. */
  returning(at: readonly number[]): Graph {
    return new Graph(
      this.inputs,
      this.equations,
      at.map((i) => this.outputs[i]),
    ).withoutDeadCode();
  }

  /** Runs the equations on values for the inputs. A value is let go after its last use. */
  run(args: ArrayList): (NDArray | undefined)[] {
    const values = new Map<NDArray, NDArray>(this.inputs.map((input, i) => [input, args[i]]));
    const valueOf = (x: NDArray): NDArray => values.get(x) ?? x;
    this.#lastUse ??= lastUses(this.equations, ({ inputs }) => inputs);
    const lastUse = this.#lastUse;
    this.equations.forEach(({ operation, inputs, params, outs }, at) => {
      const given = inputs.map(valueOf);
      // never: the parameters are those that came with this name.
      const results = typeof operation === "string" ? [bind(operation, given, params as never)] : call(operation, given);
      outs.forEach((out, i) => {
        values.set(out, results[i]);
      });
      for (const input of inputs) if (lastUse.get(input) === at && !this.outputs.includes(input)) values.delete(input);
    });
    return this.outputs.map((x) => x && valueOf(x));
  }

  /** A line for each equation: `c: float64[3] = mul a b`. */
  toString(): string {
    const names = new Map<NDArray, string>();
    const define = (x: NDArray): string => {
      names.set(x, letter(names.size));
      return `${names.get(x)}: ${x.dtype}${showShape(x.shape)}`;
    };
    const show = (x: NDArray | undefined): string =>
      x === undefined
        ? "0"
        : (names.get(x) ??
          (x.ndim === 0 && x.owner.level === 0 && x.device.name === "cpu" ? `${x.item()}` : `${x.dtype}${showShape(x.shape)}`));
    const head = `(${this.inputs.map(define).join(", ")}) =>`;
    const lines = this.equations.map((equation) => {
      const right = [nameOf(equation) + showParams(equation.params), ...equation.inputs.map(show)].join(" ");
      return `  ${equation.outs.map(define).join(", ")} = ${right}`;
    });
    return [head, ...lines, `  return ${this.outputs.map(show).join(", ")}`].join("\n");
  }
}
