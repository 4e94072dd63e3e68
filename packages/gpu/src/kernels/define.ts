import type { Aval, KernelName, Params } from "@ad/core/internals";
import type { WebGL } from "../device.js";
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
