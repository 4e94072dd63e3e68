import { DTypeError, type NDArray } from "@ad/core";
import { type AnyFunction, checkArgnums, flattenFloating } from "@ad/core/internals/checks";
import { isFloat, unflatten } from "@ad/core/internals/trace";

export interface Chosen {
  /** The arguments that are differentiated: a position (default 0; negative ones count from the end) or a list of positions. */
  readonly argnums?: number | readonly number[];
  /** f returns [out, aux]; the matrix is that of out. */
  readonly hasAux?: boolean;
}

/** A function of trees as one of the leaves that argnums chooses, at a point. */
export interface FlatFunction {
  /** The transformation, for messages. */
  readonly op: string;
  readonly f: AnyFunction;
  readonly args: readonly unknown[];
  readonly positions: readonly number[];
  readonly leaves: readonly NDArray[];
  readonly hasAux: boolean;
  /** The arguments with others in place of the leaves. */
  readonly fill: (leaves: readonly NDArray[], args?: readonly unknown[]) => unknown[];
  /** One value per leaf in the form of the chosen argument, or in a tuple of these where argnums is a list. */
  readonly shape: (values: readonly unknown[]) => unknown;
}

/** Takes the arguments apart that argnums chooses. */
export function flatFunction(op: string, f: AnyFunction, args: readonly unknown[], { argnums = 0, hasAux = false }: Chosen): FlatFunction {
  const positions = checkArgnums(op, argnums, args.length);
  const flats = positions.map((position) => flattenFloating(args[position], op, `argument ${position}`));
  const split = (values: readonly unknown[]): unknown[] => {
    let start = 0;
    return flats.map(({ structure, leaves }) => unflatten(structure, values.slice(start, (start += leaves.length))));
  };
  return {
    op,
    f,
    args,
    positions,
    leaves: flats.flatMap(({ leaves }) => leaves),
    hasAux,
    fill(leaves, others = args) {
      const filled = others.slice();
      split(leaves).forEach((tree, k) => {
        filled[positions[k]] = tree;
      });
      return filled;
    },
    shape: (values) => (Array.isArray(argnums) ? split(values) : split(values)[0]),
  };
}

/** Results to be differentiated must be floating. */
export function checkOutputs(op: string, out: readonly NDArray[]): void {
  const bad = out.find((x) => !isFloat(x.dtype));
  if (bad)
    throw new DTypeError(
      `${op}: the function returned ${bad.dtype}, which has no derivative; return floating arrays, and the rest as aux with hasAux: true.`,
    );
}

/** Returns how many elements there are in all, and where those of each leaf begin. */
export function layout(leaves: readonly { readonly size: number }[]): { readonly total: number; readonly starts: readonly number[] } {
  let total = 0;
  const starts = leaves.map(({ size }) => {
    total += size;
    return total - size;
  });
  return { total, starts };
}
