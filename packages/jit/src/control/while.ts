import { type NDArray, TransformError } from "@ad/core";
import { type ArrayList, type Aval, call, type Graph, type Lift, type Parts, type Push, recordPullback } from "@ad/core/internals/trace";
import { loop } from "../compile/index.js";
import { countOf, cut, floats, isThere, type Mask, spread, where } from "../lists.js";
import { withoutEffects } from "../passes/effects.js";
import { type Holder, Program } from "../program.js";
import { closed, floating, isAhead, stage, zeros } from "../staging.js";
import {
  alongLanes,
  avalsOf,
  byLanes,
  capturedFirst,
  dependent,
  fitted,
  heldLanes,
  inLanes,
  paired,
  pulled,
  pushedIn,
  ruled,
  settled,
  united,
} from "./graphs.js";

/** Turns a state as long as a test holds: (...constants, ...state) gives the last state. Test and body are graphs of the same inputs. */
export class While implements Holder {
  readonly record = recordPullback;
  readonly flow = "whileLoop";
  readonly parts: readonly Program[];

  constructor(
    readonly name: string,
    test: Graph,
    body: Graph,
    /** The number of inputs that are constants. */
    readonly constants: number,
  ) {
    this.parts = [test, body].map((graph) => new Program(name, graph));
  }

  get programs(): readonly Graph[] {
    return this.parts.map(({ graph }) => graph);
  }

  readonly holding = ([test, body]: readonly Graph[]): While => new While(this.name, test, body, this.constants);

  readonly shape = (): readonly Aval[] => avalsOf(this.programs[1].outputs);

  readonly forward = (inputs: ArrayList): ArrayList => {
    const [test, body] = this.parts.map(({ compiled }) => compiled.bare);
    return (test && body && loop(body, this, inputs, test)) ?? this.states(inputs, () => {});
  };

  /** Runs the loop, and shows each state but the last. */
  states(inputs: ArrayList, show: (state: ArrayList) => void): ArrayList {
    const [constants, first] = cut(inputs, this.constants);
    const [test, body] = this.parts;
    for (let state: ArrayList = first; ; ) {
      const all = [...constants, ...state];
      if (!test.forward(all)[0].to("cpu").item()) return state;
      show(state);
      state = body.forward(all);
    }
  }

  readonly jvp = (inputs: ArrayList, tangents: Parts, push?: Push): readonly [ArrayList, Parts] => {
    const [c, s] = cut(inputs, this.constants);
    const [tc, ts] = cut(tangents, this.constants);
    const all = call(this.withTangents(tc.map(isThere), push), paired([c, s], [tc.filter(isThere), floating(ts, s)]));
    const [outs, moved] = cut(all, s.length);
    return [isAhead(inputs, tangents) ? call(this, inputs) : outs, spread(floats(s), moved)];
  };

  /** The loop of values and tangents: of these constants, and of all of the state that is floating. */
  withTangents(constants: Mask, push: Push | undefined): While {
    const [test, { outputs }] = this.programs;
    const c = this.constants;
    const s = outputs.length;
    const n = countOf(constants);
    const body = pushedIn(this.name, this.programs[1], [constants, floats(outputs)], push);
    const own = closed(this.name, (given) => test.run([...given.slice(0, c), ...given.slice(c + n, c + n + s)]), body.inputs);
    return new While(this.name, own, body, c + n);
  }

  readonly vjp = (inputs: ArrayList, active: Mask = floats(inputs)): readonly [ArrayList, (cts: Parts) => Parts] => {
    const [c, s] = cut(inputs, this.constants);
    const wanted = [...active.slice(0, c.length), ...floats(s)];
    const [test, body] = this.programs;
    const own = this.holding([test, ruled(this.name, body, wanted)]);
    const pull = (given: Parts): Parts => {
      const cotangents = Array.from(given);
      const sums = where(c, active).map(zeros);
      const parts = call(new Backwards(own, backwardStep(this, wanted)), [...inputs, ...sums, ...floating(cotangents, s)]);
      return spread(wanted, parts);
    };
    return [call(own, inputs), pull];
  };

  readonly alongLanes = (mapped: Mask): Mask => {
    const [, body] = this.programs;
    return alongLanes(body, mapped, this.constants, body.outputs.length, this.isHeld);
  };

  /** Returns whether the test differs among lanes that have these inputs of their own. */
  readonly isHeld = (mask: Mask): boolean => dependent(this.programs[0], mask)[0];

  readonly unmapped = (mapped: Mask): Mask =>
    this.alongLanes(mapped)
      .slice(this.constants)
      .map((on) => !on);

  /** The loop carries once what is the same in all lanes. */
  readonly vmap = (inputs: ArrayList, mapped: Mask, size: number, lift: Lift): ArrayList => {
    const mask = this.alongLanes(mapped);
    return call(this.lanes(mask, size, lift), byLanes(inputs, mapped, mask, size));
  };

  /** The loop of lanes that have these inputs of their own. It runs until the last lane has finished; a lane that has finished keeps its state. */
  lanes(mask: Mask, size: number, lift: Lift): While {
    const isHeld = this.isHeld(mask);
    const own = (graph: Graph, same: Mask): Graph => inLanes(this.name, graph, mask, size, lift, same);
    const test = own(this.programs[0], [!isHeld]);
    const body = own(this.programs[1], this.unmapped(mask));
    if (!isHeld) return this.holding([test, body]);
    // A sum is compiled, and so the loop is.
    const any = closed(this.name, (given) => [(test.run(given)[0] as NDArray).sum().greater(0)], body.inputs);
    return this.holding([any, heldLanes(this.name, test, body, mask)]);
  }
}

/** (...constants, ...state, ...sums, ...cotangents) gives what the sums and the cotangents are one step earlier. */
function backwardStep(loop: While, wanted: Mask): Graph {
  const [, graph] = loop.programs;
  const own = pulled(loop.name, graph, wanted, floats(graph.outputs));
  const sums = where(graph.inputs.slice(0, loop.constants), wanted);
  const n = sums.length;
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
 * state, from the last to the first. The number of steps is not known before, so the loop is run again, and its states are kept.
 */
class Backwards implements Holder {
  readonly record = recordPullback;
  readonly name: string;
  readonly loop: While;
  readonly #step: Program;

  constructor(
    loop: While,
    /** It is a function of (...constants, ...state, ...carried). */
    step: Graph,
  ) {
    this.name = loop.name;
    // Steps that print have printed already.
    this.loop = loop.holding(loop.programs.map(withoutEffects));
    this.#step = new Program(this.name, step);
  }

  get parts(): readonly Program[] {
    return [this.#step, ...this.loop.parts];
  }

  get programs(): readonly Graph[] {
    return [this.#step.graph];
  }

  readonly shape = (): readonly Aval[] => avalsOf(this.#step.graph.outputs);

  readonly forward = (inputs: ArrayList): ArrayList => {
    const { constants, programs } = this.loop;
    const [all, first] = cut(inputs, programs[1].inputs.length);
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
    const [c, s, k] = cut(inputs, constants, states);
    const [tc, ts, tk] = cut(tangents, constants, states);
    const isOn = tc.map(isThere);
    const step = pushedIn(this.name, graph, [isOn, floats(s), floats(k)], push);
    const derived = new Backwards(this.loop.withTangents(isOn, push), step);
    const [outs, moved] = cut(call(derived, paired([c, s, k], [tc.filter(isThere), floating(ts, s), floating(tk, k)])), carried);
    return [isAhead(inputs, tangents) ? call(this, inputs) : outs, moved];
  };

  readonly vjp = (inputs: ArrayList): readonly [ArrayList, () => never] => {
    const pull = (): never => {
      throw new TransformError(
        `${this.name}: a second derivative in reverse mode needs the number of steps. Take forward mode outside (jit(hessian(f))), foriLoop with known bounds (staticArgnums), or no jit.`,
      );
    };
    return [call(this, inputs), pull];
  };

  /** The loop runs over its state as it does forwards, and what is carried back through it stands beside. */
  readonly #alongLanes = (mapped: Mask): Mask => {
    const { graph } = this.#step;
    const carried = graph.outputs.length;
    const count = graph.inputs.length - carried;
    return alongLanes(graph, [...this.loop.alongLanes(mapped.slice(0, count)), ...mapped.slice(count)], count, carried, this.loop.isHeld);
  };

  readonly unmapped = (mapped: Mask): Mask =>
    this.#alongLanes(mapped)
      .slice(-this.#step.graph.outputs.length)
      .map((on) => !on);

  /** A lane that has finished keeps what it carries. */
  readonly vmap = (inputs: ArrayList, mapped: Mask, size: number, lift: Lift): ArrayList => {
    const { loop, name } = this;
    const mask = this.#alongLanes(mapped);
    const step = inLanes(name, this.#step.graph, mask, size, lift, this.unmapped(mapped));
    const held = loop.isHeld(mask) ? heldLanes(name, inLanes(name, loop.programs[0], mask, size, lift), step, mask) : step;
    return call(new Backwards(loop.lanes(mask, size, lift), held), byLanes(inputs, mapped, mask, size));
  };
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
  return call(new While(op, on, fitted(op, own, avalsOf(state)), captured.length), [...captured, ...state]);
}
