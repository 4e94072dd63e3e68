import type { Data } from "../engine/aval.js";
import type { ArrayLike } from "./base.js";
import { asArray } from "./convert.js";

/**
 * The elements in row-major order, wherever the array lives: what `x.data()` is on the CPU, for every device.
 *
 * @param x any shape and dtype
 * @returns a typed array of the dtype; bool gives a Uint8Array of 0 and 1
 * @throws TransformError where x is traced by a transformation, DTypeError where x is no {@link ArrayLike}
 * @example
 * await read(array([1, 2])); // [1, 2]
 */
export async function read(x: ArrayLike): Promise<Data> {
  return asArray(x, "read").read();
}
