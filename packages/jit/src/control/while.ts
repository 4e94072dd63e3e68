import type { NDArray } from "@ad/core";
import { type ArrayList, type Aval, call, Graph, type Lift, type Operation, type Parts, recordPullback } from "@ad/core/internals/trace";
import { withoutEffects } from "../passes/effects.js";
import { Program } from "../program.js";
import { pushed, stage } from "../staging.js";
import {
  admitted,
  alike,
  avalsOf,
  broadcastLanes,
  chosen,
  cut,
  fit,
  fitted,
  floats,
  inLanes,
  pulled,
  united,
  where,
  zeros,
} from "./graphs.js";

/** Turns a state as long as a test holds: (...constants, ...state) gives the last state. Test and body are graphs of the same inputs. */
export class While implements Operation {
  readonly record = recordPullback;
  readonly test: Program;
  readonly body: Program;

  constructor(
    readonly name: string,
    test: Graph,
    body: Graph,
    /** How many of the inputs are constants. */
    readonly constants: number,
  ) {
    this.test = new Program(name, test);
    this.body = new Program(name, body);
  }

  get programs(): readonly Graph[] {
    return [this.test.graph, this.body.graph];
  }

  readonly holding = ([test, body]: readonly Graph[]): While => new While(this.name, test, body, this.constants);

  readonly shape = (): readonly Aval[] => avalsOf(this.body.graph.outputs);

  readonly forward = (inputs: ArrayList): ArrayList => this.states(inputs, () => {});

  /** Runs the loop, and shows each state but the last. */
  states(inputs: ArrayList, show: (state: ArrayList) => void): ArrayList {
    const constants = inputs.slice(0, this.constants);
    let state: ArrayList = inputs.slice(this.constants);
    for (;;) {
      const all = [...constants, ...state];
      if (!this.test.forward(all)[0].item()) return state;
      show(state);
      state = this.body.forward(all);
    }
  }

  readonly jvp = (inputs: ArrayList, tangents: Parts): readonly [ArrayList, Parts] => {
    const { graph } = this.body;
    const [c, s] = cut(inputs, this.constants, inputs.length);
    const [tc, ts] = cut(tangents, this.constants, inputs.length);
    const isOn = [...tc.map((t) => t !== undefined), ...floats(s)];
    const both = pushed(this.name, graph, isOn);
    const n = isOn.slice(0, c.length).filter(Boolean).length;
    const [ic, is, itc, its] = cut(both.inputs, c.length, s.length, n, both.inputs.length);
    const body = new Graph([...ic, ...itc, ...is, ...its], both.equations, both.outputs);
    const test = stage(
      this.name,
      (given) => this.test.graph.run([...given.slice(0, c.length), ...given.slice(c.length + n, c.length + n + s.length)]),
      body.inputs,
    ).graph;
    const begin = where(
      ts.map((t, i) => t ?? zeros(s[i])),
      floats(s),
    );
    const all = call(new While(this.name, test, body, c.length + n), [
      ...c,
      ...where(tc as ArrayList, isOn.slice(0, c.length)),
      ...s,
      ...begin,
    ]);
    let next = s.length;
    return [all.slice(0, s.length), floats(s).map((on) => (on ? all[next++] : undefined))];
  };

  readonly vjp = (inputs: ArrayList, active: readonly boolean[] = floats(inputs)): readonly [ArrayList, (cts: Parts) => Parts] => {
    const state = inputs.slice(this.constants);
    const isOn = floats(state);
    const pull = (given: Parts): Parts => {
      const cotangents = Array.from(given);
      if (!cotangents.some((ct) => ct !== undefined)) return inputs.map(() => undefined);
      const begin = where(
        cotangents.map((ct, i) => ct ?? zeros(state[i])),
        isOn,
      );
      const wanted = [...active.slice(0, this.constants), ...isOn];
      const parts = call(new Backwards(this.holding(this.programs.map(withoutEffects)), wanted), [...inputs, ...begin]);
      let next = 0;
      return wanted.map((on) => (on ? parts[next++] : undefined));
    };
    return [call(this, inputs), pull];
  };

  /** The loop runs until the last lane has finished; a lane that has finished keeps its state. */
  readonly vmap = (inputs: ArrayList, mapped: readonly boolean[], size: number, lift: Lift): ArrayList => {
    const state = inputs.slice(this.constants).map((x, i) => (mapped[this.constants + i] ? x : broadcastLanes(x, size)));
    const constants = inputs.slice(0, this.constants);
    return call(this.lanes(mapped.slice(0, this.constants), size, lift), [...constants, ...state]);
  };

  /** The loop of all lanes, with all of the state mapped. */
  lanes(constants: readonly boolean[], size: number, lift: Lift): While {
    const count = this.constants;
    const mask = [...constants, ...this.body.graph.outputs.map(() => true)];
    const test = inLanes(this.name, this.test.graph, mask, size, lift);
    const body = inLanes(this.name, this.body.graph, mask, size, lift);
    const turn = stage(
      this.name,
      (given) => {
        // What the test prints, it prints where it is asked.
        const [on] = withoutEffects(test).run(given) as ArrayList;
        const next = body.run(given.map((x, i) => (mask[i] ? admitted(on, x) : x))) as ArrayList;
        return next.map((x, i) => chosen(on, x, given[count + i]));
      },
      body.inputs,
    ).graph;
    const any = stage(this.name, (given) => [(test.run(given)[0] as NDArray).any()], body.inputs).graph;
    return new While(this.name, any, turn, count);
  }
}

/**
 * The pullback of a loop: (...constants, ...state, ...cotangents of the floating state) gives the cotangents of what is wanted. How many steps
 * there are is not known before, so the loop is run again, and its states are kept.
 */
class Backwards implements Operation {
  readonly name: string;
  readonly #step: Program;

  constructor(
    readonly loop: While,
    /** Of the constants and the state; of the state all that is floating. */
    readonly wanted: readonly boolean[],
    step: Graph = pulled(loop.name, loop.body.graph, wanted, floats(loop.body.graph.outputs)),
  ) {
    this.name = loop.name;
    this.#step = new Program(this.name, step);
  }

  get programs(): readonly Graph[] {
    return [...this.loop.programs, this.#step.graph];
  }

  readonly holding = ([test, body, step]: readonly Graph[]): Backwards => new Backwards(this.loop.holding([test, body]), this.wanted, step);

  readonly shape = (): readonly Aval[] => avalsOf(where(this.loop.body.graph.inputs, this.wanted));

  readonly forward = (inputs: ArrayList): ArrayList => {
    const { constants, body } = this.loop;
    const [all, cotangents] = cut(inputs, body.graph.inputs.length, inputs.length);
    const states: ArrayList[] = [];
    this.loop.states(all, (state) => states.push(state));
    const own = all.slice(0, constants);
    const n = this.wanted.slice(0, constants).filter(Boolean).length;
    let sums = where(own, this.wanted.slice(0, constants)).map(zeros);
    let cts: ArrayList = cotangents;
    for (const state of states.reverse()) {
      const parts = this.#step.forward([...own, ...state, ...cts]);
      sums = sums.map((sum, i) => sum.add(parts[i]));
      cts = parts.slice(n);
    }
    return [...sums, ...cts];
  };

  readonly vmap = (inputs: ArrayList, mapped: readonly boolean[], size: number, lift: Lift): ArrayList => {
    // Each lane has cotangents of its own, those of what is the same in all lanes too.
    const all = inputs.map((x, i) => (mapped[i] ? x : broadcastLanes(x, size)));
    const lanes = this.loop.lanes(
      this.wanted.slice(0, this.loop.constants).map(() => true),
      size,
      lift,
    );
    return call(new Backwards(lanes, this.wanted), all);
  };
}

/** A loop of functions; a state that begins as a number takes the dtype that the body gives it. */
export function whileLoop(
  op: string,
  test: (state: ArrayList) => NDArray,
  body: (state: ArrayList) => ArrayList,
  first: ArrayList,
): ArrayList {
  for (let state = first, round = 0; ; round++) {
    const turn = stage(op, body, state);
    const next = avalsOf(turn.graph.outputs);
    if (round < 3 && !alike(next, avalsOf(state))) {
      state = state.map((x, i) => fit(x, next[i]));
      continue;
    }
    const { graphs, captured } = united(op, [stage(op, (own) => [test(own)], state), turn], state.length);
    const [on, own] = graphs.map(
      ({ inputs, equations, outputs }) => new Graph([...inputs.slice(state.length), ...inputs.slice(0, state.length)], equations, outputs),
    );
    return call(new While(op, on, fitted(op, own, avalsOf(state)), captured.length), [...captured, ...state]);
  }
}
