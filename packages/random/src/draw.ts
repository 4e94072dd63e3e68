import type { NDArray, Shape } from "@ad/core";
import { Concrete, compact, room } from "@ad/core/internals/backend";
import { type ArrayList, Aval, call, type Operation, recordPullback, sizeOf } from "@ad/core/internals/trace";
import type { Words } from "./threefry.js";

/** The dtypes that are drawn. */
export type DrawnType = "float64" | "float32" | "int32";

type Storage = Float64Array | Float32Array | Int32Array;

/** Draws the numbers of one key into `out`, in row-major order. */
export type Kernel = (key: Words, out: Storage, parameters: readonly ArrayLike<number>[]) => void;

/** A sampler, which makes numbers of keys. */
export interface Draw {
  readonly name: string;
  /** The shape of the numbers of one key. */
  readonly shape: Shape;
  readonly dtype: DrawnType;
  readonly kernel: Kernel;
  /** The derivative of each number by one of the parameters of its place. Without it, no input may be differentiated. */
  readonly slope?: (out: NDArray, parameters: ArrayList, which: number) => NDArray;
}

/** Draws numbers. Where there is a slope, the parameters have the shape of what is drawn. */
export const draw = (what: Draw, key: NDArray, ...parameters: ArrayList): NDArray =>
  call(drawing(what, [], [...parameters.map(({ size }) => size), sizeOf(what.shape)]), [key, ...parameters])[0];

/** Every input has the lanes in front: a key for each. `sizes` are those of the parameters and of the numbers, for one key. */
function drawing(what: Draw, lanes: Shape, sizes: readonly number[]): Operation {
  const { name, shape, dtype, kernel, slope } = what;
  const aval = new Aval([...lanes, ...shape], dtype);
  const count = sizeOf(lanes);
  const own: Operation = {
    name,
    record: recordPullback,
    shape: () => [aval],
    fill(...storage) {
      const [words, first] = storage as [Storage, number];
      for (let lane = 0; lane < count; lane++) {
        // The lane's parameters, and its numbers behind them.
        const parts: Storage[] = [];
        sizes.forEach((size, i) => {
          const x = storage[2 * i + 2] as Storage;
          const at = (storage[2 * i + 3] as number) + lane * size;
          parts.push(x.length > size ? x.subarray(at, at + size) : x);
        });
        const key = first + 2 * lane;
        kernel([words[key], words[key + 1]], parts.pop() as Storage, parts);
      }
    },
    forward(inputs) {
      const out = room(dtype, aval.size);
      own.fill?.(...inputs.flatMap((x) => [compact(x.to("cpu") as Concrete), 0]), out, 0);
      return [new Concrete(aval, out)];
    },
    vmap: (inputs, mapped, size) =>
      call(
        drawing(what, [size, ...lanes], sizes),
        inputs.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape]))),
      ),
    ...(slope && {
      jvp(inputs: ArrayList, [, ...tangents]) {
        const [out] = call(own, inputs);
        const parts = tangents.flatMap((t, i) => t?.mul(slope(out, inputs.slice(1), i)) ?? []);
        return [[out], [parts.length > 0 ? parts.reduce((a, b) => a.add(b)) : undefined]];
      },
    }),
  };
  return own;
}
