import type { Aval } from "./aval.js";

/**
 * The kind of a primitive, by which rules treat it. Each kind has one way of being differentiated:
 * - `elementwise`: partial derivatives, one per operand (primitives/elementwise.ts);
 * - `view` and `linear`: linear in all floating operands together; a transpose (rules/transposes.ts). A view moves strides, not data;
 * - `bilinear`: two transposes;
 * - `reduction`: the weight of each element in the result (rules/weights.ts);
 * - `structured`: a rule of its own in each direction;
 * - `discrete`: whole numbers or truth values come out; there is nothing to differentiate.
 */
export type Kind = "elementwise" | "view" | "linear" | "bilinear" | "reduction" | "structured" | "discrete";

/**
 * The dtypes that an elementwise function takes and gives:
 * - `real`: floating ones; what was a whole JS number need not be whole any more;
 * - `fraction`: the same, but int32 stays int32;
 * - `same`: any, and it stays the same;
 * - `whole`: int32 and bool, and it stays the same;
 * - `truth`: any, and bool comes out.
 */
export type Promotion = "real" | "fraction" | "same" | "whole" | "truth";

/** An entry of the table of primitives: its kind, how many operands (or "many"), and its shape-and-dtype rule. Inputs are well formed here. */
export interface Primitive<K extends Kind, N, P> {
  readonly kind: K;
  readonly arity: N;
  readonly shape: (inputs: readonly Aval[], params: P) => Aval;
}

/** The parameters of a primitive that has none. */
export type None = Readonly<Record<string, never>>;
export const none: None = Object.freeze({});

/** `define("linear", 1)<{ axes: number[] }>(shape rule)`: the parameters' type is named, the rest is inferred. */
export const define =
  <K extends Kind, N extends number | "many">(kind: K, arity: N) =>
  <P = None>(shape: (inputs: readonly Aval[], params: P) => Aval): Primitive<K, N, P> => ({ kind, arity, shape });

/**
 * The primitives by their names. The engine knows that there are some, not which: primitives/index.ts says it here, by declaration merging. So
 * nothing in engine/ or array/ imports a primitive, and yet every name, every parameter and every rule table is checked by type.
 */
// biome-ignore lint/suspicious/noEmptyInterface: primitives/index.ts fills it.
export interface Primitives {}

export type PrimitiveName = keyof Primitives;

/** The parameters that a primitive takes. */
export type Params<P extends PrimitiveName> = Primitives[P] extends Primitive<Kind, unknown, infer Q> ? Q : never;

/** The number of operands of a primitive, or "many". */
export type Arity<P extends PrimitiveName> = Primitives[P] extends Primitive<Kind, infer N, never> ? N : never;

/** The names of the primitives of a kind. */
export type NamesOf<K extends Kind> = { [P in PrimitiveName]: Primitives[P] extends { readonly kind: K } ? P : never }[PrimitiveName];

/** The names of the elementwise primitives whose row says that they promote so. */
export type Promoting<R extends Promotion> = {
  [P in PrimitiveName]: Primitives[P] extends { readonly promote: R } ? P : never;
}[PrimitiveName];
