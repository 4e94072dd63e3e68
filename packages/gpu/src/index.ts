import { ADError, type Device } from "@ad/core";
import { checkOptions } from "@ad/core/internals";
import type { ContextOptions } from "./context.js";
import { WebGL } from "./device.js";
import type { MemoryUse } from "./memory.js";

export type { MemoryUse } from "./memory.js";

/** Options of {@link webgl}. */
export interface GpuOptions extends ContextOptions {
  /** How many bytes of textures the device holds at most, before arrays that were not used for longest move to the host. Default 256 MiB. */
  readonly memoryBudget?: number | undefined;
}

/** A GPU: arrays live on it, and operations on them run there. */
export interface GpuDevice extends Device {
  /** How much memory is in use. */
  memory(): MemoryUse;
  /** Runs f, and frees the arrays that it makes but does not return, in whatever tree. */
  scope<T>(f: () => T): T;
  /** Ends the device and frees all of its memory; its arrays cannot be used any more. */
  dispose(): void;
  /** The same, for `using gpu = await webgl()`. */
  [Symbol.dispose](): void;
}

/**
 * A WebGL2 device. `x.to(gpu)` moves an array there, and the result of an operation lives where its operands live. It has float32, int32
 * and bool. Read with `await read(x)`.
 *
 * An index out of range throws where the host knows the indices: lists, typed arrays, and arrays that were moved here. Indices that the
 * GPU has computed are not waited for: what is out of range means the nearest element.
 *
 * @param options canvas: whose context to use, by default one of its own; powerPreference, by default "high-performance"; memoryBudget in bytes
 * @throws ADError (the promise rejects) where there is no WebGL2 or the driver cannot write float32, saying what is missing
 * @example In a browser
 * const gpu = await webgl();
 * const x = array([1, 2, 3], { device: gpu });
 * await read(grad((v) => v.square().sum())(x)); // [2, 4, 6]
 */
export async function webgl(options: GpuOptions = {}): Promise<GpuDevice> {
  checkOptions("webgl", options, ["canvas", "powerPreference", "memoryBudget"]);
  const { memoryBudget = 2 ** 28 } = options;
  if (!(memoryBudget > 0)) throw new ADError(`webgl: memoryBudget is ${String(memoryBudget)}; give a number of bytes.`);
  return new WebGL(options, memoryBudget);
}
