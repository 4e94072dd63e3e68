import { describe, TransformError } from "./errors.js";

/** A user's function: what it takes was checked where its types are known, at the public door. */
export type AnyFunction = (...args: never) => unknown;

export function checkFunction(op: string, f: unknown): void {
  if (typeof f !== "function") throw new TransformError(`${op}: ${describe(f)} is no function; give a function of arrays.`);
}

/** Calls a user's function with arguments that have been taken apart and put together again. Its parameters are unknown, so only `never` fits. */
export const invoke = (f: AnyFunction, args: readonly unknown[]): unknown => f(...(args as never));
