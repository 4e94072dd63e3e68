import type { NDArray } from "@ad/core";
import {
  type ArrayList,
  Aval,
  bind,
  call,
  Graph,
  type Lift,
  type Operation,
  type Parts,
  type Push,
  recordPullback,
} from "@ad/core/internals/trace";
import { withoutEffects } from "../passes/effects.js";
import { Program } from "../program.js";
import { closed, Derivative, dependents, isAhead, pushed, stage } from "../staging.js";
import { alike, avalsOf, broadcastLanes, cut, fit, fitted, floats, inLanes, readBy, recomputing, where, zeros } from "./graphs.js";

const stacked = ({ shape, dtype }: Aval, n: number): Aval => new Aval([n, ...shape], dtype);

const isThere = (x: NDArray | undefined): boolean => x !== undefined;

/** Swaps the first two axes. */
const swapped = (x: NDArray): NDArray => x.swapaxes(0, 1);

/**
 * A loop that carries a state along the first axis of rows and stacks what each step collects: (...constants, ...state, ...rows) gives
 * (...state, ...collected). The body is a graph of the constants, the state and one row of each array.
 */
export class Scan implements Operation {
  readonly record = recordPullback;
  readonly body: Program;

  constructor(
    readonly name: string,
    body: Graph,
    /** Says how many of the inputs are constants, and how many are state. */
    readonly constants: number,
    readonly state: number,
    readonly length: number,
    /** Says whether it goes from the last row to the first. */
    readonly reverse = false,
    /** Reverse mode keeps states alone, and computes each step again. */
    readonly recomputes = false,
  ) {
    this.body = new Program(name, body);
  }

  get programs(): readonly Graph[] {
    return [this.body.graph];
  }

  readonly holding = ([body]: readonly Graph[]): Scan =>
    new Scan(this.name, body, this.constants, this.state, this.length, this.reverse, this.recomputes);

  readonly shape = (): readonly Aval[] =>
    avalsOf(this.body.graph.outputs).map((aval, i) => (i < this.state ? aval : stacked(aval, this.length)));

  readonly forward = (inputs: ArrayList): ArrayList => {
    const fast = this.body.compiled.loop?.(this, inputs);
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
    const isMoved = [...tc.map(isThere), ...floats(s), ...tx.map(isThere)];
    const both = pushed(this.name, graph, isMoved, push);
    // What has a tangent stands together: constants and theirs, state and its, rows and theirs.
    const counts = [tc.filter(isThere).length, floats(s).filter(Boolean).length, tx.filter(isThere).length] as const;
    const [ic, is, ix, itc, its, itx] = cut(both.inputs, c.length, s.length, x.length, ...counts);
    const isOn = floats(graph.outputs);
    const outs = graph.outputs.length;
    const [os, oy, ot] = cut(both.outputs, this.state, outs - this.state, both.outputs.length - outs);
    const states = isOn.slice(0, this.state).filter(Boolean).length;
    const body = new Graph([...ic, ...itc, ...is, ...its, ...ix, ...itx], both.equations, [
      ...os,
      ...ot.slice(0, states),
      ...oy,
      ...ot.slice(states),
    ]);
    const derived = new Scan(this.name, body, c.length + counts[0], s.length + counts[1], this.length, this.reverse, this.recomputes);
    const begin = where(
      ts.map((t, i) => t ?? zeros(s[i])),
      floats(s),
    );
    const all = call(derived, [
      ...c,
      ...where(tc as ArrayList, tc.map(isThere)),
      ...s,
      ...begin,
      ...x,
      ...where(tx as ArrayList, tx.map(isThere)),
    ]);
    const [rs, rts, ry, rty] = cut(all, this.state, states, outs - this.state, isOn.length);
    let next = 0;
    const moved = [...rts, ...rty];
    return [isAhead(inputs, tangents) ? call(this, inputs) : [...rs, ...ry], isOn.map((on) => (on ? moved[next++] : undefined))];
  };

  /** Forwards all steps keep what their pullbacks read, or their states alone; backwards a scan goes through them from the last to the first. */
  readonly vjp = (inputs: ArrayList, active: readonly boolean[] = floats(inputs)): readonly [ArrayList, (cts: Parts) => Parts] => {
    const { graph } = this.body;
    const [c, s, x] = this.#split(inputs);
    const [ac, , ax] = this.#split(active);
    const fs = floats(s);
    const wanted = [...ac, ...fs, ...ax];
    const step = this.recomputes ? recomputing(this.name, graph, wanted) : new Derivative(this.name, graph, wanted);
    const { forward, inputOf } = step;
    const count = graph.outputs.length;
    // What a step reads of its own state is stacked too.
    const isState = (at: number | undefined): at is number => at !== undefined && at >= c.length && at < c.length + s.length;
    const states = inputOf.filter(isState);
    // What is made of constants and rows alone is made again: it does not wait for the state, which may have no numbers yet.
    const fresh = forward.outputs.slice(count) as ArrayList;
    const moving = dependents(forward, forward.inputs.slice(c.length, c.length + s.length));
    const isStacked = fresh.map((value) => moving.has(value));
    const again = withoutEffects(
      new Graph(
        forward.inputs,
        forward.equations,
        where(
          fresh,
          isStacked.map((on) => !on),
        ),
      ),
    );
    const kept = [...where(fresh, isStacked), ...states.map((at) => forward.inputs[at])];
    const keeping = new Graph(forward.inputs, forward.equations, [...forward.outputs.slice(0, count), ...kept]);
    const all = call(new Scan(this.name, keeping, c.length, s.length, this.length, this.reverse, this.recomputes), inputs);
    const pull = (given: Parts): Parts => {
      const cotangents = Array.from(given);
      if (!cotangents.some(isThere)) return inputs.map(() => undefined);
      const [cs, cy] = cut(cotangents, this.state, cotangents.length);
      const backward = step.backward([...fs, ...cy.map(isThere)]);
      const [nc, ns, nx, ny] = [ac, fs, ax, cy.map(isThere)].map((mask) => mask.filter(Boolean).length);
      // (constants | cotangents of the state, sums of those of the constants | what was kept, rows, cotangents of what was collected)
      const [ic, is, ix] = this.#split(graph.inputs);
      const body = closed(
        this.name,
        (given) => {
          const [gc, gs, sums, gk, gx, gy] = cut(given, c.length, ns, nc, kept.length, x.length, ny);
          const made = again.run([...gc, ...is, ...gx]) as ArrayList;
          const [values, next] = [
            [gk, made],
            [0, 0],
          ];
          const own = isStacked.map((on) => values[+!on][next[+!on]++]);
          let k = 0;
          const residuals = inputOf.map((at) => {
            if (at === undefined) return own[k++];
            if (isState(at)) return gk[kept.length - states.length + states.indexOf(at)];
            return at < c.length ? gc[at] : gx[at - c.length - s.length];
          });
          const parts = backward.run([...gs, ...gy, ...residuals]).map((part, i) => part ?? zeros(graph.inputs[i]));
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
      const begin = where(
        cs.map((ct, i) => ct ?? zeros(s[i])),
        fs,
      );
      const parts = callScan(
        this.name,
        body,
        [c, [...begin, ...where(c, ac).map(zeros)], [...all.slice(count), ...x, ...where(cy as ArrayList, cy.map(isThere))]],
        this.length,
        !this.reverse,
      );
      const [rs, rc, rx] = cut(parts, ns, nc, nx);
      const spread = (mask: readonly boolean[], own: ArrayList): Parts => {
        let next = 0;
        return mask.map((on) => (on ? own[next++] : undefined));
      };
      return [...spread(ac, rc), ...spread(fs, rs), ...spread(ax, rx)];
    };
    return [all.slice(0, count), pull];
  };

  readonly vmap = (inputs: ArrayList, mapped: readonly boolean[], size: number, lift: Lift): ArrayList => {
    const { graph } = this.body;
    const [c, s, x] = this.#split(inputs);
    const [mc, ms, mx] = this.#split(mapped);
    const body = inLanes(this.name, graph, [...mc, ...s.map(() => true), ...mx], size, lift);
    const all = call(new Scan(this.name, body, c.length, s.length, this.length, this.reverse, this.recomputes), [
      ...c,
      ...s.map((each, i) => (ms[i] ? each : broadcastLanes(each, size))),
      ...x.map((each, i) => (mx[i] ? swapped(each) : each)),
    ]);
    return all.map((each, i) => (i < this.state ? each : swapped(each)));
  };

  #split<T>(inputs: readonly T[]): T[][] {
    return cut(inputs, this.constants, this.state, inputs.length);
  }
}

/** A scan without the constants and rows that its body does not read. */
function callScan(name: string, body: Graph, [constants, state, rows]: readonly ArrayList[], length: number, reverse: boolean): ArrayList {
  const read = readBy([body]);
  const mask = read.map((on, i) => on || (i >= constants.length && i < constants.length + state.length));
  const [mc, , mx] = cut(mask, constants.length, state.length, rows.length);
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
  for (let state = first, round = 0; ; round++) {
    const { graph, captured } = stage(
      op,
      (inputs) => {
        const [own, collected] = body(inputs.slice(0, state.length), inputs.slice(state.length));
        return [...own, ...collected];
      },
      [...state, ...row],
    );
    const next = avalsOf(graph.outputs.slice(0, state.length));
    if (round < 3 && !alike(next, avalsOf(state))) {
      state = state.map((x, i) => fit(x, next[i]));
      continue;
    }
    const count = first.length + rows.length;
    const own = new Graph([...graph.inputs.slice(count), ...graph.inputs.slice(0, count)], graph.equations, graph.outputs);
    const all = call(
      new Scan(
        op,
        fitted(op, own, [...avalsOf(state), ...avalsOf(graph.outputs.slice(state.length))]),
        captured.length,
        state.length,
        length,
        false,
        recomputes,
      ),
      [...captured, ...state, ...rows],
    );
    return [all.slice(0, state.length), all.slice(state.length)];
  }
}
