import type { NDArray } from "@ad/core";
import { type ArrayList, asArray, formOf, isArray, isContainer, isNDArray, keysOf } from "@ad/core/internals/trace";

import { numberOf } from "./numbering.js";

/** Holds what a program depends on: the form of the arguments, the shapes and dtypes of their arrays, and the static values. */
export interface Signature {
  readonly key: string;
  /** The arrays among the arguments, and the numbers as weak scalars. */
  readonly arrays: ArrayList;
}

const keyOfArray = ({ aval: { dtype, shape, weak }, device }: NDArray): string =>
  `${dtype}${weak}[${shape}]${device.name === "cpu" ? "" : numberOf(device)}`;

/** A value that is no array: by what it is where it is simple, and by its identity. */
const keyOfStatic = (value: unknown): string =>
  (typeof value === "object" && value !== null) || typeof value === "function" ? `@${numberOf(value)}` : `${typeof value} ${String(value)}`;

export function signatureOf(args: readonly unknown[], isStatic: (position: number) => boolean): Signature {
  const arrays: NDArray[] = [];
  const visit = (value: unknown): string => {
    if (isNDArray(value) || typeof value === "number" || isArray(value)) {
      const x = isNDArray(value) ? value : asArray(value, "jit");
      arrays.push(x);
      return keyOfArray(x);
    }
    if (Array.isArray(value)) return `(${value.map(visit).join()})`;
    if (!isContainer(value)) return keyOfStatic(value);
    const form = formOf(value as object);
    return `${form ? `@${numberOf(form)}` : ""}{${keysOf(value as object)
      .map((key) => `${JSON.stringify(key)}:${visit((value as Record<string, unknown>)[key])}`)
      .join()}}`;
  };
  const key = args.map((arg, i) => (isStatic(i) ? keyOfStatic(arg) : visit(arg))).join(";");
  return { key, arrays };
}
