import type { NDArray } from "@ad/core";
import type { ArrayList, Aval, Params, PrimitiveName } from "@ad/core/internals/trace";

/** An equation of a primitive, with parameters of its type. */
export interface Found<P extends PrimitiveName> {
  readonly inputs: ArrayList;
  readonly params: Params<P>;
}

/** The view of a rule: a primitive, its operands, and how these were made. */
export interface Site {
  readonly name: PrimitiveName;
  readonly inputs: ArrayList;
  readonly params: unknown;
  /** The shape and the dtype of the result. */
  readonly aval: Aval;
  /** The equation that made a value, if it is of this primitive. */
  madeBy<P extends PrimitiveName>(x: NDArray, name: P): Found<P> | undefined;
}

/** Returns the replacement of a primitive: one of its operands, or array operations on them. Undefined where there is nothing better. */
export type Rule = (site: Site) => NDArray | undefined;
