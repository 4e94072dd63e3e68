import { cond, type NDArray, TreeError, treeMap, whileLoop } from "@ad/core";
import { checkFunction, describe } from "@ad/core/internals/checks";
import { type ArrayList, effect, flatten, isStaging, unflatten } from "@ad/core/internals/trace";
import * as codes from "./codes.js";

/** The state of a solver: arrays alone. The code is 0 as long as it goes on. */
export interface State {
  readonly code: NDArray;
  readonly iterations: NDArray;
}

/**
 * Takes steps as long as the code is 0. A lane of vmap that has another code stays as it is. Each state is shown where the loop asks whether it goes on,
 * and not in the step: in there the lanes that have ended have another lane's numbers.
 */
export const iterate = <S extends State>(
  first: S,
  step: (state: S) => Omit<S, "iterations">,
  maxIterations: number,
  show?: (state: S) => void,
): S =>
  // The state is a tree of arrays, and so is what comes out.
  whileLoop(
    (state) => {
      // The code differs from lane to lane wherever a value does, and the count may not yet.
      const { code, iterations } = state as S;
      show?.({ ...(state as S), iterations: iterations.add(code.mul(0)) });
      return code.equal(codes.maxIterations[0]).logicalAnd(iterations.less(maxIterations));
    },
    (state) => ({ ...step(state as S), iterations: (state as S).iterations.add(1) }) as S,
    first,
  ) as S;

/** One of two trees of one form. never: the type of a tree's leaves is known where it is called. */
export const chosen = <T>(on: NDArray, a: T, b: T): T => treeMap((x, y) => on.where(x, y), a as never, b as never) as T;

/** One of two trees of one form. In a program both are computed and chosen from: of what is cheap, that costs less than a branch. */
export const either = <T>(on: NDArray, a: () => T, b: () => T): T =>
  isStaging() ? chosen(on, a(), b()) : (cond(on, a as () => never, b as () => never) as T);

/** The code of the first reason whose condition holds, and otherwise of the last. A condition that is false for all is none. */
export const firstOf = (
  like: NDArray,
  cases: readonly (readonly [condition: NDArray | false, reason: codes.Reason])[],
  otherwise: codes.Reason,
): NDArray => cases.reduceRight((code, [on, own]) => (on ? on.where(own[0], code) : code), like.filled(otherwise[0], like.aval));

/** A number of a step, or, of a batch, the array of its lanes. */
const numberOf = (x: NDArray): number => (x.ndim ? (x as unknown as number) : x.item<number>());

/**
 * Makes the function that is told of each state of a search, and shows those that a step led to: in lanes, a step of one of them at the least. It shows
 * the number of the step, the unknowns as a tree, and one more number by its name, in every transformation. The count is 0 where a search begins.
 */
export function shown<K extends string, S extends Pick<State, "iterations">>(
  op: string,
  onStep: ((step: { readonly iteration: number; readonly x: never } & Readonly<Record<K, number>>) => void) | undefined,
  tree: (x: NDArray) => unknown,
  name: K,
  valuesOf: (state: S) => readonly [x: NDArray, number: NDArray],
): ((state: S) => void) | undefined {
  let before = 0;
  if (onStep !== undefined) checkFunction(op, onStep);
  return (
    onStep &&
    ((state) => {
      const [x, number] = valuesOf(state);
      const { structure, leaves } = flatten(tree(x), op);
      const look = ([iterations, own, ...parts]: ArrayList): void => {
        const total = iterations.sum().item<number>();
        // never: the type of x is the solver's.
        if (total > before) onStep({ iteration: numberOf(iterations), [name]: numberOf(own), x: unflatten(structure, parts) } as never);
        before = total;
      };
      effect(`${op}'s onStep`, look, [state.iterations, number, ...leaves]);
    })
  );
}

/** A tolerance, or another number that is not less than `least`; undefined for the default. */
export function checkTolerance(op: string, name: string, value: number | undefined, least = 0, isWhole = false): number | undefined {
  if (value !== undefined && !(typeof value === "number" && value >= least && !(isWhole && value % 1)))
    throw new TreeError(`${op}: ${name} is ${describe(value)}; give a ${isWhole ? "whole " : ""}number, ${least} or more.`);
  return value;
}

/** A whole number, or Infinity. */
export const checkCount = (op: string, name: string, value: number, least = 0): number =>
  checkTolerance(op, name, value, least, true) as number;

/** One of a few words or values. */
export function checkChoice<T>(op: string, name: string, value: T, choices: readonly T[]): T {
  if (!choices.includes(value)) throw new TreeError(`${op}: ${name} is ${describe(value)}; give one of ${JSON.stringify(choices)}.`);
  return value;
}
