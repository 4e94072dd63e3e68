import type { DType } from "@ad/core";
import type { Concrete, KernelName } from "@ad/core/internals/backend";
import type { Aval, Params } from "@ad/core/internals/trace";
import type { GpuView, Place, Storage } from "./storage.js";

/** The limits of a graphics API. */
export interface Limits {
  /** The longest side of a texture. */
  readonly side: number;
  /** The number of results that one program may write. */
  readonly outputs: number;
}

/**
 * The part of a device that a kernel may use. W is how kernels of a graphics API write a program; the engine passes it on
 * without knowing it.
 */
export interface KernelContext<W> {
  readonly limits: Limits;

  /** An elementwise operation, to be computed with what needs it. */
  defer(operation: string, inputs: readonly GpuView[], out: Aval): Storage;
  /** Draws a result of `size` elements from operands; those that are lazy are written into the program. */
  draw(dtype: DType, size: number, operands: readonly GpuView[], write: W): Storage;
  /** The same for results of one size that one program writes side by side. */
  drawMany(targets: readonly Storage[], operands: readonly GpuView[], write: W): void;
  /** The kernel of a primitive. */
  run(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage;

  /** A storage for a place. */
  store(place: Place): Storage;
  /** A view of all elements of a result that a kernel has made for another kernel. */
  view(storage: Storage, shape: readonly number[]): GpuView;
  /** One value at every position, as a view that needs no memory. */
  filled(value: number, aval: Aval): GpuView;
  /** The same as a result. */
  filledStorage(value: number, out: Aval): Storage;
  /** A view that can be read many times: its expression, if it is one, is materialised. */
  materialised(x: GpuView): GpuView;
  /** A view each of whose elements a program reads so many times: an expression is materialised, unless that is known to save nothing. */
  reread(x: GpuView, times: number): GpuView;
  /** Frees what a kernel has made for itself. */
  release(x: GpuView): void;

  /** The CPU's kernel, on numbers that are waited for. */
  onHost(name: KernelName, operands: readonly GpuView[], params: unknown, out: Aval): Storage;
  /** The elements on the host, where they are waited for unless they are there. */
  onHostNow(x: GpuView): Concrete;
}

/** Computes a result, compact and row-major, from parameters Q. */
export type GpuKernel<W, Q> = (context: KernelContext<W>, inputs: readonly GpuView[], params: Q, out: Aval) => Storage;

/** A primitive that is computed on the host: its operands are read and its result is moved back. */
export interface Host {
  readonly why: string;
}

/** Makes the entry of a primitive without a kernel, with the reason. */
export const host = (why: string): Host => ({ why });

/** A graphics API's kernels: the table is total over the primitives that a device computes. */
export type GpuKernels<W, P extends KernelName = KernelName> = { readonly [K in P]: GpuKernel<W, Params<K>> | Host };
