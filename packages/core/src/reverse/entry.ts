import type { NDArray } from "../array/ndarray.js";
import type { Aval } from "../engine/aval.js";
import type { Parts } from "../engine/operation.js";
import type { Operands, Rules } from "../rules/lookup.js";

/**
 * An operation on the tape: where its operands come from, and what its rules read of operands and result. It refers to no tracer, so that a
 * value which no rule reads is garbage once the user's function has let go of it. Entries point to what they were made from: what no output
 * needs is garbage too.
 */
export class Entry {
  /** Its place in the order of a pullback. */
  index = -1;

  constructor(
    /** Undefined for an input of the function, a call and its results. */
    readonly rules: Rules | undefined,
    readonly params: unknown,
    /** The entries of the operands to which cotangents go. */
    readonly sources: readonly (Entry | undefined)[],
    /** The shapes and dtypes of the operands, where transposes and reductions ask for them. */
    readonly avals: readonly Aval[],
    /** Those operands that the rules read, each at its place. */
    readonly operands: Operands,
    /** The result, where the rules read it. */
    readonly out: NDArray | undefined,
  ) {}
}

const none: readonly never[] = [];

/** An input of the function, or what stands for several results. */
export const leaf = (): Entry => new Entry(undefined, undefined, none, none, none, undefined);

/** An operation with rules of its own on the tape: it may have several results, and has one pullback for all of them. */
export class Call extends Entry {
  constructor(
    sources: readonly (Entry | undefined)[],
    readonly pull: (cotangents: Parts) => Parts,
    readonly count: number,
  ) {
    super(undefined, undefined, sources, none, none, undefined);
  }
}

/** One of the results of a call. */
export class Output extends Entry {
  constructor(
    readonly call: Call,
    readonly position: number,
  ) {
    super(undefined, undefined, [call], none, none, undefined);
  }
}
