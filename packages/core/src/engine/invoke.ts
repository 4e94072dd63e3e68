import { describe, TransformError } from "./errors.js";

/** A user's function: what it takes was checked where its types are known, at the public door. */
export type AnyFunction = (...args: never) => unknown;

export function checkFunction(op: string, f: unknown): void {
  if (typeof f !== "function") throw new TransformError(`${op}: ${describe(f)} is no function; give a function of arrays.`);
}

/**
 * Calls a user's function with arguments that have been taken apart and put together again. Its parameters are unknown, so only `never` fits. Where it takes a list for an array, its
 * error says so.
 */
export function invoke(f: AnyFunction, args: readonly unknown[]): unknown {
  try {
    return f(...(args as never));
  } catch (error) {
    const isList = error instanceof TypeError && error.message.endsWith("is not a function") && args.some(Array.isArray);
    if (!isList) throw error;
    throw new TypeError(`${error.message}: a list of arrays arrives; where it takes one array, give array(list).`, { cause: error });
  }
}
