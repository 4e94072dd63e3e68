import type { NDArray } from "../array/ndarray.js";
import { isFloat } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";
import type { ArrayList, Operation, Parts } from "../engine/operation.js";
import type { Params, PrimitiveName } from "../engine/primitive.js";
import { bind, Trace } from "../engine/trace.js";
import { rulesOf } from "../rules/lookup.js";
import { RESULT } from "../rules/reads.js";
import { Call, Entry, Joint, leaf, none, Output } from "./entry.js";
import { Node } from "./node.js";

/** Reverse mode: records what is computed from its inputs, to be walked backwards as often as wanted. */
export class Tape extends Trace<Node> {
  /** Of all results that were recorded, together. */
  elements = 0;

  /** @param arena for the values on the tape that only the tape sees */
  constructor(
    kind: string,
    override readonly arena?: Arena,
  ) {
    super(kind);
  }

  /** An input of the function. */
  input(value: NDArray): Node {
    return new Node(this, value, leaf());
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const values = new Array<NDArray>(inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i];
      values[i] = this.owns(x) ? x.value : x;
    }
    const out = this.arena ? this.bindInArena(this.arena, name, values, params) : bind(name, values, params);
    const entry = isFloat(out.dtype) ? this.#entry(name, inputs, values, out, params) : undefined;
    if (this.arena?.own(out, entry !== undefined) === false) this.#expose(this.arena, values);
    if (entry === undefined) return out;
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
    const sources = inputs.map((x) => (this.owns(x) ? x.entry : undefined));
    const step = new Call(sources, pull, outs.length);
    return outs.map((out, position) => {
      this.elements += out.size;
      return isFloat(out.dtype) ? new Node(this, out, new Output(step, position)) : out;
    });
  }

  /** The inputs of a call are seen from outside: they are computed, and their storage is not the arena's. */
  #share(inputs: ArrayList): void {
    if (this.arena?.isUsed) for (const x of inputs) this.arena.keep(this.lower(x));
  }

  /** Another trace, which may keep what it sees, has made a value of these. */
  #expose(arena: Arena, values: ArrayList): void {
    arena.giveUp();
    if (arena.isUsed) for (const x of values) arena.keep(x);
  }

  bindInArena<P extends PrimitiveName>(arena: Arena, name: P, values: ArrayList, params: Params<P>): NDArray {
    const outer = arena.enter();
    try {
      return bind(name, values, params);
    } finally {
      arena.leave(outer);
    }
  }

  /** The sources of a result, and what their rules read; undefined where no cotangent goes anywhere. */
  #entry(name: PrimitiveName, inputs: ArrayList, values: NDArray[], out: NDArray, params: unknown): Entry | undefined {
    const { length } = inputs;
    const rules = rulesOf(name);
    const { kind } = rules;
    const isLinear = kind === "linear" || kind === "view";
    let first: Entry | undefined;
    let others: Entry[] = none;
    let reads = 0;
    for (let i = 0; i < length; i++) {
      const x = inputs[i];
      if (!this.owns(x) || !isFloat(x.aval.dtype)) continue;
      const own = isLinear ? 0 : rules.reads[i];
      if (own < 0) continue;
      reads |= own;
      if (i === 0) first = x.entry;
      else {
        if (others === none) others = new Array<Entry>(length - 1);
        others[i - 1] = x.entry;
      }
    }
    if (first === undefined && others === none) return undefined;
    if (rules.reads.length === 0)
      return new Joint(
        rules,
        params,
        [first, ...others],
        values.map((x) => x.aval),
      );
    let operands: NDArray[] | undefined;
    // An operand beyond the third is read by none. Where all are read, the list itself is kept.
    const ofOperands = reads & ~RESULT;
    const readable = isLinear || ofOperands ? Math.min(length, 3) : 0;
    const all = ofOperands === (1 << length) - 1;
    for (let i = 0; i < readable; i++) {
      const x = values[i];
      if (isLinear ? isFloat(x.dtype) : !(reads & (1 << i))) continue;
      operands ??= all ? values : new Array<NDArray>(length);
      operands[i] = x;
      this.arena?.hold(x);
    }
    const result = reads & RESULT ? out : undefined;
    if (result) this.arena?.hold(result);
    const aval = isLinear || kind === "reduction" ? values[0].aval : undefined;
    return new Entry(rules, params, first, others, aval, operands ?? none, result);
  }
}
