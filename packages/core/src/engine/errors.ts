import { type ArrayBase, brand } from "../array/base.js";

/**
 * The base of every error that this library throws on purpose.
 *
 * @example
 * let caught: unknown;
 * try { add([1, 2], [1, 2, 3]); } catch (error) { caught = error; }
 * caught instanceof ADError; // true
 */
export class ADError extends Error {
  override readonly name: string = "ADError";
}

/**
 * Shapes that do not fit each other, or an index outside of an axis.
 *
 * @example
 * let caught: unknown;
 * try { add([1, 2], [1, 2, 3]); } catch (error) { caught = error; }
 * caught instanceof ShapeError; // true
 */
export class ShapeError extends ADError {
  override readonly name = "ShapeError";
}

/**
 * A dtype that an operation or a transformation cannot work with, or what is no array at all.
 *
 * @example
 * let caught: unknown;
 * try { neg([true]); } catch (error) { caught = error; }
 * caught instanceof DTypeError; // true
 */
export class DTypeError extends ADError {
  override readonly name = "DTypeError";
}

/**
 * A nested structure (pytree) with a wrong form, or with a leaf that is no array; options that are unknown.
 *
 * @example
 * let caught: unknown;
 * try { foriLoop(0, 2, (_, x) => [x], 1); } catch (error) { caught = error; }
 * caught instanceof TreeError; // true
 */
export class TreeError extends ADError {
  override readonly name = "TreeError";
}

/**
 * An axis that the array does not have, or that is named twice.
 *
 * @example
 * let caught: unknown;
 * try { sum([1, 2], 1); } catch (error) { caught = error; }
 * caught instanceof AxisError; // true
 */
export class AxisError extends ADError {
  override readonly name = "AxisError";
}

/**
 * A transformation (`grad`, `jvp`, `vmap`, …) used where it has no meaning, or a traced value used as a number.
 *
 * @example
 * let caught: unknown;
 * try { grad((x) => (x.item() === 0 ? x : x.neg()))(1); } catch (error) { caught = error; }
 * caught instanceof TransformError; // true
 */
export class TransformError extends ADError {
  override readonly name = "TransformError";
}

/** `[2, 3]`, the way shapes are written in messages, whatever stands in them. */
export const showShape = (shape: readonly unknown[]): string =>
  `[${Array.from(shape, (n) => (typeof n === "number" ? n : describe(n))).join(", ")}]`;

/** A short, safe description of any value that a user may have passed. A value that a function returned is not passed: no option of jit makes it known. */
export function describe(value: unknown, isPassed = true): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return `${String(value)} (${typeof value})`;
  if (Array.isArray(value)) return `a JS array of length ${value.length}`;
  if (typeof (value as PromiseLike<unknown>).then === "function") return "a Promise";
  if (brand in value) {
    const x = value as ArrayBase;
    const traced =
      x.owner.level && !x.ndim ? ` (traced by ${x.owner.kind}${isPassed && !x.bottom() ? "; under jit see staticArgnums" : ""})` : "";
    return `an array of shape ${showShape(x.shape)} and dtype ${x.dtype}${traced}`;
  }
  const constructor = Object.getPrototypeOf(value)?.constructor?.name;
  return constructor && constructor !== "Object" ? `a ${constructor}` : `an object with keys ${JSON.stringify(Object.keys(value))}`;
}

/** A list entry by entry, or a description of what is none. */
export const showList = (value: unknown): string => (Array.isArray(value) ? showShape(value) : describe(value));

/** The part of two names that agrees, letter by letter, one place more or less; 1 where one begins with the other, or what was given is its end. */
function likeness(given: string, name: string): number {
  const [key, whole] = [given.slice(0, 40).toLowerCase(), name.toLowerCase()];
  if (key.length > 2 && (whole.startsWith(key) || whole.endsWith(key) || key.startsWith(whole))) return 1;
  const found = [...key].filter((letter, i) => whole.slice(Math.max(0, i - 1), i + 2).includes(letter));
  return found.length / Math.max(key.length, whole.length);
}

/** An object that may hold options: no list, no array, nothing that is passed as data. */
const mayBeOptions = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(Symbol.iterator in value || brand in value || "then" in value);

/** Checks an argument that may be left out: options that come in its place are told their own. `form` is a call that puts them there. */
export function checkPlace(op: string, given: unknown, form: string): void {
  if (mayBeOptions(given) && Object.getPrototypeOf(given) === Object.prototype && !("data" in given))
    throw new TreeError(`${op}: ${describe(given)} stands in the place of another argument; write ${form}.`);
}

/** Options: an object (or nothing) that holds only known keys. `hint` is added where the value is not an options object. */
export function checkOptions(op: string, options: unknown, known: readonly string[], hint?: string): void {
  if (options === undefined) return;
  const say = (why: string, isOther: boolean): TreeError => new TreeError(`${op}: ${why}${hint && isOther ? ` ${hint}.` : ""}`);
  if (!mayBeOptions(options)) throw say(`options are ${describe(options)}; give an object with any of ${known.join(", ")}.`, true);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const [close] = known.filter((name) => likeness(key, name) > 0.66).sort((a, b) => likeness(key, b) - likeness(key, a));
    const guess = close ? `; did you mean ${JSON.stringify(close)}?` : ".";
    throw say(`there is no option ${describe(key)}${guess} The options are ${known.join(", ")}.`, !close);
  }
}

/** The remedy for a call that passes the arguments at once. */
export const calledLater = (op: string, form: string): string => `${op}(${form}) returns a function: call ${op}(${form})(x)`;

/** The options of a transformation that returns a function, whose arguments some pass at once. */
export const checkTransformOptions = (op: string, options: unknown, known: readonly string[], more = ""): void =>
  checkOptions(op, options, known, calledLater(op, "f") + more);

/** The same where there are no options: nothing may follow what is called `form`. */
export function checkNoMore(op: string, form: string, more: readonly unknown[]): void {
  if (more.length > 0) throw new TreeError(`${op}: ${describe(more[0])} is one argument too many; ${calledLater(op, form)}.`);
}
