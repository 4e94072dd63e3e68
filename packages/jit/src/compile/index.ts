import type { Data, NDArray } from "@ad/core";
import { allocate, Concrete, compact, cpu, gemm, isRowMajor, load, room } from "@ad/core/internals/backend";
import { type ArrayList, Aval, type Graph, type Parts, sameShape } from "@ad/core/internals/trace";
import { baseOf, Emitter, nameOf } from "./emit.js";
import { lanes } from "./lanes.js";
import { isMade, isWhole, plan } from "./plan.js";
import type { Place, Plan, Step } from "./steps.js";
import { map, tiles, together } from "./tiles.js";
import { type Axis, isSmall, type Looping, turns } from "./turns.js";

/** The steps of a loop: the number of inputs that are constants, and of those that are state; of a scan, that of the rows, and whether the last one goes first. */
export interface Steps {
  readonly constants: number;
  readonly state: number;
  readonly length: number | undefined;
  readonly reverse: boolean;
}

export { type Axis, isSmall };

/** A graph that can be run. */
export interface Compiled {
  /** The results; undefined where not all inputs are arrays with numbers, on the CPU, or there is no program. */
  run(inputs: ArrayList): Parts | undefined;
  /** The program on typed arrays, where all results are written to arrays that it is given. */
  readonly bare?: Bare | undefined;
  /** The program's text, where it has one. */
  readonly text?: string;
}

/** Inputs and their offsets, outputs and theirs; what the program makes itself becomes an output. Keys of constants of a loop, while it turns. */
type Run = (I: Data[], A: number[], O: Data[], C: number[], F?: object) => void;

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

/** The engine compiles no longer functions well: of a longer text each step is a function. */
const maxText = 1 << 14;

/** The same of a loop that is one text; its lines are simpler. */
const maxLoopText = 40_000;

function textOf(own: Plan, calls: Calls, still: number): string {
  const emitter = new Emitter(own, calls, still);
  const known = new Set(["_"]);
  /** A text behind the storage that it is the first to use: made in each run where it is written; numbers of an array that core makes, in order, where they are read. */
  const using = (text: string): string => {
    const made = [...new Set(text.match(/\b[amw]\d+\b/g))].flatMap((name) => {
      if (known.has(name)) return [];
      known.add(name);
      const index = name.slice(1);
      if (name[0] === "a") return `${name} = compact(w${index});`;
      const { dtype, size } = own.buffers[+index];
      return name[0] === "w" ? [] : `${name} = room("${dtype}", ${size});`;
    });
    return [...made, text].join("\n");
  };
  const parts = own.steps.map((step) => {
    emitter.space = 0;
    const text = emitStep(emitter, step, calls);
    // The module's memory may have moved since the step before.
    const isInside = /\bM\d/.test(text);
    return using(isInside ? `const {kernels:L,start:B,float32:M4,float64:M8}=load(${emitter.space});\n${text}` : text);
  });
  const [open, close] = parts.join().length > maxText ? ["(() => {", "})();"] : ["{", "}"];
  const last = using(own.outputs.map((place, i) => (place && isMade(place.buffer) ? `O[${i}] = ${nameOf(place.buffer)};` : "")).join("\n"));
  return [`let ${[...known]};`, ...parts.flatMap((part) => [open, part, close]), last].join("\n");
}

function emitStep(emitter: Emitter, step: Step, calls: Calls): string {
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
  }
  const { inputs, outs, fill, keeps } = step;
  /** The storage of a value, and where it begins there. */
  const given = (place: Place): string => {
    const { buffer, offset } = place;
    // An array that was made so goes in as it is: it may not be computed yet.
    return buffer.kind === "array" && !fill && isWhole(place) ? `w${buffer.index}, 0` : `${nameOf(buffer)}, ${baseOf(buffer)}${offset}`;
  };
  const read = ({ aval, stride, buffer: { kind } }: Place, x: Data | Concrete, start: number): NDArray => {
    // A value that was made may be read in another shape.
    if (x instanceof Concrete) return sameShape(x.shape, aval.shape) ? x : x.reshape(aval.shape);
    // An array that the operation keeps must not change with the next run.
    const isOurs = keeps && (kind === "scratch" || kind === "output");
    return new Concrete(aval, isOurs ? (x.slice() as Data) : x, stride, start);
  };
  const run = (...all: readonly (Data | Concrete | number)[]): unknown => {
    // A list that map returns is of another kind once the engine has compiled map. A program that was compiled for the first kind would be left here in each run.
    const arrays: NDArray[] = [];
    inputs.forEach((place, i) => arrays.push(read(place, all[2 * i] as Data | Concrete, all[2 * i + 1] as number)));
    return step.run(arrays);
  };
  const name = `K${calls.size}`;
  calls.set(name, fill || run);
  const all = fill ? [...inputs, ...outs] : inputs;
  return `${fill ? "" : `[${outs.map(({ buffer }) => `w${buffer.index}`)}] = `}${name}(${all.map(given)});`;
}

/** A function of this text, which calls these. */
const runOf = (text: string, calls: Calls): Run =>
  new Function(...calls.keys(), `return (I, A, O, C, F) => {\n${text}\n};`)(...calls.values()) as Run;

/** A text that computes results of inputs, and the places of the results. */
interface Written {
  /** The number of inputs. */
  readonly count: number;
  readonly text: string;
  readonly calls: Calls;
  readonly outs: Plan["outputs"];
  readonly keeps?: boolean;
  /** Whether large arrays are made in each run. */
  readonly hasLarge?: boolean;
}

/** A program that has no text. */
const replay: Compiled = { run: () => undefined };

/** Compiles a graph to JavaScript; of a loop's body so many inputs are still while it turns. Where that is forbidden, or arrays live elsewhere, its equations are to be run one by one. */
export function compile(graph: Graph, still = 0): Compiled {
  const own = mayEmit ? plan(graph) : undefined;
  if (own === undefined) return replay;
  // All that the text names beside its own locals.
  const calls: Calls = new Map<string, unknown>(Object.entries({ G: gemm, compact, load, map, room, together }));
  for (const buffer of own.buffers)
    if (buffer.kind === "constant" || buffer.kind === "scratch")
      calls.set(nameOf(buffer), buffer.data ?? allocate(buffer.dtype, buffer.size));
  const text = textOf(own, calls, still);
  return compiled({ count: graph.inputs.length, text, calls, outs: own.outputs, keeps: own.keeps, hasLarge: own.buffers.some(isMade) });
}

/** Compiles a small loop to a text in which its state is locals; undefined where it is not so small. */
export function compileTurns(loop: Looping): ((inputs: ArrayList) => ArrayList | undefined) | undefined {
  if (!mayEmit || !isSmall(loop)) return undefined;
  const calls: Calls = new Map();
  const written = { ...turns(loop, calls), calls };
  return written.text.length > maxLoopText ? undefined : (compiled(written).run as (inputs: ArrayList) => ArrayList | undefined);
}

function compiled({ count, text: own, calls, outs, keeps = false, hasLarge }: Written): Compiled {
  const text = [
    ...Array.from({ length: count }, (_, i) => `const i${i}=I[${i}],i${i}s=A[${i}];`),
    ...outs.map((_, i) => `const o${i}=O[${i}],o${i}s=C[${i}];`),
    own,
  ].join("\n");
  let run: Run;
  try {
    run = runOf(text, calls);
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    mayEmit = false;
    console.warn("jit runs operation by operation: a content security policy forbids eval.");
    return replay;
  }
  const bare: Bare | undefined = outs.every((place) => place?.buffer.kind === "output")
    ? { run, outs: outs as readonly Place[], keeps }
    : undefined;
  const results = (inputs: readonly Concrete[]): (Concrete | undefined)[] => {
    const [I, A, O, C] = callOf(inputs, outs);
    run(I, A, O, C);
    return outs.map((place, i) => place && new Concrete(place.aval, O[i]));
  };
  return {
    text,
    run(inputs) {
      if (!areConcrete(inputs)) return undefined;
      // Large arrays, but for results, are not seen from outside: their storage is used again.
      const arena = hasLarge ? cpu.newArena?.() : undefined;
      if (!arena) return results(inputs);
      const outer = arena.enter();
      try {
        const made = results(inputs);
        for (const x of made) if (x) arena.keep(x);
        arena.end();
        return made;
      } finally {
        arena.leave(outer);
      }
    },
    bare,
  };
}

const areConcrete = (inputs: ArrayList): inputs is readonly Concrete[] => inputs.every((x) => x instanceof Concrete);

const callOf = (inputs: readonly Concrete[], outs: Plan["outputs"]): [I: Data[], A: number[], O: Data[], C: number[]] => [
  inputs.map((x) => (isRowMajor(x) ? x.storage : compact(x))),
  inputs.map((x) => (isRowMajor(x) ? x.offset : 0)),
  outs.map((place) => (place?.buffer.kind === "output" ? room(place.buffer.dtype, place.buffer.size) : undefined) as Data),
  outs.map(() => 0),
];

/**
 * Runs the steps of a loop of this body on typed arrays, as long as the test of the same inputs holds: a state is read from one buffer and written
 * to another. Undefined where its steps are to be run one by one. The loop is a text of its own: the engine learns there what it calls, and
 * not what other loops do.
 */
export function loop(
  { run, outs, keeps }: Bare,
  { constants, state, length = Infinity, reverse }: Steps,
  like: ArrayList,
  test?: Bare,
): (inputs: ArrayList) => ArrayList | undefined {
  const first: string[] = [];
  const each: string[] = [];
  /** Goes along the rows of an array, of so many elements each. */
  const along = (offset: string, size: number): void => {
    if (reverse) first.push(`${offset} += ${(length - 1) * size};`);
    each.push(`${offset} ${reverse ? "-" : "+"}= ${size};`);
  };
  outs.forEach(({ aval: { dtype, size } }, i) => {
    const at = constants + i;
    if (i < state) {
      // Storage that was given is not written to, nor what an operation may keep.
      each.push(`x=I[${at}];I[${at}]=O[${i}];A[${at}]=0;O[${i}]=${keeps || test?.keeps ? "" : "k?x:"}room("${dtype}", ${size});`);
    } else {
      first.push(`O[${i}] = room("${dtype}", ${size * length});`);
      along(`C[${i}]`, size);
    }
  });
  like.forEach(({ size }, i) => {
    if (i >= constants + state) along(`A[${i}]`, size);
  });
  const goesOn = test ? "(test(I, A, T, [0]), T[0][0])" : `k < ${length}`;
  const lines = ["F = {};", ...first, `for (let k = 0, x; ${goesOn}; k++) {`, "run(I, A, O, C, F);", ...each, "}"];
  const turns = runOf(lines.join("\n"), new Map<string, unknown>(Object.entries({ run, test: test?.run, room, T: [new Uint8Array(1)] })));
  return (inputs) => {
    if (length === 0 || !areConcrete(inputs)) return undefined;
    const [I, A, O, C] = callOf(inputs, outs);
    turns(I, A, O, C);
    return outs.map(({ aval }, i) =>
      i < state ? new Concrete(aval, I[constants + i], undefined, A[constants + i]) : new Concrete(stacked(aval, length), O[i]),
    );
  };
}

/** The aval of n of these, one behind the other. */
export const stacked = ({ shape, dtype }: Aval, n: number): Aval => new Aval([n, ...shape], dtype);
