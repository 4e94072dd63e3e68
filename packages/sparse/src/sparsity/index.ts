import { type InputsAt, type NDArray, TransformError } from "@ad/core";
import { checkFunction, checkTransformOptions, describe } from "@ad/core/internals/checks";
import { evaluate, flatten, isFloat, mapArrays, peek, run, within, withStager } from "@ad/core/internals/trace";
import { checkOutputs, type FlatFunction, flatFunction, layout } from "../flat.js";
import { makePattern, type Pattern, symmetrised } from "../pattern.js";
import { following } from "./control.js";
import { data } from "./rules.js";
import { EMPTY, Sets } from "./sets.js";
import { SparsityTrace } from "./trace.js";

/** Where a pattern holds: at every point, or, where `at` is "point", at the arguments alone. */
export interface SparsityOptions<N = number | readonly number[]> {
  /** "point": by the values of the arguments; factors that are zero there, and what is not chosen there, are left out. By default the pattern holds at every point. */
  readonly at?: "point" | undefined;
  /** Which arguments: a position (default 0; negative ones count from the end) or a list of positions. */
  readonly argnums?: N;
  /** f returns [out, aux]; the pattern is that of out. */
  readonly hasAux?: boolean;
}

export type At = "point" | undefined;

export function checkAt(op: string, at: unknown): At {
  if (at === undefined || at === "point") return at;
  throw new TransformError(`${op}: at is ${describe(at)}; use "point", or leave it out for a pattern that holds at every point.`);
}

/** A pattern, and how many bytes all values take that the function computes. */
export interface Found {
  readonly pattern: Pattern;
  readonly bytes: number;
}

/** Runs f with sets in place of its leaves, and gives the pattern of the arrays that `outputs` makes of the run. */
function traced(g: FlatFunction, at: At, outputs: (args: readonly unknown[]) => readonly NDArray[]): Found {
  const { op, leaves, args, positions, fill } = g;
  if (at && leaves.some((x) => peek(x) === undefined))
    throw new TransformError(
      `${op}: the arguments have no values to look at while they are staged; leave out at: "point", or give the pattern.`,
    );
  const { total, starts } = layout(leaves);
  const sets = new Sets(total);
  const trace = new SparsityTrace(op, sets, at !== undefined);
  // What is no whole number may be another at the next call.
  const others = at
    ? args
    : args.map((arg, i) => (positions.includes(i) ? arg : mapArrays(arg, (x) => (isFloat(x.dtype) ? trace.unknown(x) : x))));
  const out = within(trace, () =>
    withStager(at ? undefined : following(trace), () =>
      outputs(
        fill(
          leaves.map((x, i) => trace.input(x, starts[i])),
          others,
        ),
      ),
    ),
  );
  checkOutputs(op, out);
  const found = out.map((x) => trace.namesOf(x));
  const rows = layout(out);
  const all = found.map((names) => names && data(names));
  let count = 0;
  for (const names of all) for (let at = 0; names && at < names.length; at++) count += sets.size(names[at]);
  const [i, j] = [new Int32Array(count), new Int32Array(count)];
  let next = 0;
  all.forEach((names, o) => {
    for (let at = 0; names && at < names.length; at++) {
      if (names[at] === EMPTY) continue;
      j.set(sets.elements(names[at]), next);
      i.fill(rows.starts[o] + at, next, (next += sets.size(names[at])));
    }
  });
  return { pattern: makePattern([rows.total, total], i, j, at !== undefined), bytes: trace.bytes };
}

export const jacobianPattern = (g: FlatFunction, at: At): Found => traced(g, at, (args) => run(g.op, g.f, args, g.hasAux)[0].leaves);

/** That of the gradient: a linear operation has a derivative without inputs in it, a product has the other factor. */
export function hessianPattern(g: FlatFunction, at: At): Found {
  const { pattern, bytes } = traced(g, at, (args) => {
    const [, gradient] = evaluate(g.op, g.f, { argnums: g.positions, hasAux: g.hasAux }, args);
    return flatten(gradient, g.op).leaves;
  });
  return { pattern: symmetrised(pattern), bytes };
}

const options = ["at", "argnums", "hasAux"] as const;

export function sparsity<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => R,
  given: SparsityOptions<N> = {},
): (...args: InputsAt<A, N>) => Pattern {
  checkFunction("sparsity", f);
  checkTransformOptions("sparsity", given, options);
  const at = checkAt("sparsity", given.at);
  return (...args) => jacobianPattern(flatFunction("sparsity", f, args, given), at).pattern;
}

export function hessianSparsity<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => R,
  given: SparsityOptions<N> = {},
): (...args: InputsAt<A, N>) => Pattern {
  checkFunction("hessianSparsity", f);
  checkTransformOptions("hessianSparsity", given, options);
  const at = checkAt("hessianSparsity", given.at);
  return (...args) => hessianPattern(flatFunction("hessianSparsity", f, args, given), at).pattern;
}
