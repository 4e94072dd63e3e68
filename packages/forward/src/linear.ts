import type { NDArray } from "@ad/core";
import { type Aval, bind, type Params, type PrimitiveName, primitives, Trace, Tracer } from "@ad/core/internals";

/** A tangent that has no numbers yet, and the linear operation that will give them. */
class Pending extends Tracer {
  constructor(
    readonly owner: LinearTrace,
    readonly aval: Aval,
    readonly name: PrimitiveName | undefined,
    readonly inputs: readonly NDArray[],
    readonly params: unknown,
  ) {
    super();
  }
}

/** Writes the operations on tangents down instead of doing them, so that they can be done later, as often as wanted. */
export class LinearTrace extends Trace {
  readonly #steps: Pending[] = [];

  constructor(kind: string) {
    super(kind);
  }

  #append(aval: Aval, name?: PrimitiveName, inputs: readonly NDArray[] = [], params?: unknown): Pending {
    const step = new Pending(this, aval, name, inputs, params);
    this.#steps.push(step);
    return step;
  }

  /** A tangent to be given later. */
  input(like: NDArray): NDArray {
    return this.#append(like.aval);
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const shape = primitives[name].shape as (inputs: readonly Aval[], params: unknown) => Aval;
    return this.#append(
      shape(
        inputs.map((x) => x.aval),
        params,
      ),
      name,
      inputs,
      params,
    );
  }

  /** The program that gives the outputs: what none of them needs is left out. */
  compile(outputs: readonly (NDArray | undefined)[]): (tangents: readonly NDArray[]) => (NDArray | undefined)[] {
    const own = (x: NDArray | undefined): x is Pending => x?.owner === this;
    const needed = new Set<Pending>(outputs.filter(own));
    // A step's inputs come before it, so one walk from the end finds all that is needed.
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const step = this.#steps[i];
      if (needed.has(step)) for (const input of step.inputs) if (own(input)) needed.add(input);
    }
    const inputs = this.#steps.filter((step) => step.name === undefined);
    const program = this.#steps.filter((step) => step.name !== undefined && needed.has(step));
    this.#steps.length = 0;
    return (tangents) => {
      const values = new Map<NDArray, NDArray>();
      inputs.forEach((input, i) => values.set(input, tangents[i]));
      const valueOf = (x: NDArray): NDArray => values.get(x) ?? x;
      for (const step of program) values.set(step, bind(step.name as PrimitiveName, step.inputs.map(valueOf), step.params as never));
      return outputs.map((x) => x && valueOf(x));
    };
  }
}
