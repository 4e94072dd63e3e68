/**
 * The state of a search as one vector, so that a turn is one operation on plain numbers. Its first numbers are the same for all searches.
 *
 * @packageDocumentation
 */
import { type NDArray, whileLoop } from "@ad/core";
import { type ArrayList, computed, type Numbers } from "@ad/core/internals/trace";
import type { Counts } from "./result.js";

/** 1 where the search is over. */
const isOver = 0;
/** The code of the reason why it is, 0 as long as there is none but maxIterations. */
export const code = 1;
export const iterations = 2;
export const evaluations = 3;
/** The numbers of a method begin here. */
export const own = 4;

/** The state after one, which begins as that, by the numbers of some arrays; the state before is given as well. */
export const after = (
  maxIterations: number,
  before: NDArray,
  inputs: ArrayList,
  change: (s: Numbers, inputs: readonly Numbers[], before: Numbers) => void,
): NDArray =>
  computed("search", [before, ...inputs], before.size, ([before, ...own], s) => {
    s.set(before);
    change(s, own, before);
    s[isOver] = +(s[code] !== 0 || s[iterations] >= maxIterations);
  });

/** Takes turns until the search is over, and shows each state, as `iterate` does. */
export const turns = (first: NDArray, turn: (s: NDArray) => NDArray, show: (s: NDArray) => void): NDArray =>
  whileLoop(
    (s: NDArray) => {
      show(s);
      return s.slice(isOver).equal(0);
    },
    turn,
    first,
  );

/** Reads the code and the counts. */
export function counts(s: NDArray): Counts {
  const [code, iterations, evaluations] = s.slice([1, own]).astype("int32");
  return { code, iterations, evaluations };
}
