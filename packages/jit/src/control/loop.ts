import type { NDArray } from "@ad/core";
import { allocate, Concrete } from "@ad/core/internals/backend";
import {
  type ArrayList,
  Aval,
  bind,
  type CallEquation,
  call,
  Graph,
  type Lift,
  type Parts,
  type Push,
  pullbackAt,
  recordPullback,
} from "@ad/core/internals/trace";
import { type Axis, compileTurns, isSmall, loop, stacked } from "../compile/index.js";
import { countOf, cut, floats, isThere, type Mask, not, spread, where } from "../lists.js";
import { withoutEffects } from "../passes/effects.js";
import { type Holder, Program } from "../program.js";
import { closed, Derivative, dependents, filled, isAhead, pushed, stage, zeros } from "../staging.js";
import {
  admitted,
  among,
  avalsOf,
  capturedFirst,
  chosen,
  dependent,
  fitted,
  inLanes,
  lean,
  paired,
  reached,
  readBy,
  recomputing,
  type Sides,
  settled,
  taking,
  united,
} from "./graphs.js";

/** The results of a loop; undefined where it is to be run step by step. */
type Turns = (inputs: ArrayList) => ArrayList | undefined;

const none: Turns = () => undefined;

/** Swaps the first two axes. */
const swapped = (x: NDArray): NDArray => x.swapaxes(0, 1);

/**
 * A loop that carries a state and stacks what each step collects: (...constants, ...state, ...rows) gives (...state, ...collected). Its body is a
 * graph of the constants, the state and one row of each array. It takes one of three forms: a scan goes along the first axis of rows; a while,
 * without rows, goes on as long as a test of the same inputs holds; a way back goes through the states of a while, from the last to the first.
 */
export class Loop implements Holder {
  readonly record = recordPullback;
  /** The body, which a test stands before. */
  readonly #own: readonly Program[];
  #compiled: Turns | undefined;
  /** Whether all turns are one text, which calls no other program. */
  #isText = false;

  constructor(
    readonly name: string,
    programs: readonly Graph[],
    /** The number of inputs that are constants, and of those that are state. */
    readonly constants: number,
    readonly state: number,
    /** The number of rows of a scan. */
    readonly length: number | undefined = undefined,
    /** Whether it goes from the last row to the first. */
    readonly reverse = false,
    /** Reverse mode keeps states alone, and computes each step again. */
    readonly recomputes = false,
    /**
     * The while, of the same constants, through which a way back goes. The number of its steps is not known before, so it is given the first
     * state in the place of rows; the while is run again, and its states are kept.
     */
    readonly source?: Loop,
  ) {
    this.#own = programs.map((graph) => new Program(name, graph, constants));
  }

  get flow(): "scan" | "whileLoop" | undefined {
    return this.source ? undefined : this.#test ? "whileLoop" : "scan";
  }

  get programs(): readonly Graph[] {
    return this.#own.map(({ graph }) => graph);
  }

  get #body(): Graph {
    return this.programs.at(-1) as Graph;
  }

  /** The test of a while, or of the one through which it goes back. */
  get #test(): Graph | undefined {
    return this.source ? this.source.#test : this.programs.at(-2);
  }

  /** Takes of a list what the test is given. */
  #tested<T>(list: readonly T[]): T[] {
    const [c, s, x] = this.#split(list);
    return [...c, ...(this.source ? x : s)];
  }

  #split<T>(list: readonly T[]): T[][] {
    return cut(list, this.constants, this.state);
  }

  /** The same loop with other programs. */
  readonly holding = (programs: readonly Graph[], constants = this.constants, state = this.state, source = this.source): Loop =>
    new Loop(this.name, programs, constants, state, this.length, this.reverse, this.recomputes, source);

  /** The programs with another body. */
  #around(body: Graph): Graph[] {
    return [...this.programs.slice(0, -1), body];
  }

  readonly shape = (): readonly Aval[] =>
    avalsOf(this.#body.outputs).map((aval, i) => (i < this.state ? aval : stacked(aval, this.length as number)));

  /** States that no turn of a while changes wait for no test: a loop of no step gives them. */
  readonly narrowed = (equation: Sides, wanted: Mask): CallEquation => {
    const { inputs, outputs } = this.#body;
    const isStill = this.#test && outputs.every((x, i) => !wanted[i] || x === inputs[this.constants + i]);
    const own = isStill ? new Loop(this.name, [new Graph(inputs, [], outputs)], this.constants, this.state, 0) : this;
    return among(equation, ...own.lean(wanted));
  };

  /** The loop without what the wanted results do not need, but for what is read `also`, and which inputs and results it has then. */
  lean(wanted: Mask, also: Mask = []): [loop: Loop, isRead: Mask, isGiven: Mask] {
    const test = this.programs.at(-2);
    const read = test ? readBy([test]).map((on, i) => on || also[i]) : also;
    const [[body], own, isGiven] = lean([this.#body], wanted, this.constants, this.state, read);
    const [c, s, x] = this.#split(own);
    const [source, given] = this.source?.lean(x, c) ?? [undefined, [...c, ...x]];
    const isRead = [...given.slice(0, c.length), ...s, ...given.slice(c.length)];
    const programs = taking(this.#around(body), isRead);
    return [this.holding(programs, countOf(given.slice(0, c.length)), countOf(s), source), isRead, isGiven];
  }

  /** The programs as they are to be run. */
  get cleaned(): readonly Graph[] {
    return this.#own.map(({ cleaned }) => cleaned);
  }

  /** The loop of one lane, where each lane takes turns of its own. */
  get one(): Loop {
    return this;
  }

  /** The axes of such lanes, from the first on. */
  get lanes(): readonly Axis[] {
    return [];
  }

  /** All turns at once, where they can be. */
  get #turns(): Turns {
    if (!this.#compiled) {
      const text = compileTurns(this);
      this.#isText = text !== undefined;
      this.#compiled = text ?? this.#onArrays() ?? none;
    }
    return this.#compiled;
  }

  /** All turns on typed arrays. */
  #onArrays(): Turns | undefined {
    const [body, test] = this.#own.map(({ compiled }) => compiled.bare).reverse();
    const isBare = !this.source && body && (this.length !== undefined || test);
    return isBare ? loop(body, this, this.#body.inputs, test) : undefined;
  }

  ready(): void {
    this.source?.ready();
    this.#turns;
    if (!this.#isText) for (const program of this.#own) program.ready();
  }

  readonly forward = (inputs: ArrayList): ArrayList => this.#turns(inputs) ?? this.run(inputs);

  /** Runs the loop step by step, and adds each state but the last to those that it passed. */
  run(inputs: ArrayList, passed?: ArrayList[]): ArrayList {
    const [constants, first, rows] = this.#split(inputs);
    const [body, test] = this.#own.slice().reverse();
    const states: ArrayList[] = [];
    this.source?.run(this.#tested(inputs), states);
    const length = this.source ? states.length : (this.length ?? Infinity);
    let state: ArrayList = first;
    const collected: ArrayList[] = [];
    for (let k = 0; k < length; k++) {
      const i = this.reverse ? length - 1 - k : k;
      const all = [...constants, ...state, ...(states[i] ?? rows.map((x) => x.slice(i)))];
      if (test && !test.forward(all)[0].to("cpu").item()) break;
      passed?.push(state);
      const outs = body.forward(all);
      state = outs.slice(0, this.state);
      if (outs.length > this.state) collected.push(outs.slice(this.state));
    }
    if (this.reverse) collected.reverse();
    return [
      ...state,
      ...this.shape()
        .slice(this.state)
        .map((aval, c) =>
          length
            ? bind(
                "concatenate",
                collected.map((each) => each[c].expandDims(0)),
                { axis: 0 },
              )
            : (inputs[0]?.filled(0, aval) ?? new Concrete(aval, allocate(aval.dtype, 0))),
        ),
    ];
  }

  readonly jvp = (inputs: ArrayList, tangents: Parts, push?: Push): readonly [ArrayList, Parts] => {
    const groups = this.#split(inputs);
    const own = this.#split(tangents);
    const masks = this.#split(this.along(tangents.map(isThere)));
    const moved = masks.map((mask, i) => where(filled(own[i], groups[i]), mask));
    const isOn = this.#moved(masks.flat());
    const all = call(this.withTangents(masks, push), paired(groups, moved));
    const [rs, rts, ry, rty] = cut(all, this.state, countOf(masks[1]), isOn.length - this.state);
    return [isAhead(inputs, tangents) ? call(this, inputs) : [...rs, ...ry], spread(isOn, [...rts, ...rty])];
  };

  /** The loop of values and tangents: of those constants, states and rows that masks name. */
  withTangents(masks: readonly Mask[], push: Push | undefined): Loop {
    const [nc, ns] = masks.map(countOf);
    const n = this.#body.inputs.length;
    const { inputs, equations, outputs } = pushed(this.name, this.#body, masks.flat(), push);
    const moved = cut(inputs.slice(n), nc, ns);
    const [outs, tangents] = cut(outputs, this.#body.outputs.length);
    const [os, oy] = cut(outs, this.state);
    const [ots, oty] = cut(where(filled(tangents, outs as ArrayList), this.#moved(masks.flat())), ns);
    const body = new Graph(paired(this.#split(inputs.slice(0, n)), moved), equations, paired([os, oy], [ots, oty]));
    const tests = this.programs
      .slice(0, -1)
      .map((test) => new Graph(paired(this.#split(test.inputs), moved), test.equations, test.outputs));
    const source = this.source?.withTangents([masks[0], masks[2]], push);
    return this.holding([...tests, body], this.constants + nc, this.state + ns, source);
  }

  /**
   * Forwards all steps of a scan keep what their pullbacks read, or their states alone; backwards a scan goes through them from the last to the
   * first. A while cannot keep what it does not know the number of.
   */
  readonly vjp = (inputs: ArrayList, active: Mask = floats(inputs)): readonly [ArrayList, (cts: Parts) => Parts] => {
    const { name, source, length } = this;
    if (source) return [call(this, inputs), pullbackAt(name, (own) => this.#replayed(own), inputs, active)[1]];
    const graph = this.#body;
    const isWhile = length === undefined;
    const [c, s, x] = this.#split(inputs);
    const wanted = this.along(active);
    const step = this.recomputes || isWhile ? recomputing(this.#own.at(-1) as Program, wanted) : new Derivative(name, graph, wanted);
    const { inputs: own, equations, outputs } = step.forward;
    const count = graph.outputs.length;
    // A residual that is made of constants and rows alone is made again: it does not wait for the state, which may have no numbers yet.
    const moving = dependents(step.forward, this.#split(own)[1]);
    const isFloat = floats(graph.outputs);
    const whole = step.backward(isFloat);
    const isRead = readBy([whole]).slice(-step.residuals.length);
    const isKept = step.residuals.map((x, i) => moving.has(x) && (isWhile || isRead[i]));
    const isMade = not(isKept);
    const kept = where(step.residuals, isKept);
    const again = withoutEffects(new Graph(own, equations, where(step.residuals, isMade)));
    const ahead = this.holding(this.#around(new Graph(own, equations, [...outputs.slice(0, count), ...(isWhile ? [] : kept)])));
    const all = call(ahead, inputs);
    const pull = (given: Parts): Parts => {
      const cotangents = Array.from(given);
      const [cs, cy] = cut(cotangents, this.state);
      // A cotangent that comes to nothing at any step is never made.
      const steps = new Graph(whole.inputs, whole.equations, where(this.#split(whole.outputs)[1], isFloat));
      const isGiven = reached(steps, where(cotangents.map(isThere), isFloat), 0, this.state);
      const [ac, , ax] = this.#split(dependent(whole, isGiven));
      const [fs] = cut(spread(isFloat, isGiven) as Mask, this.state);
      const backward = step.backward([...fs, ...cy.map(isThere)]);
      const nc = countOf(ac);
      const ns = countOf(fs);
      // (constants | cotangents of the state, sums of those of the constants | what was kept, rows, cotangents of what was collected)
      const [ic, is, ix] = this.#split(graph.inputs);
      const body = closed(
        name,
        (given) => {
          const [gc, gs, sums, gk, gx, gy] = cut(given, c.length, ns, nc, kept.length, x.length);
          const made = spread(isMade, again.run([...gc, ...is, ...gx]));
          const residuals = spread(isKept, gk).map((x, i) => x ?? made[i]) as ArrayList;
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
      // Steps that print have printed already.
      const through = isWhile ? ahead.holding(ahead.programs.map(withoutEffects)) : undefined;
      const back = new Loop(name, [body], c.length, ns + nc, length, !this.reverse, false, through);
      const carried = [...where(filled(cs, s), fs), ...where(c, ac).map(zeros)];
      const rows = [...(isWhile ? s : all.slice(count)), ...x, ...cy.filter(isThere)];
      const [rs, rc, rx] = cut(call(back, [...c, ...carried, ...rows]), ns, nc);
      return [...spread(ac, rc), ...spread(fs, rs), ...spread(ax, rx)];
    };
    return [all.slice(0, count), pull];
  };

  /** A way back by whiles that have derivatives of any order, and keep nothing: for each step, the source is run again up to its state. */
  #replayed(inputs: ArrayList): ArrayList {
    const [test, turn] = (this.source as Loop).programs;
    const [c, carried, first] = this.#split(inputs);
    const zero = first[0].filled(0, new Aval([], "int32"));
    const states = (goesOn: (k: NDArray, state: ArrayList) => NDArray): ArrayList =>
      whileLoop(
        this.name,
        ([k, ...state]) => goesOn(k, state),
        ([k, ...state]) => [k.add(1), ...(turn.run([...c, ...state]) as ArrayList)],
        [zero, ...first],
      );
    const [count] = states((_, state) => test.run([...c, ...state])[0] as NDArray);
    const back = ([k, ...now]: ArrayList): ArrayList => {
      const left = k.sub(1);
      const [, ...state] = states((i) => i.less(left));
      return [left, ...(this.#body.run([...c, ...now, ...state]) as ArrayList)];
    };
    return whileLoop(this.name, ([k]) => k.greater(0), back, [count, ...carried]).slice(1);
  }

  /** Returns whether the test differs among lanes that have these inputs of their own. */
  isHeld(mask: Mask): boolean {
    return !!this.#test && dependent(this.#test, this.#tested(mask))[0];
  }

  /**
   * Returns which inputs depend on the given ones at any step: the floating ones, or, of lanes, those that these have of their own. Where lanes
   * end at different turns, this is all of the state that changes. A way back goes over states as they are forwards.
   */
  along(given: Mask, areLanes?: boolean): Mask {
    const { inputs, outputs } = this.#body;
    const [c, s, x] = this.#split(given);
    const rows = this.source?.along([...c, ...x], areLanes).slice(c.length) ?? x;
    const mask = reached(this.#body, [...c, ...s, ...rows], c.length, s.length, areLanes);
    const isMoved = (i: number): boolean => i - c.length in s && inputs[i] !== outputs[i - c.length];
    return areLanes && this.isHeld(mask) ? mask.map((on, i) => on || isMoved(i)) : mask;
  }

  readonly unmapped = (mapped: Mask): Mask => not(this.#dependent(this.along(mapped, true)));

  /** Returns which results depend on these inputs; a state is as it is at any step. */
  #dependent(mask: Mask): Mask {
    return dependent(this.#body, mask).map((on, i) => (i < this.state ? mask[this.constants + i] : on));
  }

  /** Returns which results have tangents where these inputs have. */
  #moved(mask: Mask): Mask {
    const on = this.#dependent(mask);
    return floats(this.#body.outputs).map((isFloating, i) => isFloating && on[i]);
  }

  /** The loop carries once what is the same in all lanes, of the state too. */
  readonly vmap = (inputs: ArrayList, mapped: Mask, size: number, lift: Lift): ArrayList => {
    const mask = this.along(mapped, true);
    const same = this.unmapped(mapped);
    const isRow = (i: number): boolean => !this.#test && i >= this.constants + this.state;
    const given = inputs.map((x, i) => {
      if (mask[i] && !mapped[i]) return x.broadcastTo([size, ...x.shape]);
      return isRow(i) && mapped[i] ? swapped(x) : x;
    });
    const all = this.ofAll(mask, size, lift);
    const own = this.isHeld(mask) && !same.includes(true) && isSmall(this) ? new Lanes(all, this, mask, size, lift) : all;
    return call(own, given).map((x, i) => (i < this.state || same[i] ? x : swapped(x)));
  };

  /** The loop of lanes that have these inputs of their own. It runs until the last lane has finished; a lane that has finished keeps its state. */
  ofAll(mask: Mask, size: number, lift: Lift): Loop {
    const { name, source, constants, state } = this;
    const body = inLanes(name, this.#body, mask, size, lift, this.unmapped(mask));
    if (!this.#test) return this.holding([body]);
    const isHeld = this.isHeld(mask);
    const tested = this.#tested(mask);
    const test = inLanes(name, this.#test, tested, size, lift, [!isHeld]);
    // Where a lane is not on, it keeps its state.
    const hold = (given: ArrayList): ArrayList => {
      const on = withoutEffects(test).run(this.#tested(given))[0] as NDArray;
      const next = body.run(given.map((x, i) => (mask[i] ? admitted(on, x) : x))) as ArrayList;
      return next.map((x, i) => (mask[constants + i] ? chosen(on, x, given[constants + i]) : x));
    };
    // A sum is compiled, and so the loop is.
    const any = (given: ArrayList): ArrayList => [(test.run(given)[0] as NDArray).sum().greater(0)];
    const programs = isHeld ? [closed(name, any, test.inputs), closed(name, hold, body.inputs)] : [test, body];
    return this.holding(source ? programs.slice(1) : programs, constants, state, source?.ofAll(tested, size, lift));
  }
}

/** A loop of lanes that end at turns of their own. Others see the programs of all lanes; where it can be, each lane is run to its end. */
class Lanes extends Loop {
  override readonly jvp: Loop["jvp"];
  override readonly vjp: Loop["vjp"];

  constructor(
    all: Loop,
    /** The loop of one lane, of which the inputs of this mask have an axis of lanes. */
    readonly each: Loop,
    readonly mapped: Mask,
    readonly size: number,
    readonly lift: Lift,
  ) {
    super(all.name, all.programs, all.constants, all.state, all.length, all.reverse, all.recomputes, all.source);
    // Derivatives are those of one lane, for all.
    const { jvp, vjp } = lift(each, mapped) as Loop;
    this.jvp = jvp;
    this.vjp = vjp;
  }

  override get one(): Loop {
    return this.each.one;
  }

  override get lanes(): readonly Axis[] {
    return [this, ...this.each.lanes];
  }

  override lean(wanted: Mask, also?: Mask): [loop: Loop, isRead: Mask, isGiven: Mask] {
    const [all, ...masks] = super.lean(wanted, also);
    const [each, ...own] = this.each.lean(wanted, also);
    return [`${own}` === `${masks}` ? new Lanes(all, each, where(this.mapped, masks[0]), this.size, this.lift) : all, ...masks];
  }
}

/** A loop of functions; a state that begins as a number takes the dtype that the body gives it. */
export function whileLoop(
  op: string,
  test: (state: ArrayList) => NDArray,
  body: (state: ArrayList) => ArrayList,
  first: ArrayList,
): ArrayList {
  const { state, turn } = settled(first, (own) => stage(op, body, own));
  const { graphs, captured } = united(op, [stage(op, (own) => [test(own)], state), turn]);
  const [on, own] = graphs.map((graph) => capturedFirst(graph, state.length));
  return call(new Loop(op, [on, fitted(op, own, avalsOf(state))], captured.length, state.length), [...captured, ...state]);
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
  const ends = [...state, ...graph.outputs.slice(state.length)];
  const own = fitted(op, capturedFirst(graph, state.length + rows.length), avalsOf(ends));
  const all = call(new Loop(op, [own], captured.length, state.length, length, false, recomputes), [...captured, ...state, ...rows]);
  const [last, ys] = cut(all, state.length);
  return [last, ys];
}
