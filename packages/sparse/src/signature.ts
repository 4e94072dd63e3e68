import { formOf, isNDArray, peek } from "@ad/core/internals/trace";
import type { FlatFunction } from "./flat.js";

/** All facts that a pattern may depend on: the arguments without the values of floating arrays. */
type Signature = readonly unknown[];

/** The shapes of what is differentiated, and of the other arguments all but the values of floating arrays. */
export function signatureOf({ args, leaves, positions }: FlatFunction): Signature {
  const out: unknown[] = [args.length, ...positions];
  for (const { shape, dtype } of leaves) out.push(dtype, ...shape);
  const visit = (value: unknown, above: readonly unknown[]): void => {
    if (isNDArray(value)) {
      out.push(value.dtype, ...value.shape);
      if (!value.dtype.startsWith("float")) out.push(peek(value)?.values.data());
    } else if (ArrayBuffer.isView(value)) out.push("slice" in value ? (value as Float64Array).slice() : value);
    else if (typeof value === "object" && value !== null && !above.includes(value)) {
      const prototype = Object.getPrototypeOf(value);
      const form = formOf(value);
      const isPlain = Array.isArray(value) || prototype === null || prototype === Object.prototype;
      out.push(form ?? (isPlain ? Object.keys(value).join() : value));
      const keys = form?.keys ?? (isPlain ? Object.keys(value) : []);
      for (const key of keys) visit((value as Readonly<Record<string, unknown>>)[key], [...above, value]);
    } else out.push(value);
  };
  args.forEach((arg, i) => {
    if (!positions.includes(i)) visit(arg, []);
  });
  return out;
}

const isTyped = (value: unknown): value is Float64Array => ArrayBuffer.isView(value) && "length" in value;

const same = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) ||
  (isTyped(a) && isTyped(b) && a.constructor === b.constructor && a.length === b.length && a.every((x, i) => Object.is(x, b[i])));

export const sameSignature = (a: Signature, b: Signature): boolean => a.length === b.length && a.every((x, i) => same(x, b[i]));
