import type { NDArray } from "./array/ndarray.js";
import type { DType } from "./aval.js";
import type { Trace } from "./trace.js";

/** A place where arrays live and operations are computed: the trace at level 0. */
export interface Device extends Trace {
  readonly name: string;
  readonly dtypes: readonly DType[];
  /** A concrete array, moved here from any device. */
  put(x: NDArray): NDArray;
}
