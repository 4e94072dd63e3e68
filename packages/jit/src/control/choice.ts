import type { NDArray } from "@ad/core";
import {
  type ArrayList,
  type Aval,
  call,
  type Graph,
  isFloat,
  type Lift,
  type Operation,
  type Parts,
  type Push,
  recordPullback,
} from "@ad/core/internals/trace";
import { Program } from "../program.js";
import { closed, isAhead, pushed, stage } from "../staging.js";
import { admitted, avalsOf, chosen, fitted, floats, inLanes, joinedAvals, pulled, united, where, withoutUnread, zeros } from "./graphs.js";

/** One of several graphs, by an index: (index, ...operands). All graphs have the same inputs, and results that are alike. */
export class Choice implements Operation {
  readonly record = recordPullback;
  readonly programs: readonly Graph[];
  readonly #branches: readonly Program[];
  readonly #avals: readonly Aval[];

  constructor(
    readonly name: string,
    branches: readonly Graph[],
  ) {
    this.#avals = joinedAvals(branches.map(({ outputs }) => avalsOf(outputs)));
    this.programs = branches.map((graph) => fitted(name, graph, this.#avals));
    this.#branches = this.programs.map((graph) => new Program(name, graph));
  }

  readonly holding = (branches: readonly Graph[]): Choice => new Choice(this.name, branches);

  readonly shape = (): readonly Aval[] => this.#avals;

  readonly forward = ([index, ...operands]: ArrayList): ArrayList => this.#branches[index.to("cpu").item() as number].forward(operands);

  readonly jvp = (inputs: ArrayList, [, ...tangents]: Parts, push?: Push): readonly [ArrayList, Parts] => {
    const [index, ...operands] = inputs;
    const mask = tangents.map((t) => t !== undefined);
    const derived = new Choice(
      this.name,
      this.programs.map((graph) => pushed(this.name, graph, mask, push)),
    );
    const all = call(derived, [index, ...operands, ...where(tangents as ArrayList, mask)]);
    let next = this.#avals.length;
    return [
      isAhead(inputs, tangents) ? call(this, inputs) : all.slice(0, next),
      this.#avals.map(({ dtype }) => (isFloat(dtype) ? all[next++] : undefined)),
    ];
  };

  readonly vjp = (inputs: ArrayList, active: readonly boolean[] = floats(inputs)): readonly [ArrayList, (cts: Parts) => Parts] => {
    const [index, ...operands] = inputs;
    const wanted = active.slice(1);
    const pull = (given: Parts): Parts => {
      const cotangents = Array.from(given);
      const isGiven = cotangents.map((ct) => ct !== undefined);
      if (!isGiven.includes(true) || !wanted.includes(true)) return inputs.map(() => undefined);
      const [graphs, values] = withoutUnread(
        this.programs.map((graph) => pulled(this.name, graph, wanted, isGiven)),
        [...operands, ...where(cotangents as ArrayList, isGiven)],
      );
      const parts = call(new Choice(this.name, graphs), [index, ...values]);
      let next = 0;
      return [undefined, ...wanted.map((on) => (on ? parts[next++] : undefined))];
    };
    return [call(this, inputs), pull];
  };

  /** Where lanes want different branches, each branch is run for those that want it. */
  readonly vmap = (inputs: ArrayList, mapped: readonly boolean[], size: number, lift: Lift): ArrayList => {
    const [index, ...operands] = inputs;
    const lanes = this.programs.map((graph) => inLanes(this.name, graph, mapped.slice(1), size, lift));
    if (!mapped[0]) return call(new Choice(this.name, lanes), inputs);
    let outs: ArrayList | undefined;
    lanes.forEach((graph, i) => {
      const on = index.equal(i);
      const own = new Program(this.name, graph);
      const like = [on, ...graph.inputs];
      const none = closed(this.name, () => graph.outputs.map((x) => zeros(x as NDArray)), like);
      const run = closed(
        this.name,
        ([where, ...given]) => own.forward(given.map((x, k) => (mapped[k + 1] ? admitted(where, x) : x))),
        like,
      );
      const found = call(new Choice(this.name, [none, run]), [on.any().astype("int32"), on, ...operands]);
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
  const { graphs, captured } = united(op, staged, operands.length);
  return call(new Choice(op, graphs), [index, ...operands, ...captured]);
}
