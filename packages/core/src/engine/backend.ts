import type { Layout } from "../array/views.js";
import type { NamesOf, Params, PrimitiveName } from "../primitives/index.js";
import type { Aval, DType } from "./aval.js";

/** An array in a backend's storage of type D. */
export interface View<D> extends Layout {
  readonly storage: D;
}

/** What is left to a backend: all but the views, and the copy of a reshape that strides cannot say. */
export type KernelName = Exclude<PrimitiveName, NamesOf<"view">> | "reshape";

/** Computes a primitive; the result is compact and row-major. */
export type Kernel<P extends PrimitiveName, D> = (inputs: readonly View<D>[], params: Params<P>, out: Aval) => D;

export type Kernels<D> = { readonly [P in KernelName]: Kernel<P, D> };

/** A place where arrays live and are computed: its kernel table is total. */
export interface Backend<D> {
  readonly name: string;
  readonly dtypes: readonly DType[];
  readonly kernels: Kernels<D>;
}
