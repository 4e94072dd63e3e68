import type { KernelName } from "@ad/core/internals/backend";
import type { Params } from "@ad/core/internals/trace";
import type * as engine from "../../engine/kernel.js";
import type { Emitter, Width, Write } from "../emitter.js";
import { gather, type Type, wideOf } from "../glsl/define.js";

export { type Host, host } from "../../engine/kernel.js";

/** The part of a device that kernels in GLSL may use. */
export type Context = engine.KernelContext<Write>;

/** Computes a result, compact and row-major, from parameters Q. */
export type Computes<Q> = engine.GpuKernel<Write, Q>;
export type GpuKernel<P extends KernelName> = Computes<Params<P>>;
export type GpuKernels<P extends KernelName = KernelName> = engine.GpuKernels<Write, P>;

/** A program of the body of a function of `int i` that gives an element, or the four of a texel. */
export function each(emitter: Emitter, type: Type, width: Width, body: string): string {
  const one = emitter.function("one", width === 4 ? wideOf(type) : type, "int i", body);
  return emitter.program(type, width === 4 ? `  result = ${one}(i);` : gather(type, one));
}
