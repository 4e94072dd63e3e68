import type { DType, NDArray } from "@ad/core";
import { type ArrayList, bind, type Params, type PrimitiveName, sameShape } from "@ad/core/internals/trace";
import { numberOf } from "./constants.js";
import type { Found, Rule, Site } from "./site.js";

/** A rule for each primitive that has one. */
type Rules = { readonly [P in PrimitiveName]?: (own: Found<P>, site: Site) => NDArray | undefined };

interface Operands {
  readonly inputs: ArrayList;
}

/** The first operand, where the second is this number. */
const neutral =
  (number: number) =>
  ({ inputs: [x, y] }: Operands): NDArray | undefined =>
    Object.is(numberOf(y), number) ? x : undefined;

/** The same, for either operand. */
const neutralOfBoth =
  (number: number) =>
  ({ inputs: [x, y] }: Operands): NDArray | undefined =>
    neutral(number)({ inputs: [x, y] }) ?? neutral(number)({ inputs: [y, x] });

/** This number, where either operand is it. */
const absorbing =
  (number: number) =>
  ({ inputs }: Operands): NDArray | undefined =>
    inputs.find((x) => numberOf(x) === number);

/** The operand of the operand, where both are by the same primitive. */
const twice =
  (name: "neg" | "not") =>
  ({ inputs: [x] }: Operands, { madeBy }: Site): NDArray | undefined =>
    madeBy(x, name)?.inputs[0];

/** A reduction of nothing. */
const overNone = ({ inputs: [x], params: { axes } }: Operands & { readonly params: Params<"sum"> }): NDArray | undefined =>
  axes.length === 0 ? x : undefined;

/** Returns whether a dtype holds each value of another one. */
const holds = (to: DType, from: DType): boolean => to === from || to === "float64" || from === "bool";

/** Returns whether an order of axes moves none of more than one element past another. */
function movesNothing(x: NDArray, perm: readonly number[]): boolean {
  const long = perm.filter((axis) => x.shape[axis] !== 1);
  return long.every((axis, i) => !(axis < long[i - 1]));
}

/** (x · number) · y of a y that is stretched is x · (number · y), which has fewer elements: of a number that is neither large nor small. */
function gathered({ inputs }: Operands, { madeBy }: Site): NDArray | undefined {
  const at = inputs.findIndex((x) => madeBy(x, "broadcast"));
  const [x, number] = madeBy(inputs[1 - at], "mul")?.inputs ?? [];
  const size = Math.abs(numberOf(number) ?? 0);
  return size > 1e-6 && size < 1e6 ? x.mul(inputs[at].mul(number)) : undefined;
}

const rules: Rules = {
  add: (own, { aval }) => neutralOfBoth(aval.dtype === "int32" ? 0 : -0)(own),
  sub: neutral(0),
  mul: (own, site) => neutralOfBoth(1)(own) ?? gathered(own, site),
  div: neutral(1),
  pow: neutral(1),
  and: (own, { aval: { dtype } }) => neutralOfBoth(dtype === "bool" ? 1 : -1)(own) ?? absorbing(0)(own),
  or: (own, { aval: { dtype } }) => neutralOfBoth(0)(own) ?? absorbing(dtype === "bool" ? 1 : -1)(own),
  neg: twice("neg"),
  not: twice("not"),
  sum: overNone,
  // Derivatives are taken before passes.
  stopGradient: ({ inputs: [x] }) => x,
  select({ inputs: [on, a, b] }) {
    if (a === b) return a;
    const held = numberOf(on);
    return held === undefined ? undefined : held ? a : b;
  },
  cast({ inputs: [x], params }, { madeBy, aval }) {
    if (x.dtype === aval.dtype && x.aval.weak === aval.weak) return x;
    const [inner] = madeBy(x, "cast")?.inputs ?? [];
    return inner && holds(x.dtype, inner.dtype) ? bind("cast", [inner], params) : undefined;
  },
  reshape({ inputs: [x], params: { shape } }, { madeBy }) {
    return sameShape(x.shape, shape) ? x : madeBy(x, "reshape")?.inputs[0].reshape(shape);
  },
  transpose({ inputs: [x], params: { perm } }, { madeBy, aval }) {
    // Where no elements move, it is a reshape, and is followed by others.
    if (movesNothing(x, perm)) return x.reshape(aval.shape);
    const inner = madeBy(x, "transpose");
    return inner && bind("transpose", inner.inputs, { perm: perm.map((axis) => inner.params.perm[axis]) });
  },
  broadcast({ inputs: [x], params: { shape, dims } }, { madeBy, aval }) {
    if (x.size === aval.size) return x.reshape(shape);
    const inner = madeBy(x, "broadcast");
    return inner && bind("broadcast", inner.inputs, { shape, dims: inner.params.dims.map((axis) => dims[axis]) });
  },
  // From 0 on, steps of 1 alone find as many elements as there are.
  slice: ({ inputs: [x], params: { starts, sizes } }) =>
    sameShape(sizes, x.shape) && starts.every((start) => start === 0) ? x : undefined,
};

/**
 * Leaves out operations that change nothing: x · 1, x / 1, x - 0, x¹, -(-x), sums over no axes, choices among equals; views of views become one.
 * x + 0 stays, as it makes 0 of -0.
 */
export const identity: Rule = (site) => {
  const rule = rules[site.name] as ((own: Found<never>, site: Site) => NDArray | undefined) | undefined;
  return rule?.(site as Found<never>, site);
};
