import type { NDArray } from "@ad/core";
import { cpu } from "@ad/core/internals/backend";
import { type ArrayList, Aval, apply, type Equation, type Graph, lastUses, peek } from "@ad/core/internals/trace";
import { numberOf } from "./sharing.js";

/** The operations that move elements. */
export const movements: readonly string[] = ["transpose", "broadcast", "reshape", "slice", "place", "unfold", "concatenate", "take"];

/** A mask is 0 where a value is zero, and 1 elsewhere: float32, whose operations are vectors'. */
const maskOf = (x: NDArray): NDArray => x.notEqual(0).astype("float32");

const ones = (x: NDArray): NDArray => cpu.filled(1, new Aval(x.shape, "float32"));

/** A constant of one number may be zero; of all others nothing is known. */
const ofConstant = (x: NDArray): NDArray => (numberOf(x) === undefined ? ones(x) : maskOf(x));

/** The mask of an operation's result, by those of its operands: 0 where it is zero whatever else they are. */
function maskAfter({ operation, inputs, params }: Equation, masks: ReadonlyMap<NDArray, NDArray>): NDArray | undefined {
  const of = (i: number): NDArray => masks.get(inputs[i]) ?? ofConstant(inputs[i]);
  const same = (own: ArrayList): NDArray => apply(operation, own, params)[0];
  switch (operation) {
    case "mul":
      return of(0).mul(of(1));
    case "add":
    case "sub":
      return of(0).maximum(of(1));
    case "div":
    case "neg":
    case "cast":
      return of(0);
    case "select":
      return of(1).maximum(of(2));
    case "sum":
      return maskOf(same([of(0)]));
    case "take":
      return peek(inputs[1])?.batches.length === 0 ? same([of(0), inputs[1]]) : undefined;
    case "scatterAdd":
      return peek(inputs[1])?.batches.length === 0 ? maskOf(same([of(0), inputs[1], of(2)])) : undefined;
    default:
      return movements.includes(operation as string) ? same(inputs.map((_, i) => of(i))) : undefined;
  }
}

/** For each value that is summed, 1 where it is zero whatever the arguments are, as it is linear in seeds, of which most are zero. */
export function zerosOf({ equations }: Graph, seeds: ReadonlyMap<NDArray, NDArray>): ReadonlyMap<NDArray, Uint8Array> {
  const out = new Map<NDArray, Uint8Array>();
  const last = lastUses(equations, ({ inputs }) => inputs);
  const masks = new Map([...seeds].map(([x, seed]) => [x, maskOf(seed)]));
  equations.forEach((equation, i) => {
    const { operation, inputs, outs } = equation;
    if (!inputs.some((x) => masks.has(x))) return;
    const own = maskAfter(equation, masks);
    for (const x of outs) masks.set(x, own ?? ones(x));
    const summed = operation === "sum" ? inputs[0] : operation === "scatterAdd" ? inputs[2] : undefined;
    const mask = summed && masks.get(summed);
    if (mask) out.set(summed, mask.equal(0).data() as Uint8Array);
    for (const x of inputs) if (last.get(x) === i) masks.delete(x);
  });
  return out;
}
