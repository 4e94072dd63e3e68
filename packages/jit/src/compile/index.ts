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
import { type ArrayList, Aval, bind, type Graph, type Parts, rebind, sameShape } from "@ad/core/internals/trace";
import { baseOf, Emitter, nameOf } from "./emit.js";
import { lanes } from "./lanes.js";
import { isWhole, plan } from "./plan.js";
import type { Place, Plan, Step } from "./steps.js";
import { tiles } from "./tiles.js";

/**
 * The steps of a loop: the number of inputs that are constants, and, of a scan, the number of those that are state, the number of steps, and whether
 * the last row goes first. Without these all results of a step are state, and a test ends the loop.
 */
export interface Steps {
  readonly constants: number;
  readonly state?: number;
  readonly length?: number;
  readonly reverse?: boolean;
}

/** A graph that can be run. */
export interface Compiled {
  /** The results; undefined where not all inputs are arrays with numbers, on the CPU, or there is no program. */
  run(inputs: ArrayList): Parts | undefined;
  /** The program on typed arrays, where all results are written to arrays that it is given. */
  readonly bare?: Bare | undefined;
  /** The program's text, where it has one. */
  readonly text?: string;
}

/** Inputs and their offsets, outputs and theirs; the results that it made itself come back. */
type Run = (I: Data[], A: number[], O: Data[], C: number[]) => (Data | Concrete | undefined)[];

/** A program that writes all of its results to these places. */
interface Bare {
  readonly run: Run;
  readonly outs: readonly Place[];
  /** Whether some operation may keep its inputs. */
  readonly keeps: boolean;
}

declare const console: { warn(message: string): void };
let mayEmit = true;

/** The functions that a step calls, by their names in the text. */
type Calls = Map<string, unknown>;

function textOf(own: Plan, calls: Calls): string {
  const emitter = new Emitter(own, calls);
  const known = new Set<string>();
  const lines = own.steps.flatMap((step, at) => {
    const text = emitStep(emitter, step, at, calls);
    // The numbers of an array that core makes are asked for before the first step that reads them, and are there from then on.
    const fresh = [...new Set(text.match(/\bd\d+\b/g))].filter((name) => !known.has(name));
    for (const name of fresh) known.add(name);
    return [...fresh.map((name) => `const ${name} = w${name.slice(1)}.storage;`), text];
  });
  const made = own.outputs.map((place) => {
    if (place === undefined) return "undefined";
    const { kind, index } = place.buffer;
    return kind === "made" ? `m${index}` : kind === "array" ? `w${index}` : "undefined";
  });
  return [...lines, `return [${made.join(", ")}];`].join("\n");
}

function emitStep(emitter: Emitter, step: Step, at: number, calls: Calls): string {
  /** The text of a call of a function of views, and the function by its name there. */
  const called = <T>(results: string, inputs: readonly Place[], f: (views: Read<T>[]) => unknown, arrays?: boolean): string => {
    calls.set(`K${at}`, (...all: readonly (T | number)[]) => f(viewsOf(inputs, all)));
    return `const ${results} = K${at}(${argumentsOf(inputs, arrays)});`;
  };
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
      const { name, params, inputs, out } = step;
      const kernel = cpu.kernels[name as KernelName] as Kernel<never, Data> as AnyKernel;
      return called<Data>(nameOf(out.buffer), inputs, (views) => kernel(views, params, out.aval));
    }
    case "array": {
      const { name, params, inputs, out } = step;
      const arrayOf = ({ aval, storage: x, stride, offset }: Read<Data | Concrete>): NDArray => {
        // A value that was made may be read in another shape.
        if (x instanceof Concrete) return sameShape(x.shape, aval.shape) ? x : bind("reshape", [x], { shape: aval.shape });
        return new Concrete(aval, x, stride, offset);
      };
      return called<Data | Concrete>(`w${out.buffer.index}`, inputs, (views) => rebind(name, views.map(arrayOf), params), true);
    }
    case "operation": {
      const { operation, inputs, outs } = step;
      return called<Data>(`[${outs.map(({ buffer }) => nameOf(buffer)).join(", ")}]`, inputs, (views) => {
        const arrays = views.map(({ aval, storage, stride, offset }, i) => {
          // An array that the operation keeps must not change with the next run.
          const { kind } = inputs[i].buffer;
          const isOurs = !operation.borrows && (kind === "scratch" || kind === "output");
          return new Concrete(aval, isOurs ? (storage.slice() as Data) : storage, stride, offset);
        });
        return operation.forward(arrays).map((x) => compact(x.to("cpu") as Concrete));
      });
    }
  }
}

/** A view that a step reads, of numbers or of an array that is to be computed. */
type Read<T> = Omit<View<Data>, "storage"> & { readonly storage: T };

/** Returns the views that a step reads, from each buffer and where it begins. */
const viewsOf = <T>(places: readonly Place[], all: readonly (T | number)[]): Read<T>[] =>
  places.map(({ aval, stride, offset }, i) => ({ aval, stride, offset: offset + (all[2 * i + 1] as number), storage: all[2 * i] as T }));

type AnyKernel = (inputs: readonly View<Data>[], params: unknown, out: Place["aval"]) => Data;

/** Each buffer and where it begins. */
const argumentsOf = (places: readonly Place[], arrays = false): string =>
  places
    .map((place) => {
      const { buffer } = place;
      // An array that was made so goes in as it is: it may not be computed yet.
      if (arrays && buffer.kind === "array" && isWhole(place)) return `w${buffer.index}, 0`;
      return `${nameOf(buffer)}, ${baseOf(buffer)}0`;
    })
    .join(", ");

/** Compiles a graph to JavaScript. Where that is forbidden, or arrays live elsewhere, its equations are to be run one by one. */
export function compile(graph: Graph): Compiled {
  const replay: Compiled = { run: () => undefined };
  const own = mayEmit ? plan(graph) : undefined;
  if (own === undefined) return replay;
  // All that the text names beside its own locals.
  const scope: Calls = new Map<string, unknown>(Object.entries({ G: gemm, load, mend, room }));
  for (const buffer of own.buffers)
    if (buffer.kind !== "output") scope.set(nameOf(buffer), buffer.data ?? allocate(buffer.dtype, buffer.size));
  const text = [
    ...graph.inputs.map((_, i) => `const i${i} = I[${i}], a${i} = A[${i}];`),
    ...own.outputs.flatMap((place, i) => (place?.buffer.kind === "output" ? [`const o${i} = O[${i}], c${i} = C[${i}];`] : [])),
    textOf(own, scope),
  ].join("\n");
  let run: Run;
  try {
    const head = `"use strict";\nconst { ${[...scope.keys()].join(", ")} } = N;`;
    run = new Function("N", `${head}\nreturn function (I, A, O, C) {\n${text}\n};`)(Object.fromEntries(scope)) as Run;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    mayEmit = false;
    console.warn("jit runs programs operation by operation, which is slower: a content security policy forbids compiling.");
    return replay;
  }
  const outs = own.outputs;
  const hasLarge = own.made > 0;
  const keeps = own.steps.some((step) => step.kind === "operation" && !step.operation.borrows);
  const results = (inputs: readonly Concrete[]): (Concrete | undefined)[] => {
    const [I, A, O, C] = callOf(inputs, outs);
    const made = run(I, A, O, C);
    const all = new Array<Concrete | undefined>(outs.length);
    for (let i = 0; i < outs.length; i++) {
      const place = outs[i];
      if (place === undefined) continue;
      const { aval } = place;
      const own = made[i];
      // A value that was made may be given out in another shape.
      const isArray = own instanceof Concrete;
      all[i] = isArray && sameShape(own.shape, aval.shape) ? own : new Concrete(aval, (isArray ? own.storage : own) ?? O[i]);
    }
    return all;
  };
  const bare = outs.every((place) => place?.buffer.kind === "output") ? { run, outs: outs as readonly Place[], keeps } : undefined;
  return {
    text,
    run(inputs) {
      if (!areConcrete(inputs)) return undefined;
      return hasLarge ? inArena(() => results(inputs)) : results(inputs);
    },
    bare,
  };
}

function areConcrete(inputs: ArrayList): inputs is readonly Concrete[] {
  for (let i = 0; i < inputs.length; i++) if (!(inputs[i] instanceof Concrete)) return false;
  return true;
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

/**
 * Runs the steps of a loop of this body on typed arrays, as long as the test of the same inputs holds: a state is read from one buffer and written
 * to another. Undefined where its steps are to be run one by one.
 */
export function loop(
  { run, outs, keeps }: Bare,
  { constants, state = outs.length, length = Infinity, reverse }: Steps,
  inputs: ArrayList,
  test?: Bare,
): ArrayList | undefined {
  if (length === 0 || !areConcrete(inputs)) return undefined;
  const [I, A] = callOf(inputs, []);
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
      // Storage that was given is not written to, nor what an operation may keep.
      O[i] = isOurs && k ? read : place(outs[i], i);
    }
  }
  return outs.map(({ aval }, i) => {
    const at = constants + i;
    return i < state ? new Concrete(aval, I[at], undefined, A[at]) : new Concrete(stacked(aval, length), O[i]);
  });
}

/** The aval of n of these, one behind the other. */
export const stacked = ({ shape, dtype }: Aval, n: number): Aval => new Aval([n, ...shape], dtype);
