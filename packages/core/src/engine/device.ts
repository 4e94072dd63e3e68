import type { NDArray } from "../array/ndarray.js";
import type { DType } from "./aval.js";
import type { Trace } from "./trace.js";

/** A place where arrays live and operations are computed: the trace at level 0. */
export interface Device extends Trace {
  /** As messages and printed arrays name it. */
  readonly name: string;
  /** The dtypes that arrays can have there. */
  readonly dtypes: readonly DType[];
  /** A concrete array, moved here from any device. */
  put(x: NDArray): NDArray;
  /** For a computation of which nobody sees more than it returns. */
  newArena?(): Arena;
}

/** Tells the storage of a computation's own values from what others can see, and uses it again: memory that is fresh is slow. */
export interface Arena {
  /** Whether there is anything that could be used again. */
  readonly isUsed: boolean;
  /** What is made from here on is the computation's own, and may be computed later; until `leave` gets what `enter` returned. */
  enter(): Arena | undefined;
  leave(outer: Arena | undefined): void;
  /** Whether it was given up, or has ended. */
  readonly isOver: boolean;
  /** Takes a value, or lets it go to the outside. False: it is not this device's. */
  own(x: NDArray, isHidden: boolean): boolean;
  /** A value has one more user, one less. */
  hold(x: NDArray): void;
  drop(x: NDArray): void;
  /** A value goes to the outside, and is computed if it waits. */
  keep(x: NDArray): void;
  /** The storage of what has no user is free. */
  sweep(): void;
  /** The storage of all that was not kept is free. */
  end(): void;
  /** Others may see what was made: nothing is ever free, and nothing waits from here on. */
  giveUp(): void;
}
