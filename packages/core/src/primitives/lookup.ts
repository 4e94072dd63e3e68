import type { Aval } from "../engine/aval.js";
import type { PrimitiveName } from "../engine/primitive.js";
import { primitives } from "./index.js";

/*
 * The tables are typed row by row: which rule a name has, and which parameters that rule takes. A transformation or a device has some name and
 * its parameters, which `bind` has checked against each other. Here, and nowhere else, the tables become tables by any name.
 */

/** A table by any name: T says what the rows have in common, with parameters of any type. */
export const erased = <T>(table: object): Readonly<Record<PrimitiveName, T>> => table as Readonly<Record<PrimitiveName, T>>;

/** The shape-and-dtype rule of a primitive. */
export const shapeOf = (name: PrimitiveName, avals: readonly Aval[], params: unknown): Aval =>
  erased<{ readonly shape: (avals: readonly Aval[], params: unknown) => Aval }>(primitives)[name].shape(avals, params);
