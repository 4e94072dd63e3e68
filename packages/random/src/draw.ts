import type { NDArray, Shape } from "@ad/core";
import { type ArrayList, Aval, call, filling, type Operation, recordPullback, sizeOf } from "@ad/core/internals/trace";
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

/** Draws numbers. The parameters have the shape of what is drawn. */
export const draw = (what: Draw, key: NDArray, ...parameters: ArrayList): NDArray => call(drawing(what, []), [key, ...parameters])[0];

/** Every input has the lanes in front: a key for each. */
function drawing(what: Draw, lanes: Shape): Operation {
  const { name, shape, dtype, kernel, slope } = what;
  const aval = new Aval([...lanes, ...shape], dtype);
  const own: Operation = {
    name,
    record: recordPullback,
    ...filling(
      () => [aval],
      () =>
        (words, start, ...storage) => {
          const size = sizeOf(shape);
          for (let lane = 0; lane < sizeOf(lanes); lane++) {
            // The lane's parameters, and its numbers behind them.
            const parts: Storage[] = [];
            for (let i = 0; i < storage.length; i += 2) {
              const x = storage[i] as Storage;
              const at = (storage[i + 1] as number) + lane * size;
              parts.push(x.length > size ? x.subarray(at, at + size) : x);
            }
            const at = (start as number) + 2 * lane;
            kernel([(words as Storage)[at], (words as Storage)[at + 1]], parts.pop() as Storage, parts);
          }
        },
    ),
    vmap: (inputs, mapped, size) =>
      call(
        drawing(what, [size, ...lanes]),
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
