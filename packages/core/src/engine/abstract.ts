import type { NDArray } from "../array/ndarray.js";
import { shapeOf } from "../primitives/lookup.js";
import type { Aval } from "./aval.js";
import type { Device } from "./device.js";
import { host } from "./host.js";
import type { ArrayList, Operation } from "./operation.js";
import type { Params, PrimitiveName } from "./primitive.js";
import { Trace } from "./trace.js";
import { Tracer } from "./tracer.js";

/** An array without numbers: its shape, its dtype and its device are all that is known. `like` is any array on that device. */
export class Abstract extends Tracer {
  readonly below = undefined;

  constructor(
    readonly owner: AbstractTrace,
    readonly aval: Aval,
    readonly like: NDArray,
  ) {
    super();
  }

  override peer(): NDArray {
    return this.like;
  }
  override moved(device: Device = host): NDArray {
    return device === this.device ? this : this.owner.move(this, device);
  }
}

const avalsOf = (inputs: ArrayList): Aval[] => inputs.map((x) => x.aval);

/** Abstract evaluation: nothing is computed; operations on shapes and dtypes give shapes and dtypes. */
export class AbstractTrace extends Trace<Abstract> {
  constructor(
    kind: string,
    /** Whether control flow takes every branch, and no turn of a loop: shapes alone are wanted of what is never computed. */
    readonly takesAll = false,
  ) {
    super(kind);
  }

  /** An abstract array on the device of `like`, with the aval of `like` unless another is given. */
  of(like: NDArray, aval = like.aval): NDArray {
    return new Abstract(this, aval, like);
  }

  /** The same array on another device. */
  move(x: Abstract, device: Device): NDArray {
    return this.of(x.like.filled(0, x.aval).moved(device));
  }

  override process<P extends PrimitiveName>(name: P, inputs: ArrayList, params: Params<P>): NDArray {
    return this.apply(name, inputs, params, [shapeOf(name, avalsOf(inputs), params)])[0];
  }

  /** An operation without a shape rule is made of other operations, which come here one by one. */
  override call(operation: Operation, inputs: ArrayList): ArrayList {
    const avals = operation.shape?.(avalsOf(inputs));
    return avals ? this.apply(operation, inputs, undefined, avals) : operation.forward(inputs);
  }

  /** The results of an operation, of these shapes and dtypes. */
  protected apply(_operation: PrimitiveName | Operation, inputs: ArrayList, _params: unknown, avals: readonly Aval[]): ArrayList {
    const own = inputs.find((x) => this.owns(x));
    return avals.map((aval) => this.of(own?.like ?? inputs[0], aval));
  }
}
