import type { KernelName } from "@ad/core/internals/backend";
import type { Aval, Params } from "@ad/core/internals/trace";
import type { WebGL } from "../device.js";
import type { Emitter, Width } from "../emitter.js";
import { type Type, wideOf } from "../glsl/define.js";
import type { GpuView, Storage } from "../storage.js";

/** Computes a result on a device, compact and row-major, from parameters Q. */
export type Computes<Q> = (device: WebGL, inputs: readonly GpuView[], params: Q, out: Aval) => Storage;
export type GpuKernel<P extends KernelName> = Computes<Params<P>>;

/** A primitive that is computed on the host: its operands are read and its result is moved back. */
export interface Host {
  readonly why: string;
}

/** Says why a primitive has no kernel here. */
export const host = (why: string): Host => ({ why });

export type GpuKernels<P extends KernelName = KernelName> = { readonly [K in P]: GpuKernel<K> | Host };

/** A program whose function `T one(int i)` gives an element, or the four of a texel. */
export function each(emitter: Emitter, type: Type, width: Width, one: string): string {
  const wide = wideOf(type);
  const text = `${width === 4 ? wide : type} one(int i) {\n${one}\n}\n`;
  return emitter.program(
    type,
    width === 4 ? "  result = one(i);" : `  result = ${wide}(one(i), one(i + 1), one(i + 2), one(i + 3));`,
    text,
  );
}
