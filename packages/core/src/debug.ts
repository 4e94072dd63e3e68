import type { NDArray } from "./array/ndarray.js";
import { unrolled } from "./control/unrolled.js";
import { effect } from "./custom/effect.js";
import { isFloat } from "./engine/aval.js";
import { ADError, describe, showShape, TreeError } from "./engine/errors.js";
import { type Observer, observed } from "./engine/intercept.js";
import { checkFunction } from "./engine/invoke.js";
import type { ArrayList, ControlFlow, Operation } from "./engine/operation.js";
import { type Arrays, flatten, showStructure, unflatten } from "./engine/tree.js";

/**
 * An operation made a NaN where its inputs had none: thrown by {@link debugNaNs}.
 *
 * @example
 * let caught: unknown;
 * try { debugNaNs(() => log(-1)); } catch (error) { caught = error; }
 * caught instanceof NaNError; // true
 */
export class NaNError extends ADError {
  override readonly name = "NaNError";
}

const hasNaN = (x: NDArray): boolean => isFloat(x.dtype) && x.to("cpu").data().some(Number.isNaN);

/** V8 keeps the length of stacks here; in other engines it is a property like any other. */
const limits = Error as { stackTraceLimit?: number };

/** The place in the user's code that led here: the first line of the stack that is neither this library's nor the runtime's. */
function callSite(): string {
  const { stackTraceLimit } = limits;
  limits.stackTraceLimit = 200;
  const lines = (new Error().stack ?? "").split("\n").filter((line) => /:\d+:\d+\)?$/.test(line));
  limits.stackTraceLimit = stackTraceLimit;
  // This file's folder is the library's, installed or not; so is a sibling package's.
  const own = lines[0]?.match(/([^\s()]*[/\\])core[/\\](?:src[/\\]debug\.ts|dist[/\\]\w+\.js)/)?.[1];
  const isOwn = (line: string): boolean =>
    /[/\\]@ad[/\\]/.test(line) || (own !== undefined && line.includes(own) && /[/\\](src|dist)[/\\]/.test(line));
  return lines.find((line) => !line.includes("node:") && !isOwn(line))?.trim() ?? "in this bundle, see the stack";
}

/**
 * Runs a function and throws at the first operation that makes a NaN out of inputs without one, in the forward or in a backward pass.
 * It is for finding mistakes, and slow: every result is read.
 *
 * @param f a function without arguments; what it returns comes back
 * @throws NaNError with the operation's name, the shapes and dtypes of its inputs and the place in the user's code, for a compiled program that
 * of its call; TransformError where f is no function
 * @example
 * debugNaNs(() => grad((x) => x.sqrt().sum())(array([1, 4]))).toArray(); // [0.5, 0.25]
 */
export function debugNaNs<R>(f: () => R): R {
  checkFunction("debugNaNs", f);
  return observed(checking, true, f);
}

const checking: Observer = (name, inputs, run, operation) => {
  const out = run(inputs);
  // A traced value is checked when its numbers are computed, one level down.
  const all = ([out] as unknown[]).flat() as NDArray[];
  if ([...inputs, ...all].some(({ owner }) => owner.level > 0)) return out;
  if (all.some(hasNaN) && !inputs.some(hasNaN)) {
    // Of a program the operation in it is named.
    if (operation) observed(checking, true, () => replay(operation, inputs));
    const shapes = inputs.map((x) => `${x.dtype} ${showShape(x.shape)}`).join(", ");
    throw new NaNError(`${name}: a NaN came out where none went in. The inputs were ${shapes}. It is part of the call ${callSite()}.`);
  }
  return out;
};

/** Runs what a program, a branch or a loop is made of, one operation after the other. */
function replay(operation: Operation, inputs: ArrayList): void {
  operation.composed?.(inputs);
  if (operation.flow) unrolled(operation as ControlFlow, inputs);
}

declare const console: { log(message: string): void };

/**
 * Prints a label and the numbers of an array with console.log, under any transformation, in each run of a compiled program and in each turn
 * of a loop; of a tree each leaf, with its place. Under vmap all lanes are printed at once, as one array with a leading axis; in a branch or a
 * loop that only some lanes go through, the other places hold values of a lane that does. Under grad the values are printed, once, and no
 * cotangents. In a compiled program, what does not depend on its arguments is printed when it is traced.
 *
 * @param label what stands before the numbers, as in `label: array([1., 2.])`, and in `label.w[0]: array(1.)` of a tree; `label: {}` of one without arrays
 * @param x an array of any shape and dtype, or a tree of these
 * @returns x, every leaf an array
 * @throws TreeError where the label is no string, or x is no tree of arrays
 * @example
 * const f = (x: NDArray) => debugPrint("square", x.square()).sum();
 * grad(f)(array([1, 2])).toArray(); // [2, 4]
 */
export function debugPrint<T>(label: string, x: T): Arrays<T> {
  if (typeof label !== "string")
    throw new TreeError(`debugPrint: the label is ${describe(label, false)}; give a string first, as in debugPrint("x", x).`);
  const { leaves, paths, structure } = flatten(x, "debugPrint");
  const print = (values: ArrayList): void =>
    values.forEach((value, i) => console.log(`${label}${paths[i].slice(1)}: ${value.to("cpu").toString()}`));
  if (leaves.length > 0) effect(`debugPrint ${JSON.stringify(label)}`, print, leaves);
  else console.log(`${label}: ${showStructure(structure)}`);
  return unflatten(structure, leaves) as Arrays<T>;
}
