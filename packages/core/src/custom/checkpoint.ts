import type { NDArray } from "../array/ndarray.js";
import type { Inputs } from "../reverse/grad.js";
import { checkFunction } from "../reverse/record.js";
import { call } from "../trace.js";
import { type Arrays, type Flat, flatten, unflatten } from "../tree.js";

type AnyFunction = (...args: never) => unknown;

/**
 * f, with less memory in reverse mode: only its arguments are kept for the pullback, which runs f once more. Values and derivatives are
 * the same. Arrays that f closes over are differentiated too; one argument at least must be traced, or nothing is saved.
 *
 * @param f a function of arrays or trees of arrays, the same each time that it is called
 * @example
 * const block = checkpoint((x) => x.sin().exp().tanh());
 * grad((x) => block(block(x)).sum())(array([0])).shape; // [1]
 */
export function checkpoint<A extends readonly unknown[] = NDArray[], R = NDArray>(f: (...args: A) => R): (...args: Inputs<A>) => Arrays<R>;
export function checkpoint(f: AnyFunction): (...args: readonly unknown[]) => unknown {
  checkFunction("checkpoint", f);
  return (...args) => {
    const flats = args.map((arg, i) => flatten(arg, "checkpoint", `argument ${i}`));
    let form: Flat["structure"] = null;
    const forward = (inputs: readonly NDArray[]): readonly NDArray[] => {
      let start = 0;
      const trees = flats.map(({ structure, leaves }) => unflatten(structure, inputs.slice(start, (start += leaves.length))));
      const { leaves, structure } = flatten(f(...(trees as never)), "checkpoint", "the function's result");
      form = structure;
      return leaves;
    };
    const inputs = flats.flatMap(({ leaves }) => leaves);
    const outs = inputs.length === 0 ? forward(inputs) : call({ name: "checkpoint", forward, recompute: true }, inputs);
    return unflatten(form, outs);
  };
}
