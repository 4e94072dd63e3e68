import type { NDArray } from "../array/ndarray.js";
import type { ArrayList } from "./operation.js";

/**
 * Control flow of a function that is staged. There are no numbers to look at, so branches and loops become operations that hold programs.
 * Arrays are given leaf by leaf; the functions of control/ know the trees, and check them.
 */
export interface Stager {
  /** The results of the branch at this index, an int32 array of shape [] from 0 to the last branch. */
  choose(op: string, index: NDArray, branches: readonly ((operands: ArrayList) => ArrayList)[], operands: ArrayList): ArrayList;
  /** The first state for which the test does not hold. */
  whileLoop(op: string, test: (state: ArrayList) => NDArray, body: (state: ArrayList) => ArrayList, first: ArrayList): ArrayList;
  /**
   * The last state, and what was collected, stacked: from the state and one row of each array to the next state and what is collected.
   * Where it recomputes, reverse mode keeps the states alone.
   */
  scan(
    op: string,
    body: (state: ArrayList, row: ArrayList) => readonly [state: ArrayList, collected: ArrayList],
    first: ArrayList,
    rows: ArrayList,
    length: number,
    recomputes: boolean,
  ): readonly [state: ArrayList, collected: ArrayList];
}

/** Set while a function is staged; outside of that, control flow looks at the numbers. */
export let stager: Stager | undefined;

/** Runs a body while control flow is staged in this way; undefined: it looks at the numbers. */
export function withStager<T>(next: Stager | undefined, body: () => T): T {
  const outer = stager;
  stager = next;
  try {
    return body();
  } finally {
    stager = outer;
  }
}

/** Returns whether a function is being staged. */
export const isStaging = (): boolean => stager !== undefined;
