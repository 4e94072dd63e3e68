import type { Arrays, Listed, NDArray, Passed } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import { type AnyFunction, checkFunction, checkOptions, invoke, whole } from "@ad/core/internals/checks";
import { type ArrayList, type Aval, arraysOf, call, type Flat, flatten, isStaging, unflatten, withArrays } from "@ad/core/internals/trace";
import { staging } from "./control/index.js";
import { isAlike } from "./lists.js";
import { Program } from "./program.js";
import { type IsStatic, signatureOf } from "./signature.js";
import { LanesMet, type Staged, setControl, stage } from "./staging.js";

/** Options of {@link jit}. */
export interface JitOptions {
  /**
   * Positions of arguments that are static, counted from 0, or from the end where they are negative: f gets them as they are, and each value of
   * them (of an object or an array: each one) has a program of its own.
   */
  readonly staticArgnums?: number | readonly number[];
  /** The number of programs that are kept, 64 by default; the one that was not used for the longest time goes first. */
  readonly cacheSize?: number;
}

/** A function that is compiled for the shapes, dtypes and static values that it is called with. */
export interface Jitted<A extends readonly unknown[], R> {
  /**
   * Runs the program for arguments like these, which is compiled at the first call.
   *
   * @param args those of the function
   */
  (...args: Passed<A>): Arrays<R>;
  /**
   * Traces and compiles for arguments like these, without running, so that the first call is as fast as those that follow.
   *
   * @param like arguments of the shapes and dtypes that will come, and of the same static values
   */
  compile(...like: Passed<A>): Promise<void>;
  /** Forgets all programs: the next call traces again. Without options they are those of f, and forgotten wherever jit(f) is called. */
  clear(): void;
}

interface Entry {
  readonly program: Program;
  readonly structure: Flat["structure"];
}

declare const console: { warn(message: string): void };

/** So many programs in a row for one function are more than is sensible. */
const maxInARow = 8;

/** The compiled functions that jit made without options, by the functions that they were made of. */
const shared = new WeakMap<AnyFunction, unknown>();

/** Returns what f does with arguments like these, as a program; arrays are its inputs. */
export function staged(
  op: string,
  f: AnyFunction,
  args: readonly unknown[],
  arrays: ArrayList,
): Staged & { readonly structure: Flat["structure"] } {
  setControl(staging);
  let structure: Flat["structure"] = null;
  const own = stage(
    op,
    (given) => {
      const flat = flatten(invoke(f, withArrays(args, given)), op, "the function's result");
      structure = flat.structure;
      return flat.leaves;
    },
    arrays,
  );
  return { ...own, structure };
}

/**
 * The same function, compiled: it is traced once for each form, shape and dtype of its arguments and each value of what is no array, and the
 * program is run from then on. Side effects of f happen when it is traced, and not when the program is run. Numbers are traced, so that a
 * new value needs no new program; booleans, strings and functions are static. Arrays that f closes over are constants of the program. Without
 * options, the compiled function of the same f is the same one.
 *
 * Values are those of f within the rounding of their dtype; sums may be added in another order. One rewriting changes more: products with a
 * constant diagonal matrix, as the basis of a Jacobian is, become scalings, and what many lanes multiply by its zeros vanishes; this drops what
 * 0 · NaN, 0 · Infinity and the sign of a zero would give.
 *
 * @param f a function of arrays, numbers and trees of these; what else is among its arguments is static
 * @param options staticArgnums: positions of arguments that are static though they are numbers or arrays; cacheSize
 * @returns a function of the same arguments and result; every leaf of the result is an array
 * @throws TransformError where f is no function or reads a traced value (choose with where or cond, or name the argument in staticArgnums);
 * ShapeError where staticArgnums names no position or cacheSize is no whole number from 1 on; TypeError where f compares a traced number with `>`
 * or computes with `+`; TreeError where an option is unknown, or f's result is no tree of arrays
 * @example
 * const f = jit((x: NDArray) => x.sin().mul(x).sum());
 * f(array([0, Math.PI / 2])).item(); // 1.5707963267948966
 * jit(grad((x: NDArray) => x.square().sum()))(array([1, 2])).toArray(); // [2, 4]
 */
export function jit<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  options?: JitOptions,
): Jitted<A, R>;
export function jit(f: AnyFunction, options?: JitOptions): unknown {
  checkFunction("jit", f);
  const known = !options && shared.get(f);
  if (known) return known;
  checkOptions("jit", options, ["staticArgnums", "cacheSize"]);
  const { staticArgnums = [], cacheSize = 64 } = options ?? {};
  const most = whole("jit", "cacheSize", cacheSize, 1);
  const statics = new Set([staticArgnums].flat().map((n) => whole("jit", "staticArgnums", n)));
  const isStatic: IsStatic = (position, { length }) => statics.has(position) || statics.has(position - length);
  const cache = new Map<string, Entry>();
  let inARow = 0;
  let before: readonly string[] = [];

  /** The arguments, with a function in the place of each that is static, which gives it: what is no array passes by. */
  const traced = (args: readonly unknown[]): readonly unknown[] => args.map((arg, i) => (isStatic(i, args) ? () => arg : arg));
  const body = (...args: readonly (() => unknown)[]): unknown =>
    (f as (...all: unknown[]) => unknown)(...args.map((arg, i) => (isStatic(i, args) ? arg() : arg)));

  /** The program for arguments like these, and what it is given. */
  function entryFor(args: readonly unknown[]): readonly [Entry, ArrayList] {
    const { keys, arrays } = signatureOf(args, isStatic);
    const key = keys.join(";");
    const known = cache.get(key);
    if (known !== undefined) {
      inARow = Math.min(inARow, 0);
      cache.delete(key);
      cache.set(key, known);
      return [known, arrays];
    }
    const { graph, structure, captured } = staged("jit", body, traced(args), arrays);
    const entry = { program: new Program("jit", graph), structure };
    // A value that is captured of another trace belongs to this call alone.
    if (captured.length > 0) return [entry, [...arrays, ...captured]];
    cache.set(key, entry);
    if (cache.size > most) cache.delete(cache.keys().next().value as string);
    if (++inARow === maxInARow) {
      inARow = -Infinity;
      const at = [...keys, ...before].findIndex((_, i) => keys[i] !== before[i]);
      console.warn(
        `jit: ${f.name || "a function"} was compiled ${maxInARow} times in a row: argument ${at} was ${keys[at]} after ${before[at]}. Pad to common shapes or omit jit.`,
      );
    }
    before = keys;
    return [entry, arrays];
  }

  /** The last call of arrays alone, which most often is like the next one. */
  let last: { readonly avals: readonly Aval[]; readonly entry: Entry } | undefined;
  const isLikeLast = (args: readonly unknown[]): args is ArrayList => {
    const avals = last?.avals;
    return avals?.length === args.length && args.every((x, i) => x instanceof Concrete && isAlike(x.aval, avals[i]));
  };

  /** f itself: what it does is part of the program that is being staged, or of no program. */
  const inline = (args: readonly unknown[]): unknown => invoke(body, withArrays(traced(args), arraysOf(traced(args), "jit")));

  const run = (...args: readonly unknown[]): unknown => {
    let entry = last?.entry as Entry;
    let inputs = args as ArrayList;
    if (!isLikeLast(args)) {
      if (isStaging()) return inline(args);
      try {
        [entry, inputs] = entryFor(args);
      } catch (error) {
        // A collective of a vmap around: its lanes are together outside of any program.
        if (error instanceof LanesMet) return inline(args);
        throw error;
      }
      if (inputs.length === args.length && args.every((x, i) => x instanceof Concrete && x === inputs[i]))
        last = { avals: inputs.map(({ aval }) => aval), entry };
    }
    const { program, structure } = entry;
    return unflatten(structure, inputs.length === 0 ? program.forward(inputs) : call(program, inputs));
  };
  const jitted = Object.assign(Object.defineProperties(run, { name: { value: f.name }, length: { value: f.length } }), {
    async compile(...like: readonly unknown[]): Promise<void> {
      entryFor(like)[0].program.ready();
    },
    clear: () => {
      cache.clear();
      last = undefined;
    },
  });
  if (!options) shared.set(f, jitted);
  return jitted;
}
