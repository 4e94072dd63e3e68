import * as core from "@ad/core";
import { ADError, type ArrayLike, NDArray } from "@ad/core";
import * as fft from "@ad/fft";
import * as forward from "@ad/forward";
import * as functional from "@ad/functional";
import * as randoms from "@ad/random";
import * as solve from "@ad/solve";
import * as sparse from "@ad/sparse";
import * as vmap from "@ad/vmap";
import { type Random, seeded } from "../random.js";
import {
  type Form,
  ofComplex,
  ofCore,
  ofFft,
  ofForward,
  ofFunctional,
  ofLinalg,
  ofMethods,
  ofRandom,
  ofSolve,
  ofSparse,
  ofVmap,
} from "./forms.js";
import { ending, good, type Kind, ofUsers, records } from "./kinds.js";
import { hostile, hostileNames, Mine, pick } from "./values.js";

type AnyFunction = (...args: unknown[]) => unknown;
type Table = Readonly<Record<string, unknown>>;
type Forms = Readonly<Record<string, Form>>;

interface Target {
  readonly name: string;
  readonly form: Form;
  readonly call: AnyFunction;
}

const functions = (prefix: string, table: Table, forms: Forms): Target[] =>
  Object.entries(forms).map(([name, form]) => ({ name: prefix + name, form, call: table[name] as AnyFunction }));

/** Makes an array of a user's value, and notes the error where it cannot. */
function arrayOf(x: unknown): NDArray {
  try {
    return core.array(x as ArrayLike);
  } catch (error) {
    ofUsers.add(error as Error);
    throw error;
  }
}

/** The operations as methods: the first argument is the array itself. */
const methods = (forms: Forms): Target[] =>
  Object.entries(forms)
    .filter(([name]) => name in NDArray.prototype || name in Object.getPrototypeOf(core.zeros(1)))
    .map(([name, form]) => ({
      name: `x.${name}`,
      form,
      // A value that is no array has no methods.
      call: (x, ...rest) => (arrayOf(x) as unknown as Record<string, AnyFunction>)[name](...rest),
    }));

export const targets: readonly Target[] = [
  ...functions("", core, ofCore),
  ...functions("linalg.", core.linalg, ofLinalg),
  ...functions("", forward, ofForward),
  ...functions("", vmap, ofVmap),
  ...functions("", functional, ofFunctional),
  ...functions("", randoms, ofRandom).map((each) => (each.name in core ? { ...each, name: `random.${each.name}` } : each)),
  ...functions("", fft, ofFft),
  ...functions("complex.", fft.complex, ofComplex),
  ...functions("", sparse, ofSparse),
  ...functions("", solve, ofSolve).map((each) => (each.name in sparse ? { ...each, name: `solve.${each.name}` } : each)),
  ...methods(ofCore),
  ...methods(ofMethods),
];

/** Returns the fault of a result, if there is one: an array of ours is whole, or it is none of ours. */
export function fault(value: unknown, depth = 0): string | undefined {
  if (value instanceof NDArray) {
    const { shape, dtype } = value;
    if (!["float64", "float32", "int32", "bool"].includes(dtype)) return `a result of dtype ${dtype}`;
    if (!Array.from(shape).every((n) => Number.isInteger(n) && n >= 0)) return `a result of shape [${shape}]`;
    if (value.owner.level > 0) return undefined;
    const { length } = value.data();
    return length === shape.reduce((a, b) => a * b, 1) ? undefined : `${length} elements in a result of shape [${shape}]`;
  }
  if (depth > 3 || typeof value !== "object" || value === null || value instanceof Promise) return undefined;
  for (const inner of Object.values(value)) {
    const found = fault(inner, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** A shape other than the one that the arguments say. */
function misshapen(result: unknown, { shape }: Form, [first, second, third]: readonly unknown[]): string | undefined {
  if (!(result instanceof NDArray) || shape === undefined) return undefined;
  const own = core.array(first as ArrayLike).shape;
  const wanted =
    shape === "first"
      ? own
      : shape === "broadcast"
        ? // A second operand may have a default, which is a number.
          spread(own, second === undefined ? [] : core.array(second as ArrayLike).shape)
        : reduced(own, second, third);
  return `${wanted}` === `${result.shape}` ? undefined : `a result of shape [${result.shape}] instead of [${wanted}]`;
}

function spread(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const [m, n] = [a, b].map((shape) => [...new Array<number>(rank - shape.length).fill(1), ...shape]);
  return m.map((length, i) => (length === 1 ? n[i] : length));
}

function reduced(shape: readonly number[], axis: unknown, options: unknown): number[] {
  const axes = axis === null || axis === undefined ? shape.map((_, i) => i) : [axis].flat();
  const kept = (options as { keepdims?: unknown } | undefined)?.keepdims ? [1] : [];
  return shape.flatMap((n, i) => (axes.includes(i) || axes.includes(i - shape.length) ? kept : [n]));
}

/** An error that names another function than the one that was called. A value that escaped its transformation is found by the function that it meets first. */
function misnamed(error: Error, name: string): string | undefined {
  const called = name.replace(/^(x|linalg|random|solve)\./, "");
  if (ofUsers.has(error) || new RegExp(`^${called}(\\(\\))?(: |'s )`).test(error.message)) return undefined;
  return error.message.includes("after its function has returned") ? undefined : `it names another function: ${shown(error)}`;
}

type Say = (word: string) => void;

/** Options with a name that there is not. */
const misspelt = new WeakSet<object>();
const isMisspelt = (value: unknown): boolean => typeof value === "object" && value !== null && misspelt.has(value);

function evil(random: Random, say: Say): unknown {
  const which = pick(random, hostileNames);
  say(`<${which}>`);
  return hostile[which]();
}

/** A good value with something wrong inside: an entry or an option of it, or what a function returns. */
function spoiled(random: Random, value: unknown, say: Say): unknown {
  if (Array.isArray(value)) {
    const at = Math.floor(random() * (value.length + 1));
    say(`[${at}]: `);
    return value.toSpliced(at, 1, random() < 0.3 ? spoiled(random, value[at], say) : evil(random, say));
  }
  if (typeof value === "function") {
    say("() => ");
    return random() < 0.5 ? (...args: unknown[]) => spoiled(random, value(...args), () => {}) : () => evil(random, () => {});
  }
  if (typeof value !== "object" || value === null || value instanceof NDArray) return evil(random, say);
  const key = pick(random, Object.keys(value));
  say(`${key}: `);
  if (random() < 0.8) return { ...value, [key]: evil(random, say) };
  const options = { [`${key}_`]: (value as Table)[key] };
  misspelt.add(options);
  return options;
}

type Run = (z?: NDArray) => void;

const after = (run: Run): ((z: NDArray) => NDArray) => {
  return (z) => {
    run(z);
    return z;
  };
};

/** The place of a call: outside of everything, or in the function of a transformation, with its arrays traced. */
const places: Readonly<Record<"plain" | "vjp" | "jvp" | "vmap", (run: Run) => void>> = {
  plain: (run) => run(),
  vjp: (run) => core.vjp(after(run), 0),
  jvp: (run) => forward.jvp(after(run), [0], [1]),
  vmap: (run) => vmap.vmap(after(run))(core.zeros(2)),
};

/** Arrays beside which options are tried, apart from ordinary ones: with nothing to be done, a function might return before it checks them. */
const edges: readonly (() => NDArray)[] = [
  () => core.zeros([0]),
  () => core.zeros([0, 3]),
  () => core.zeros([2, 0, 0]),
  () => core.zeros([]),
  () => core.ones([1, 1, 1], "bool"),
];

/** Calls with an option that there is not, on arguments that leave little to do: each must say so, in its own name, before anything else. */
export function misspelling(): Finding[] {
  const findings: Finding[] = [];
  for (const { name, form, call } of targets) {
    const at = form.args.findIndex((kind) => !records.includes(kind) && isOptions(good(kind)));
    if (at < 0) continue;
    const options = { ...(good(form.args[at]) as object), nonsense: true };
    const kinds = form.args.slice(0, at);
    for (const edge of [undefined, ...edges])
      for (const axis of [undefined, 0, null, []]) {
        const args = kinds.map((kind) => {
          const value = good(kind);
          if ((kind === "axis" || kind === "axes") && axis !== undefined) return axis;
          return edge && value instanceof NDArray ? edge() : value;
        });
        let what = "nothing was thrown";
        try {
          call(...args, options);
        } catch (error) {
          what = shown(error as Error);
        }
        const called = name.replace(/^(x|linalg|random|solve)\./, "");
        if (!what.startsWith(`TreeError: ${called}: there is no option "nonsense"`))
          findings.push({
            call: `${name}(${args.map((x) => (typeof x === "function" ? "f" : x instanceof NDArray ? x.toString() : JSON.stringify(x))).join(", ")})`,
            what,
          });
      }
  }
  return findings;
}

const isOptions = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

export interface Finding {
  readonly call: string;
  readonly what: string;
}

/** Receives how a call ended, its error, and its name. */
type Ended = (how: "thrown" | "returned", error: unknown, name: string) => void;

/** One call with one argument or more that is not what it should be, or undefined where the library stood it. */
export async function attack(seed: number, ended?: Ended): Promise<Finding | undefined> {
  const random = seeded(`hostile ${seed}`);
  const { name, form, call } = pick(random, targets);
  const said: string[] = [];
  const arguments_ = (kinds: readonly Kind[], rate: number, z?: NDArray): unknown[] => {
    const all = kinds.map((kind) => {
      const value = good(kind);
      if (random() >= rate) {
        said.push(kind);
        return value instanceof NDArray && value.dtype === "float64" && z ? value.add(z) : value;
      }
      const words: string[] = [];
      const bad = random() < 0.5 ? spoiled(random, value, (word) => words.push(word)) : evil(random, (word) => words.push(word));
      said.push(`${kind} with ${words.join("")}`);
      return kind === "test" && typeof bad === "function" ? ending(bad as Parameters<typeof ending>[0]) : bad;
    });
    if (random() < 0.1) all.length = Math.floor(random() * (all.length + 1));
    return all;
  };
  const place = random() < 0.7 ? "plain" : pick(random, ["vjp", "jvp", "vmap"] as const);
  const started = performance.now();
  let what: string | undefined;
  let result: unknown;
  const run: Run = (z) => {
    const args = arguments_(form.args, 1.4 / Math.max(form.args.length, 1), z);
    result = call(...args);
    what = args.some(isMisspelt) ? "an option that there is not went through" : (fault(result) ?? misshapen(result, form, args));
    const next = Array.isArray(result) ? result[1] : result;
    if (!form.then || typeof next !== "function") return;
    said.push("→");
    what ??= fault(next(...arguments_(form.then, 0.5, z)));
  };
  try {
    places[place](run);
    await result;
    ended?.("returned", undefined, name);
  } catch (error) {
    ended?.("thrown", error, name);
    if (error instanceof ADError) what = misnamed(error, name);
    else if (!(error instanceof Mine)) what = error instanceof Error ? shown(error) : String(error);
  }
  const took = performance.now() - started;
  if (took > 2000) what = `it took ${(took / 1000).toFixed(1)} s`;
  return what === undefined ? undefined : { call: `${seed}: ${place} ${name}(${said.join(", ")})`, what };
}

const shown = ({ name, message, stack = "" }: Error): string =>
  [
    `${name}: ${message.slice(0, 160)}`,
    ...stack
      .split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 3),
  ].join("\n");
