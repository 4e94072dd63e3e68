import { cond, type NDArray, TreeError, treeMap, whileLoop } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import { type ArrayList, effect, isStaging } from "@ad/core/internals/trace";
import { vmap } from "@ad/vmap";
import * as codes from "./codes.js";

/** The state of a solver: arrays alone. The code is 0 as long as it goes on. */
export interface State {
  readonly code: NDArray;
  readonly iterations: NDArray;
}

/**
 * Takes steps as long as the code is 0, and shows them. A lane of vmap that has another code stays as it is. What a step is made of is not shown
 * before the loop asks whether it goes on: within the step, lanes that are at rest have the numbers of another one.
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
      show?.(state as S);
      return (state as S).code.equal(codes.maxIterations[0]).logicalAnd((state as S).iterations.less(maxIterations));
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
const numberOf = (x: NDArray): number => (x.ndim === 0 ? x.item<number>() : (x as unknown as number));

/**
 * Makes the function that is told of each state of a search, and looks at those that a step led to: in lanes, a step of one of them at the least. It works in
 * every transformation. The counts are 0 where a search begins.
 */
export function shown<S extends State>(
  op: string,
  look: (iteration: number, values: ArrayList) => void,
  valuesOf: (state: S) => ArrayList,
): (state: S) => void {
  let before = 0;
  const see = ([iterations, ...values]: ArrayList): void => {
    const total = iterations.sum().item<number>();
    if (total > before) look(numberOf(iterations), values);
    before = total;
  };
  // The code differs from lane to lane wherever a value does, and a count may not yet.
  return (state) => effect(`${op}'s onStep`, see, [state.iterations.add(state.code.mul(0)), ...valuesOf(state)]);
}

/** The tree of a vector; in lanes the vectors of all of them, each leaf with the lanes in front. */
const treeOf = (tree: (x: NDArray) => unknown, x: NDArray): unknown =>
  x.ndim > 1 ? vmap((own: NDArray) => treeOf(tree, own))(x) : tree(x);

/** The same of a solver of trees: it shows the number of the step, the unknowns, and one more number by its name. */
export const shownSteps = <K extends string, S extends State>(
  op: string,
  onStep: ((step: { readonly iteration: number; readonly x: never } & Readonly<Record<K, number>>) => void) | undefined,
  tree: (x: NDArray) => unknown,
  name: K,
  valuesOf: (state: S) => readonly [x: NDArray, number: NDArray],
): ((state: S) => void) | undefined =>
  // never: the type of x is the solver's.
  onStep && shown(op, (iteration, [x, y]) => onStep({ iteration, x: treeOf(tree, x), [name]: numberOf(y) } as never), valuesOf);

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
