import { type InputsAt, type Listed, type NDArray, TransformError } from "@ad/core";
import { checkFunction, checkTransformOptions, describe } from "@ad/core/internals/checks";
import { evaluate, flatten, isFloat, mapArrays, peek, run, within, withStager } from "@ad/core/internals/trace";
import { checkOutputs, type FlatFunction, flatFunction, layout } from "../flat.js";
import { makePattern, type Pattern, symmetrised } from "../pattern.js";
import { following } from "./control.js";
import { data } from "./rules.js";
import { EMPTY, Sets } from "./sets.js";
import { SparsityTrace } from "./trace.js";

/** Options of patterns: they hold at every point, or, where `at` is "point", at the arguments alone. */
export interface SparsityOptions<N = number | readonly number[]> {
  /** "point": by the values of the arguments; factors that are zero there, and what is not chosen there, are left out. By default the pattern holds at every point. */
  readonly at?: "point" | undefined;
  /** The arguments that are differentiated: a position (default 0; negative ones count from the end) or a list of positions. */
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
  // Floating arguments may have other values at the next call.
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
  return { pattern: makePattern([rows.total, total], i, j, at !== undefined, [...new Set(trace.dense)]), bytes: trace.bytes };
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

/**
 * The pattern of a Jacobian: which of its entries may differ from zero. f is run once, on sets of inputs in place of numbers, so the pattern
 * holds at every point: every branch of `cond` counts, both sides of `where`, any number of a loop's steps that depends on values.
 * Arrays and numbers that f closes over count as constants, as they do for `jit`.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to floating arrays (or trees)
 * @param given at: "point" looks at the arguments' values and leaves out what is not chosen there, and factors that are zero there; argnums;
 * hasAux
 * @returns a function of the same arguments that gives `{ shape, rows, columns }`: of shape [results, inputs], all leaves in a row, each
 * row-major; int32 arrays of the entries' places, sorted by rows, then by columns. `local` is set where it holds at one point alone
 * @throws DTypeError where arguments or results are not floating, AxisError for argnums that are not there, TreeError where an argument or
 * f's result is no tree of arrays or an option is unknown, TransformError where f is no function or gives a Promise, for another `at`, and
 * with "point" where the arguments have no values yet
 * @example
 * const differences = (x: NDArray) => x.slice([1, null]).sub(x.slice([0, -1])).square();
 * const { shape, rows, columns } = sparsity(differences)(array([1, 2, 4]));
 * shape; // [2, 3]
 * Array.from(rows); // [0, 0, 1, 1]
 * Array.from(columns); // [0, 1, 1, 2]
 * sparsity((x) => x.maximum(x.flip()), { at: "point" })(array([1, 2])).columns.join(); // "1,1"
 */
export function sparsity<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  given: SparsityOptions<N> = {},
): (...args: InputsAt<A, N>) => Pattern {
  checkFunction("sparsity", f);
  checkTransformOptions("sparsity", given, options);
  const at = checkAt("sparsity", given.at);
  return (...args) => jacobianPattern(flatFunction("sparsity", f, args, given), at).pattern;
}

/**
 * The pattern of a Hessian, symmetric: which pairs of inputs f couples. It is found by {@link sparsity} in the derivative that reverse mode
 * makes, so a linear operation adds nothing, and a product couples its factors.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to a floating scalar
 * @param given as for {@link sparsity}
 * @returns a function of the same arguments that gives the pattern, of shape [inputs, inputs]
 * @throws as {@link sparsity} does; ShapeError where f returns no scalar
 * @example
 * const f = (x: NDArray) => x.slice(0).mul(x.slice(2)).add(x.sum());
 * const { rows, columns } = hessianSparsity(f)(array([1, 2, 3]));
 * [rows.join(), columns.join()]; // ["0,2", "2,0"]
 */
export function hessianSparsity<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  given: SparsityOptions<N> = {},
): (...args: InputsAt<A, N>) => Pattern {
  checkFunction("hessianSparsity", f);
  checkTransformOptions("hessianSparsity", given, options);
  const at = checkAt("hessianSparsity", given.at);
  return (...args) => hessianPattern(flatFunction("hessianSparsity", f, args, given), at).pattern;
}
