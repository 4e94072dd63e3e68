import type { ArrayLike } from "./array/base.js";
import { asArray } from "./array/concrete.js";
import type { Data } from "./aval.js";

/**
 * The elements in row-major order, wherever the array lives: what `x.data()` is on the CPU, for every device.
 *
 * @throws TransformError where x is traced by a transformation
 * @example
 * await read(array([1, 2])); // Float64Array [1, 2]
 */
export async function read(x: ArrayLike): Promise<Data> {
  return asArray(x, "read").read();
}
