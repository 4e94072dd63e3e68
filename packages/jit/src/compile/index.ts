import type { Data, NDArray } from "@ad/core";
import {
  allocate,
  Concrete,
  compact,
  cpu,
  gemm,
  isRowMajor,
  type Kernel,
  type KernelName,
  load,
  mend,
  room,
  type View,
} from "@ad/core/internals/backend";
import { type ArrayList, Aval, bind, type Graph, type Parts, sameShape } from "@ad/core/internals/trace";
import { Emitter, nameOf } from "./emit.js";
import { lanes } from "./lanes.js";
import { plan } from "./plan.js";
import type { Buffer, Place, Plan, Step } from "./steps.js";
import { tiles } from "./tiles.js";

/**
 * The steps of a loop: how many inputs are constants, and, of a scan, how many are state, how many steps there are, and whether the last row goes
 * first. Without these all that a step gives is state, and a test ends it.
 */
export interface Steps {
  readonly constants: number;
  readonly state?: number;
  readonly length?: number;
  readonly reverse?: boolean;
}

/** A graph that can be run. */
export interface Compiled {
  /** Returns whether it runs on these: arrays with numbers, on the CPU. */
  takes(inputs: ArrayList): boolean;
  run(inputs: ArrayList): Parts;
  /** All steps of a scan of this body, or of a loop as long as the test of the same inputs holds; undefined where they are to be run one by one. */
  readonly loop?: (steps: Steps, inputs: ArrayList, test?: Bare) => ArrayList | undefined;
  /** The program on typed arrays, where all results are written to arrays that it is given. */
  readonly bare?: Bare;
  /** The program's text, where it has one. */
  readonly text?: string;
}

/** Inputs and their offsets, outputs and theirs; the results that it made itself come back. */
type Run = (I: Data[], A: number[], O: Data[], C: number[]) => (Data | Concrete | undefined)[];

/** A program that writes all of its results to these places. */
interface Bare {
  readonly run: Run;
  readonly outs: readonly Place[];
  /** Says whether some operation may keep what it is given. */
  readonly keeps: boolean;
}

declare const console: { warn(message: string): void };
let mayEmit = true;

/** Holds what a step calls, by its name in the text. */
type Calls = Map<string, unknown>;

/** Returns what a step reads of arrays that core makes: their numbers are asked for before it, and are there from then on. */
function arraysRead(own: Plan, step: Step): Buffer[] {
  const placesOf = (values: readonly NDArray[]): Place[] => values.map((x) => own.places.get(x) as Place);
  const places: readonly Place[] =
    "elements" in step
      ? placesOf([...step.elements.flatMap(({ inputs }) => inputs), ...step.folds.map(({ input }) => input)])
      : step.kind === "copy"
        ? step.parts.map(({ from }) => from)
        : step.kind === "array"
          ? step.inputs.filter((place) => !isWhole(place))
          : step.inputs;
  return places.map(({ buffer }) => buffer).filter(({ kind }) => kind === "array");
}

/** Returns whether a value is all of its buffer, in order. */
const isWhole = ({ aval, stride, offset, buffer }: Place): boolean =>
  offset === 0 && buffer.size === aval.size && isRowMajor({ aval, stride, offset });

function textOf(own: Plan, calls: Calls): string {
  const emitter = new Emitter(own, calls);
  const known = new Set<Buffer>();
  const lines = own.steps.flatMap((step, at) => {
    const fresh = [...new Set(arraysRead(own, step))].filter((buffer) => !known.has(buffer));
    for (const buffer of fresh) known.add(buffer);
    return [...fresh.map(({ index }) => `const d${index} = w${index}.storage;`), emitStep(emitter, step, at, calls)];
  });
  const made = own.outputs.map((place) => {
    if (place === undefined) return "undefined";
    const { kind, index } = place.buffer;
    return kind === "made" ? `m${index}` : kind === "array" ? `w${index}` : "undefined";
  });
  return [...lines, `return [${made.join(", ")}];`].join("\n");
}

function emitStep(emitter: Emitter, step: Step, at: number, calls: Calls): string {
  switch (step.kind) {
    case "loop":
      return emitter.loop(step);
    case "tiles":
      return tiles(step, emitter);
    case "lanes":
      return lanes(step, emitter);
    case "copy":
      return emitter.copy(step);
    case "product":
      return emitter.product(step);
    case "kernel": {
      const kernel = cpu.kernels[step.name as KernelName] as Kernel<never, Data> as AnyKernel;
      const views = step.inputs.map(({ aval, stride, offset }) => ({ aval, stride, offset, storage: none as Data }));
      calls.set(`K${at}`, (...all: readonly (Data | number)[]) => {
        views.forEach((view, i) => {
          view.storage = all[2 * i] as Data;
          view.offset = (all[2 * i + 1] as number) + step.inputs[i].offset;
        });
        return kernel(views, step.params, step.out.aval);
      });
      return `const ${nameOf(step.out.buffer)} = K${at}(${argumentsOf(step.inputs)});`;
    }
    case "array": {
      const { name, params, inputs, out } = step;
      calls.set(`K${at}`, (...all: readonly (Data | Concrete | number)[]) =>
        bind(
          name,
          inputs.map(({ aval, stride, offset }, i) => {
            const x = all[2 * i];
            // What was made may be read in another shape.
            if (x instanceof Concrete) return sameShape(x.shape, aval.shape) ? x : bind("reshape", [x], { shape: aval.shape });
            return new Concrete(aval, x as Data, stride, offset + (all[2 * i + 1] as number));
          }),
          params as never,
        ),
      );
      return `const w${out.buffer.index} = K${at}(${argumentsOf(inputs, true)});`;
    }
    case "operation": {
      const { operation, inputs, outs } = step;
      calls.set(`K${at}`, (...all: readonly (Data | number)[]) => {
        const arrays = inputs.map(({ aval, stride, offset, buffer }, i) => {
          const start = all[2 * i + 1] as number;
          const storage = all[2 * i] as Data;
          // What the operation keeps may not change with the next run.
          const isOurs = !operation.borrows && (buffer.kind === "scratch" || buffer.kind === "output");
          return new Concrete(aval, isOurs ? (storage.slice() as Data) : storage, stride, offset + start);
        });
        const results = operation.forward(arrays);
        return results.map((x) => compact(x.to("cpu") as Concrete));
      });
      return `const [${outs.map(({ buffer }) => nameOf(buffer)).join(", ")}] = K${at}(${argumentsOf(inputs)});`;
    }
  }
}

type AnyKernel = (inputs: readonly View<Data>[], params: unknown, out: Place["aval"]) => Data;

const none = new Float64Array(0);

/** Each buffer and where it begins. */
const argumentsOf = (places: readonly Place[], arrays = false): string =>
  places
    .map((place) => {
      const { buffer } = place;
      // An array that was made so goes in as it is: it may not be computed yet.
      if (arrays && buffer.kind === "array" && isWhole(place)) return `w${buffer.index}, 0`;
      const start = buffer.kind === "input" ? `a${buffer.index}` : buffer.kind === "output" ? `c${buffer.index}` : "0";
      return `${nameOf(buffer)}, ${start}`;
    })
    .join(", ");

/** Compiles a graph to JavaScript. Where that is forbidden, or arrays live elsewhere, its equations are run one by one. */
export function compile(graph: Graph): Compiled {
  const replay: Compiled = { takes: () => false, run: (inputs) => graph.run(inputs) };
  const own = mayEmit ? plan(graph) : undefined;
  if (own === undefined) return replay;
  const calls: Calls = new Map();
  const body = textOf(own, calls);
  const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const written = indices(own.outputs.length).filter((i) => own.outputs[i]?.buffer.kind === "output");
  const text = [
    ...graph.inputs.map((_, i) => `const i${i} = I[${i}], a${i} = A[${i}];`),
    ...written.map((i) => `const o${i} = O[${i}], c${i} = C[${i}];`),
    body,
  ].join("\n");
  const names = [...calls.keys()];
  const kept = own.scratch.filter(({ kind }) => kind === "scratch");
  const head = [
    ...own.constants.map((_, i) => `const k${i} = K[${i}];`),
    ...kept.map(({ index }, i) => `const s${index} = S[${i}];`),
    ...names.map((name, i) => `const ${name} = N[${i}];`),
  ].join("\n");
  let run: Run;
  try {
    const make = new Function(
      "K",
      "S",
      "N",
      "G",
      "load",
      "mend",
      "room",
      `"use strict";\n${head}\nreturn function (I, A, O, C) {\n${text}\n};`,
    );
    run = make(
      own.constants,
      kept.map(({ dtype, size }) => allocate(dtype, size)),
      [...calls.values()],
      gemm,
      load,
      mend,
      room,
    ) as Run;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    mayEmit = false;
    console.warn("jit runs programs operation by operation, which is slower: a content security policy forbids compiling.");
    return replay;
  }
  const outs = own.outputs;
  const hasLarge = own.made > 0;
  const keeps = own.steps.some((step) => step.kind === "operation" && !step.operation.borrows);
  const results = (inputs: ArrayList): (Concrete | undefined)[] => {
    const [I, A, O, C] = callOf(inputs as readonly Concrete[], outs);
    const made = run(I, A, O, C);
    const all = new Array<Concrete | undefined>(outs.length);
    for (let i = 0; i < outs.length; i++) {
      const place = outs[i];
      if (place === undefined) continue;
      const { aval } = place;
      const own = made[i];
      // What was made may be given out in another shape.
      const isArray = own instanceof Concrete;
      all[i] = isArray && sameShape(own.shape, aval.shape) ? own : new Concrete(aval, (isArray ? own.storage : own) ?? O[i]);
    }
    return all;
  };
  const bare = outs.every((place) => place?.buffer.kind === "output") ? { run, outs: outs as readonly Place[], keeps } : undefined;
  return {
    text,
    takes,
    run: (inputs) => (hasLarge ? inArena(() => results(inputs)) : results(inputs)),
    ...(bare && { bare, loop: (...rest) => loop(bare, ...rest) }),
  };
}

/** Runs a body whose large arrays, but for its results, are not seen from outside: their storage is used again. */
function inArena(body: () => (Concrete | undefined)[]): (Concrete | undefined)[] {
  const arena = cpu.newArena?.();
  if (arena === undefined) return body();
  const outer = arena.enter();
  let made: (Concrete | undefined)[];
  try {
    made = body();
    for (const x of made) x?.storage;
  } finally {
    arena.leave(outer);
  }
  for (const x of made) if (x) arena.keep(x);
  arena.end();
  return made;
}

function callOf(inputs: readonly Concrete[], outs: Plan["outputs"]): [I: Data[], A: number[], O: Data[], C: number[]] {
  const n = inputs.length;
  const [I, A] = [new Array<Data>(n), new Array<number>(n)];
  for (let i = 0; i < n; i++) {
    const x = inputs[i];
    const isWhole = isRowMajor(x);
    I[i] = isWhole ? x.storage : compact(x);
    A[i] = isWhole ? x.offset : 0;
  }
  const [O, C] = [new Array<Data>(outs.length), new Array<number>(outs.length)];
  for (let i = 0; i < outs.length; i++) {
    const place = outs[i];
    C[i] = 0;
    if (place?.buffer.kind === "output") O[i] = allocate(place.buffer.dtype, place.buffer.size);
  }
  return [I, A, O, C];
}

/** Returns whether all are arrays with numbers, on the CPU. */
function takes(inputs: ArrayList): boolean {
  for (let i = 0; i < inputs.length; i++) if (!(inputs[i] instanceof Concrete)) return false;
  return true;
}

/** Runs the steps on typed arrays: a state is read from one buffer and written to another. */
function loop(
  { run, outs, keeps }: Bare,
  { constants, state = outs.length, length = Infinity, reverse }: Steps,
  inputs: ArrayList,
  test?: Bare,
): ArrayList | undefined {
  if (length === 0 || !takes(inputs)) return undefined;
  const [I, A] = callOf(inputs as readonly Concrete[], []);
  const on = allocate("bool", 1);
  const place = ({ aval: { dtype, size } }: Place, i: number): Data => allocate(dtype, i < state ? size : size * length);
  const O = outs.map(place);
  const C = outs.map(() => 0);
  const isOurs = !keeps && !test?.keeps;
  const first = constants + state;
  const starts = A.slice();
  for (let k = 0; k < length; k++) {
    test?.run(I, A, [on], [0]);
    if (test && !on[0]) break;
    const row = reverse ? length - 1 - k : k;
    for (let i = first; i < inputs.length; i++) A[i] = starts[i] + (row * inputs[i].size) / length;
    for (let i = state; i < outs.length; i++) C[i] = row * outs[i].aval.size;
    run(I, A, O, C);
    for (let i = 0; i < state; i++) {
      const read = I[constants + i];
      I[constants + i] = O[i];
      A[constants + i] = 0;
      // What was given is not written to, nor what an operation may keep.
      O[i] = isOurs && k ? read : place(outs[i], i);
    }
  }
  return outs.map(({ aval }, i) => {
    const at = constants + i;
    return i < state ? new Concrete(aval, I[at], undefined, A[at]) : new Concrete(scanned(aval, length), O[i]);
  });
}

const scanned = (aval: Aval, n: number): Aval => new Aval([n, ...aval.shape], aval.dtype);
