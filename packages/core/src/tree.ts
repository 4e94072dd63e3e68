import type { ArrayLike, ScijsArray, TypedArray } from "./array/base.js";
import { asArray } from "./array/concrete.js";
import { isNDArray, type NDArray } from "./array/ndarray.js";
import { ADError, describe, TransformError, TreeError } from "./errors.js";
import { entering, escaped } from "./trace.js";

/** What counts as one value of a tree, not as a container. */
export type Leaf = NDArray | number | boolean | TypedArray | ScijsArray;

/** A tree with an NDArray for each leaf. What takes any {@link ArrayLike} is called with a leaf: lists are containers here. */
export type Arrays<T> = unknown extends T
  ? T
  : [ArrayLike] extends [T]
    ? NDArray
    : T extends Leaf
      ? NDArray
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Arrays<T[K]> }
        : T extends object
          ? { [K in keyof T]: Arrays<T[K]> }
          : never;

/** What may be passed where a function says T: any leaf where it says NDArray. */
export type Input<T> = unknown extends T
  ? T
  : [ArrayLike] extends [T]
    ? Leaf
    : T extends NDArray
      ? Leaf
      : T extends number | boolean | string | ((...args: never) => unknown) | TypedArray | ScijsArray
        ? T
        : T extends readonly unknown[]
          ? { readonly [K in keyof T]: Input<T[K]> }
          : T extends object
            ? { readonly [K in keyof T]: Input<T[K]> }
            : T;

/** The form of a tree without its leaves. Keys are sorted: their order in the object does not matter. */
export type Structure =
  | null
  | { readonly kind: "list"; readonly items: readonly Structure[] }
  | { readonly kind: "object"; readonly keys: readonly string[]; readonly items: readonly Structure[] };

export interface Flat {
  readonly leaves: NDArray[];
  readonly structure: Structure;
  /** Where each leaf stands: `$.layers[0].w`. */
  readonly paths: string[];
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype = Object.getPrototypeOf(value);
  // Object.prototype, of this realm or of another one.
  return prototype === null || Object.hasOwn(prototype, "isPrototypeOf");
};

/** Takes a tree apart. `op` and `what` name it in errors. */
export function flatten(tree: unknown, op: string, what = "the argument"): Flat {
  const leaves: NDArray[] = [];
  const paths: string[] = [];
  const visit = (value: unknown, path: string, depth = 0): Structure => {
    if (depth > 200) throw new TreeError(`${op}: ${what} is nested more than 200 deep, or a part of it stands inside of itself.`);
    if (Array.isArray(value)) return { kind: "list", items: Array.from(value, (item, i) => visit(item, `${path}[${i}]`, depth + 1)) };
    if (isObject(value) && isPlain(value)) {
      const keys = Object.keys(value).sort();
      const symbol = Object.getOwnPropertySymbols(value).find((own) => Object.prototype.propertyIsEnumerable.call(value, own));
      if (symbol) throw new TreeError(`${op}: ${what} has the key ${String(symbol)} at ${path}; the keys of a tree are strings.`);
      return {
        kind: "object",
        keys,
        items: keys.map((key) => visit((value as Record<string, unknown>)[key], `${path}.${key}`, depth + 1)),
      };
    }
    leaves.push(alive(toLeaf(value, path, op, what), op));
    paths.push(path);
    return null;
  };
  if (isNDArray(tree)) return { leaves: [alive(tree, op)], structure: null, paths: ["$"] };
  const structure = visit(tree, "$");
  return { leaves, structure, paths };
}

/** A leaf as it gets in. A value that escaped its trace is no constant to another one; a rule that is run again gets new values for those that it closes over. */
function alive(x: NDArray, op: string): NDArray {
  const own = entering(op, x);
  if (!own.owner.live) throw escaped(op, x.owner.kind);
  return own;
}

function toLeaf(value: unknown, path: string, op: string, what: string): NDArray {
  if (isNDArray(value)) return value;
  if (isObject(value) && typeof (value as { then?: unknown }).then === "function")
    throw new TransformError(
      `${op}: ${what} is a Promise at ${path}; a transformed function is synchronous. Await before, or compute outside of it.`,
    );
  try {
    return asArray(value, op);
  } catch (error) {
    // A second copy of core has its own remedy; all else is a leaf that is none.
    if (error instanceof TransformError || !(error instanceof ADError)) throw error;
    throw new TreeError(
      `${op}: ${what} has ${describe(value)} at ${path}; a leaf is an array, a number or a boolean, a container is a JS array or a plain object.`,
    );
  }
}

/** Puts leaves into a structure. */
export function unflatten<L>(structure: Structure, leaves: readonly L[]): unknown {
  let next = 0;
  const build = (node: Structure): unknown => {
    if (node === null) return leaves[next++];
    if (node.kind === "list") return node.items.map(build);
    return Object.fromEntries(node.keys.map((key, i) => [key, build(node.items[i])]));
  };
  return build(structure);
}

/** How many leaves a structure holds. */
export const countLeaves = (node: Structure): number => (node === null ? 1 : node.items.reduce((n, item) => n + countLeaves(item), 0));

/** `{ w: *, b: [*, *] }`: a structure as messages show it. */
export const showStructure = (node: Structure): string => {
  if (node === null) return "*";
  if (node.kind === "list") return `[${node.items.map(showStructure).join(", ")}]`;
  return `{ ${node.keys.map((key, i) => `${key}: ${showStructure(node.items[i])}`).join(", ")} }`;
};

export function sameStructure(a: Structure, b: Structure): boolean {
  if (a === null || b === null) return a === b;
  if (a.kind !== b.kind || a.items.length !== b.items.length) return false;
  if (a.kind === "object" && b.kind === "object" && a.keys.some((key, i) => key !== b.keys[i])) return false;
  return a.items.every((item, i) => sameStructure(item, b.items[i]));
}

/** Applies f to each array of any value and leaves everything else as it is: for what passes by, such as aux. */
export function mapArrays<T>(value: T, f: (x: NDArray) => NDArray, above: readonly unknown[] = []): T {
  if (isNDArray(value)) return f(value) as T;
  // An object inside of itself has no end; what is in it is mapped where it was met first.
  if (!isObject(value) || above.includes(value)) return value;
  const path = [...above, value];
  if (Array.isArray(value)) {
    const mapped = value.map((item) => mapArrays(item, f, path));
    return (mapped.some((item, i) => !Object.is(item, value[i])) ? mapped : value) as T;
  }
  if (!isPlain(value)) return value;
  const mapped = Reflect.ownKeys(value).map((key) => [key, mapArrays(value[key as string], f, path)] as const);
  return (mapped.some(([key, item]) => !Object.is(item, value[key as string])) ? Object.fromEntries(mapped) : value) as T;
}
