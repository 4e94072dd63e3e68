import type { DType } from "@ad/core";
import { powerOf } from "@ad/core/internals/backend";
import { isFloat, type NamesOf, type Params, primitives } from "@ad/core/internals/trace";

type Name = NamesOf<"elementwise">;

/** The text of an operation on single elements. */
type Text = (...operands: readonly string[]) => string;

/** Functions that a program's text calls, by their names there. */
export type Functions = Map<string, unknown>;

const between =
  (sign: string): Text =>
  (x, y) =>
    `(${x} ${sign} ${y})`;
const truth =
  (sign: string): Text =>
  (x, y) =>
    `(${x} ${sign} ${y} ? 1 : 0)`;

/**
 * The operations that the engine computes faster when they stand in the loop than when a function is called. The others are calls of the function that
 * core's row of the operation has; of floats and, if it is not said otherwise, of whole numbers too.
 */
const texts: { readonly [P in Name]?: readonly [float: Text, int?: Text] } = {
  neg: [(x) => `(-${x})`],
  square: [(x) => `(${x} * ${x})`, (x) => `Math.imul(${x}, ${x})`],
  relu: [(x) => `(${x} <= 0 ? 0 : ${x})`],
  add: [between("+")],
  sub: [between("-")],
  mul: [between("*"), (x, y) => `Math.imul(${x}, ${y})`],
  div: [between("/")],
  equal: [truth("===")],
  notEqual: [truth("!==")],
  less: [truth("<")],
  lessEqual: [truth("<=")],
};

/** The functions of Math by themselves: the engine knows them by name. */
const builtin = new Map<unknown, string>(Object.getOwnPropertyNames(Math).map((name) => [Math[name as keyof Math], `Math.${name}`]));

/** The text of an elementwise operation on operands of a dtype, with a result of the other. */
export function scalar(name: Name, operands: readonly string[], params: object, dtype: DType, out: DType, functions: Functions): string {
  const isWhole = !isFloat(dtype);
  const [float, int = float] = texts[name] ?? [];
  const text = isWhole ? int : float;
  if (text) return rounded(text(...operands), out);
  // A small power of floats, where the exponent is a literal: a product, a root or both.
  const [, power] = (name === "pow" && !isWhole && /^\((-?[0-4](\.5)?)\)$/.exec(operands[1])) || [];
  if (power) {
    const known = `F${functions.size}`;
    functions.set(known, powerOf(+power));
    return rounded(`${known}(${operands[0]})`, out);
  }
  const { value, int: whole } = primitives[name];
  const own = (isWhole && whole) || value;
  const hasParams = Object.keys(params).length > 0;
  const called = hasParams ? (own as (params: object) => unknown)(params as Params<Name>) : own;
  let known = builtin.get(called);
  if (known === undefined) {
    known = hasParams ? `F${functions.size}` : isWhole ? `F_${name}` : `F${name}`;
    functions.set(known, called);
  }
  return rounded(`${known}(${operands.join(", ")})`, out);
}

/** A value as its dtype holds it. */
export function rounded(expression: string, dtype: DType): string {
  if (dtype === "float32") return `Math.fround(${expression})`;
  return dtype === "int32" ? `(${expression} | 0)` : expression;
}

/** A cast of a single element. */
export function castOf(x: string, from: DType, to: DType): string {
  if (to === "bool") return from === "bool" ? x : `(${x} === 0 ? 0 : 1)`;
  return from === to ? x : rounded(x, to);
}
