import { type NDArray, TreeError, whileLoop } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import { type ArrayList, call, type Operation, type Recorder } from "@ad/core/internals/trace";
import { codes } from "./result.js";

/** The state of a solver: arrays alone. The code is 0 as long as it goes on. */
export interface State {
  readonly code: NDArray;
  readonly iterations: NDArray;
}

/** Takes steps as long as the code is 0. A lane of vmap that has another code stays as it is. */
export const iterate = <S extends State>(first: S, step: (state: S) => Omit<S, "iterations">, maxIterations: number): S =>
  // The state is a tree of arrays, and so is what comes out.
  whileLoop(
    (state) => (state as S).code.equal(codes.maxIterations).logicalAnd((state as S).iterations.less(maxIterations)),
    (state) => ({ ...step(state as S), iterations: (state as S).iterations.add(1) }),
    first,
  ) as S;

/** The first code whose condition holds, and otherwise the last. */
export const firstOf = (like: NDArray, cases: readonly (readonly [condition: NDArray, code: number])[], otherwise: number): NDArray =>
  cases.reduceRight((code, [on, own]) => on.where(own, code), like.filled(otherwise, like.aval));

/** Shows what a step gave, in every transformation: in each run of a program, and for all lanes at once. It has no results, and no derivative. */
export function show(op: string, look: (values: ArrayList) => void, values: ArrayList): void {
  const operation: Operation = {
    name: `${op}'s onStep`,
    effect: true,
    forward(inputs) {
      look(inputs);
      return [];
    },
    shape: () => [],
    jvp: (inputs) => [call(operation, inputs), []],
    vmap: (inputs) => call(operation, inputs),
    record: (tape: Recorder, inputs) =>
      call(
        operation,
        inputs.map((x) => tape.lower(x)),
      ),
  };
  call(operation, values);
}

/** A number of a step, or, of a batch, the array of its lanes. */
export const numberOf = (x: NDArray): number => (x.ndim === 0 ? x.item<number>() : (x as unknown as number));

/** A whole number of steps. */
export function checkMaxIterations(op: string, maxIterations: number): number {
  if (!(Number.isInteger(maxIterations) && maxIterations >= 0) && maxIterations !== Infinity)
    throw new TreeError(`${op}: maxIterations is ${describe(maxIterations)}; give a whole number of steps, 0 or more.`);
  return maxIterations;
}

/** A tolerance, or undefined for the default. */
export function checkTolerance(op: string, name: string, value: number | undefined): number | undefined {
  if (value !== undefined && !(typeof value === "number" && value >= 0))
    throw new TreeError(`${op}: ${name} is ${describe(value)}; give a number, 0 or more.`);
  return value;
}

/** One of a few words. */
export function checkChoice<T extends string>(op: string, name: string, value: T, choices: readonly T[]): T {
  if (!choices.includes(value))
    throw new TreeError(`${op}: ${name} is ${describe(value)}; give ${choices.map((each) => JSON.stringify(each)).join(" or ")}.`);
  return value;
}
