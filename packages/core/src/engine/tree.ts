import type { ArrayLike, ScijsArray, TypedArray } from "../array/base.js";
import { asArray, isArrayData } from "../array/convert.js";
import { isNDArray, type NDArray } from "../array/ndarray.js";
import { ADError, describe, TransformError, TreeError } from "./errors.js";
import { entering, escaped } from "./trace.js";

/** A value that counts as one leaf of a tree, not as a container. */
export type Leaf = NDArray | number | boolean | TypedArray | ScijsArray;

/**
 * A tree with an NDArray for each leaf. A function of any {@link ArrayLike} is called with a leaf: lists are containers here. A string is no leaf,
 * but what is one outside of transformations, the status of a solver's report, is the code of it inside.
 */
export type Arrays<T> = unknown extends T
  ? T
  : [ArrayLike] extends [T]
    ? NDArray
    : T extends Leaf | string
      ? NDArray
      : T extends null | Container
        ? T
        : T extends readonly unknown[]
          ? { -readonly [K in keyof T]: Arrays<T[K]> }
          : T extends object
            ? { [K in keyof T]: Arrays<T[K]> }
            : never;

/**
 * The key under which an instance of a class says that it is a container: which of its fields are its parts, and how an instance like it is
 * made of other parts. Parts of any kind may come: leaves of a batch, axes, names.
 */
export const container: unique symbol = Symbol.for("@ad/container");

/** All that containers of one form have in common beside their parts: they are of one form where it is the same object. */
export interface Form {
  /** The name in messages. */
  readonly name: string;
  /** The names of the parts, sorted. */
  readonly keys: readonly string[];
  readonly build: (parts: Readonly<Record<string, never>>) => object;
}

/** @internal An instance of a class that is a container. */
export interface Container {
  readonly [container]: Form;
}

/** T itself. The empty list beside it has the compiler take a list that is written out, `[a, b]`, as a tuple. */
export type Listed<T> = T | [];

/** The type of arguments for a parameter of type T: where T says NDArray, any leaf may be passed, or a leaf of L. */
export type Input<T, L = Leaf> = unknown extends T
  ? T
  : [ArrayLike] extends [T]
    ? Leaf
    : T extends NDArray
      ? L
      : T extends number | boolean | string | ((...args: never) => unknown) | TypedArray | ScijsArray | Container
        ? T
        : T extends readonly unknown[]
          ? { readonly [K in keyof T]: Input<T[K], L> }
          : T extends object
            ? { readonly [K in keyof T]: Input<T[K], L> }
            : T;

/** The compiler's message where a function that is to be differentiated takes an argument that has no derivative. */
export type Misfit<T> = T extends string
  ? "a string has no derivative: give it to the function by closing over it, or leave it out of argnums"
  : "the function gets an NDArray here, so its parameter is one: write (x: NDArray) => x.mul(x), not (x: number) => x * x";

/** As {@link Input}, of an argument that is differentiated: a parameter of type number, string or typed array is refused, with a reason as its type. */
export type Primal<T, All = T> = unknown extends T
  ? T
  : [ArrayLike] extends [T]
    ? Leaf
    : T extends NDArray
      ? Leaf
      : T extends number | bigint | boolean | string | TypedArray | ScijsArray
        ? NDArray extends All
          ? never
          : Misfit<T>
        : T extends ((...args: never) => unknown) | Container
          ? T
          : T extends readonly unknown[]
            ? { readonly [K in keyof T]: Primal<T[K]> }
            : T extends object
              ? { readonly [K in keyof T]: Primal<T[K]> }
              : T;

/** The type of arguments for a function that gets arrays and numbers as NDArrays, and other values as they are: a boolean may not stand for an NDArray. */
export type Passed<A extends readonly unknown[], L = Exclude<Leaf, boolean>> = { [K in keyof A]: Input<A[K], L> };

/** Arguments of such a function as it gets them. */
export type Given<T> =
  T extends Exclude<Leaf, boolean>
    ? NDArray
    : T extends null | undefined | boolean | string | ((...args: never) => unknown) | Container
      ? T
      : { -readonly [K in keyof T]: Given<T[K]> };

/** The form of a tree without its leaves. Keys are sorted, as leaves are; what is put together has the order of the object that was taken apart. */
export type Structure =
  | null
  | typeof empty
  | { readonly kind: "list"; readonly items: readonly Structure[] }
  | {
      readonly kind: "object";
      readonly keys: readonly string[];
      readonly items: readonly Structure[];
      readonly form?: Form | undefined;
      readonly order: readonly string[];
    };

export interface Flat {
  readonly leaves: NDArray[];
  readonly structure: Structure;
  /** The path of each leaf: `$.layers[0].w`. */
  readonly paths: string[];
}

/** The form of null: a container of nothing. */
const empty = { kind: "null", items: [] } as const;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype = Object.getPrototypeOf(value);
  // Object.prototype, of this realm or of another one.
  return prototype === null || Object.hasOwn(prototype, "isPrototypeOf") || container in value;
};

/** The form of an instance; a plain object has none. */
export const formOf = (value: object): Form | undefined => (value as Partial<Container>)[container];

/** The names of an object's parts. */
export const keysOf = (value: object): readonly string[] => formOf(value)?.keys ?? Object.keys(value).sort();

/** An object of parts. */
export function built(form: Form | undefined, entries: Iterable<readonly [PropertyKey, unknown]>): object {
  const parts = Object.fromEntries(entries);
  return form ? form.build(parts as Record<string, never>) : parts;
}

/** The keys that are symbols; hidden ones are not copied. */
const symbolsOf = (value: object): symbol[] => Object.getOwnPropertySymbols({ ...value });

/** Refuses what is nested so deep that it most likely has no end. */
export function checkDepth(depth: number, op: string, what: string): void {
  if (depth > 200) throw new TreeError(`${op}: ${what} is nested more than 200 deep, or a part of it stands inside of itself.`);
}

/** Takes a tree apart. `op` and `what` name it in errors. Null is a container of nothing, unless all is to be arrays. */
export function flatten(tree: unknown, op: string, what = "the argument", all = false): Flat {
  const leaves: NDArray[] = [];
  const paths: string[] = [];
  const visit = (value: unknown, path: string, depth = 0): Structure => {
    checkDepth(depth, op, what);
    if (Array.isArray(value)) return { kind: "list", items: [...value].map((item, i) => visit(item, `${path}[${i}]`, depth + 1)) };
    if (value === null && !all) return empty;
    if (isObject(value) && isPlain(value)) {
      const form = formOf(value);
      const keys = keysOf(value);
      const [symbol] = symbolsOf(value);
      if (symbol && !form) throw new TreeError(`${op}: ${what} has the key ${String(symbol)} at ${path}; the keys of a tree are strings.`);
      const items = keys.map((key) => visit(value[key], `${path}.${key}`, depth + 1));
      // Hidden, as it makes no difference between structures.
      return Object.defineProperty({ kind: "object", keys, items, form } as never, "order", { value: form ? keys : Object.keys(value) });
    }
    leaves.push(alive(toLeaf(value, path, op, what), op));
    paths.push(path);
    return null;
  };
  if (isNDArray(tree)) return { leaves: [alive(tree, op)], structure: null, paths: ["$"] };
  return { structure: visit(tree, "$"), leaves, paths };
}

/** A leaf as it gets in. A value that escaped its trace is no constant to another one; a rule that is run again gets new values for those that it closes over. */
function alive(x: NDArray, op: string): NDArray {
  const own = entering(op, x);
  if (!own.owner.live) throw escaped(op, x.owner);
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
    // A second copy of core has its own remedy; any other error means that the leaf is not an array.
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
    if (node.kind === "null") return null;
    const parts = node.items.map(build);
    if (node.kind === "list") return parts;
    return built(
      node.form,
      node.order.map((key) => [key, parts[node.keys.indexOf(key)]]),
    );
  };
  return build(structure);
}

/** The lists one after the other. The engine takes as long for `flatMap` and `flat` as for an operation. */
export function chained<T>(lists: readonly (readonly T[])[]): T[] {
  const all: T[] = [];
  for (const list of lists) for (const x of list) all.push(x);
  return all;
}

/** The number of leaves of a structure. */
export const countLeaves = (node: Structure): number => (node === null ? 1 : node.items.reduce((n, item) => n + countLeaves(item), 0));

/** `{ w: *, b: [*, *] }`: a structure as messages show it. */
export const showStructure = (node: Structure): string => {
  if (node === null) return "*";
  if (node.kind === "null") return node.kind;
  if (node.kind === "list") return `[${node.items.map(showStructure).join(", ")}]`;
  const parts = node.keys.map((key, i) => `${key}: ${showStructure(node.items[i])}`).join(", ");
  return `${node.form ? `${node.form.name} ` : ""}${parts ? `{ ${parts} }` : "{}"}`;
};

export function sameStructure(a: Structure, b: Structure): boolean {
  if (a === null || b === null) return a === b;
  if (a.kind !== b.kind || a.items.length !== b.items.length) return false;
  if (a.kind === "object" && b.kind === "object" && (a.form !== b.form || a.keys.some((key, i) => key !== b.keys[i]))) return false;
  return a.items.every((item, i) => sameStructure(item, b.items[i]));
}

/**
 * Applies f to each part of a value for which `isMeant` holds, and leaves all other parts as they are. A container in which nothing
 * changes is passed as it is, too, unless one that holds such a part is to be made anew.
 */
function mapParts<L>(
  value: unknown,
  isMeant: (part: unknown) => part is L,
  f: (part: L) => unknown,
  anew = false,
  above: readonly unknown[] = [],
): unknown {
  if (isMeant(value)) return f(value);
  // An object that contains itself has no end; its parts are mapped where the object is met first.
  if (!isObject(value) || above.includes(value)) return value;
  const path = [...above, value];
  const isKept = (now: unknown, was: unknown): boolean => Object.is(now, was) && !(anew && isMeant(was));
  if (Array.isArray(value)) {
    const mapped = value.map((item) => mapParts(item, isMeant, f, anew, path));
    return mapped.every((item, i) => isKept(item, value[i])) ? value : mapped;
  }
  if (!isPlain(value)) return value;
  // In the order of a tree's leaves, and put together in the order of the object.
  const form = formOf(value);
  const keys: PropertyKey[] = form ? [...form.keys] : [...keysOf(value), ...symbolsOf(value)];
  const mapped = new Map(keys.map((key) => [key, mapParts(value[key as string], isMeant, f, anew, path)]));
  if (keys.every((key) => isKept(mapped.get(key), value[key as string]))) return value;
  return built(form, form ? mapped : [...Object.entries(value), ...mapped]);
}

/** Applies f to each array of any value and leaves everything else as it is. It serves values that are only passed on, such as aux. */
export const mapArrays = <T>(value: T, f: (x: NDArray) => NDArray): T => mapParts(value, isNDArray, f) as T;

/** Returns whether a value is array data in any of its forms. */
export const isArray = (value: unknown): value is Exclude<Leaf, boolean> => isObject(value) && !isPlain(value) && isArrayData(value);

/** Returns whether a value is array data or a number, which is a weak scalar. */
const isArrayOrNumber = (value: unknown): value is Exclude<Leaf, boolean> => typeof value === "number" || isArray(value);

/** The arrays among arguments, and the numbers unless these are passed as they are as all else is. */
export function arraysOf(args: readonly unknown[], op: string, numbers = true): NDArray[] {
  const arrays: NDArray[] = [];
  mapParts(args, numbers ? isArrayOrNumber : isArray, (x) => arrays.push(alive(asArray(x, op), op)));
  return arrays;
}

/** The arguments with others in place of their arrays, in containers of their own: a function may write to those that it gets. */
export function withArrays(args: readonly unknown[], arrays: readonly unknown[], numbers = true): readonly unknown[] {
  let next = 0;
  return mapParts(args, numbers ? isArrayOrNumber : isArray, () => arrays[next++], true) as readonly unknown[];
}

/** Returns whether a tree goes on below a value. */
export const isContainer = (value: unknown): boolean => Array.isArray(value) || (isObject(value) && isPlain(value));

/** An argument with others in place of its arrays, and null in place of all else. */
export function arraysAlone(arg: unknown, arrays: readonly NDArray[]): unknown {
  let next = 0;
  return mapParts(
    arg,
    (part): part is unknown => !isContainer(part),
    (part) => (isArrayOrNumber(part) ? arrays[next++] : null),
  );
}

/** A tree, and null where a structure has it: what stands there is of no use. */
export function besideArrays(tree: unknown, structure: Structure | undefined): unknown {
  if (structure?.kind === "null") return null;
  if (structure?.kind === "list" && Array.isArray(tree)) return tree.map((item, i) => besideArrays(item, structure.items[i]));
  if (structure?.kind !== "object" || !isObject(tree) || !isPlain(tree)) return tree;
  return built(
    formOf(tree),
    keysOf(tree).map((key) => [key, besideArrays(tree[key], structure.items[structure.keys.indexOf(key)])]),
  );
}
