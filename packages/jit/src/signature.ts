import type { NDArray } from "@ad/core";
import { type ArrayList, asArray, checkDepth, formOf, isArray, isContainer, isNDArray, keysOf } from "@ad/core/internals/trace";

import { serialOf } from "./numbering.js";

/** Returns whether the argument at a position, one of these, is static. */
export type IsStatic = (position: number, args: readonly unknown[]) => boolean;

/** All that a program depends on: the form of the arguments, the shapes and dtypes of their arrays, and the static values. */
export interface Signature {
  /** One for each argument, as a person reads it. */
  readonly keys: readonly string[];
  /** The arrays among the arguments, and the numbers as weak scalars. */
  readonly arrays: ArrayList;
}

const keyOfArray = ({ aval: { dtype, shape, weak }, device }: NDArray): string =>
  `${["", "fraction ", "whole "][weak]}${dtype}[${shape}]${device.name === "cpu" ? "" : `@${serialOf(device)}`}`;

/**
 * A value that is no array: by what it is where it is simple, and by its identity, with the name of a function or a symbol for those who read
 * it. Quotes keep a string from looking like another key.
 */
const keyOfStatic = (value: unknown): string => {
  const type = typeof value;
  if (type === "string") return JSON.stringify(value);
  const isSimple = value === null || !/^(obj|fun|sym)/.test(type);
  if (isSimple) return `${type} ${Object.is(value, -0) ? "-0" : value}`;
  const { name, description } = value as { readonly name?: unknown; readonly description?: string };
  return `${type} ${type === "object" ? "" : (name ?? description)}@${serialOf(value as object)}`;
};

export function signatureOf(args: readonly unknown[], isStatic: IsStatic): Signature {
  const arrays: NDArray[] = [];
  const visit = (value: unknown, depth = 0): string => {
    checkDepth(depth, "jit", "an argument");
    // A view of storage that is no array data, such as a BigInt64Array, is refused.
    if (isNDArray(value) || typeof value === "number" || isArray(value) || ArrayBuffer.isView(value)) {
      const x = asArray(value, "jit");
      arrays.push(x);
      return keyOfArray(x);
    }
    if (Array.isArray(value)) return `(${value.map((item) => visit(item, depth + 1)).join()})`;
    if (!isContainer(value)) return keyOfStatic(value);
    const form = formOf(value as object);
    return `${form ? `@${serialOf(form)}` : ""}{${keysOf(value as object)
      .map((key) => `${JSON.stringify(key)}:${visit((value as Record<string, unknown>)[key], depth + 1)}`)
      .join()}}`;
  };
  return { keys: args.map((arg, i) => (isStatic(i, args) ? keyOfStatic(arg) : visit(arg))), arrays };
}
