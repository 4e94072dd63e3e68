import type { NDArray } from "@ad/core";
import { Aval, type NamesOf, type Params, type PrimitiveName, primitives, Trace, Tracer } from "@ad/core/internals";
import { elementwise, type Operands, rules } from "./rules.js";

/** All lanes of a mapped value; the function sees one lane's shape, the first axis of `value` is the batch. */
export class Batched extends Tracer {
  readonly aval: Aval;

  constructor(
    readonly owner: BatchTrace,
    readonly value: NDArray,
  ) {
    super();
    this.aval = new Aval(value.shape.slice(1), value.dtype);
  }
}

/** Vectorisation: every operation is done once, for the whole batch. */
export class BatchTrace extends Trace {
  constructor(
    kind: string,
    readonly size: number,
  ) {
    super(kind);
  }

  isMapped(x: NDArray): x is Batched {
    return x.owner === this;
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const operands: Operands = {
      values: inputs.map((x) => (this.isMapped(x) ? x.value : x)),
      mapped: inputs.map((x) => this.isMapped(x)),
      size: this.size,
    };
    const rule = rules as unknown as Readonly<Record<string, (operands: Operands, params: unknown) => NDArray>>;
    const value =
      primitives[name].kind === "elementwise"
        ? elementwise(name as NamesOf<"elementwise">, operands, params as never)
        : rule[name](operands, params);
    return new Batched(this, value);
  }
}
