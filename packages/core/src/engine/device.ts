import type { NDArray } from "../array/ndarray.js";
import type { DType } from "./aval.js";
import type { Trace } from "./trace.js";

/** A place where arrays live and operations are computed: the trace at level 0. */
export interface Device extends Trace {
  /** Its name in messages and in printed arrays. */
  readonly name: string;
  /** The dtypes that arrays can have there. */
  readonly dtypes: readonly DType[];
  /**
   * A concrete array, moved here from any device.
   *
   * @param x an array that is not traced
   */
  put(x: NDArray): NDArray;
  /** @internal An arena for a computation whose intermediate values no other code can see; they are lazy where their users are counted. `isWithin`: inside of another transformation. */
  newArena?(isLazy?: boolean, isWithin?: boolean): Arena;
}

/** The values that one is made of, beneath traces that keep nothing of what they see. */
export const beneath = (x: NDArray): readonly NDArray[] => x.owner.parts?.(x).flatMap(beneath) ?? [x];

/** An option of transformations for those who build on them: intermediate values are held to the end, so that their storage is used again. */
export const unseen = Symbol("unseen");

/** Tells the storage of a computation's own values from what others can see, and uses it again: memory that is fresh is slow. */
export interface Arena {
  /** Whether there is anything that could be used again. */
  readonly isUsed: boolean;
  /** Values made from here on are the computation's own and may be lazy, until `leave` is called with the result of `enter`. */
  enter(): Arena | undefined;
  leave(outer: Arena | undefined): void;
  /** Whether it was given up, or has ended. */
  readonly isOver: boolean;
  /** Takes a value, or lets it go to the outside. False: it is not this device's. */
  own(x: NDArray, isHidden: boolean): boolean;
  /** A value has one more user, one less. */
  hold(x: NDArray): void;
  drop(x: NDArray): void;
  /** A value goes to the outside; if it is lazy, it is computed. */
  keep(x: NDArray): void;
  /** The storage of what has no user is free. */
  sweep(): void;
  /** The storage of all that was not kept is free. */
  end(): void;
  /** Other code may see the values: from here on no storage is reused and no value is lazy. */
  giveUp(): void;
}
