import type { Layout } from "../array/views.js";
import type { Aval } from "./aval.js";
import type { NamesOf, Params, PrimitiveName } from "./primitive.js";

/** An array in a device's storage of type D. */
export interface View<D> extends Layout {
  readonly storage: D;
}

/** The primitives that a device has kernels for: all except the views, and the reshape that strides cannot express and that copies. */
export type KernelName = Exclude<PrimitiveName, NamesOf<"view">> | "reshape";

/** Computes a primitive; the result is compact and row-major. */
export type Kernel<P extends PrimitiveName, D> = (inputs: readonly View<D>[], params: Params<P>, out: Aval) => D;

/** The kernels of a device: the table is total. */
export type Kernels<D> = { readonly [P in KernelName]: Kernel<P, D> };
