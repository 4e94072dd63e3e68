import { type NDArray, TransformError } from "@ad/core";
import {
  type ArrayList,
  type Aval,
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
import { closed, isAhead, pushed, stage } from "../staging.js";
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
    /** Says how many of the inputs are constants. */
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

  readonly forward = (inputs: ArrayList): ArrayList => {
    const { bare } = this.test.compiled;
    return (bare && this.body.compiled.loop?.(this, inputs, bare)) ?? this.states(inputs, () => {});
  };

  /** Runs the loop, and shows each state but the last. */
  states(inputs: ArrayList, show: (state: ArrayList) => void): ArrayList {
    const constants = inputs.slice(0, this.constants);
    let state: ArrayList = inputs.slice(this.constants);
    for (;;) {
      const all = [...constants, ...state];
      if (!this.test.forward(all)[0].to("cpu").item()) return state;
      show(state);
      state = this.body.forward(all);
    }
  }

  readonly jvp = (inputs: ArrayList, tangents: Parts, push?: Push): readonly [ArrayList, Parts] => {
    const [c, s] = cut(inputs, this.constants, inputs.length);
    const [tc, ts] = cut(tangents, this.constants, inputs.length);
    const isOn = tc.map((t) => t !== undefined);
    const begin = where(
      ts.map((t, i) => t ?? zeros(s[i])),
      floats(s),
    );
    const all = call(this.withTangents(isOn, push), [...c, ...where(tc as ArrayList, isOn), ...s, ...begin]);
    let next = s.length;
    return [isAhead(inputs, tangents) ? call(this, inputs) : all.slice(0, s.length), floats(s).map((on) => (on ? all[next++] : undefined))];
  };

  /** The loop of values and tangents: of these constants, and of all of the state that is floating. */
  withTangents(constants: readonly boolean[], push: Push | undefined): While {
    const { graph } = this.body;
    const [c, s] = [this.constants, graph.outputs.length];
    const n = constants.filter(Boolean).length;
    const both = pushed(this.name, graph, [...constants, ...floats(graph.outputs)], push);
    const [ic, is, itc, its] = cut(both.inputs, c, s, n, both.inputs.length);
    const body = new Graph([...ic, ...itc, ...is, ...its], both.equations, both.outputs);
    const test = closed(this.name, (given) => this.test.graph.run([...given.slice(0, c), ...given.slice(c + n, c + n + s)]), body.inputs);
    return new While(this.name, test, body, c + n);
  }

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
      const sums = where(inputs.slice(0, this.constants), active.slice(0, this.constants)).map(zeros);
      const parts = call(new Backwards(this, backwardStep(this, wanted)), [...inputs, ...sums, ...begin]);
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
    const turn = closed(
      this.name,
      (given) => {
        // What the test prints, it prints where it is asked.
        const [on] = withoutEffects(test).run(given) as ArrayList;
        const next = body.run(given.map((x, i) => (mask[i] ? admitted(on, x) : x))) as ArrayList;
        return next.map((x, i) => chosen(on, x, given[count + i]));
      },
      body.inputs,
    );
    const any = closed(this.name, (given) => [(test.run(given)[0] as NDArray).any()], body.inputs);
    return new While(this.name, any, turn, count);
  }
}

/** (...constants, ...state, ...sums, ...cotangents) gives what the sums and the cotangents are one step earlier. */
function backwardStep(loop: While, wanted: readonly boolean[]): Graph {
  const { graph } = loop.body;
  const own = pulled(loop.name, graph, wanted, floats(graph.outputs));
  const n = wanted.slice(0, loop.constants).filter(Boolean).length;
  const sums = where(graph.inputs.slice(0, loop.constants), wanted.slice(0, loop.constants));
  const count = graph.inputs.length;
  return closed(
    loop.name,
    (given) => {
      const parts = own.run([...given.slice(0, count), ...given.slice(count + n)]) as ArrayList;
      return [...parts.slice(0, n).map((part, i) => given[count + i].add(part)), ...parts.slice(n)];
    },
    [...graph.inputs, ...sums, ...own.inputs.slice(count)],
  );
}

/**
 * A loop and a way back through its states: (...constants, ...state, ...carried) gives what is carried once the step was applied at each
 * state, from the last to the first. How many steps there are is not known before, so the loop is run again, and its states are kept.
 */
class Backwards implements Operation {
  readonly record = recordPullback;
  readonly name: string;
  readonly loop: While;
  readonly #step: Program;

  constructor(
    { name, test, body, constants }: While,
    /** It is a function of (...constants, ...state, ...carried). */
    step: Graph,
  ) {
    this.name = name;
    // What prints has printed.
    this.loop = new While(name, withoutEffects(test.graph), withoutEffects(body.graph), constants);
    this.#step = new Program(this.name, step);
  }

  get programs(): readonly Graph[] {
    return [this.#step.graph];
  }

  readonly shape = (): readonly Aval[] => avalsOf(this.#step.graph.outputs);

  readonly forward = (inputs: ArrayList): ArrayList => {
    const { constants, body } = this.loop;
    const [all, first] = cut(inputs, body.graph.inputs.length, inputs.length);
    const states: ArrayList[] = [];
    this.loop.states(all, (state) => states.push(state));
    let carried: ArrayList = first;
    for (const state of states.reverse()) carried = this.#step.forward([...all.slice(0, constants), ...state, ...carried]);
    return carried;
  };

  readonly jvp = (inputs: ArrayList, tangents: Parts, push?: Push): readonly [ArrayList, Parts] => {
    const { graph } = this.#step;
    const { constants } = this.loop;
    const carried = graph.outputs.length;
    const states = inputs.length - constants - carried;
    const [c, s, k] = cut(inputs, constants, states, carried);
    const [tc, ts, tk] = cut(tangents, constants, states, carried);
    const isOn = tc.map((t) => t !== undefined);
    const n = isOn.filter(Boolean).length;
    const m = floats(s).filter(Boolean).length;
    const both = pushed(this.name, graph, [...isOn, ...floats(s), ...k.map(() => true)], push);
    const [ic, is, ik, itc, its, itk] = cut(both.inputs, constants, states, carried, n, m, carried);
    const step = new Graph([...ic, ...itc, ...is, ...its, ...ik, ...itk], both.equations, both.outputs);
    const begin = where(
      ts.map((t, i) => t ?? zeros(s[i])),
      floats(s),
    );
    const all = call(new Backwards(this.loop.withTangents(isOn, push), step), [
      ...c,
      ...where(tc as ArrayList, isOn),
      ...s,
      ...begin,
      ...k,
      ...tk.map((t, i) => t ?? zeros(k[i])),
    ]);
    return [isAhead(inputs, tangents) ? call(this, inputs) : all.slice(0, carried), all.slice(carried)];
  };

  readonly vjp = (): never => {
    throw new TransformError(
      `${this.name}: a second derivative in reverse mode needs the number of steps. Take forward mode outside (as hessian does), foriLoop with known bounds, or no jit around the loop.`,
    );
  };

  /** Each lane carries values of its own; one that has finished keeps them. */
  readonly vmap = (inputs: ArrayList, mapped: readonly boolean[], size: number, lift: Lift): ArrayList => {
    const all = inputs.map((x, i) => (mapped[i] ? x : broadcastLanes(x, size)));
    const { constants, test } = this.loop;
    const { graph } = this.#step;
    const yes = graph.inputs.map(() => true);
    const count = graph.inputs.length - graph.outputs.length;
    const ends = inLanes(this.name, test.graph, yes.slice(0, count), size, lift);
    const own = inLanes(this.name, graph, yes, size, lift);
    const step = closed(
      this.name,
      (given) => {
        const [on] = ends.run(given.slice(0, count)) as ArrayList;
        const next = own.run(given.map((x) => admitted(on, x))) as ArrayList;
        return next.map((x, i) => chosen(on, x, given[count + i]));
      },
      own.inputs,
    );
    const lanes = this.loop.lanes(yes.slice(0, constants), size, lift);
    return call(new Backwards(lanes, step), all);
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
