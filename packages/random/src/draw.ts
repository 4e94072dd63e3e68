import type { NDArray, Shape } from "@ad/core";
import { Concrete, compact, room } from "@ad/core/internals/backend";
import { type ArrayList, Aval, call, type Operation, recordPullback } from "@ad/core/internals/trace";
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
    shape: () => [aval],
    borrows: true,
    forward(inputs) {
      const [words, ...given] = inputs.map((x) => compact(x.to("cpu") as Concrete) as Storage);
      const storage = room(dtype, aval.size) as Storage;
      const count = words.length / 2;
      const part = (x: Storage, i: number): Storage => (count === 1 ? x : x.subarray((i * x.length) / count, ((i + 1) * x.length) / count));
      for (let i = 0; i < count; i++)
        kernel(
          [words[2 * i], words[2 * i + 1]],
          part(storage, i),
          given.map((x) => part(x, i)),
        );
      return [new Concrete(aval, storage)];
    },
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
