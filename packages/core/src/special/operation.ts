import type { ArrayLike } from "../array/base.js";
import { asArray, asArrays, asFirst } from "../array/convert.js";
import type { NDArray } from "../array/ndarray.js";
import { broadcastShapes, cast, pair, stretch, toFloat, weakened } from "../array/operands.js";
import { Concrete } from "../cpu/concrete.js";
import { common, floating } from "../engine/aval.js";
import type { ArrayList, Operation } from "../engine/operation.js";
import { call } from "../engine/trace.js";
import { recordPullback } from "../reverse/pullback.js";

/** A function of real numbers, element by element: int32 and bool become float64. */
export type Elementwise = (x: ArrayLike) => NDArray;

/**
 * An elementwise function that is no primitive, and left out of the bundles that do not use it.
 *
 * @param kernel the function of a float64
 * @param partial its derivative, from the operand and the result, in array operations
 */
export function elementwiseOperation(
  name: string,
  kernel: (x: number) => number,
  partial: (x: NDArray, out: NDArray) => NDArray,
): Elementwise {
  const apply = (x: NDArray): NDArray => call(operation, [x])[0];
  const operation: Operation = {
    name,
    record: recordPullback,
    block: 0,
    shape: ([x]) => [x.fraction],
    forward: ([x]) => [new Concrete(x.aval.fraction, x.data().map(kernel))],
    jvp: ([x], [t]) => {
      const out = apply(x);
      return [[out], [t?.mul(partial(x, out))]];
    },
    vmap: ([x]) => [apply(x)],
  };
  return (x) => apply(toFloat(asArray(x, name)));
}

/** The same of two operands, which broadcast. */
export type ElementwisePair = (x: ArrayLike, y: ArrayLike) => NDArray;

/** The same of three operands. */
export type ElementwiseTriple = (x: ArrayLike, y: ArrayLike, z: ArrayLike) => NDArray;

/** The operation on two or three operands of one shape and dtype. */
function jointly(
  name: string,
  kernel: (x: number, y: number, z: number) => number,
  partials: readonly ((x: NDArray, y: NDArray, z: NDArray) => NDArray)[],
): (inputs: ArrayList) => NDArray {
  const operation: Operation = {
    name,
    record: recordPullback,
    shape: ([x]) => [x.fraction],
    forward([x, ...others]) {
      const [ys, zs = ys] = others.map((each) => each.data());
      return [
        new Concrete(
          x.aval.fraction,
          x.data().map((value: number, i: number) => kernel(value, ys[i], zs[i])),
        ),
      ];
    },
    jvp(inputs, tangents) {
      const [x, y, z] = inputs;
      const terms = partials.flatMap((partial, i) => tangents[i]?.mul(partial(x, y, z)) ?? []);
      return [call(operation, inputs), [terms.reduce((a, b) => a.add(b))]];
    },
    vmap: (inputs, mapped, size) =>
      call(
        operation,
        inputs.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape]))),
      ),
  };
  return (inputs) => call(operation, inputs)[0];
}

/**
 * An elementwise function of two operands that is no primitive.
 *
 * @param kernel the function of two float64
 * @param partials its derivative by each operand, in array operations
 */
export function pairOperation(
  name: string,
  kernel: (x: number, y: number) => number,
  partials: readonly ((x: NDArray, y: NDArray) => NDArray)[],
): ElementwisePair {
  const apply = jointly(name, kernel, partials);
  return (x, y) => apply(pair(name, asFirst(x, y, name), y).map(toFloat));
}

/** The same of three operands. */
export function tripleOperation(
  name: string,
  kernel: (x: number, y: number, z: number) => number,
  partials: readonly ((x: NDArray, y: NDArray, z: NDArray) => NDArray)[],
): ElementwiseTriple {
  const apply = jointly(name, kernel, partials);
  return (...operands) => {
    const all = asArrays(operands, name);
    const dtype = floating(common(all));
    const shape = all.map((x) => x.shape).reduce((a, b) => broadcastShapes(name, a, b));
    const weak = all.every(({ aval }) => aval.weak) ? 1 : 0;
    return apply(all.map((x) => weakened(stretch(cast(x, dtype), shape), weak)));
  };
}
