import type { NDArray } from "../array/ndarray.js";
import { Concrete } from "../cpu/concrete.js";
import { compact, room } from "../cpu/storage.js";
import { Aval, type Data, type Shape, sizeOf } from "../engine/aval.js";
import type { ArrayList, Operation } from "../engine/operation.js";
import { call } from "../engine/trace.js";

/** Numbers in row-major order, in the precision of their array. */
export type Numbers = Float64Array | Float32Array;

/** Writes all numbers of a result from those of the inputs; what was in it before is of no meaning. */
export type Fill = (inputs: readonly Numbers[], out: Numbers) => void;

/** The parts of an operation that fills the storage of its results. */
export function filling(
  shape: NonNullable<Operation["shape"]>,
  fill: NonNullable<Operation["fill"]>,
): Pick<Operation, "shape" | "fill" | "forward"> {
  return {
    shape,
    fill,
    forward(inputs) {
      const avals = inputs.map(({ aval }) => aval);
      const outs = shape(avals).map((aval) => new Concrete(aval, room(aval.dtype, aval.size)));
      const all: (Data | number)[] = [];
      for (const x of inputs) all.push(compact(x.to("cpu") as Concrete), 0);
      for (const { storage } of outs) all.push(storage, 0);
      fill(avals)(...all);
      return outs;
    },
  };
}

/** The numbers of some sizes that lie in storage, each from a place on. */
export function numbersOf(storage: readonly (Data | number)[], sizes: readonly number[]): Numbers[] {
  // A list that map returns is of another kind once the engine has compiled map, and code for the first kind is left.
  const all: Numbers[] = [];
  for (let i = 0; i < sizes.length; i++) {
    const x = storage[2 * i] as Numbers;
    const at = storage[2 * i + 1] as number;
    all.push(x.length > sizes[i] ? x.subarray(at, at + sizes[i]) : x);
  }
  return all;
}

/**
 * A vector of plain numbers, which `fill` computes of those of the inputs, in each lane of its own; its dtype is the first input's. It is for a search, which nothing
 * differentiates: it has no derivative. In array operations the many small steps of a search would take longer than the function.
 */
export function computed(name: string, inputs: ArrayList, length: number, fill: Fill): NDArray {
  const operation = (lanes: Shape): Operation => {
    const aval = new Aval([...lanes, length], inputs[0].dtype);
    const count = sizeOf(lanes);
    const sizes = [...inputs.map(({ size }) => size), length].map((size) => size * count);
    const run = (all: Numbers[]): void => {
      const out = all.pop() as Numbers;
      if (count === 1) fill(all, out);
      else
        for (let i = 0; i < count; i++) {
          const part = (x: Numbers): Numbers => x.subarray((i * x.length) / count, ((i + 1) * x.length) / count);
          fill(all.map(part), part(out));
        }
    };
    return {
      name,
      ...filling(
        () => [aval],
        () =>
          (...storage) =>
            run(numbersOf(storage, sizes)),
      ),
      vmap: (own, mapped, size) =>
        call(
          operation([size, ...lanes]),
          own.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape]))),
        ),
    };
  };
  return call(operation([]), inputs)[0];
}
