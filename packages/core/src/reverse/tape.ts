import type { NDArray } from "../array/ndarray.js";
import { Tracer } from "../array/tracer.js";
import { type Aval, isFloat } from "../aval.js";
import { partials } from "../derivatives/partials.js";
import { bilinear, transposes } from "../derivatives/transposes.js";
import { spread, weights } from "../derivatives/weights.js";
import { type Params, type PrimitiveName, primitives } from "../primitives/index.js";
import { bind, Trace } from "../trace.js";
import { rules } from "./rules.js";

type AnyRule = (...args: readonly unknown[]) => NDArray;
type AnyRules = Readonly<Record<string, AnyRule>>;
type AnyPartials = Readonly<Record<string, readonly (number | AnyRule)[]>>;

/** A value on the tape, and how it came about. Values point to what they were made from, so what no output needs is garbage. */
export class Node extends Tracer {
  readonly aval: Aval;
  /** Its place in the order of a pullback. */
  index = -1;

  constructor(
    readonly owner: Tape,
    readonly value: NDArray,
    readonly name: PrimitiveName | undefined,
    readonly inputs: readonly NDArray[],
    readonly params: unknown,
  ) {
    super();
    this.aval = value.aval;
  }
}

/** Reverse mode: records what is computed from its inputs, to be walked backwards as often as wanted. */
export class Tape extends Trace {
  constructor(kind: string) {
    super(kind);
  }

  /** An input of the function. */
  input(value: NDArray): Node {
    return new Node(this, value, undefined, [], undefined);
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const out = bind(
      name,
      inputs.map((x) => this.lower(x)),
      params,
    );
    return isFloat(out.dtype) && this.#depends(name, inputs) ? new Node(this, out, name, inputs, params) : out;
  }

  /** What a value is one level down; what is not of this tape is a constant to it. */
  lower(x: NDArray): NDArray {
    return x.owner === this ? (x as Node).value : x;
  }

  #depends(name: PrimitiveName, inputs: readonly NDArray[]): boolean {
    if (primitives[name].kind !== "elementwise") return true;
    const slopes = (partials as AnyPartials)[name];
    return inputs.some((x, i) => x.owner === this && slopes[i] !== 0);
  }
}

/** The nodes that outputs are made from, each after its own inputs. */
export function order(tape: Tape, outputs: readonly NDArray[]): Node[] {
  const sorted: Node[] = [];
  const stack: Node[] = [];
  const visiting = -2;
  for (const output of outputs) {
    if (output.owner !== tape) continue;
    stack.push(output as Node);
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (node.index === -1) {
        node.index = visiting;
        for (const input of node.inputs) if (input.owner === tape && (input as Node).index === -1) stack.push(input as Node);
      } else {
        stack.pop();
        if (node.index === visiting) {
          node.index = sorted.length;
          sorted.push(node);
        }
      }
    }
  }
  return sorted;
}

/** Walks the nodes backwards. `undefined` is a zero that was never made. */
export function backward(sorted: readonly Node[], cotangents: (NDArray | undefined)[]): void {
  for (let at = sorted.length - 1; at >= 0; at--) {
    const ct = cotangents[at];
    const node = sorted[at];
    if (ct === undefined || node.name === undefined) continue;
    const { inputs, owner } = node;
    let values: readonly NDArray[] | undefined;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      if (input.owner !== owner) continue;
      values ??= inputs.map((x) => owner.lower(x));
      const part = pull(node, node.name, ct, values, i);
      if (part === undefined) continue;
      const { index } = input as Node;
      const sum = cotangents[index];
      cotangents[index] = sum === undefined ? part : sum.add(part);
    }
  }
}

/** The part of operand i in the cotangent of a result, by the kind of the operation. */
function pull(node: Node, name: PrimitiveName, ct: NDArray, values: readonly NDArray[], i: number): NDArray | undefined {
  const { value: out, params } = node;
  const { kind } = primitives[name];
  switch (kind) {
    case "elementwise": {
      const slope = (partials as AnyPartials)[name][i];
      if (slope === 0) return undefined;
      if (slope === 1) return ct;
      if (slope === -1) return ct.neg();
      return ct.mul(typeof slope === "number" ? slope : slope(...values, out, params));
    }
    case "view":
    case "linear":
      return (transposes as unknown as AnyRules)[name](ct, values, params, i);
    case "bilinear":
      return (bilinear as unknown as Readonly<Record<string, readonly AnyRule[]>>)[name][i](ct, values[1 - i], params);
    case "reduction": {
      const [x] = values;
      const { axes } = params as Params<"max">;
      return (weights as unknown as AnyRules)[name](x, out, params).mul(spread(ct, x.shape, axes));
    }
    case "structured":
      return (rules as unknown as AnyRules)[name](ct, values, out, params, i);
    case "discrete":
      return undefined;
  }
}
