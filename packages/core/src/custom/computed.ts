import type { NDArray } from "../array/ndarray.js";
import { Concrete } from "../cpu/concrete.js";
import { compact } from "../cpu/storage.js";
import { Aval, type Shape, sizeOf } from "../engine/aval.js";
import type { ArrayList, Operation } from "../engine/operation.js";
import { call } from "../engine/trace.js";

/** Numbers in row-major order. */
export type Numbers = Float64Array;

/**
 * A vector of plain numbers, which `fill` computes of those of the inputs, in each lane of its own; its dtype is the first input's. It is for a search, which nothing
 * differentiates: it has no derivative. In array operations the many small steps of a search would take longer than the function.
 */
export function computed(
  name: string,
  inputs: ArrayList,
  length: number,
  fill: (inputs: readonly Numbers[], out: Numbers) => void,
): NDArray {
  const operation = (lanes: Shape): Operation => {
    const aval = new Aval([...lanes, length], inputs[0].dtype);
    const count = sizeOf(lanes);
    return {
      name,
      shape: () => [aval],
      borrows: true,
      forward(given) {
        const out = new Float64Array(aval.size);
        // A list that map returns is of another kind once the engine has compiled map, and code for the first kind is left.
        const all: Numbers[] = [];
        for (const x of given) all.push(compact(x.to("cpu") as Concrete) as Numbers);
        if (count === 1) fill(all, out);
        else
          for (let i = 0; i < count; i++) {
            const part = (x: Numbers): Numbers => x.subarray((i * x.length) / count, ((i + 1) * x.length) / count);
            fill(all.map(part), part(out));
          }
        return [new Concrete(aval, aval.dtype === "float32" ? new Float32Array(out) : out)];
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
