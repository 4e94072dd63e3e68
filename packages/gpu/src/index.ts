import { ADError, type Device } from "@ad/core";
import { checkOptions, describe } from "@ad/core/internals/checks";
import type { RecordedProgram } from "./engine/commands.js";
import { Gpu, type LostInfo } from "./engine/device.js";
import type { MemoryUse } from "./engine/memory.js";
import type { ContextOptions } from "./webgl/context.js";
import { WebGL } from "./webgl/graphics.js";

export type { RecordedProgram } from "./engine/commands.js";
export type { LostInfo } from "./engine/device.js";
export type { MemoryUse } from "./engine/memory.js";

/** Options of {@link webgl}. */
export interface GpuOptions extends ContextOptions {
  /** The most bytes of textures that the device holds, before arrays that were not used for longest move to the host. Default 256 MiB. */
  readonly memoryBudget?: number | undefined;
}

/** A GPU, made by {@link webgl}: arrays live on it, and operations on them run there. */
export interface GpuDevice extends Device {
  /**
   * The memory in use.
   *
   * @example In a browser
   * const gpu = await webgl();
   * gpu.memory().textures; // 0
   */
  memory(): MemoryUse;
  /**
   * Returns the recordings of the programs of `jit` that have run here, from the first to the last of those that are still held: one for each
   * program, and for each way in which its arguments lie.
   *
   * @example In a browser
   * const gpu = await webgl();
   * jit((x) => x.sin().mul(2).sum())(array([1, 2], { device: gpu }));
   * gpu.programs().map(String); // ["draw sin mul sum"]
   */
  programs(): RecordedProgram[];
  /**
   * Runs f, and frees the arrays that it makes but does not return, in whatever tree. Small results of one program of `jit` share a texture,
   * which is freed where none of them is returned.
   *
   * @param f a function without arguments, which is not async
   * @throws what f throws, its arrays freed; TransformError where f is no function or async. An array that was freed throws an ADError
   * where it is used
   * @example In a browser
   * const gpu = await webgl();
   * const x = array([1, 2], { device: gpu });
   * const y = gpu.scope(() => x.mul(2).add(1).sum());
   * await read(y); // [8]
   */
  scope<T>(f: () => T): T;
  /**
   * Resolves once the device has ended, and never rejects: its context was lost, which the browser does where the driver is reset, or
   * many pages want the GPU; or it was disposed of. It has ended for good, whether or not the context is restored: each operation on its
   * arrays and each reading throws an ADError from then on.
   *
   * @example In a browser
   * const gpu = await webgl();
   * gpu.dispose();
   * (await gpu.lost).reason; // "destroyed"
   */
  readonly lost: Promise<LostInfo>;
  /**
   * Ends the device and frees all of its memory; its arrays cannot be used any more, which throws an ADError.
   *
   * @example In a browser
   * const gpu = await webgl();
   * gpu.dispose();
   * let caught;
   * try { zeros([2], { device: gpu }); } catch (error) { caught = error; }
   * caught instanceof ADError; // true
   */
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
 * @throws (the promise rejects) ADError where there is no WebGL2, the driver cannot write float32, saying what is missing, the canvas has another
 * context or one that is lost, or memoryBudget is no positive number; TreeError for an unknown option
 * @example In a browser
 * const gpu = await webgl();
 * const x = array([1, 2, 3], { device: gpu });
 * await read(grad((v) => v.square().sum())(x)); // [2, 4, 6]
 */
export async function webgl(options: GpuOptions = {}): Promise<GpuDevice> {
  checkOptions("webgl", options, ["canvas", "powerPreference", "memoryBudget"]);
  const { memoryBudget = 2 ** 28 } = options;
  if (!(typeof memoryBudget === "number" && memoryBudget > 0))
    throw new ADError(`webgl: memoryBudget is ${describe(memoryBudget)}; give a number of bytes.`);
  return new Gpu(new WebGL(options), memoryBudget);
}
