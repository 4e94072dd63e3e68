import { DTypeError, type NDArray, TransformError } from "@ad/core";
import { type AnyFunction, checkArgnums, flattenFloating, invoke, showShape } from "@ad/core/internals/checks";
import { chained, type Flat, isFloat, type Recording, record, run, unflatten } from "@ad/core/internals/trace";

export type AnyTransformed = (...args: readonly unknown[]) => unknown;

/** A function of trees as one from leaves to leaves, at a point. */
export interface FlatFunction {
  /** The transformation, for messages. */
  readonly op: string;
  readonly f: AnyFunction;
  /** The leaves to differentiate by, what messages call them, and how they go back into the arguments. */
  readonly leaves: readonly NDArray[];
  readonly names: readonly string[];
  readonly fill: (leaves: readonly NDArray[]) => unknown[];
  readonly hasAux: boolean;
  /** One value per leaf in the form of the chosen argument, or in a tuple of these where argnums is a list. */
  readonly shape: (values: readonly unknown[]) => unknown;
}

/** Takes the arguments apart that argnums chooses. */
export function flatFunction(
  op: string,
  f: AnyFunction,
  args: readonly unknown[],
  { argnums = 0, hasAux = false }: { readonly argnums?: number | readonly number[]; readonly hasAux?: boolean },
): FlatFunction {
  const positions = checkArgnums(op, argnums, args.length);
  const flats = positions.map((position) => flattenFloating(args[position], op, `argument ${position}`));
  const split = (values: readonly unknown[]): unknown[] => {
    let start = 0;
    return flats.map(({ structure, leaves }) => unflatten(structure, values.slice(start, (start += leaves.length))));
  };
  return {
    op,
    f,
    leaves: chained(flats.map((flat) => flat.leaves)),
    names: chained(flats.map(({ paths }, k) => paths.map((path) => `argument ${positions[k]} at ${path}`))),
    fill(leaves) {
      const filled = args.slice();
      split(leaves).forEach((tree, k) => {
        filled[positions[k]] = tree;
      });
      return filled;
    },
    hasAux,
    shape: (values) => (Array.isArray(argnums) ? split(values) : split(values)[0]),
  };
}

/** The outcome of a run: the leaves of the result, what puts them together again, and aux. */
export interface Evaluated {
  readonly leaves: readonly NDArray[];
  readonly form: Omit<Flat, "leaves">;
  readonly aux: unknown;
}

/** Runs it with some of its leaves replaced. */
export function evaluate({ op, f, leaves, fill, hasAux }: FlatFunction, at: readonly number[], given: readonly NDArray[]): Evaluated {
  const filled = leaves.slice();
  at.forEach((i, k) => {
    filled[i] = given[k];
  });
  const [{ leaves: results, ...form }, aux] = run(op, f, fill(filled), hasAux);
  checkOutputs(op, results);
  return { leaves: results, form, aux };
}

/** The outcome of a run must be of the form and shapes of that of the run before it. */
export function alike(op: string, before: Evaluated | undefined, now: Evaluated): Evaluated {
  const shapes = ({ leaves, form }: Evaluated): string => form.paths.map((path, i) => path + showShape(leaves[i].shape)).join();
  if (before && shapes(before) !== shapes(now))
    throw new TransformError(`${op}: the function's results differ in form or shape from one run to the next; return the same each time.`);
  return now;
}

/** Runs it on a tape. */
export function recordFlat({ op, f, leaves, fill, hasAux }: FlatFunction): Recording {
  const inputs = leaves.map((leaf, position) => ({ position, flat: { leaves: [leaf], structure: null, paths: ["$"] } }));
  return record(op, (...given: NDArray[]) => invoke(f, fill(given)), leaves, inputs, hasAux);
}

/** Results to be differentiated must be floating. */
export function checkOutputs(op: string, out: readonly NDArray[]): void {
  const bad = out.find((x) => !isFloat(x.dtype));
  if (bad)
    throw new DTypeError(
      `${op}: the function returned ${bad.dtype}, which has no derivative; return floating arrays, and the rest as aux with hasAux: true.`,
    );
}
