import type { NDArray } from "@ad/core";
import {
  type ArrayList,
  apply,
  bind,
  type Equation,
  type Graph,
  GraphTrace,
  hasEffect,
  type Operation,
  type Params,
  type PrimitiveName,
  within,
} from "@ad/core/internals/trace";
import { isAlike } from "../lists.js";
import { serialOf } from "../numbering.js";
import { closed, staging } from "../staging.js";
import { asShape, numberOf, stretching } from "./constants.js";
import type { Found, Rule } from "./site.js";

/**
 * Writes equations down, as rules make them, and knows which one made a value; primitives of the same inputs and parameters once. What a rule
 * makes comes here too, until no rule finds more.
 */
class Rewriting extends GraphTrace {
  readonly #of = new Map<NDArray, readonly [name: PrimitiveName, made: unknown]>();
  /** The first value of each key: what is computed twice is computed once. */
  readonly #first = new Map<string, NDArray>();

  constructor(readonly rules: readonly Rule[]) {
    super("jit");
  }

  readonly madeBy = <P extends PrimitiveName>(x: NDArray, name: P): Found<P> | undefined => {
    const [own, made] = this.#of.get(x) ?? ["broadcast", stretching(x)];
    return own === name ? (made as Found<P>) : undefined;
  };

  /**
   * Once all derivatives are made, the rules of an operation have done their work: it is what it is made of. That is written down first, as a
   * rule of this walk may give a value of before, which would look like one that the operation closes over.
   */
  override call(operation: Operation, inputs: ArrayList): ArrayList {
    if (operation.shape) return super.call(operation, inputs);
    const forward = (own: ArrayList): ArrayList => operation.forward(inputs.map((x, i) => (this.owns(x) ? own[i] : x)));
    // A move to another device, which has transposes, is written down as itself, for ever.
    return operation.transposes ? forward(inputs) : (closed("jit", forward, inputs).run(inputs) as ArrayList);
  }

  /** A constant of one number is one value, wherever it stands, and however it was computed. */
  #constant(x: NDArray): NDArray {
    const held = numberOf(x);
    if (held === undefined) return x;
    const { dtype, shape, weak } = x.aval;
    const key = `${Object.is(held, -0) ? "-0" : held} ${dtype} ${weak} ${shape}`;
    const own = this.#first.get(key) ?? asShape(x, shape);
    this.#first.set(key, own);
    return own;
  }

  protected override apply(...[name, given, params, avals]: Parameters<GraphTrace["apply"]>): ArrayList {
    const [aval] = avals;
    const inputs = given.map((x) => this.#constant(x));
    const [x] = inputs;
    if (name === "broadcast" && x.shape.includes(1)) return [thinned(x, params as Params<"broadcast">)];
    if (typeof name !== "string") return super.apply(name, inputs, params, avals);
    for (const rule of this.rules) {
      const better = rule({ name, inputs, params, aval, madeBy: this.madeBy });
      if (better && isAlike(better.aval, aval)) return [better];
    }
    const key = `${name} ${inputs.map(serialOf)} ${JSON.stringify(params)}`;
    const out = this.#first.get(key) ?? super.apply(name, inputs, params, avals)[0];
    this.#first.set(key, out);
    this.#of.set(out, [name, { inputs, params }]);
    return [out];
  }

  /** The results of an equation on other inputs. One with an effect stays, even of constants alone: it is to be run in each run. */
  written(equation: Equation, inputs: ArrayList): ArrayList {
    const { operation, params, outs } = equation;
    if (hasEffect(equation))
      return this.apply(
        operation,
        inputs,
        params,
        outs.map(({ aval }) => aval),
      );
    return apply(operation, inputs, params);
  }
}

/** Stretches a value without its axes of one element, so that each of its axes is as long as the one that it becomes. */
function thinned(x: NDArray, { shape, dims }: Params<"broadcast">): NDArray {
  const long = (of: readonly number[]): number[] => of.filter((_, i) => x.shape[i] !== 1);
  return bind("broadcast", [x.reshape(long(x.shape))], { shape, dims: long(dims) });
}

/**
 * The graph that is written when each primitive is replaced by what the first rule that knows better makes of it, and each operation with
 * rules of its own by what it is made of. Rules are written in array operations; what they make of constants alone is computed at once. A
 * result of another shape, dtype or weakness is not taken.
 */
export function rewritten(graph: Graph, ...rules: readonly Rule[]): Graph {
  const trace = new Rewriting(rules);
  const values = new Map<NDArray | undefined, NDArray>(graph.inputs.map((x) => [x, trace.input(x)]));
  const valueOf = <T extends NDArray | undefined>(x: T): T | NDArray => values.get(x) ?? x;
  return staging(() =>
    within(trace, () => {
      for (const equation of graph.equations) {
        const results = trace.written(equation, equation.inputs.map(valueOf));
        equation.outs.forEach((out, i) => values.set(out, results[i]));
      }
      return trace.graph(graph.outputs.map(valueOf));
    }),
  ).withoutDeadCode();
}
