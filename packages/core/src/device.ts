import type { NDArray } from "./array/ndarray.js";
import type { DType } from "./aval.js";
import type { Trace } from "./trace.js";

/** A place where arrays live and operations are computed: the trace at level 0. */
export interface Device extends Trace {
  readonly name: string;
  readonly dtypes: readonly DType[];
  /** A concrete array, moved here from any device. */
  put(x: NDArray): NDArray;
  /** For a computation of which nobody sees more than it returns. */
  lend?(): Lease;
}

/** Tells the storage of a computation's own values from what others can see, and uses it again: memory that is fresh is slow. */
export interface Lease {
  /** Whether there is anything that could be used again. */
  readonly isUsed: boolean;
  /** How many storages the device has made. */
  made(): number;
  /** Takes a value that was computed since the device had made so many, with one user, or leaves it to the outside. False: it is not this device's. */
  own(x: NDArray, since: number, isHidden: boolean): boolean;
  /** Runs what nobody sees anything of: all that it makes is the computation's own. */
  inside<T>(run: () => T): T;
  /** A value has one more user, one less. */
  hold(x: NDArray): void;
  drop(x: NDArray): void;
  /** A value goes to the outside. */
  keep(x: NDArray): void;
  /** The storage of what has no user is free. */
  sweep(): void;
  /** The storage of all that was not kept is free. */
  end(): void;
}
