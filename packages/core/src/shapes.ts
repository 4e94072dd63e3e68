import type { NDArray } from "./array/ndarray.js";
import { Tracer } from "./array/tracer.js";
import type { Aval } from "./aval.js";
import type { Arrays, Operation } from "./operation.js";
import { type Params, type PrimitiveName, primitives } from "./primitives/index.js";
import { Trace } from "./trace.js";

/** An array without numbers: its shape and dtype are all that is known. */
class Abstract extends Tracer {
  readonly below = undefined;

  constructor(
    readonly owner: Shapes,
    readonly aval: Aval,
  ) {
    super();
  }
}

/** Computes nothing: shapes and dtypes alone go through. */
export class Shapes extends Trace {
  constructor(kind: string) {
    super(kind);
  }

  of(aval: Aval): NDArray {
    return new Abstract(this, aval);
  }

  override process<P extends PrimitiveName>(name: P, inputs: Arrays, params: Params<P>): NDArray {
    const shape = primitives[name].shape as (inputs: readonly Aval[], params: unknown) => Aval;
    return this.of(
      shape(
        inputs.map((x) => x.aval),
        params,
      ),
    );
  }

  override call(operation: Operation, inputs: Arrays): Arrays {
    return operation.shape?.(inputs.map((x) => x.aval)).map((aval) => this.of(aval)) ?? operation.forward(inputs);
  }
}
