import { inArena } from "@ad/core/internals/backend";
import {
  type ArrayList,
  call,
  type Graph,
  type Lift,
  type Operation,
  type Parts,
  type Push,
  pullbackAt,
  recordPullback,
} from "@ad/core/internals/trace";
import { type Compiled, compile } from "./compile/index.js";
import { dependent, inLanes } from "./control/graphs.js";
import { cut, floats, isThere, type Mask, not, spread } from "./lists.js";
import { clean } from "./passes/index.js";
import { closed, Derivative, isAhead, pushed, returning, split } from "./staging.js";

/** An operation that holds programs. */
export interface Holder extends Operation {
  /** Compiles them. */
  ready?(): void;
}

/**
 * A graph as an operation, compiled when it is first run on numbers. Its derivatives and its batches are programs too, each made once.
 * Where something is traced without numbers, it is no equation of its own: its equations go into the graph that is staged.
 */
export class Program implements Operation {
  readonly record = recordPullback;
  /** Programs made of the graph, by the derivative or the batch that it is, and by what was asked of it. */
  readonly #made = new Map<string, unknown>();
  #cleaned: Graph | undefined;
  #compiled: Compiled | undefined;

  constructor(
    readonly name: string,
    readonly graph: Graph,
    /** The number of inputs that are constants of a loop of which it is the body. */
    readonly still = 0,
  ) {}

  /** Passes stand after all derivatives: these are made of what was written. A program keeps its arrays, which are no arena's. */
  get cleaned(): Graph {
    this.#cleaned ??= inArena(undefined, () => clean(this.graph));
    return this.#cleaned;
  }

  get compiled(): Compiled {
    this.#compiled ??= inArena(undefined, () => compile(this.cleaned, this.still));
    return this.#compiled;
  }

  /** Compiles it, and the programs that its operations hold. */
  ready(): void {
    this.compiled;
    for (const { operation } of this.cleaned.equations) (operation as Holder).ready?.();
  }

  /** Results that are zeros which were never made are undefined. */
  readonly forward = (inputs: ArrayList): ArrayList => {
    for (const { owner } of inputs) if (owner.execute) return owner.execute(this.cleaned, inputs) as ArrayList;
    return (this.compiled.run(inputs) ?? this.graph.run(inputs)) as ArrayList;
  };

  readonly composed = (inputs: ArrayList): ArrayList => this.graph.run(inputs) as ArrayList;

  readonly vjp = (inputs: ArrayList, active: Mask = floats(inputs)): readonly [ArrayList, (cts: Parts) => Parts] => {
    const derivative = this.#once(`derivative ${active}`, () => new Derivative(this.name, this.graph, active));
    const { forward } = derivative;
    const all = call(
      this.#program(`forward ${active}`, () => forward),
      inputs,
    );
    const names = [...forward.inputs, ...forward.outputs];
    const values = [...inputs, ...all];
    const residuals = derivative.residuals.map((x) => values[names.indexOf(x)]);
    const pull = (cotangents: Parts): Parts => {
      const mask = Array.from(cotangents, isThere);
      const program = this.#program(`backward ${active} ${mask}`, () => derivative.backward(mask));
      return program.apply([...cotangents.filter(isThere), ...residuals]);
    };
    return [all.slice(0, this.graph.outputs.length), pull];
  };

  readonly jvp = (inputs: ArrayList, tangents: Parts, push?: Push): readonly [ArrayList, Parts] => {
    const mask = Array.from(tangents, isThere);
    const given = tangents.filter(isThere);
    const count = this.graph.outputs.length;
    const both = this.#program(`tangents ${mask}`, () => pushed(this.name, this.graph, mask, push));
    const part = (i: 0 | 1): Program => this.#program(`${i} ${mask}`, () => split(both.graph, inputs.length, count)[i]);
    if (isAhead(inputs, tangents)) return [call(this, inputs), part(1).apply([...given, ...(part(0).apply(inputs) as ArrayList)])];
    const [outs, moved] = cut(both.apply([...inputs, ...given]), count);
    return [outs as ArrayList, moved];
  };

  readonly unmapped = (mapped: Mask): Mask => not(dependent(this.graph, mapped));

  readonly vmap = (inputs: ArrayList, mapped: Mask, size: number, lift: Lift): ArrayList =>
    call(
      this.#program(`lanes ${mapped} ${size}`, () => inLanes(this.name, this.graph, mapped, size, lift, this.unmapped(mapped))),
      inputs,
    );

  /** The graph with the results that it has where it is differentiated: what a user's rule gives, and not the function that it stands beside. */
  ruled(active: Mask): Graph {
    const own = (inputs: ArrayList): ArrayList => pullbackAt(this.name, this.composed, inputs, active)[0];
    return this.#once(`ruled ${active}`, () => closed(this.name, own, this.graph.inputs));
  }

  /** The results; a zero that was never made stays undefined. */
  apply(inputs: ArrayList): Parts {
    const isMade = this.graph.outputs.map(isThere);
    const own = isMade.includes(false) ? this.#program("made", () => returning(this.graph, isMade)) : this;
    return spread(isMade, isMade.includes(true) ? call(own, inputs) : []);
  }

  #program(key: string, graph: () => Graph): Program {
    return this.#once(key, () => new Program(this.name, graph()));
  }

  #once<T>(key: string, make: () => T): T {
    if (!this.#made.has(key)) this.#made.set(key, make());
    return this.#made.get(key) as T;
  }
}
