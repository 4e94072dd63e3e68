import type { NDArray } from "../array/ndarray.js";
import { weakened } from "../array/operands.js";
import type { Aval } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";
import type { ArrayList, Parts } from "../engine/operation.js";
import type { Params } from "../engine/primitive.js";
import { bilinearOf, jointOf, type Operands, passedBy, type Rules, structuredOf, transposeOf, weighed } from "../rules/lookup.js";
import { spread } from "../rules/weights.js";
import { Call, type Entry, Many, Output } from "./entry.js";
import { type Placed, Slices } from "./slices.js";
import type { Tape } from "./tape.js";

/**
 * The pullback of what a tape has recorded, from the cotangents of the outputs to those of the inputs; undefined is a zero that was never made.
 * With an arena it can be run once: the tape's values are dropped on the way.
 */
export function pullback(tape: Tape, inputs: ArrayList, outputs: Parts, arena?: Arena): (cotangents: Parts) => Parts {
  // Entries alone count: the outputs themselves are not asked for by others.
  const ends = outputs.map((output) => (tape.owns(output) ? output.entry : undefined));
  return (cotangents) => {
    const walk = new Walk(tape.length, arena);
    ends.forEach((end, i) => {
      if (end) walk.add(end, cotangents[i]);
    });
    walk.run();
    return inputs.map((input) => {
      const { weak } = input.aval;
      const part = tape.owns(input) ? walk.cotangents[input.entry.index] : undefined;
      // The gradient with respect to a number is as weak as a number.
      return part && weak ? weakened(part, weak) : part;
    });
  };
}

/** The same with all zeros made. */
export function wholePullback(...[tape, inputs, ...more]: Parameters<typeof pullback>): (cotangents: Parts) => NDArray[] {
  const pull = pullback(tape, inputs, ...more);
  return (cotangents) => pull(cotangents).map((part, i) => part ?? inputs[i].filled(0, inputs[i].aval));
}

/** A walk over a tape, backwards: an entry is met after all that was made of it, if a cotangent has come to it. */
class Walk {
  /** The cotangents that have come to entries, by their places; undefined is a zero that was never made. */
  readonly cotangents: (NDArray | undefined)[];
  /** The entries to which something has come. */
  readonly #entries: (Entry | undefined)[];
  #calls: Map<Call, (NDArray | undefined)[]> | undefined;
  #slices: Map<Entry, Slices> | undefined;
  readonly #arena: Arena | undefined;
  #outer: Arena | undefined;

  constructor(length: number, arena: Arena | undefined) {
    this.cotangents = new Array(length);
    this.#entries = new Array(length);
    this.#arena = arena;
  }

  add(entry: Entry, part: NDArray | undefined): void {
    if (!part) return;
    const { index } = entry;
    const sum = this.cotangents[index];
    const total = sum?.add(part) ?? part;
    this.cotangents[index] = total;
    this.#entries[index] = entry;
    this.#arena?.hold(total);
    if (sum) this.#arena?.drop(sum);
  }

  run(): void {
    this.#outer = this.#arena?.enter();
    try {
      for (let at = this.#entries.length - 1; at >= 0; at--) {
        const entry = this.#entries[at];
        // Done with: memory holds what is still to be walked.
        this.#entries[at] = undefined;
        if (entry) this.#pass(entry);
      }
    } finally {
      this.#arena?.leave(this.#outer);
    }
  }

  #pass(entry: Entry): void {
    const { index, rules, params, first, second, x, y, out } = entry;
    const arena = this.#arena;
    const slices = this.#slices?.get(entry);
    if (slices) {
      this.#slices?.delete(entry);
      this.add(entry, slices.total(arena));
    }
    if (!rules) {
      this.#throughCall(entry);
      return;
    }
    const ct = this.cotangents[index] as NDArray;
    this.cotangents[index] = undefined;
    const isMany = entry instanceof Many;
    const operands = isMany ? entry.operands : ([x, y] as Operands);
    // Another trace sees them: they must not wait.
    if (arena?.isOver) for (const each of operands) if (each) arena.keep(each);
    if (rules.name === "slice") {
      this.#slice(first as Entry, entry.aval as Aval, { ct, at: params as Params<"slice"> });
      return;
    }
    const sources = isMany ? entry.sources : [first, second];
    const all = isMany && rules.reads.length === 0 ? jointOf(rules.name)(ct, entry.avals, params) : undefined;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i];
      if (source) this.add(source, all ? all[i] : pull(entry, rules, operands, ct, i));
    }
    if (!arena) return;
    arena.drop(ct);
    for (const each of operands) if (each) arena.drop(each);
    if (out) arena.drop(out);
    arena.sweep();
  }

  /** All slices of an array pass back to it together, once it is reached. */
  #slice(source: Entry, aval: Aval, placed: Placed): void {
    this.#slices ??= new Map();
    const known = this.#slices.get(source) ?? new Slices(aval);
    known.add(placed, this.#arena);
    this.#slices.set(source, known);
    this.#entries[source.index] = source;
  }

  /**
   * The result of a call hands its cotangent to the call; the call, met after all of its results, to its inputs. The work there is the
   * call's own, and sees nothing of the arena.
   */
  #throughCall(entry: Entry): void {
    const arena = this.#arena;
    if (entry instanceof Call) {
      arena?.leave(this.#outer);
      const given = this.#calls?.get(entry) as Parts;
      this.#calls?.delete(entry);
      const parts = entry.pull(given);
      arena?.enter();
      entry.sources.forEach((source, i) => {
        const part = parts[i];
        if (!source || !part) return;
        if (arena?.own(part, false) === false) arena.giveUp();
        this.add(source, part);
      });
    } else if (entry instanceof Output) {
      const { index, call, position } = entry;
      const ct = this.cotangents[index] as NDArray;
      arena?.keep(ct);
      this.#calls ??= new Map();
      const given = this.#calls.get(call) ?? new Array(call.count);
      given[position] = ct;
      this.#calls.set(call, given);
      this.#entries[call.index] = call;
      this.cotangents[index] = undefined;
    }
  }
}

/** The part of operand i in the cotangent of a result, by the kind of the operation. */
function pull(
  { aval, out, params }: Entry,
  { name, kind, partials }: Rules,
  operands: Operands,
  ct: NDArray,
  i: number,
): NDArray | undefined {
  // The values that a rule reads were kept, the result too.
  const result = out as NDArray;
  switch (kind) {
    case "elementwise":
      return passedBy(partials[i], ct, operands, result, params);
    case "linear":
      return transposeOf(name)(ct, aval, params, i, operands);
    case "bilinear":
      return bilinearOf(name, i)(ct, operands[1 - i], params);
    case "reduction":
      return weighed(name, spread(ct, (aval as Aval).shape, (params as Params<"max">).axes), operands, result, params);
    // A structured one: discrete ones have no entries.
    default:
      return structuredOf(name, i).passes(ct, operands, result, params);
  }
}
