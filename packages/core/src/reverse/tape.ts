import type { NDArray } from "../array/ndarray.js";
import { isFloat } from "../engine/aval.js";
import type { Lease } from "../engine/device.js";
import type { Arrays, Operation, Parts } from "../engine/operation.js";
import { bind, Trace } from "../engine/trace.js";
import type { Params, PrimitiveName } from "../primitives/index.js";
import { partials } from "../rules/partials.js";
import { Call, lowerAll, Node, Output } from "./node.js";

/** Reverse mode: records what is computed from its inputs, to be walked backwards as often as wanted. */
export class Tape extends Trace<Node> {
  /** @param lease for the values on the tape, if only the tape sees them; it's given up where others do */
  constructor(
    kind: string,
    public lease?: Lease,
  ) {
    super(kind);
  }

  /** An input of the function. */
  input(value: NDArray): Node {
    return new Node(this, value, undefined, [], undefined);
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const out = this.lease ? this.#leased(this.lease, name, inputs, params) : bind(name, lowerAll(this, inputs), params);
    const isNode = isFloat(out.dtype) && this.#depends(name, inputs);
    if (this.lease?.own(out, isNode) === false) this.expose();
    return isNode ? new Node(this, out, name, inputs, params) : out;
  }

  override call(operation: Operation, inputs: Arrays): Arrays {
    this.expose();
    return operation.record?.(this, inputs, operation) ?? operation.forward(inputs);
  }

  /** Puts a call on the tape: its results one level down, and its pullback, from their cotangents to those of the inputs. */
  append(inputs: Arrays, outs: Arrays, pull: (cotangents: Parts) => Parts): Arrays {
    const step = new Call(this, inputs, pull, outs.length);
    return outs.map((out, position) => (isFloat(out.dtype) ? new Output(this, out, step, position) : out));
  }

  /** Others see the values from here on. */
  expose(): void {
    this.lease?.giveUp();
    this.lease = undefined;
  }

  #leased<P extends PrimitiveName>(lease: Lease, name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const outer = lease.enter();
    try {
      return bind(name, lowerAll(this, inputs), params);
    } finally {
      lease.leave(outer);
    }
  }

  #depends(name: PrimitiveName, inputs: readonly NDArray[]): boolean {
    const slopes = (partials as Readonly<Record<string, readonly unknown[] | undefined>>)[name];
    if (slopes === undefined) return true;
    for (let i = 0; i < inputs.length; i++) if (this.owns(inputs[i]) && slopes[i] !== 0) return true;
    return false;
  }
}
