import type { NDArray } from "../array/ndarray.js";
import { type Params, type PrimitiveName, primitives } from "../primitives/index.js";
import type { Aval } from "./aval.js";
import type { Device } from "./device.js";
import type { Arrays, Operation } from "./operation.js";
import { Trace } from "./trace.js";
import { Tracer } from "./tracer.js";

/** A tracer that has no numbers at all, and is where some array is that it is `like`. */
export abstract class Unvalued extends Tracer {
  readonly below = undefined;

  constructor(readonly like: NDArray) {
    super();
  }

  override get device(): Device {
    return this.like.device;
  }
  override lift(data: unknown, op: string, beside?: boolean): NDArray {
    return this.like.lift(data, op, beside);
  }
  override filled(value: number, aval: Aval): NDArray {
    return this.like.filled(value, aval);
  }

  /** Some array of its shape on a device. */
  protected likeOn(device: Device | undefined): NDArray {
    return this.like.filled(0, this.aval).moved(device);
  }
}

/** An array without numbers: its shape, its dtype and its device are all that is known. */
class Abstract extends Unvalued {
  constructor(
    readonly owner: Shapes,
    readonly aval: Aval,
    like: NDArray,
  ) {
    super(like);
  }

  override moved(device: Device | undefined): NDArray {
    return new Abstract(this.owner, this.aval, this.likeOn(device));
  }
}

/** Computes nothing: shapes and dtypes alone go through. */
export class Shapes extends Trace {
  constructor(kind: string) {
    super(kind);
  }

  /** An array where `like` is, and as it is unless told otherwise. */
  of(like: NDArray, aval = like.aval): NDArray {
    return new Abstract(this, aval, like);
  }

  override process<P extends PrimitiveName>(name: P, inputs: Arrays, params: Params<P>): NDArray {
    const shape = primitives[name].shape as (inputs: readonly Aval[], params: unknown) => Aval;
    return this.#made(
      inputs,
      shape(
        inputs.map((x) => x.aval),
        params,
      ),
    );
  }

  override call(operation: Operation, inputs: Arrays): Arrays {
    return operation.shape?.(inputs.map((x) => x.aval)).map((aval) => this.#made(inputs, aval)) ?? operation.forward(inputs);
  }

  #made(inputs: Arrays, aval: Aval): NDArray {
    return this.of((inputs.find((x) => x.owner === this) as Abstract).like, aval);
  }
}
