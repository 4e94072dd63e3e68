import * as core from "@ad/core";
import { ADError, NDArray } from "@ad/core";
import * as forward from "@ad/forward";
import * as functional from "@ad/functional";
import * as vmap from "@ad/vmap";
import { seeded } from "../random.js";
import { type Form, good, ofCore, ofForward, ofFunctional, ofLinalg, ofVmap } from "./forms.js";
import { hostile, hostileNames, Mine, pick } from "./values.js";

type AnyFunction = (...args: unknown[]) => unknown;
type Table = Readonly<Record<string, unknown>>;

interface Target {
  readonly name: string;
  readonly form: Form;
  readonly call: AnyFunction;
}

const functions = (prefix: string, table: Table, forms: Readonly<Record<string, Form>>): Target[] =>
  Object.entries(forms).map(([name, form]) => ({ name: prefix + name, form, call: table[name] as AnyFunction }));

/** The operations as methods: the first argument is the array itself, which is always good. */
const methods: Target[] = Object.entries(ofCore)
  .filter(([name]) => name in NDArray.prototype)
  .map(([name, { args }]) => ({
    name: `x.${name}`,
    form: { args: args.slice(1) },
    call: (...rest) => {
      const x = good(args[0]) as Record<string, AnyFunction>;
      return x[name](...rest);
    },
  }));

export const targets: readonly Target[] = [
  ...functions("", core, ofCore),
  ...functions("linalg.", core.linalg, ofLinalg),
  ...functions("", forward, ofForward),
  ...functions("", vmap, ofVmap),
  ...functions("", functional, ofFunctional),
  ...methods,
];

/** What is wrong with a result: an array of ours is whole, or it is none of ours. */
export function fault(value: unknown, depth = 0): string | undefined {
  if (value instanceof NDArray) {
    const { shape, dtype } = value;
    if (!["float64", "float32", "int32", "bool"].includes(dtype)) return `a result of dtype ${dtype}`;
    if (!shape.every((n) => Number.isInteger(n) && n >= 0)) return `a result of shape [${shape}]`;
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

export interface Finding {
  readonly call: string;
  readonly what: string;
}

/** One call with one argument or more that is not what it should be, or undefined where the library stood it. */
export async function attack(seed: number, ended?: (how: "thrown" | "returned") => void): Promise<Finding | undefined> {
  const random = seeded(`hostile ${seed}`);
  const { name, form, call } = pick(random, targets);
  const said: string[] = [];
  const arguments_ = (kinds: Form["args"], rate: number): unknown[] => {
    const all = kinds.map((kind) => {
      if (random() >= rate) {
        said.push(kind);
        return good(kind);
      }
      const which = pick(random, hostileNames);
      said.push(`<${which}>`);
      return hostile[which]();
    });
    if (random() < 0.1) all.length = Math.floor(random() * (all.length + 1));
    return all;
  };
  const started = performance.now();
  let what: string | undefined;
  try {
    const args = arguments_(form.args, 1.4 / Math.max(form.args.length, 1));
    let result = call(...args);
    if (form.then && typeof result === "function") {
      said.push("→");
      result = (result as AnyFunction)(...arguments_(form.then, 0.5));
    }
    what = fault(result instanceof Promise ? await result : result);
    ended?.("returned");
  } catch (error) {
    ended?.("thrown");
    if (!(error instanceof ADError) && !(error instanceof Mine))
      what =
        error instanceof Error
          ? `${error.name}: ${error.message.slice(0, 160)} ${error.stack?.split("\n")[1]?.trim() ?? ""}`
          : String(error);
  }
  const took = performance.now() - started;
  if (took > 2000) what = `it took ${(took / 1000).toFixed(1)} s`;
  return what === undefined ? undefined : { call: `${seed}: ${name}(${said.join(", ")})`, what };
}
