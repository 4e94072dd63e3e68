import type { NDArray } from "./array/ndarray.js";
import type { Trace } from "./trace.js";

/** A place where arrays live and operations are computed: the trace at level 0. */
export interface Device extends Trace {
  readonly name: string;
  /** A concrete array, moved here. */
  put(x: NDArray): NDArray;
}
