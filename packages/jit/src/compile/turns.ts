import type { NDArray } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import { type ArrayList, Aval, type Equation, type Graph, type Operation, primitives } from "@ad/core/internals/trace";
import { cut, type Mask } from "../lists.js";
import { isElementwise } from "../passes/broadcasts.js";
import { Elements, type Memory, viewOf } from "./elements.js";
import type { Functions } from "./scalars.js";
import type { Place } from "./steps.js";

/** Elements that one turn computes: the engine compiles no longer functions well. */
const maxWork = 3000;

/** Larger arrays are left to loops of their own, and to vectors. */
const maxSize = 1 << 7;

/** Functions of so many numbers are left to such loops too: the engine writes a function into a loop that calls it once, and calls it from a long text. */
const maxCalls = 30;

/** A loop, as its text is written: of constants, a state and a row of each array. */
export interface Looping extends Operation {
  readonly constants: number;
  readonly state: number;
  /** The number of rows; undefined where a test says when it ends. */
  readonly length: number | undefined;
  readonly reverse: boolean;
  /** The test, where there is one, and the body, as they are to be run. */
  readonly cleaned: readonly Graph[];
  /** The while of the same constants whose states are the rows, of which the first is given. */
  readonly source?: Looping | undefined;
  /** The loop of one lane, and the axes of lanes that take turns of their own. */
  readonly one: Looping;
  readonly lanes: readonly Axis[];
}

/** An axis of lanes, of which each takes turns of its own: their number, and the inputs that they have of their own. */
export interface Axis {
  readonly size: number;
  readonly mapped: Mask;
}

/** Returns whether a value lies in memory. */
type InMemory = (x: NDArray) => boolean;

/** Returns whether a constant of a program lives on another device. */
const isElsewhere = (x: unknown): boolean => (x as NDArray).owner.level === 0 && !(x instanceof Concrete);

const isMove = /^(cast|select|sum|max|min|any|all|concatenate|place|take)$/;

/** Returns the number of elements that an equation computes, infinite where they are better not written out one by one. */
function workOf({ operation, inputs, outs }: Equation, isStored: InMemory): number {
  if (inputs.some(isElsewhere)) return Infinity;
  if (typeof operation !== "string")
    return operation.flow === "choose"
      ? workOfAll((operation as Looping).cleaned, (i) => isStored(inputs[i + 1]))
      : workIn(operation as Looping, inputs, isStored);
  const [{ size }] = outs;
  if (primitives[operation].kind === "view") return 0;
  if (operation === "take") return size > maxSize ? Infinity : size * Math.min(inputs[0].size, maxSize);
  if ([...inputs, ...outs].some((x) => x.size > maxSize)) return Infinity;
  if (operation === "matmul") return size * (inputs[0].shape.at(-1) as number);
  if ((primitives[operation] as { readonly cost?: string }).cost === "function") return (size * maxWork) / maxCalls;
  return isElementwise(operation) || isMove.test(operation) ? Math.max(size, inputs[0].size) : Infinity;
}

/** The same of a loop inside of another: its rows lie in memory, and it stacks nothing. */
function workIn(loop: Looping, inputs: ArrayList, isStored: InMemory): number {
  const { constants, state, source, cleaned, lanes } = loop;
  const isBare = lanes?.length === 0 && cleaned.at(-1)?.outputs.length === state;
  return isBare && (source || inputs.slice(constants + state).every(isStored)) ? turnOf(loop, (i) => isStored(inputs[i])) : Infinity;
}

/** The number of elements that a turn computes. */
function turnOf({ cleaned, constants, state, source }: Looping, isStored: (input: number) => boolean): number {
  if (cleaned.at(-1)?.outputs.some((x, i) => isElsewhere(x) || (i < state && (x as NDArray).size > maxSize))) return Infinity;
  const work = workOfAll(cleaned, (i) => i >= constants + state || (i < constants && isStored(i)));
  return work + (source ? turnOf(source, isStored) : 0);
}

/** The same of programs of the same inputs. */
function workOfAll(programs: readonly Graph[], isStored: (input: number) => boolean): number {
  const works = programs.map(({ inputs, equations }) => {
    const stored = new Set(inputs.filter((_, i) => isStored(i)));
    return equations.reduce((sum, equation) => sum + workOf(equation, (x) => x instanceof Concrete || stored.has(x)), 0);
  });
  return works.reduce((a, b) => a + b, 0);
}

/** Returns whether a loop is so small that its state lies in locals. */
export const isSmall = ({ one }: Looping): boolean => turnOf(one, () => true) <= maxWork;

/** Names of the elements of some values. */
type Names = readonly (readonly string[])[];

/** The constants of a loop, its first state, its rows, and places for those that it collects. */
interface Given {
  readonly constants: ArrayList;
  readonly first: Names;
  readonly rows?: readonly Memory[];
  readonly collected?: readonly Memory[];
  /** The number of turns, where it is not the loop's. */
  readonly length?: number | string | undefined;
  /** Writes lines that keep the state at the beginning of each turn. */
  readonly keep?: (state: readonly string[]) => void;
}

/** The text of a loop: its state is locals, and so is all that a turn computes. */
class Turns extends Elements {
  readonly #memory = new Map<NDArray, Memory>();

  constructor(functions: Functions) {
    let next = 0;
    super(functions, () => `v${next++}`, 0);
  }

  override memory(x: NDArray): Memory {
    const known = this.#memory.get(x);
    if (known) return known;
    const { storage, stride, offset } = x as Concrete;
    // This is a copy: other holders of the storage may write to it later.
    const data = storage.slice() as typeof storage;
    const name = `T${this.functions.size}`;
    this.functions.set(name, data);
    return this.lies(x, { stride, offset, depth: 1, data, at: (position) => `${name}[${position}]` });
  }

  /** Notes the place of a value. */
  lies(x: NDArray, memory: Memory): Memory {
    this.#memory.set(x, memory);
    this.forget(x);
    return memory;
  }

  /** Takes a value of a program for one of the program around. */
  #is(x: NDArray, outer: NDArray): void {
    if (this.isLocal(outer)) this.set(x, this.valueOf(outer));
    else this.lies(x, this.memory(outer));
  }

  #equation({ operation, inputs, params, outs }: Equation): void {
    const [x] = inputs;
    const [out] = outs;
    if (typeof operation !== "string") {
      if (operation.flow === "choose") {
        this.#choice((operation as Looping).cleaned, inputs, outs);
        return;
      }
      const loop = operation as Looping;
      const [constants, state, rows] = cut(inputs, loop.constants, loop.state);
      const first = state.map((each) => this.valueOf(each));
      const ends = loop.source
        ? this.back(loop, loop.source, constants, first, rows)
        : this.loop(loop, { constants, first, rows: rows.map((each) => this.memory(each)) });
      outs.forEach((each, i) => this.set(each, ends[i]));
      return;
    }
    const isSeen = primitives[operation].kind === "view" && !this.isLocal(x);
    const { aval } = x;
    const memory = isSeen && this.memory(x);
    const view = memory && viewOf(operation, { ...memory, aval }, params, out.aval);
    if (view) this.lies(out, { ...memory, ...view });
    else this.compute({ name: operation, params, inputs, out });
  }

  /** Writes branches, of which an index names the one that is run. */
  #choice(branches: readonly Graph[], [index, ...operands]: ArrayList, outs: ArrayList): void {
    const [which] = this.valueOf(index);
    const names = outs.map(({ size }) => Array.from({ length: size }, () => this.#variable()));
    const { floor } = this;
    const texts = branches.map(({ inputs, equations, outputs }) => {
      inputs.forEach((x, i) => this.#is(x, operands[i]));
      this.open();
      this.floor = this.depth;
      for (const equation of equations) this.#equation(equation);
      const results = (outputs as ArrayList).flatMap((x) => this.valueOf(x));
      this.write(...names.flat().map((name, i) => `${name} = ${results[i]};`));
      return this.close();
    });
    this.floor = floor;
    texts.forEach((lines, i) => {
      const isLast = i + 1 === texts.length;
      this.write(`${i > 0 ? "else " : ""}${isLast ? "" : `if (${which} === ${i}) `}{`, ...lines, "}");
    });
    outs.forEach((x, i) => this.set(x, names[i]));
  }

  /** Writes a way back through the states of a while, which it keeps, and returns the names of the last state. */
  back(own: Looping, source: Looping, constants: ArrayList, first: Names, starts: ArrayList): Names {
    const kept = this.name();
    this.before(`const ${kept} = [];`);
    const length = this.#variable("0");
    const size = starts.reduce((sum, x) => sum + x.size, 0);
    this.loop(source, {
      constants,
      first: starts.map((x) => this.valueOf(x)),
      keep: (state) => {
        this.write(...state.map((name, i) => `${kept}[${length} * ${size} + ${i}] = ${name};`), `${length}++;`);
      },
    });
    let next = 0;
    const rows = starts.map(({ size: own, aval: { stride } }): Memory => {
      const offset = next;
      next += own;
      return { stride: [size, ...stride], offset, depth: this.depth, at: (position) => `${kept}[${position}]` };
    });
    return this.loop(own, { constants, first, rows, length });
  }

  /** Writes a loop, and returns the names of the last state. */
  loop(
    { reverse, cleaned, state: count, length: turns }: Pick<Looping, "reverse" | "cleaned" | "state" | "length">,
    { constants, first, rows = [], collected = [], length = turns, keep }: Given,
  ): Names {
    const state = first.map((each) => each.map((value) => this.#variable(value)));
    const names = state.flat();
    const k = this.name();
    const at = reverse ? `(${length} - 1 - ${k})` : k;
    this.open();
    for (const name of names) this.placed(name, this.depth);
    const row = ({ stride: [along, ...stride], offset, at: element }: Memory): Memory => ({
      stride,
      offset,
      depth: this.depth,
      at: (position) => element(`${position} + ${at} * ${along}`),
    });
    const inner = rows.map(row);
    const run = ({ inputs, equations, outputs }: Graph): Names => {
      const [c, s, x] = cut(inputs, constants.length, count);
      c.forEach((each, i) => this.#is(each, constants[i]));
      s.forEach((each, i) => this.set(each, state[i]));
      x.forEach((each, i) => this.lies(each, inner[i]));
      for (const equation of equations) this.#equation(equation);
      return (outputs as ArrayList).map((each) => this.valueOf(each));
    };
    for (const test of cleaned.slice(0, -1)) this.write(`if (!${run(test)}) break;`);
    keep?.(names);
    const outs = run(cleaned.at(-1) as Graph);
    collected.forEach((each, i) => this.store(row(each), outs[count + i]));
    // A name of the state that another one takes over is read before it changes.
    const next = outs
      .slice(0, count)
      .flat()
      .map((value, i) => (names.includes(value) && value !== names[i] ? this.#variable(value) : value));
    this.write(...names.flatMap((name, i) => (name === next[i] ? [] : `${name} = ${next[i]};`)));
    const inside = this.close();
    this.write(`for (let ${k} = 0; ${length === undefined ? "" : `${k} < ${length}`}; ${k}++) {`, ...inside, "}");
    for (const name of names) this.placed(name, this.depth);
    return state;
  }

  #variable(value?: string): string {
    const name = this.name();
    this.write(`let ${name}${value ? ` = ${value}` : ""};`);
    this.placed(name, this.depth);
    return name;
  }

  /** Writes elements to memory, in order. */
  store({ at, offset }: Memory, names: readonly string[]): void {
    this.write(...names.map((name, i) => `${at(offset + i)} = ${name};`));
  }
}

/** The text of a loop, of all its lanes one after the other, and the places of its results. */
export function turns(
  loop: Looping,
  functions: Functions,
): { readonly count: number; readonly text: string; readonly outs: readonly Place[] } {
  const { one, lanes } = loop;
  const { constants, state, length, cleaned, source } = one;
  const { inputs, outputs } = cleaned.at(-1) as Graph;
  const text = new Turns(functions);
  const counts = lanes.map(() => text.name());
  for (const _ of lanes) text.open();
  /** The shape of a value of the caller's: axes of the lanes that have it of their own, and one of rows. */
  const around = (i: number, isRow: boolean): number[] => [
    ...lanes.flatMap(({ size, mapped }) => (mapped[i] ? size : [])),
    ...(isRow ? [length as number] : []),
  ];
  const given = (name: string, { shape, dtype }: NDArray, i: number, isRow: boolean): Memory => {
    const { stride } = new Aval([...around(i, isRow), ...shape], dtype);
    const own = counts.filter((_, axis) => lanes[axis].mapped[i]);
    const lane = own.map((count, axis) => ` + ${count} * ${stride[axis]}`).join("");
    return {
      stride: stride.slice(own.length),
      offset: 0,
      depth: 2 + lanes.findLastIndex(({ mapped }) => mapped[i]),
      at: (position) => `${name}[${name}s${lane} + ${position}]`,
    };
  };
  const all = inputs.map((x, i) => given(`i${i}`, x, i, !source && i >= constants + state));
  const ends = outputs.map((x, i) => given(`o${i}`, x as NDArray, constants + i, i >= state));
  all.forEach((each, i) => text.lies(inputs[i], each));
  const [c, s, x] = cut(inputs, constants, state);
  const first = s.map((each) => text.valueOf(each));
  const last = source
    ? text.back(one, source, c, first, x)
    : text.loop(one, { constants: c, first, rows: all.slice(constants + state), collected: ends.slice(state) });
  last.forEach((names, i) => text.store(ends[i], names));
  for (const [axis, { size }] of [...lanes.entries()].reverse()) {
    const inside = text.close();
    text.write(`for (let ${counts[axis]} = 0; ${counts[axis]} < ${size}; ${counts[axis]}++) {`, ...inside, "}");
  }
  const outs = (outputs as ArrayList).map(({ aval: { shape, dtype, weak } }, index): Place => {
    const isRow = index >= state;
    const aval = new Aval([...around(constants + index, isRow), ...shape], dtype, isRow ? undefined : weak);
    return { aval, stride: aval.stride, offset: 0, buffer: { dtype, size: aval.size, kind: "output", index } };
  });
  return { count: inputs.length, text: text.close().join("\n"), outs };
}
