import type { NDArray } from "@ad/core";
import { type ArrayList, Aval, bind, call, Graph, type Lift, type Parts, type Push, recordPullback } from "@ad/core/internals/trace";
import { loop, stacked } from "../compile/index.js";
import { countOf, cut, floats, isThere, type Mask, spread, where } from "../lists.js";
import { withoutEffects } from "../passes/effects.js";
import { type Holder, Program } from "../program.js";
import { closed, Derivative, dependents, filled, floating, isAhead, stage, zeros } from "../staging.js";
import {
  alongLanes,
  avalsOf,
  byLanes,
  capturedFirst,
  dependent,
  fitted,
  inLanes,
  paired,
  pushedIn,
  reached,
  readBy,
  recomputing,
  settled,
} from "./graphs.js";

/** Swaps the first two axes. */
const swapped = (x: NDArray): NDArray => x.swapaxes(0, 1);

/**
 * A loop that carries a state along the first axis of rows and stacks what each step collects: (...constants, ...state, ...rows) gives
 * (...state, ...collected). The body is a graph of the constants, the state and one row of each array.
 */
export class Scan implements Holder {
  readonly record = recordPullback;
  readonly flow = "scan";
  readonly parts: readonly Program[];

  constructor(
    readonly name: string,
    body: Graph,
    /** The number of inputs that are constants, and of those that are state. */
    readonly constants: number,
    readonly state: number,
    readonly length: number,
    /** Whether it goes from the last row to the first. */
    readonly reverse = false,
    /** Reverse mode keeps states alone, and computes each step again. */
    readonly recomputes = false,
  ) {
    this.parts = [new Program(name, body)];
  }

  get body(): Program {
    return this.parts[0];
  }

  get programs(): readonly Graph[] {
    return [this.body.graph];
  }

  readonly holding = ([body]: readonly Graph[]): Scan => this.#of(body);

  readonly shape = (): readonly Aval[] =>
    avalsOf(this.body.graph.outputs).map((aval, i) => (i < this.state ? aval : stacked(aval, this.length)));

  readonly forward = (inputs: ArrayList): ArrayList => {
    const { bare } = this.body.compiled;
    const fast = bare && loop(bare, this, inputs);
    if (fast !== undefined) return fast;
    const [constants, first, rows] = this.#split(inputs);
    let state: ArrayList = first;
    const collected: ArrayList[] = [];
    for (let k = 0; k < this.length; k++) {
      const i = this.reverse ? this.length - 1 - k : k;
      const outs = this.body.forward([...constants, ...state, ...rows.map((x) => x.slice(i))]);
      state = outs.slice(0, this.state);
      collected[i] = outs.slice(this.state);
    }
    const avals = this.shape().slice(this.state);
    const ys = avals.map((aval, c) =>
      this.length === 0
        ? inputs[0].filled(0, aval)
        : bind(
            "concatenate",
            collected.map((each) => each[c].expandDims(0)),
            { axis: 0 },
          ),
    );
    return [...state, ...ys];
  };

  readonly jvp = (inputs: ArrayList, tangents: Parts, push?: Push): readonly [ArrayList, Parts] => {
    const { graph } = this.body;
    const [c, s, x] = this.#split(inputs);
    const [tc, ts, tx] = this.#split(tangents);
    const moved = [tc.filter(isThere), floating(ts, s), tx.filter(isThere)];
    const both = pushedIn(this.name, graph, [tc.map(isThere), floats(s), tx.map(isThere)], push);
    const isOn = floats(graph.outputs);
    const states = moved[1].length;
    const [os, oy, ots, oty] = cut(both.outputs, this.state, isOn.length - this.state, states);
    const body = new Graph(both.inputs, both.equations, paired([os, oy], [ots, oty]));
    const derived = this.#of(body, c.length + moved[0].length, this.state + states);
    const [rs, rts, ry, rty] = cut(call(derived, paired([c, s, x], moved)), this.state, states, oy.length);
    return [isAhead(inputs, tangents) ? call(this, inputs) : [...rs, ...ry], spread(isOn, [...rts, ...rty])];
  };

  /** Forwards all steps keep what their pullbacks read, or their states alone; backwards a scan goes through them from the last to the first. */
  readonly vjp = (inputs: ArrayList, active: Mask = floats(inputs)): readonly [ArrayList, (cts: Parts) => Parts] => {
    const { graph } = this.body;
    const [c, s, x] = this.#split(inputs);
    const wanted = reached(graph, active, c.length, this.state);
    const isFixed = wanted.map((on) => !on);
    const [ac, fs, ax] = this.#split(wanted);
    const step = this.recomputes ? recomputing(this.name, graph, wanted) : new Derivative(this.name, graph, wanted);
    const { inputs: own, equations, outputs } = step.forward;
    const count = graph.outputs.length;
    // A residual that is made of constants and rows alone is made again: it does not wait for the state, which may have no numbers yet.
    const moving = dependents(step.forward, this.#split(own)[1]);
    const isStacked = step.residuals.map((x) => moving.has(x));
    const isMade = isStacked.map((on) => !on);
    const kept = where(step.residuals, isStacked);
    const again = withoutEffects(new Graph(own, equations, where(step.residuals, isMade)));
    // Residuals without a part of the active values come from a loop of their own: these may have no numbers, as where a rule is transposed.
    const late = dependents(step.forward, where(own, wanted));
    const [fixed, state] = this.#split(isFixed);
    const ends = [...where(outputs, state), ...kept];
    const isApart = kept.length > 0 && !ends.some((x) => late.has(x as NDArray));
    const n = countOf(state);
    const all = call(this.#of(new Graph(own, equations, [...outputs.slice(0, count), ...(isApart ? [] : kept)])), inputs);
    const rows = isApart
      ? call(this.#of(withoutEffects(new Graph(where(own, isFixed), equations, ends)), countOf(fixed), n), where(inputs, isFixed)).slice(n)
      : all.slice(count);
    const pull = (given: Parts): Parts => {
      const cotangents = Array.from(given);
      const [cs, cy] = cut(cotangents, this.state);
      const gathered = cy.filter(isThere);
      const backward = step.backward([...fs, ...cy.map(isThere)]);
      const nc = countOf(ac);
      const ns = countOf(fs);
      // (constants | cotangents of the state, sums of those of the constants | what was kept, rows, cotangents of what was collected)
      const [ic, is, ix] = this.#split(graph.inputs);
      const body = closed(
        this.name,
        (given) => {
          const [gc, gs, sums, gk, gx, gy] = cut(given, c.length, ns, nc, kept.length, x.length);
          const made = spread(isMade, again.run([...gc, ...is, ...gx]));
          const residuals = spread(isStacked, gk).map((x, i) => x ?? made[i]) as ArrayList;
          const parts = filled(backward.run([...gs, ...gy, ...residuals]), graph.inputs);
          const [pc, ps, px] = this.#split(parts);
          const added = where(pc, ac);
          return [...where(ps, fs), ...sums.map((sum, i) => sum.add(added[i])), ...where(px, ax)];
        },
        [
          ...ic,
          ...where(is, fs),
          ...where(ic, ac),
          ...kept,
          ...ix,
          ...where(graph.outputs.slice(this.state) as ArrayList, cy.map(isThere)),
        ],
      );
      const parts = callScan(
        this.name,
        body,
        [c, [...where(filled(cs, s), fs), ...where(c, ac).map(zeros)], [...rows, ...x, ...gathered]],
        this.length,
        !this.reverse,
      );
      const [rs, rc, rx] = cut(parts, ns, nc);
      return [...spread(ac, rc), ...spread(fs, rs), ...spread(ax, rx)];
    };
    return [all.slice(0, count), pull];
  };

  #alongLanes(mapped: Mask): Mask {
    return alongLanes(this.body.graph, mapped, this.constants, this.state, () => false);
  }

  readonly unmapped = (mapped: Mask): Mask => {
    const mask = this.#alongLanes(mapped);
    return dependent(this.body.graph, mask).map((on, i) => !(i < this.state ? mask[this.constants + i] : on));
  };

  /** The loop carries once what is the same in all lanes, of the state too. */
  readonly vmap = (inputs: ArrayList, mapped: Mask, size: number, lift: Lift): ArrayList => {
    const mask = this.#alongLanes(mapped);
    const same = this.unmapped(mapped);
    const body = inLanes(this.name, this.body.graph, mask, size, lift, same);
    const isRow = (i: number): boolean => i >= this.constants + this.state;
    const given = byLanes(inputs, mapped, mask, size).map((x, i) => (isRow(i) && mapped[i] ? swapped(x) : x));
    return call(this.#of(body), given).map((x, i) => (i < this.state || same[i] ? x : swapped(x)));
  };

  #split<T>(inputs: readonly T[]): T[][] {
    return cut(inputs, this.constants, this.state);
  }

  /** The same loop with another body. */
  #of(body: Graph, constants = this.constants, state = this.state): Scan {
    return new Scan(this.name, body, constants, state, this.length, this.reverse, this.recomputes);
  }
}

/** A scan without the constants and rows that its body does not read. */
function callScan(name: string, body: Graph, [constants, state, rows]: readonly ArrayList[], length: number, reverse: boolean): ArrayList {
  const read = readBy([body]);
  const mask = read.map((on, i) => on || (i >= constants.length && i < constants.length + state.length));
  const [mc, , mx] = cut(mask, constants.length, state.length);
  const own = new Graph(where(body.inputs, mask), body.equations, body.outputs);
  const kept = where(constants, mc);
  return call(new Scan(name, own, kept.length, state.length, length, reverse), [...kept, ...state, ...where(rows, mx)]);
}

/** A scan of a function; a state that begins as a number takes the dtype that the body gives it. */
export function scan(
  op: string,
  body: (state: ArrayList, row: ArrayList) => readonly [ArrayList, ArrayList],
  first: ArrayList,
  rows: ArrayList,
  length: number,
  recomputes: boolean,
): readonly [ArrayList, ArrayList] {
  const row = rows.map((x) => x.filled(0, new Aval(x.shape.slice(1), x.dtype)));
  const { state, turn } = settled(first, (own) =>
    stage(
      op,
      (inputs) => {
        const [next, collected] = body(inputs.slice(0, own.length), inputs.slice(own.length));
        return [...next, ...collected];
      },
      [...own, ...row],
    ),
  );
  const { graph, captured } = turn;
  const [, collected] = cut(graph.outputs, state.length);
  const own = fitted(op, capturedFirst(graph, state.length + rows.length), [...avalsOf(state), ...avalsOf(collected)]);
  const all = call(new Scan(op, own, captured.length, state.length, length, false, recomputes), [...captured, ...state, ...rows]);
  const [last, ys] = cut(all, state.length);
  return [last, ys];
}
