import type { NDArray } from "../array/ndarray.js";
import { type Observer, observed } from "../observe.js";
import type { Arrays, Operation } from "../operation.js";
import type { Inputs } from "../reverse/grad.js";
import { recomputed } from "../reverse/recomputed.js";
import { checkFunction } from "../reverse/record.js";
import { bind, call, levels } from "../trace.js";
import { type Arrays as ArraysOf, type Flat, flatten, mapArrays, unflatten } from "../tree.js";

type AnyFunction = (...args: never) => unknown;

/** An array that f returns as it is passes through an operation, so that it is seen to come in, at each level, when f closes over it. */
const passed = (x: NDArray): NDArray => (x.owner.level > 0 ? bind("reshape", [x], { shape: x.shape }) : x);

/**
 * f, with less memory in reverse mode: only its arguments are kept for the pullback, which runs f once more. Values and derivatives are
 * the same. Arrays that f closes over are differentiated too.
 *
 * @param f a function of arrays or trees of arrays, the same each time that it is called
 * @example
 * const block = checkpoint((x) => x.sin().exp().tanh());
 * grad((x) => block(block(x)).sum())(array([0])).shape; // [1]
 */
export function checkpoint<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => R,
): (...args: Inputs<A>) => ArraysOf<R>;
export function checkpoint(f: AnyFunction): (...args: readonly unknown[]) => unknown {
  checkFunction("checkpoint", f);
  return (...args) => {
    const flats = args.map((arg, i) => flatten(arg, "checkpoint", `argument ${i}`));
    let form: Flat["structure"] = null;
    const forward = (inputs: readonly NDArray[]): readonly NDArray[] => {
      let start = 0;
      const trees = flats.map(({ structure, leaves }) => unflatten(structure, inputs.slice(start, (start += leaves.length))));
      const { leaves, structure } = flatten(mapArrays(f(...(trees as never)), passed), "checkpoint", "the function's result");
      form = structure;
      return leaves;
    };
    const inputs = flats.flatMap(({ leaves }) => leaves);
    const operation: Operation = { name: "checkpoint", forward, record: recomputed };
    const outs = fromNewest(inputs, (all) => (all.length === 0 ? forward(all) : call(operation, all)));
    return unflatten(form, outs);
  };
}

/** Runs on inputs and, if need be, on what is closed over: the newest trace that is met has to be asked first, also where closures alone meet it. */
function fromNewest(inputs: Arrays, run: (all: Arrays) => Arrays): Arrays {
  const start = levels();
  const level = Math.max(0, ...inputs.map((x) => x.owner.level));
  let met: NDArray | undefined;
  let done = false;
  const look: Observer = (_, given, go) => {
    met = done ? undefined : given.find(({ owner }) => owner.level > level && owner.level <= start);
    if (met) throw met;
    return go(given);
  };
  try {
    return observed(look, true, () => run(inputs));
  } catch (error) {
    if (met === undefined || error !== met) throw error;
    return fromNewest([...inputs, met], run);
  } finally {
    done = true;
  }
}
