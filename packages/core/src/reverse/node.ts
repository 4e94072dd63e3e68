import type { NDArray } from "../array/ndarray.js";
import type { Aval } from "../engine/aval.js";
import type { Arrays, Parts } from "../engine/operation.js";
import type { Trace } from "../engine/trace.js";
import { Tracer } from "../engine/tracer.js";
import type { PrimitiveName } from "../primitives/index.js";

/** Something that can be a step's source: an array, or the call that gave it. */
interface Source {
  readonly owner: Trace;
}

/** A value on the tape, and how it came about. Values point to what they were made from, so what no output needs is garbage. */
export class Node extends Tracer {
  readonly aval: Aval;
  /** Its place in the order of a pullback. */
  index = -1;

  constructor(
    readonly owner: Trace,
    readonly value: NDArray,
    readonly name: PrimitiveName | undefined,
    readonly inputs: readonly Source[],
    readonly params: unknown,
  ) {
    super();
    this.aval = value.aval;
  }

  get below(): NDArray {
    return this.value;
  }
}

/** An operation with rules of its own on the tape: it may have several results, and has one pullback for all of them. */
export class Call implements Source {
  index = -1;
  readonly name = undefined;

  constructor(
    readonly owner: Trace,
    readonly inputs: Arrays,
    readonly pull: (cotangents: Parts) => Parts,
    readonly count: number,
  ) {}
}

/** One of the results of a call. */
export class Output extends Node {
  constructor(
    owner: Trace,
    value: NDArray,
    readonly call: Call,
    readonly position: number,
  ) {
    super(owner, value, undefined, [call], undefined);
  }
}

export type Entry = Node | Call;

export function lowerAll(tape: Trace, inputs: Arrays): Arrays {
  const values = new Array<NDArray>(inputs.length);
  for (let i = 0; i < inputs.length; i++) values[i] = tape.lower(inputs[i]);
  return values;
}
