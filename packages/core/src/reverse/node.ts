import type { Index } from "../array/indexing.js";
import { guard, type NDArray } from "../array/ndarray.js";
import type { Aval } from "../engine/aval.js";
import { isWatched, type Trace } from "../engine/trace.js";
import { Tracer } from "../engine/tracer.js";
import type { Entry } from "./entry.js";

/** A value that is recorded. Only the user's function refers to it; the tape refers to entries. */
export class Node extends Tracer {
  readonly aval: Aval;
  /** Rows that were taken of it: few values have any. */
  declare rows?: Map<number, NDArray>;

  constructor(
    readonly owner: Trace,
    readonly below: NDArray,
    readonly entry: Entry,
  ) {
    super();
    this.aval = below.aval;
  }

  /** Gives a row that was taken before once more, so that a loop which takes the row of its weights in each turn has it on the tape once. */
  override slice(...index: readonly Index[]): NDArray {
    const { shape } = this;
    // An observer is to see each use.
    if (isWatched()) return super.slice(...index);
    // Whole numbers in row-major order, counted apart for each number of indices.
    let key = index.length;
    for (let axis = 0; axis < index.length; axis++) {
      const at = index[axis] as number;
      if (!Number.isInteger(at) || at < 0 || at >= shape[axis]) return super.slice(...index);
      key = key * shape[axis] + at;
    }
    this.rows ??= new Map();
    const row = this.rows.get(key) ?? super.slice(...index);
    this.rows.set(key, row);
    return row;
  }
}

guard(Node.prototype);
