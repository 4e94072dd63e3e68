import {
  type Arrays,
  type Aux,
  DTypeError,
  type InputsAt,
  type Leaf,
  type NDArray,
  type NoAux,
  type Picked,
  TransformError,
} from "@ad/core";
import { checkArgnums, checkFunction, checkOptions, describe, flattenFloating, isFloat, unflatten } from "@ad/core/internals";
import { dimension } from "./basis.js";
import { type FlatFunction, forwardSweep, reverseSweep, type Sweep } from "./sweep.js";

/** "forward" works column by column (JVPs), "reverse" row by row (VJPs), "auto" by what is fewer. */
export type Strategy = "auto" | "forward" | "reverse";

/** The tree of trees: for each leaf of the result R the derivative I. */
export type JacobianOf<R, I> = R extends Leaf
  ? I
  : R extends readonly unknown[]
    ? { -readonly [K in keyof R]: JacobianOf<R[K], I> }
    : R extends object
      ? { [K in keyof R]: JacobianOf<R[K], I> }
      : never;

export interface SweepOptions<N> {
  /** All directions as one batch (default), or one after the other: the same values, slower, with the least memory. */
  readonly vectorize?: boolean;
  /** Which arguments: a position (default 0) or a list of positions, which gives a tuple in place of each derivative. */
  readonly argnums?: N;
}
export interface JacobianOptions<N> extends SweepOptions<N> {
  readonly strategy?: Strategy;
}
interface AnyOptions {
  readonly vectorize?: boolean;
  readonly strategy?: Strategy;
  readonly argnums?: number | readonly number[];
  readonly hasAux?: boolean;
}

type AnyFunction = (...args: never) => unknown;
type AnyTransformed = (...args: readonly unknown[]) => unknown;

export function checkStrategy(op: string, strategy: unknown): Strategy {
  if (strategy === "auto" || strategy === "forward" || strategy === "reverse") return strategy;
  throw new TransformError(`${op}: strategy is ${describe(strategy)}; use "auto", "forward" or "reverse".`);
}

function sweepBy(g: FlatFunction, strategy: Strategy, vectorize: boolean): Sweep {
  if (strategy === "forward") return forwardSweep(g, vectorize);
  const reverse = reverseSweep(g);
  // A column costs less than a row, so forward mode wins a tie.
  if (strategy === "auto" && dimension(g.leaves) <= dimension(reverse.out) && dimension(reverse.out) > 1) return forwardSweep(g, vectorize);
  return reverse.sweep(vectorize);
}

/** The Jacobian of f as a function of the same arguments. `op` names it in errors. */
export function jacobianOf(op: string, f: AnyFunction, options: AnyOptions): AnyTransformed {
  const { vectorize = true, argnums = 0, hasAux = false } = options;
  const strategy = checkStrategy(op, options.strategy ?? "auto");
  return (...args) => {
    const positions = checkArgnums(op, argnums, args.length);
    const flats = positions.map((position) => flattenFloating(args[position], op, `argument ${position}`));
    const split = <L>(leaves: readonly L[]): unknown[] => {
      let start = 0;
      return flats.map(({ structure, leaves: own }) => {
        const end = start + own.length;
        const tree = unflatten(structure, leaves.slice(start, end));
        start = end;
        return tree;
      });
    };
    const fill = (leaves: readonly NDArray[]): unknown[] => {
      const filled = args.slice();
      split(leaves).forEach((tree, k) => {
        filled[positions[k]] = tree;
      });
      return filled;
    };
    const g: FlatFunction = { op, f, leaves: flats.flatMap((flat) => flat.leaves), fill, hasAux };
    const { out, structure, aux, blocks } = sweepBy(g, strategy, vectorize);
    checkOutputs(op, out);
    const trees = blocks.map((row) => (Array.isArray(argnums) ? split(row) : split(row)[0]));
    const jacobian = unflatten(structure, trees);
    return hasAux ? [jacobian, aux] : jacobian;
  };
}

function checkOutputs(op: string, out: readonly NDArray[]): void {
  const bad = out.find((x) => !isFloat(x.dtype));
  if (bad)
    throw new DTypeError(
      `${op}: the function returned ${bad.dtype}, which has no derivative; return floating arrays, and the rest as aux with hasAux: true.`,
    );
}

/**
 * The Jacobian of f: all first derivatives, of shape [...out, ...in] for each pair of a result leaf and an argument leaf.
 *
 * @param f a function from arrays (or trees of arrays) to arrays (or trees)
 * @param options vectorize: all rows or columns in one vectorised pass (default) or one after the other; strategy: "forward", "reverse" or
 * "auto"; argnums; hasAux
 * @returns a function of the same arguments that gives the tree of the result's form, with the argument's tree at each leaf
 * @throws DTypeError where arguments or results are not floating, AxisError for argnums that are not there, TransformError for an unknown strategy
 * @example
 * const rotate = (x: NDArray) => matmul(array([[0, -1], [1, 0], [1, 1]]), x);
 * jacobian(rotate)(array([1, 2])).toArray(); // [[0, -1], [1, 0], [1, 1]]
 * jacobian(rotate, { vectorize: false })(array([1, 2])).shape; // [3, 2]
 */
export function jacobian<A extends readonly unknown[] = NDArray[], R = NDArray, N extends number = 0>(
  f: (...args: A) => R,
  options?: JacobianOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, Arrays<A[N]>>;
export function jacobian<A extends readonly unknown[] = NDArray[], R = NDArray, const L extends readonly number[] = readonly number[]>(
  f: (...args: A) => R,
  options: JacobianOptions<L> & NoAux,
): (...args: InputsAt<A, L[number]>) => JacobianOf<R, Picked<A, L>>;
export function jacobian<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown, N extends number = 0>(
  f: (...args: A) => readonly [R, X],
  options: JacobianOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [jacobian: JacobianOf<R, Arrays<A[N]>>, aux: X];
export function jacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const L extends readonly number[] = readonly number[],
>(
  f: (...args: A) => readonly [R, X],
  options: JacobianOptions<L> & Aux,
): (...args: InputsAt<A, L[number]>) => [jacobian: JacobianOf<R, Picked<A, L>>, aux: X];
export function jacobian(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  checkFunction("jacobian", f);
  checkOptions("jacobian", options, ["vectorize", "strategy", "argnums", "hasAux"]);
  return jacobianOf("jacobian", f, options);
}

/**
 * {@link jacobian} by forward mode: one JVP per element of the arguments, all in one vectorised pass.
 *
 * @example
 * jacfwd((x) => x.square())(array([1, 2])).toArray(); // [[2, 0], [0, 4]]
 */
export function jacfwd<A extends readonly unknown[] = NDArray[], R = NDArray, N extends number = 0>(
  f: (...args: A) => R,
  options?: SweepOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, Arrays<A[N]>>;
export function jacfwd<A extends readonly unknown[] = NDArray[], R = NDArray, const L extends readonly number[] = readonly number[]>(
  f: (...args: A) => R,
  options: SweepOptions<L> & NoAux,
): (...args: InputsAt<A, L[number]>) => JacobianOf<R, Picked<A, L>>;
export function jacfwd<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown, N extends number = 0>(
  f: (...args: A) => readonly [R, X],
  options: SweepOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [jacobian: JacobianOf<R, Arrays<A[N]>>, aux: X];
export function jacfwd<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const L extends readonly number[] = readonly number[],
>(
  f: (...args: A) => readonly [R, X],
  options: SweepOptions<L> & Aux,
): (...args: InputsAt<A, L[number]>) => [jacobian: JacobianOf<R, Picked<A, L>>, aux: X];
export function jacfwd(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  checkFunction("jacfwd", f);
  checkOptions("jacfwd", options, ["vectorize", "argnums", "hasAux"]);
  return jacobianOf("jacfwd", f, { ...options, strategy: "forward" });
}

/**
 * {@link jacobian} by reverse mode: one VJP per element of the result, all in one vectorised pass.
 *
 * @example
 * jacrev((x) => x.square())(array([1, 2])).toArray(); // [[2, 0], [0, 4]]
 */
export function jacrev<A extends readonly unknown[] = NDArray[], R = NDArray, N extends number = 0>(
  f: (...args: A) => R,
  options?: SweepOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, Arrays<A[N]>>;
export function jacrev<A extends readonly unknown[] = NDArray[], R = NDArray, const L extends readonly number[] = readonly number[]>(
  f: (...args: A) => R,
  options: SweepOptions<L> & NoAux,
): (...args: InputsAt<A, L[number]>) => JacobianOf<R, Picked<A, L>>;
export function jacrev<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown, N extends number = 0>(
  f: (...args: A) => readonly [R, X],
  options: SweepOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [jacobian: JacobianOf<R, Arrays<A[N]>>, aux: X];
export function jacrev<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const L extends readonly number[] = readonly number[],
>(
  f: (...args: A) => readonly [R, X],
  options: SweepOptions<L> & Aux,
): (...args: InputsAt<A, L[number]>) => [jacobian: JacobianOf<R, Picked<A, L>>, aux: X];
export function jacrev(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  checkFunction("jacrev", f);
  checkOptions("jacrev", options, ["vectorize", "argnums", "hasAux"]);
  return jacobianOf("jacrev", f, { ...options, strategy: "reverse" });
}
