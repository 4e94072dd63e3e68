import type { NDArray } from "../array/ndarray.js";
import type { Data } from "./aval.js";
import type { Trace } from "./trace.js";
import { Tracer } from "./tracer.js";

/** The numbers that a value has at this point, whatever transformations stand around it. */
export interface Peeked {
  /** Concrete; one leading axis for each batching trace, in their order. */
  readonly values: NDArray;
  readonly batches: readonly Trace[];
}

/**
 * The numbers of a value, for decisions that are no part of a derivative: which branch to take, which algorithm is stable.
 * Undefined where shapes alone are known.
 */
export function peek(x: NDArray): Peeked | undefined {
  const batches: Trace[] = [];
  let values: NDArray | undefined = x;
  while (values instanceof Tracer) {
    const { owner, below }: Tracer = values;
    if (owner.lanes !== undefined) batches.unshift(owner);
    // Whoever looks may keep what it sees.
    if (below) owner.arena?.keep(below);
    values = below;
  }
  return values && { values: values.to("cpu"), batches };
}

/**
 * The numbers that a caller gave, of which some may be refused. In a branch that some lanes take, the others have numbers of those: what a lane
 * does not compute is not refused.
 */
export const peekGiven = (x: NDArray): Data | undefined => peek(x.stopGradient())?.values.data();
