import { elementwise } from "./elementwise.js";
import { movement } from "./movement.js";
import { products } from "./product.js";
import { reductions } from "./reduction.js";

/** The one table of primitives. Every rule table is total over its keys, by type. */
export const primitives = { ...elementwise, ...movement, ...reductions, ...products };

type Table = typeof primitives;

declare module "../engine/primitive.js" {
  interface Primitives extends Table {}
}
