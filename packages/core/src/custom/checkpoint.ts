import type { NDArray } from "../array/ndarray.js";
import { checkNoMore } from "../errors.js";
import type { Operation } from "../operation.js";
import type { Inputs } from "../reverse/grad.js";
import { recomputed } from "../reverse/recomputed.js";
import { checkFunction } from "../reverse/record.js";
import { bind, call } from "../trace.js";
import { type Arrays as ArraysOf, type Flat, flatten, mapArrays, unflatten } from "../tree.js";
import { lookingOut, withClosure } from "./closure.js";

type AnyFunction = (...args: never) => unknown;

/** An array that f returns as it is passes through an operation, so that it is seen to come in, at each level, when f closes over it. */
const passed = (x: NDArray): NDArray => (x.owner.level > 0 ? bind("reshape", [x], { shape: x.shape }) : x);

/**
 * f, with less memory in reverse mode: only its arguments are kept for the pullback, which runs f once more. Values and derivatives are
 * the same. Arrays that f closes over are differentiated too.
 *
 * @param f a function of arrays or trees of arrays of any shapes and dtypes, the same each time that it is called
 * @throws TransformError where f is no function or gives a Promise, TreeError where an argument or f's result is no tree of arrays, or
 * where something follows f
 * @example
 * const block = checkpoint((x) => x.sin().exp().tanh());
 * grad((x) => block(block(x)).sum())(array([0])).shape; // [1]
 */
export function checkpoint<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => R,
): (...args: Inputs<A>) => ArraysOf<R>;
export function checkpoint(f: AnyFunction, ...more: readonly unknown[]): (...args: readonly unknown[]) => unknown {
  checkFunction("checkpoint", f);
  checkNoMore("checkpoint", "f", more);
  return (...args) => {
    const flats = args.map((arg, i) => flatten(arg, "checkpoint", `argument ${i}`));
    let form: Flat["structure"] = null;
    const forward = (inputs: readonly NDArray[]): readonly NDArray[] => {
      let start = 0;
      const trees = flats.map(({ structure, leaves }) => unflatten(structure, inputs.slice(start, (start += leaves.length))));
      const result = lookingOut(() => flatten(mapArrays(f(...(trees as never)), passed), "checkpoint", "the function's result"));
      form = result.structure;
      return result.leaves;
    };
    const inputs = flats.flatMap(({ leaves }) => leaves);
    const operation: Operation = { name: "checkpoint", forward, record: recomputed, closing: withClosure };
    const outs = withClosure(inputs, (all) => (all.length === 0 ? forward(all) : call(operation, all)));
    return unflatten(form, outs);
  };
}
