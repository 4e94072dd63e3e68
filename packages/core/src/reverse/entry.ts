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
    /** The entries of the operands to which cotangents go: that of the first, for which most need no list, and those of the others. */
    readonly first: Entry | undefined,
    readonly others: readonly (Entry | undefined)[],
    /** The shape and dtype of the first operand, where transposes and reductions ask for them. */
    readonly aval: Aval | undefined,
    /** Those operands that the rules read, each at its place. */
    readonly operands: Operands,
    /** The result, where the rules read it. */
    readonly out: NDArray | undefined,
  ) {}
}

export const none: never[] = [];

/** An input of the function, or what stands for several results. */
export const leaf = (): Entry => new Entry(undefined, undefined, undefined, none, undefined, none, undefined);

/** A linear map of many operands, which passes back to all of them at once. */
export class Joint extends Entry {
  constructor(
    rules: Rules,
    params: unknown,
    sources: readonly (Entry | undefined)[],
    /** The shapes and dtypes of all operands. */
    readonly avals: readonly Aval[],
  ) {
    super(rules, params, undefined, sources, undefined, none, undefined);
  }
}

/** An operation with rules of its own on the tape: it may have several results, and has one pullback for all of them. */
export class Call extends Entry {
  constructor(
    sources: readonly (Entry | undefined)[],
    readonly pull: (cotangents: Parts) => Parts,
    readonly count: number,
  ) {
    super(undefined, undefined, undefined, sources, undefined, none, undefined);
  }
}

/** One of the results of a call. */
export class Output extends Entry {
  constructor(
    readonly call: Call,
    readonly position: number,
  ) {
    super(undefined, undefined, call, none, undefined, none, undefined);
  }
}
