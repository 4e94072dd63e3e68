import type { NDArray } from "../array/ndarray.js";
import { weakened } from "../array/operands.js";
import type { Lease } from "../engine/device.js";
import type { Arrays, Parts } from "../engine/operation.js";
import type { Trace } from "../engine/trace.js";
import { type Params, type PrimitiveName, primitives } from "../primitives/index.js";
import { passed } from "../rules/partials.js";
import { rules } from "../rules/structured.js";
import { bilinear, transposes } from "../rules/transposes.js";
import { spread, weighed } from "../rules/weights.js";
import { Call, type Entry, lowerAll, type Node, Output } from "./node.js";

type AnyRule = (...args: readonly unknown[]) => NDArray;
type AnyRules = Readonly<Record<string, AnyRule>>;

/**
 * The pullback of what a tape has recorded, from the cotangents of the outputs (undefined is zero) to those of the inputs.
 * With a lease it can be run once: the tape's values are dropped on the way.
 */
export function pullback(tape: Trace<Node>, inputs: Arrays, outputs: Parts, lease?: Lease): (cotangents: Parts) => NDArray[] {
  const sorted = order(tape, outputs);
  return (cotangents) => {
    const all = new Array<NDArray | undefined>(sorted.length);
    outputs.forEach((output, i) => {
      if (tape.owns(output)) accumulate(all, output, cotangents[i]);
    });
    const outer = lease?.enter();
    try {
      backward(sorted, all, lease);
    } finally {
      lease?.leave(outer);
    }
    return inputs.map((node) => {
      const part = (tape.owns(node) ? all[node.index] : undefined) ?? node.filled(0, node.aval);
      // The gradient with respect to a number is as weak as a number.
      return node.aval.weak ? weakened(part, node.aval.weak) : part;
    });
  };
}

function accumulate(cotangents: (NDArray | undefined)[], input: NDArray, part: NDArray | undefined, lease?: Lease): void {
  if (part === undefined) return;
  const { index } = input as Node;
  const sum = cotangents[index];
  const total = sum === undefined ? part : sum.add(part);
  cotangents[index] = total;
  if (lease === undefined) return;
  lease.hold(total);
  if (sum !== undefined) lease.drop(sum);
}

/** What outputs are made from, each entry after its own inputs. */
function order(tape: Trace<Node>, outputs: Parts): Entry[] {
  const sorted: Entry[] = [];
  const stack: Entry[] = [];
  const visiting = -2;
  for (const output of outputs) {
    if (!tape.owns(output)) continue;
    stack.push(output);
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (node.index === -1) {
        node.index = visiting;
        for (const input of node.inputs) if (input.owner === tape && (input as Entry).index === -1) stack.push(input as Entry);
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

/** Walks the entries backwards. `undefined` is a zero that was never made. */
function backward(sorted: readonly Entry[], cotangents: (NDArray | undefined)[], lease?: Lease): void {
  const calls = new Map<Call, (NDArray | undefined)[]>();
  for (let at = sorted.length - 1; at >= 0; at--) {
    const node = sorted[at];
    const { name } = node;
    if (name === undefined) {
      throughCall(node, at, cotangents, calls);
      continue;
    }
    const ct = cotangents[at];
    if (ct === undefined) continue;
    // Done with: memory holds what is still to be walked.
    cotangents[at] = undefined;
    const { owner } = node;
    const inputs = node.inputs as Arrays;
    const values = lowerAll(owner, inputs);
    for (let i = 0; i < inputs.length; i++)
      if (inputs[i].owner === owner) accumulate(cotangents, inputs[i], pull(node, name, ct, values, i), lease);
    if (lease === undefined) continue;
    lease.drop(ct);
    lease.drop(node.value);
    lease.sweep();
  }
}

/** The result of a call hands its cotangent to the call; the call, met after all of its results, to its inputs. */
function throughCall(entry: Entry, at: number, cotangents: (NDArray | undefined)[], calls: Map<Call, (NDArray | undefined)[]>): void {
  if (entry instanceof Call) {
    const given = calls.get(entry);
    if (given === undefined) return;
    const parts = entry.pull(given);
    entry.inputs.forEach((input, i) => {
      if (input.owner === entry.owner) accumulate(cotangents, input, parts[i]);
    });
  } else if (entry instanceof Output) {
    const { call, position } = entry;
    if (cotangents[at] === undefined) return;
    if (!calls.has(call)) calls.set(call, new Array(call.count));
    (calls.get(call) as (NDArray | undefined)[])[position] = cotangents[at];
  }
}

/** The part of operand i in the cotangent of a result, by the kind of the operation. */
function pull(node: Node, name: PrimitiveName, ct: NDArray, values: readonly NDArray[], i: number): NDArray | undefined {
  const { value: out, params } = node;
  const { kind } = primitives[name];
  switch (kind) {
    case "elementwise":
      return passed(name, i, ct, values, out, params);
    case "view":
    case "linear":
      return (transposes as unknown as AnyRules)[name](ct, values, params, i);
    case "bilinear":
      return (bilinear as unknown as Readonly<Record<string, readonly AnyRule[]>>)[name][i](ct, values[1 - i], params);
    case "reduction": {
      const [x] = values;
      const { axes } = params as Params<"max">;
      return weighed(name, spread(ct, x.shape, axes), x, out, params);
    }
    case "structured":
      return (rules as unknown as AnyRules)[name](ct, values, out, params, i);
    case "discrete":
      return undefined;
  }
}
