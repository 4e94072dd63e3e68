import type { NDArray } from "../array/ndarray.js";
import { weakened } from "../array/operands.js";
import type { Aval } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";
import type { ArrayList, Parts } from "../engine/operation.js";
import type { Params } from "../engine/primitive.js";
import type { Trace } from "../engine/trace.js";
import { bilinearOf, jointOf, passedBy, type Rules, structuredOf, transposeOf, weighed } from "../rules/lookup.js";
import { spread } from "../rules/weights.js";
import { Call, type Entry, Joint, Output } from "./entry.js";
import type { Node } from "./node.js";
import { Slices } from "./slices.js";

/**
 * The pullback of what a tape has recorded, from the cotangents of the outputs (undefined is zero) to those of the inputs.
 * With an arena it can be run once: the tape's values are dropped on the way.
 */
export function pullback(tape: Trace<Node>, inputs: ArrayList, outputs: Parts, arena?: Arena): (cotangents: Parts) => NDArray[] {
  // Entries alone count: the outputs themselves are not asked for by others.
  const ends = outputs.map((output) => (tape.owns(output) ? output.entry : undefined));
  const sorted = order(ends);
  return (cotangents) => {
    const all = new Array<NDArray | undefined>(sorted.length);
    ends.forEach((end, i) => {
      if (end) accumulate(all, end, cotangents[i]);
    });
    const outer = arena?.enter();
    try {
      backward(sorted, all, arena, outer);
    } finally {
      arena?.leave(outer);
    }
    return inputs.map((input) => {
      const { aval } = input;
      const part = (tape.owns(input) ? all[input.entry.index] : undefined) ?? input.filled(0, aval);
      // The gradient with respect to a number is as weak as a number.
      return aval.weak ? weakened(part, aval.weak) : part;
    });
  };
}

function accumulate(cotangents: (NDArray | undefined)[], { index }: Entry, part: NDArray | undefined, arena?: Arena): void {
  if (part === undefined) return;
  const sum = cotangents[index];
  const total = sum === undefined ? part : sum.add(part);
  cotangents[index] = total;
  if (arena === undefined) return;
  arena.hold(total);
  if (sum !== undefined) arena.drop(sum);
}

/** The entries that outputs are made from, each after its own sources. */
function order(ends: readonly (Entry | undefined)[]): Entry[] {
  const sorted: Entry[] = [];
  const stack: Entry[] = [];
  const visiting = -2;
  for (const end of ends) {
    if (end === undefined) continue;
    stack.push(end);
    while (stack.length > 0) {
      const entry = stack[stack.length - 1];
      if (entry.index === -1) {
        entry.index = visiting;
        if (entry.first?.index === -1) stack.push(entry.first);
        for (const source of entry.others) if (source?.index === -1) stack.push(source);
      } else {
        stack.pop();
        if (entry.index === visiting) {
          entry.index = sorted.length;
          sorted.push(entry);
        }
      }
    }
  }
  return sorted;
}

/** Walks the entries backwards. `undefined` is a zero that was never made. */
function backward(sorted: readonly Entry[], cotangents: (NDArray | undefined)[], arena?: Arena, outer?: Arena): void {
  const calls = new Map<Call, (NDArray | undefined)[]>();
  const slices = new Map<Entry, Slices>();
  for (let at = sorted.length - 1; at >= 0; at--) {
    const entry = sorted[at];
    const { rules, params, first, others, aval, operands, out } = entry;
    const own = slices.size > 0 ? slices.get(entry) : undefined;
    if (own) {
      slices.delete(entry);
      accumulate(cotangents, entry, own.total(arena), arena);
    }
    if (rules === undefined) {
      throughCall(entry, at, cotangents, calls, arena, outer);
      continue;
    }
    const ct = cotangents[at];
    if (ct === undefined) continue;
    // Done with: memory holds what is still to be walked.
    cotangents[at] = undefined;
    // Another trace sees them: they must not wait.
    if (arena?.isOver) for (const x of operands) if (x !== undefined) arena.keep(x);
    if (rules.name === "slice") {
      // All slices of an array pass back to it together, once it is reached.
      const source = first as Entry;
      const known = slices.get(source) ?? new Slices(aval as Aval, ct);
      known.add({ ct, at: params as Params<"slice"> }, arena);
      slices.set(source, known);
      continue;
    }
    const all = entry instanceof Joint ? jointOf(rules.name)(ct, entry.avals, params) : undefined;
    if (first !== undefined) accumulate(cotangents, first, pull(entry, rules, ct, 0), arena);
    for (let i = 0; i < others.length; i++) {
      const source = others[i];
      if (source !== undefined) accumulate(cotangents, source, all ? all[i] : pull(entry, rules, ct, i + 1), arena);
    }
    if (arena === undefined) continue;
    arena.drop(ct);
    for (const x of operands) if (x !== undefined) arena.drop(x);
    if (out) arena.drop(out);
    arena.sweep();
  }
}

/**
 * The result of a call hands its cotangent to the call; the call, met after all of its results, to its inputs. The work there is the
 * call's own, and sees nothing of the arena.
 */
function throughCall(
  entry: Entry,
  at: number,
  cotangents: (NDArray | undefined)[],
  calls: Map<Call, (NDArray | undefined)[]>,
  arena: Arena | undefined,
  outer: Arena | undefined,
): void {
  if (entry instanceof Call) {
    const given = calls.get(entry);
    if (given === undefined) return;
    calls.delete(entry);
    arena?.leave(outer);
    const parts = entry.pull(given);
    arena?.enter();
    entry.others.forEach((source, i) => {
      const part = parts[i];
      if (source === undefined || part === undefined) return;
      if (arena?.own(part, false) === false) arena.giveUp();
      accumulate(cotangents, source, part, arena);
    });
  } else if (entry instanceof Output) {
    const { call, position } = entry;
    const ct = cotangents[at];
    if (ct === undefined) return;
    arena?.keep(ct);
    if (!calls.has(call)) calls.set(call, new Array(call.count));
    (calls.get(call) as (NDArray | undefined)[])[position] = ct;
    cotangents[at] = undefined;
  }
}

/** The part of operand i in the cotangent of a result, by the kind of the operation. */
function pull({ operands, aval, out, params }: Entry, { name, kind, partials }: Rules, ct: NDArray, i: number): NDArray | undefined {
  // The values that a rule reads were kept, the result too.
  const result = out as NDArray;
  switch (kind) {
    case "elementwise":
      return passedBy(partials[i], ct, operands, result, params);
    case "view":
    case "linear":
      return transposeOf(name)(ct, aval, params, i, operands);
    case "bilinear":
      return bilinearOf(name, i)(ct, operands[1 - i], params);
    case "reduction":
      return weighed(name, spread(ct, (aval as Aval).shape, (params as Params<"max">).axes), operands, result, params);
    case "structured":
      return structuredOf(name, i).passes(ct, operands, result, params);
    case "discrete":
      return undefined;
  }
}
