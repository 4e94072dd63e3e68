import type { NDArray } from "../array/ndarray.js";
import type { Aval } from "../engine/aval.js";
import type { Trace } from "../engine/trace.js";
import { Tracer } from "../engine/tracer.js";
import type { Entry } from "./entry.js";

/** A value that is recorded. Only the user's function refers to it; the tape refers to entries. */
export class Node extends Tracer {
  readonly aval: Aval;

  constructor(
    readonly owner: Trace,
    readonly below: NDArray,
    readonly entry: Entry,
  ) {
    super();
    this.aval = below.aval;
  }
}
