import type { NDArray } from "../array/ndarray.js";
import type { Aval } from "../engine/aval.js";
import type { Parts } from "../engine/operation.js";
import type { Operands, Rules } from "../rules/lookup.js";

/**
 * An operation on the tape: where its operands come from, and what its rules read of operands and result. It refers to no tracer, so that a
 * value which no rule reads is garbage once the user's function has let go of it. Entries point to what they were made from: what no output
 * needs is garbage too. It has fields and no lists, because a tape of small arrays is mostly entries.
 */
export class Entry {
  constructor(
    /** Its place on the tape, behind all that it is made from. */
    readonly index: number,
    /** Undefined for an input of the function, a call and its results. */
    readonly rules?: Rules,
    readonly params?: unknown,
    /** The shape and dtype of the first operand. */
    readonly aval?: Aval,
    /** The result, where the rules read it. */
    readonly out?: NDArray,
    /** The entries of the first two operands, where cotangents go to them. */
    readonly first?: Entry,
    readonly second?: Entry,
    /** The first two operands, where the rules read them. */
    readonly x?: NDArray,
    readonly y?: NDArray,
  ) {}
}

/** An operation of more than two operands: it has lists of them. */
export class Many extends Entry {
  constructor(
    index: number,
    readonly sources: readonly (Entry | undefined)[],
    rules?: Rules,
    params?: unknown,
    /** The shapes and dtypes of the operands. */
    readonly avals: readonly Aval[] = [],
    /** Those operands that the rules read, each at its place. */
    readonly operands: Operands = [],
    out?: NDArray,
  ) {
    super(index, rules, params, avals[0], out);
  }
}

/** An operation with rules of its own on the tape: it may have several results, and has one pullback for all of them. */
export class Call extends Many {
  constructor(
    index: number,
    sources: readonly (Entry | undefined)[],
    readonly pull: (cotangents: Parts) => Parts,
    readonly count: number,
  ) {
    super(index, sources);
  }
}

/** One of the results of a call. */
export class Output extends Entry {
  constructor(
    index: number,
    readonly call: Call,
    readonly position: number,
  ) {
    super(index);
  }
}
