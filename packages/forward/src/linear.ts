import type { Device, NDArray } from "@ad/core";
import {
  type Arrays,
  type Aval,
  bind,
  call,
  type Operation,
  type Params,
  type Parts,
  type PrimitiveName,
  primitives,
  Trace,
  Unvalued,
} from "@ad/core/internals";

/** A linear operation on tangents, to be done later, and what will come out. An input of the program has no inputs itself. */
interface Step {
  readonly inputs: Arrays;
  readonly run: ((inputs: Arrays) => Arrays) | undefined;
  readonly outs: readonly Pending[];
}

/** A tangent that has no numbers yet. */
class Pending extends Unvalued {
  constructor(
    readonly owner: LinearTrace,
    readonly aval: Aval,
    like: NDArray,
  ) {
    super(like);
  }

  override moved(device: Device | undefined): NDArray {
    return this.owner.append([this.aval], this.likeOn(device), [this], ([t]) => [t.moved(device)])[0];
  }
}

/** Writes the operations on tangents down instead of doing them, so that they can be done later, as often as wanted. */
export class LinearTrace extends Trace {
  readonly #steps: Step[] = [];

  constructor(kind: string) {
    super(kind);
  }

  /** Writes an operation down whose results are where an array is that they are like. */
  append(avals: readonly Aval[], like: NDArray, inputs: Arrays = [], run?: (inputs: Arrays) => Arrays): readonly Pending[] {
    const outs = avals.map((aval) => new Pending(this, aval, like));
    this.#steps.push({ inputs, run, outs });
    return outs;
  }

  /** A tangent to be given later. */
  input(like: NDArray): NDArray {
    return this.append([like.aval], like.filled(0, like.aval))[0];
  }

  #likeOf(inputs: Arrays): NDArray {
    return (inputs.find((x) => x.owner === this) as Pending).like;
  }

  override process<P extends PrimitiveName>(name: P, inputs: Arrays, params: Params<P>): NDArray {
    const shape = primitives[name].shape as (inputs: readonly Aval[], params: unknown) => Aval;
    const aval = shape(
      inputs.map((x) => x.aval),
      params,
    );
    return this.append([aval], this.#likeOf(inputs), inputs, (given) => [bind(name, given, params)])[0];
  }

  override call(operation: Operation, inputs: Arrays): Arrays {
    const avals = operation.shape?.(inputs.map((x) => x.aval));
    if (avals === undefined) return operation.forward(inputs);
    return this.append(avals, this.#likeOf(inputs), inputs, (given) => call(operation, given));
  }

  /** The program that gives the outputs: what none of them needs is left out. */
  compile(outputs: Parts): (tangents: Arrays) => (NDArray | undefined)[] {
    const needed = new Set<NDArray | undefined>(outputs);
    // A step's inputs come before it, so one walk from the end finds all that is needed.
    const program: Step[] = [];
    for (const step of this.#steps.reverse()) {
      if (step.run === undefined || !step.outs.some((out) => needed.has(out))) continue;
      for (const input of step.inputs) needed.add(input);
      program.push(step);
    }
    program.reverse();
    const inputs = this.#steps.filter((step) => step.run === undefined).reverse();
    this.#steps.length = 0;
    return (tangents) => {
      const values = new Map<NDArray, NDArray>();
      inputs.forEach(({ outs: [input] }, i) => values.set(input, tangents[i]));
      const valueOf = (x: NDArray): NDArray => values.get(x) ?? x;
      for (const { inputs, run, outs } of program) {
        const results = run?.(inputs.map(valueOf));
        outs.forEach((out, i) => values.set(out, results?.[i] as NDArray));
      }
      return outputs.map((x) => x && valueOf(x));
    };
  }
}
