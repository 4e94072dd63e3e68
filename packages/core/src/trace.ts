import type { ArrayBase } from "./array/base.js";
import type { NDArray } from "./array/ndarray.js";
import { TransformError } from "./errors.js";
import type { Params, PrimitiveName } from "./primitives/index.js";

let traces = 0;

/**
 * One transformation at work, or, at level 0, a device that computes. It carries its own rules.
 * A trace that starts later has a higher level, so an inner transformation sees an operation first.
 */
export abstract class Trace {
  readonly level: number;
  /** False once the transformed function has returned: a value of it that is used then has escaped. */
  live = true;

  /** @param kind the transformation's public name, for messages */
  protected constructor(
    readonly kind: string,
    device = false,
  ) {
    this.level = device ? 0 : ++traces;
  }

  /** Applies a primitive; what among the inputs is not this trace's own is a constant to it. */
  abstract process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray;
}

/** The one dispatch: the highest trace among the inputs applies the primitive by its rule, whose operations come here again, one level down. */
export function bind<P extends PrimitiveName>(name: P, inputs: readonly ArrayBase[], params: Params<P>): NDArray {
  let top = inputs[0].owner;
  for (let i = 1; i < inputs.length; i++) if (inputs[i].owner.level > top.level) top = inputs[i].owner;
  if (!top.live) throw escaped(name, top.kind);
  return top.process(name, inputs as readonly NDArray[], params);
}

export const escaped = (op: string, kind: string): TransformError =>
  new TransformError(
    `${op}: a value of ${kind} is used after its function has returned. Return it from the function (or as aux, with hasAux: true) instead of storing it outside.`,
  );

/** Runs the user's function inside a trace, and ends the trace whatever happens. */
export function within<T>(trace: Trace, run: () => T): T {
  try {
    return run();
  } finally {
    trace.live = false;
  }
}
