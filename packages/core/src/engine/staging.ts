import type { NDArray } from "../array/ndarray.js";
import { AbstractTrace } from "./abstract.js";
import { type Equation, Graph } from "./graph.js";
import type { ArrayList, Operation, Parts } from "./operation.js";
import { moving } from "./tracer.js";

/** Writes operations down instead of computing them. */
export class GraphTrace extends AbstractTrace {
  readonly #inputs: NDArray[] = [];
  readonly #equations: Equation[] = [];

  override readonly remedy =
    "Choose with where(condition, a, b) or cond instead of if, with take(i) instead of list[i], name an argument of jit in staticArgnums, or return the value.";

  /** A value that is given when the graph is run. */
  input(like: NDArray): NDArray {
    // It is no more than where values are: the one that is like it is not to be kept.
    const x = this.of(like.filled(0, like.aval));
    this.#inputs.push(x);
    return x;
  }

  override move(...[x, device]: Parameters<AbstractTrace["move"]>): NDArray {
    const out = super.move(x, device);
    this.#equations.push({ operation: moving(x.device, device), inputs: [x], params: undefined, outs: [out] });
    return out;
  }

  /** An operation that has rules of its own keeps them: it is one equation, whatever it is made of. */
  override call(operation: Operation, inputs: ArrayList): ArrayList {
    const { shape, jvp, vjp, forward } = operation;
    if (shape ?? !(jvp ?? vjp)) return super.call(operation, inputs);
    const count = this.#equations.length;
    const outs = forward(inputs);
    this.#equations.length = count;
    return this.apply(
      operation,
      inputs,
      undefined,
      outs.map((x) => x.aval),
    );
  }

  protected override apply(...[operation, inputs, params, avals]: Parameters<AbstractTrace["apply"]>): ArrayList {
    const outs = super.apply(operation, inputs, params, avals);
    this.#equations.push({ operation, inputs, params, outs });
    return outs;
  }

  /** The graph of what was written down. */
  graph(outputs: Parts): Graph {
    return new Graph(this.#inputs, this.#equations, outputs);
  }
}
