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
      shape: () => [aval],
      fill(...storage) {
        // A list that map returns is of another kind once the engine has compiled map, and code for the first kind is left.
        const all: Numbers[] = [];
        for (let i = 0; i < sizes.length; i++) {
          const x = storage[2 * i] as Numbers;
          const at = storage[2 * i + 1] as number;
          all.push(x.length > sizes[i] ? x.subarray(at, at + sizes[i]) : x);
        }
        run(all);
      },
      forward(given) {
        const out = room(aval.dtype, aval.size);
        const all: Data[] = [];
        for (const x of given) all.push(compact(x.to("cpu") as Concrete));
        run([...all, out] as Numbers[]);
        return [new Concrete(aval, out)];
      },
      vmap: (own, mapped, size) =>
        call(
          operation([size, ...lanes]),
          own.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape]))),
        ),
    };
  };
  return call(operation([]), inputs)[0];
}
