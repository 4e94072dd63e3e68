import type { Kind, Primitive } from "./define.js";
import { elementwise } from "./elementwise.js";
import { movement } from "./movement.js";
import { products } from "./product.js";
import { reductions } from "./reduction.js";

/** The one table of primitives. Every rule table is total over its keys, by type. */
export const primitives = { ...elementwise, ...movement, ...reductions, ...products };

type Table = typeof primitives;

export type PrimitiveName = keyof Table;

/** The parameters that a primitive takes. */
export type Params<P extends PrimitiveName> = Table[P] extends Primitive<Kind, unknown, infer Q> ? Q : never;

/** The number of operands of a primitive, or "many". */
export type Arity<P extends PrimitiveName> = Table[P]["arity"];

/** The names of the primitives of a kind. */
export type NamesOf<K extends Kind> = { [P in PrimitiveName]: Table[P]["kind"] extends K ? P : never }[PrimitiveName];

export { type Kind, type None, none } from "./define.js";
