import type { NDArray } from "../array/ndarray.js";
import type { Aval } from "../engine/aval.js";
import type { Kind, PrimitiveName } from "../engine/primitive.js";
import { primitives } from "../primitives/index.js";
import { erased } from "../primitives/lookup.js";
import type { Rule } from "./reads.js";
import { rules } from "./structured.js";
import { bilinear, transposes } from "./transposes.js";
import { weights } from "./weights.js";

type Partials = readonly (number | Rule)[];
type Transpose = (ct: NDArray, x: Aval | undefined, params: unknown, i: number, others: Operands) => NDArray;
type Transposes = (ct: NDArray, avals: readonly Aval[], params: unknown) => readonly NDArray[];
type Bilinear = readonly ((ct: NDArray, other: NDArray, params: unknown) => NDArray)[];

/** The operands of a primitive; those that no rule reads may be missing. */
export type Operands = readonly NDArray[];

const elementwiseOf = (name: PrimitiveName) => erased<{ readonly partials: Partials }>(primitives)[name];

/** The partial derivatives of an elementwise primitive; undefined for another. */
export const partialsOf = (name: PrimitiveName): Partials | undefined =>
  erased<{ readonly partials?: Partials }>(primitives)[name].partials;

/** The product of t, a tangent of operand i or a cotangent of the result, with the partial. Undefined is a zero that is never made. */
export const passed = (name: PrimitiveName, i: number, t: NDArray, operands: Operands, out: NDArray, params: unknown) =>
  passedBy(elementwiseOf(name).partials[i], t, operands, out, params);

/** The same by the partial itself. */
export function passedBy(partial: number | Rule, t: NDArray, operands: Operands, out: NDArray, params: unknown): NDArray | undefined {
  if (partial === 0) return undefined;
  if (partial === 1) return t;
  if (partial === -1) return t.neg();
  return typeof partial === "number" ? t.mul(partial) : partial.passes(t, operands, out, params);
}

/** The product of t with the weights of a reduction. t has the shape of x: it is a tangent, or a cotangent that is spread. */
export const weighed = (name: PrimitiveName, t: NDArray, operands: Operands, out: NDArray, params: unknown): NDArray =>
  erased<Rule>(weights)[name].passes(t, operands, out, params);

/** The values that a partial reads; -1 where it is zero. */
const readsOfPartial = (partial: number | Rule): number => (typeof partial === "object" ? partial.reads : partial === 0 ? -1 : 0);

/**
 * The values read by the rules that bring the cotangent of a result to operand i, in the bits of {@link Rule}; -1 where none goes there. Besides,
 * linear maps read the operands that are not floating.
 */
export function readsOf(name: PrimitiveName, i: number): number {
  switch (primitives[name].kind) {
    case "elementwise":
      return readsOfPartial(elementwiseOf(name).partials[i]);
    case "view":
    case "linear":
      return 0;
    case "bilinear":
      return 2 - i;
    case "reduction":
      return erased<Rule>(weights)[name].reads;
    case "structured":
      return structuredOf(name, i).reads;
    case "discrete":
      return -1;
  }
}

/** The facts about a primitive that a tape asks for at every operation: they are looked up once. */
export interface Rules {
  readonly name: PrimitiveName;
  /** Views are linear maps here. */
  readonly kind: Kind;
  /** Only elementwise primitives have this. */
  readonly partials: Partials;
  /** The values that are read, by operand; none of a linear map of many. */
  readonly reads: readonly number[];
}

/** A test that breaks a rule deletes the entry of its primitive. */
export const known = new Map<PrimitiveName, Rules>();

export function rulesOf(name: PrimitiveName): Rules {
  let found = known.get(name);
  if (found === undefined) {
    const { kind, arity } = primitives[name];
    found = {
      name,
      kind: kind === "view" ? "linear" : kind,
      partials: elementwiseOf(name).partials,
      reads: Array.from({ length: arity === "many" ? 0 : arity }, (_, i) => readsOf(name, i)),
    };
    known.set(name, found);
  }
  return found;
}

/** The cotangent of operand i of a view or a linear map. */
export const transposeOf = (name: PrimitiveName): Transpose => erased<Transpose>(transposes)[name];

/** The cotangents of all operands at once, of a linear map of many. */
export const jointOf = (name: PrimitiveName): Transposes => erased<{ readonly all: Transposes }>(transposes)[name].all;

/** The cotangent of operand i of a bilinear primitive, from the other operand. */
export const bilinearOf = (name: PrimitiveName, i: number): Bilinear[number] => erased<Bilinear>(bilinear)[name][i];

/** The rule by which the cotangent of a structured primitive goes to operand i. */
export const structuredOf = (name: PrimitiveName, i: number): Rule => erased<readonly Rule[]>(rules)[name][i];
