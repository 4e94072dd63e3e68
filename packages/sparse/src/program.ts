import type { NDArray } from "@ad/core";
import { cpu, limits } from "@ad/core/internals/backend";
import {
  type ArrayList,
  arenaOf,
  type Graph,
  mapArrays,
  run,
  type Structure,
  sameStructure,
  unflatten,
  within,
} from "@ad/core/internals/trace";
import type { FlatFunction } from "./flat.js";
import { Loops } from "./loops.js";
import type { Plan } from "./plan.js";
import { type Products, pickedProductsOf, productsOf, type Run } from "./products.js";
import { Form, NotRecorded, Recording } from "./recording.js";
import { SharingTrace } from "./sharing.js";

/** A function's call, written down: its results, and after them the arrays of aux. */
export interface Call {
  readonly recording: Recording;
  readonly out: ArrayList;
  readonly structure: Structure;
  readonly aux: unknown;
}

/** A call beside the one before it. */
export interface ComparedCall extends Call {
  /** The constants that are others, by their positions; undefined where more is different. */
  readonly changed: readonly number[] | undefined;
  /** Whether more is different because of what the function closes over. */
  readonly isOther: boolean;
}

/** Runs a function and writes down what it does, which is likely what it did before; undefined where that cannot be done. */
export function callOf({ op, f, leaves, fill, hasAux }: FlatFunction, before: Form | undefined): Call | undefined {
  const trace = new Recording(op, before);
  try {
    return within(trace, () => {
      const [out, aux] = run(op, f, fill(leaves.map((x) => trace.input(x))), hasAux);
      const more: NDArray[] = [];
      mapArrays(aux, (x) => more[more.push(x) - 1]);
      trace.end([...out.leaves, ...more]);
      return { recording: trace, out: out.leaves, structure: out.structure, aux };
    });
  } catch (error) {
    if (error instanceof NotRecorded) return undefined;
    throw error;
  }
}

/** The function that does what was done in a call, of the leaves; its aux are the arrays of aux. Some constants may be others, by their positions. */
function again(
  g: FlatFunction,
  { recording, out, structure }: Call,
  leaves: ArrayList,
  constants?: ReadonlyMap<number, NDArray>,
): FlatFunction {
  const replayed = recording.graph(constants);
  return {
    op: g.op,
    f: (...given: NDArray[]) => {
      const outs = replayed.run(given) as ArrayList;
      return [unflatten(structure, outs.slice(0, out.length)), outs.slice(out.length)];
    },
    args: leaves,
    positions: leaves.map((_, i) => i),
    leaves,
    hasAux: true,
    fill: (given) => given.slice(),
    shape: g.shape,
  };
}

/** Runs a body whose arrays are kept: they are not to be used again when the computation is over that it is run in. */
function outsideOfArenas<T>(body: () => T): T {
  const arena = cpu.newArena?.();
  const outer = arena?.enter();
  arena?.leave(undefined);
  try {
    return body();
  } finally {
    arena?.leave(outer);
  }
}

/** The entries of a matrix, and what else is asked for, as equations of what they are made of. */
class Program {
  readonly #loops: Loops | undefined;

  constructor(
    readonly graph: Graph,
    /** The constants that are inputs, after the leaves, by their positions. */
    readonly changing: readonly number[],
  ) {
    this.#loops = Loops.of(graph);
  }

  /** The results; storage of what is between is used again. */
  run(inputs: ArrayList): ArrayList {
    return this.#loops?.run(inputs) ?? this.#byKernels(inputs);
  }

  #byKernels(inputs: ArrayList): ArrayList {
    const arena = arenaOf(inputs);
    const outer = arena?.enter();
    let outs: ArrayList;
    const { large } = limits;
    // Storage that each run needs again is worth keeping where it is small, too.
    limits.large = limits.slab;
    try {
      outs = this.graph.run(inputs) as ArrayList;
    } finally {
      limits.large = large;
      arena?.leave(outer);
    }
    for (const out of outs) arena?.keep(out);
    arena?.end();
    return outs;
  }
}

/** The results that are computed for a matrix: the places of its entries among the products, and whether the function's value is. */
export interface Wanted {
  readonly froms: readonly Int32Array[];
  readonly value: boolean;
}

/**
 * So many calls in a row do the same before a program is made. To make it takes as long as some ten to fifty of them: who calls a few times never pays
 * for it, and nobody much more than twice. It is no constant, so that tests need not wait.
 */
export const patience = { calls: 32 };

/**
 * The program that is kept of a function between calls. What the function does is written down in each call; where that is what it did in some calls before, but for
 * some numbers, a program of the entries alone is made, and is used as long as that stays so.
 */
export class Kept {
  /** The calls that did the same, in a row. */
  #alike = 0;
  #form: Form | undefined;
  #structure: Structure = null;
  #program: Program | undefined;
  #changing: ReadonlySet<number> = new Set();

  /** The call of a function; undefined where it cannot be written down. */
  call(g: FlatFunction): ComparedCall | undefined {
    const call = callOf(g, this.#form);
    if (call === undefined) return undefined;
    const { recording, structure } = call;
    const isSame = recording.before === this.#form && sameStructure(this.#structure, structure);
    const changed = isSame ? recording.changes() : undefined;
    return { ...call, changed, isOther: changed === undefined && recording.isOther };
  }

  /** The products for a call, or of them the entries. */
  products(g: FlatFunction, call: ComparedCall, source: (g: FlatFunction) => Run, plan: Plan, wanted: Wanted): Products {
    const { recording, out, structure, aux, changed } = call;
    if (changed === undefined) {
      this.#form = new Form(recording);
      this.#structure = structure;
      this.#program = undefined;
      this.#changing = new Set();
      this.#alike = 0;
    }
    if (changed?.some((i) => !this.#changing.has(i))) {
      this.#changing = new Set([...this.#changing, ...changed]);
      this.#program = undefined;
    }
    if (this.#alike++ < patience.calls) {
      const products = productsOf(g.op, source(again(g, call, g.leaves)), g.leaves, plan, Infinity);
      return { ...products, beside: { structure, aux: withArrays(aux, products.beside.aux as ArrayList) } };
    }
    const { froms, value } = wanted;
    this.#program ??= outsideOfArenas(() => made(g, call, source, plan, wanted, [...this.#changing]));
    const results = this.#program.run([...g.leaves, ...this.#program.changing.map((i) => recording.constant(i))]);
    const count = value ? out.length : 0;
    return {
      out: value ? results.slice(froms.length, froms.length + count) : out,
      beside: { structure, aux: withArrays(aux, results.slice(froms.length + count)) },
      entries: (from) => results[froms.indexOf(from)],
    };
  }
}

/** The same with others in the place of its arrays. */
function withArrays(aux: unknown, arrays: ArrayList): unknown {
  let next = 0;
  return mapArrays(aux, () => arrays[next++]);
}

function made(
  g: FlatFunction,
  call: Call,
  source: (g: FlatFunction) => Run,
  plan: Plan,
  { froms, value }: Wanted,
  changing: readonly number[],
): Program {
  const trace = new SharingTrace(g.op);
  const outputs = within(trace, () => {
    const leaves = g.leaves.map((x) => trace.input(x));
    const constants = new Map(changing.map((i) => [i, trace.input(call.recording.constant(i))]));
    const { out, beside, entries } = pickedProductsOf(g.op, source(again(g, call, leaves, constants)), leaves, plan, Infinity);
    return [...froms.map(entries), ...(value ? out : []), ...(beside.aux as ArrayList)];
  });
  return new Program(trace.graph(outputs).withoutDeadCode(), changing);
}
