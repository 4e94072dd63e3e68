import type { NDArray } from "@ad/core";
import {
  type ArrayList,
  type Aval,
  type CallEquation,
  call,
  type Graph,
  type Lift,
  type Parts,
  type Push,
  recordPullback,
} from "@ad/core/internals/trace";
import { cut, floats, isThere, type Mask, spread } from "../lists.js";
import { type Holder, Program } from "../program.js";
import { isAhead, pushed, stage, zeros } from "../staging.js";
import {
  admitted,
  among,
  avalsOf,
  chosen,
  dependent,
  fitted,
  inLanes,
  joinedAvals,
  lean,
  made,
  pulled,
  type Sides,
  taking,
  united,
} from "./graphs.js";

/** One of several graphs, by an index: (index, ...operands). All graphs have the same inputs, and results that are alike. */
export class Choice implements Holder {
  readonly record = recordPullback;
  readonly flow = "choose";
  readonly programs: readonly Graph[];
  readonly parts: readonly Program[];
  readonly #avals: readonly Aval[];

  constructor(
    readonly name: string,
    branches: readonly Graph[],
  ) {
    this.#avals = joinedAvals(branches.map(({ outputs }) => avalsOf(outputs)));
    this.programs = branches.map((graph) => fitted(name, graph, this.#avals));
    this.parts = this.programs.map((graph) => new Program(name, graph));
  }

  readonly holding = (branches: readonly Graph[]): Choice => new Choice(this.name, branches);

  /** The branches as they are to be run. */
  get cleaned(): readonly Graph[] {
    return this.parts.map(({ cleaned }) => cleaned);
  }

  ready(): void {
    for (const part of this.parts) part.ready();
  }

  readonly shape = (): readonly Aval[] => this.#avals;

  readonly narrowed = (equation: Sides, wanted: Mask): CallEquation => {
    const [graphs, isRead] = lean(this.programs, wanted);
    return among(equation, this.holding(taking(graphs, isRead)), [true, ...isRead], wanted);
  };

  readonly forward = ([index, ...operands]: ArrayList): ArrayList => this.parts[index.to("cpu").item() as number].forward(operands);

  readonly jvp = (inputs: ArrayList, [, ...tangents]: Parts, push?: Push): readonly [ArrayList, Parts] => {
    const mask = tangents.map(isThere);
    const [isMade, graphs] = made(this.programs.map((graph) => pushed(this.name, graph, mask, push)));
    const all = spread(isMade, call(this.holding(graphs), [...inputs, ...tangents.filter(isThere)]));
    const [outs, moved] = cut(all, this.#avals.length);
    return [isAhead(inputs, tangents) ? call(this, inputs) : (outs as ArrayList), moved];
  };

  readonly vjp = (inputs: ArrayList, active: Mask = floats(inputs)): readonly [ArrayList, (cts: Parts) => Parts] => {
    const [index, ...operands] = inputs;
    const wanted = active.slice(1);
    const pull = (given: Parts): Parts => {
      const cotangents = Array.from(given);
      const isGiven = cotangents.map(isThere);
      const [isMade, graphs] = made(this.programs.map((graph) => pulled(this.name, graph, wanted, isGiven)));
      return [undefined, ...spread(isMade, call(this.holding(graphs), [index, ...cotangents.filter(isThere), ...operands]))];
    };
    return [call(this.holding(this.parts.map((part) => part.ruled(wanted))), inputs), pull];
  };

  /** Returns the results that are the same in all lanes: where all take one branch, those that no mapped operand is part of in any. */
  readonly unmapped = ([isIndex, ...mapped]: Mask): Mask => {
    const all = this.programs.map((graph) => dependent(graph, mapped));
    return this.#avals.map((_, i) => !(isIndex || all.some((on) => on[i])));
  };

  /** Where lanes want different branches, each branch is run for those that want it. */
  readonly vmap = (inputs: ArrayList, mapped: Mask, size: number, lift: Lift): ArrayList => {
    const [index, ...operands] = inputs;
    const same = this.unmapped(mapped);
    const lanes = this.programs.map((graph) => inLanes(this.name, graph, mapped.slice(1), size, lift, same));
    if (!mapped[0]) return call(this.holding(lanes), inputs);
    let outs: ArrayList | undefined;
    lanes.forEach((graph, i) => {
      const on = index.equal(i);
      const none = (): ArrayList => (graph.outputs as ArrayList).map(zeros);
      const run = ([where, ...given]: ArrayList): ArrayList =>
        graph.run(given.map((x, k) => (mapped[k + 1] ? admitted(where, x) : x))) as ArrayList;
      const found = choose(this.name, on.any().astype("int32"), [none, run], [on, ...operands]);
      outs = outs?.map((x, k) => chosen(on, found[k], x)) ?? found;
    });
    return outs as ArrayList;
  };
}

/** A choice among functions of the same operands. */
export function choose(
  op: string,
  index: NDArray,
  branches: readonly ((operands: ArrayList) => ArrayList)[],
  operands: ArrayList,
): ArrayList {
  const staged = branches.map((branch) => stage(op, branch, operands));
  const { graphs, captured } = united(op, staged);
  return call(new Choice(op, graphs), [index, ...operands, ...captured]);
}
