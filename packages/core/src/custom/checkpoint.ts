import type { NDArray } from "../array/ndarray.js";
import { checkNoMore, TreeError } from "../engine/errors.js";
import { type AnyFunction, checkFunction, invoke } from "../engine/invoke.js";
import type { Operation } from "../engine/operation.js";
import { bind, call } from "../engine/trace.js";
import {
  type Arrays as ArraysOf,
  arraysOf,
  type Flat,
  flatten,
  type Listed,
  mapArrays,
  type Passed,
  sameStructure,
  showStructure,
  unflatten,
  withArrays,
} from "../engine/tree.js";
import { recordRecomputation } from "../reverse/recomputation.js";
import { lookingOut, withClosure } from "./closure.js";

/** An array that f returns as it is passes through an operation, so that it is seen to come in, at each level, when f closes over it. */
const passed = (x: NDArray): NDArray => (x.owner.level > 0 ? bind("reshape", [x], { shape: x.shape }) : x);

/**
 * f, with less memory in reverse mode: only its arguments are kept for the pullback, which runs f once more. Values and derivatives are
 * the same. Arrays that f closes over are differentiated too.
 *
 * @param f a function of any values, the same each time that it is called: a number that it closes over must not be assigned again before
 * the pullback. Arrays and arrays in trees, of any shapes and dtypes, are differentiated, a number is a weak scalar, all else is passed as it is
 * @throws TransformError where f is no function or gives a Promise, TreeError where f's result is no tree of arrays, or where something
 * follows f; the pullback, TreeError
 * or ShapeError where f's second run gives another form or other shapes than its first
 * @example
 * const block = checkpoint((x) => x.sin().exp().tanh());
 * grad((x) => block(block(x)).sum())(array([0])).shape; // [1]
 */
export function checkpoint<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
): (...args: Passed<A>) => ArraysOf<R>;
export function checkpoint(f: AnyFunction, ...more: readonly unknown[]): (...args: readonly unknown[]) => unknown {
  checkFunction("checkpoint", f);
  checkNoMore("checkpoint", "f", more);
  return (...args) => {
    const arrays = arraysOf(args, "checkpoint");
    let form: Flat["structure"] | undefined;
    const forward = (inputs: readonly NDArray[]): readonly NDArray[] => {
      const own = withArrays(args, inputs);
      const result = lookingOut(() => flatten(mapArrays(invoke(f, own), passed), "checkpoint", "the function's result"));
      if (form === undefined) form = result.structure;
      if (!sameStructure(form, result.structure))
        throw new TreeError(
          `checkpoint: the function gives ${showStructure(result.structure)} in its second run, but ${showStructure(form)} in its first; let it give the same for the same arguments.`,
        );
      return result.leaves;
    };
    const operation: Operation = { name: "checkpoint", forward, record: recordRecomputation, closing: withClosure };
    const outs = withClosure(arrays, (all) => (all.length === 0 ? forward(all) : call(operation, all)));
    return unflatten(form ?? null, outs);
  };
}
