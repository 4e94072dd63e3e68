import type { Aval } from "../engine/aval.js";

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

/** An entry of the table: its kind, how many operands (or "many"), and its shape-and-dtype rule. Inputs are well formed here. */
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
