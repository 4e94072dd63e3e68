import type { NDArray } from "../array/ndarray.js";
import { isFloat } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";
import type { ArrayList, Operation, Parts } from "../engine/operation.js";
import type { Params, PrimitiveName } from "../engine/primitive.js";
import { bind, Trace } from "../engine/trace.js";
import { type Rules, rulesOf } from "../rules/lookup.js";
import { RESULT } from "../rules/reads.js";
import { Call, Entry, Many, Output } from "./entry.js";
import { Node } from "./node.js";

/** Reverse mode: records what is computed from its inputs, to be walked backwards as often as wanted. */
export class Tape extends Trace<Node> {
  /** Of all results that were recorded, together. */
  elements = 0;
  /** The number of entries. */
  length = 0;

  /** @param arena for the values on the tape that only the tape sees */
  constructor(
    kind: string,
    override readonly arena?: Arena,
  ) {
    super(kind);
  }

  /** An input of the function. */
  input(value: NDArray): Node {
    return new Node(this, value, new Entry(this.length++));
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const values = new Array<NDArray>(inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i];
      values[i] = this.owns(x) ? x.below : x;
    }
    const out = this.arena ? this.#bind(this.arena, name, values, params) : bind(name, values, params);
    const entry = isFloat(out.dtype) ? this.#entry(name, inputs, values, out, params) : undefined;
    if (this.arena?.own(out, !!entry) === false) {
      // Another trace, which may keep what it sees, has made a value of these.
      this.arena.giveUp();
      this.#share(values);
    }
    if (!entry) return out;
    this.elements += out.aval.size;
    return new Node(this, out, entry);
  }

  override call(operation: Operation, inputs: ArrayList): ArrayList {
    this.#share(inputs);
    return operation.record?.(this, inputs, operation) ?? operation.forward(inputs);
  }

  /** Puts a call on the tape: its results one level down, and its pullback, from their cotangents to those of the inputs. */
  append(inputs: ArrayList, outs: ArrayList, pull: (cotangents: Parts) => Parts): ArrayList {
    // The rule that pulls sees these; they may be more than the operation was called with.
    this.#share(inputs);
    if (this.arena) for (const out of outs) if (!this.arena.own(out, false)) this.arena.giveUp();
    const sources = inputs.map((x) => this.#source(x, 0));
    const step = new Call(this.length++, sources, pull, outs.length);
    return outs.map((out, position) => {
      this.elements += out.size;
      return isFloat(out.dtype) ? new Node(this, out, new Output(this.length++, step, position)) : out;
    });
  }

  /** Values are seen from outside: they are computed, and their storage is not the arena's. */
  #share(inputs: ArrayList): void {
    if (this.arena?.isUsed) for (const x of inputs) this.arena.keep(this.lower(x));
  }

  #bind<P extends PrimitiveName>(arena: Arena, name: P, values: ArrayList, params: Params<P>): NDArray {
    const outer = arena.enter();
    try {
      return bind(name, values, params);
    } finally {
      arena.leave(outer);
    }
  }

  /** The sources of a result, and what their rules read; undefined where no cotangent goes anywhere. */
  #entry(name: PrimitiveName, inputs: ArrayList, values: ArrayList, out: NDArray, params: unknown): Entry | undefined {
    const rules = rulesOf(name);
    const { reads } = rules;
    if (inputs.length > 2 || reads.length === 0) return this.#many(rules, inputs, values, out, params);
    const first = this.#source(inputs[0], reads[0]);
    const second = this.#source(inputs[1], reads[1]);
    if (!first && !second) return undefined;
    // A slice that is given another shape passes back as a slice does.
    if (name === "reshape" && first?.rules?.name === "slice")
      return new Entry(this.length++, first.rules, first.params, first.aval, undefined, first.first);
    const read = (first ? reads[0] : 0) | (second ? reads[1] : 0);
    const [x, y] = values;
    return new Entry(
      this.length++,
      rules,
      params,
      x.aval,
      this.#kept(out, read & RESULT),
      first,
      second,
      this.#kept(x, read & 1, rules),
      this.#kept(y, read & 2, rules),
    );
  }

  /** The same for more operands. */
  #many(rules: Rules, inputs: ArrayList, values: ArrayList, out: NDArray, params: unknown): Entry | undefined {
    const { reads } = rules;
    const sources = inputs.map((x, i) => this.#source(x, reads[i] ?? 0));
    if (!sources.some((source) => source)) return undefined;
    const read = reads.reduce((all, own, i) => (sources[i] ? all | own : all), 0);
    const operands = reads.map((_, i) => this.#kept(values[i], read & (1 << i), rules) as NDArray);
    const avals = values.map(({ aval }) => aval);
    return new Many(this.length++, sources, rules, params, avals, operands, this.#kept(out, read & RESULT));
  }

  /** The entry of an operand; undefined where no cotangent goes to it. */
  #source(x: NDArray | undefined, reads: number): Entry | undefined {
    return reads >= 0 && this.owns(x) && isFloat(x.aval.dtype) ? x.entry : undefined;
  }

  /** A value that the rules read. Linear maps read operands that are not floating. */
  #kept(x: NDArray | undefined, isRead: number, rules?: Rules): NDArray | undefined {
    if (!x || !(rules?.kind === "linear" ? !isFloat(x.dtype) : isRead)) return undefined;
    this.arena?.hold(x);
    return x;
  }
}
