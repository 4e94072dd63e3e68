import type { Arrays, Aux, InputsAt, Leaf, Listed, NDArray, NestedValues, NoAux, Picked } from "@ad/core";
import { type AnyFunction, checkFunction, checkTransformOptions } from "@ad/core/internals/checks";
import { unflatten } from "@ad/core/internals/trace";
import { checkReach, type Dependencies, dependencies } from "./dependencies.js";
import { type AnyTransformed, type FlatFunction, flatFunction } from "./flat.js";
import { type AnyOptions, checkPasses, checkStrategy, chunking, type Strategy, type SweepOptions, sweepOptions } from "./options.js";
import { sweep } from "./sweep.js";

/** The tree of trees: for each leaf of the result R the derivative I; a message where R is what toArray gives, whose type is a tree without an end. */
export type JacobianOf<R, I> = R extends Leaf
  ? I
  : R extends readonly unknown[]
    ? [NestedValues, R[number]] extends [R[number], NestedValues]
      ? "numbers have no derivative: return the array, and leave toArray out"
      : { -readonly [K in keyof R]: JacobianOf<R[K], I> }
    : R extends object
      ? { [K in keyof R]: JacobianOf<R[K], I> }
      : R extends null
        ? R
        : never;

/** Options of {@link jacobian} and {@link valueAndJacobian}. */
export interface JacobianOptions<N> extends SweepOptions<N> {
  /** "forward" goes by columns, "reverse" by rows; "auto" (default) takes what is fewer. */
  readonly strategy?: Strategy;
}

/** The outcome of one run of a transformation: the results of f as they are, its Jacobian and aux. */
export interface Differentiated {
  readonly value: unknown;
  readonly jacobian: unknown;
  readonly aux: unknown;
}

/**
 * Value and Jacobian of f as a function of the same arguments. `op` names it in errors; `reach` is what strict asks for, `preferred` the
 * strategy where none is given.
 */
export function differentiated(
  op: string,
  f: AnyFunction,
  options: AnyOptions,
  reach: (g: FlatFunction, known: Dependencies) => void = checkReach,
  preferred: (g: FlatFunction) => Strategy = () => "auto",
): (...args: readonly unknown[]) => Differentiated {
  checkFunction(op, f);
  checkPasses(op, options);
  const strategy = options.strategy === undefined ? undefined : checkStrategy(op, options.strategy);
  return (...args) => {
    const g = flatFunction(op, f, args, options);
    let known: Dependencies | undefined;
    const learn = (): Dependencies => (known ??= dependencies(g));
    if (options.strict) reach(g, learn());
    const chunk = chunking(options, () => learn().bytes);
    const { out, structure, aux, blocks } = sweep(g, strategy ?? preferred(g), chunk);
    return { value: unflatten(structure, out), jacobian: unflatten(structure, blocks.map(g.shape)), aux };
  };
}

const jacobianOf = (op: string, f: AnyFunction, options: AnyOptions): AnyTransformed => {
  const run = differentiated(op, f, options);
  return (...args) => {
    const { jacobian, aux } = run(...args);
    return options.hasAux ? [jacobian, aux] : jacobian;
  };
};

/**
 * The Jacobian of f: all first derivatives, of shape [...out, ...in] for each pair of a result leaf and an argument leaf.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to floating arrays (or trees)
 * @param options strategy: "forward", "reverse" or "auto" (by what is fewer, columns or rows); vectorize: rows or columns in vectorised
 * passes (default) or one after the other; chunkSize or memoryBudget: how large a pass may be; strict; argnums; hasAux. All combinations give
 * the same values
 * @returns a function of the same arguments that gives the tree of the result's form, with the argument's tree at each leaf
 * @throws DTypeError where arguments or results are not floating, AxisError for argnums that are not there, TreeError where an argument or
 * f's result is no tree of arrays or an option is unknown, TransformError where f is no function or gives a Promise, for an unknown
 * strategy, a size that is no positive whole number, and with strict where a result does not depend on an argument
 * @example
 * const rotate = (x: NDArray) => matmul(array([[0, -1], [1, 0], [1, 1]]), x);
 * jacobian(rotate)(array([1, 2])).toArray(); // [[0, -1], [1, 0], [1, 1]]
 * jacobian(rotate, { chunkSize: 1 })(array([1, 2])).shape; // [3, 2]
 */
export function jacobian<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: JacobianOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, Picked<A, N>>;
export function jacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: JacobianOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [jacobian: JacobianOf<R, Picked<A, N>>, aux: X];
export function jacobian(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  checkTransformOptions("jacobian", options, ["strategy", ...sweepOptions]);
  return jacobianOf("jacobian", f, options);
}

/**
 * {@link jacobian} by forward mode: one JVP per element of the arguments, all in one vectorised pass.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to floating arrays (or trees)
 * @param options as {@link jacobian}'s, but strategy
 * @returns as {@link jacobian} does, arrays of shape [...out, ...in]
 * @throws as {@link jacobian} does
 * @example
 * jacfwd((x) => x.square())(array([1, 2])).toArray(); // [[2, 0], [0, 4]]
 */
export function jacfwd<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: SweepOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, Picked<A, N>>;
export function jacfwd<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [R, X],
  options: SweepOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [jacobian: JacobianOf<R, Picked<A, N>>, aux: X];
export function jacfwd(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  checkTransformOptions("jacfwd", options, sweepOptions);
  return jacobianOf("jacfwd", f, { ...options, strategy: "forward" });
}

/**
 * {@link jacobian} by reverse mode: one VJP per element of the result, all in one vectorised pass.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to floating arrays (or trees)
 * @param options as {@link jacobian}'s, but strategy
 * @returns as {@link jacobian} does, arrays of shape [...out, ...in]
 * @throws as {@link jacobian} does
 * @example
 * jacrev((x) => x.square())(array([1, 2])).toArray(); // [[2, 0], [0, 4]]
 */
export function jacrev<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: SweepOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, Picked<A, N>>;
export function jacrev<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [R, X],
  options: SweepOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [jacobian: JacobianOf<R, Picked<A, N>>, aux: X];
export function jacrev(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  checkTransformOptions("jacrev", options, sweepOptions);
  return jacobianOf("jacrev", f, { ...options, strategy: "reverse" });
}

/**
 * The value and the {@link jacobian} of f, from one run of f.
 *
 * @param f a function from arrays (or trees of arrays), floating where argnums chooses them, to floating arrays (or trees)
 * @param options as {@link jacobian}'s
 * @returns a function of the same arguments that gives `[value, jacobian]`, or `[[value, aux], jacobian]` with hasAux; the Jacobian has
 * shape [...out, ...in]
 * @throws as {@link jacobian} does
 * @example
 * const [value, J] = valueAndJacobian((x) => x.square())(array([1, 2]));
 * value.toArray(); // [1, 4]
 * J.toArray(); // [[2, 0], [0, 4]]
 */
export function valueAndJacobian<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: JacobianOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => [value: Arrays<R>, jacobian: JacobianOf<R, Picked<A, N>>];
export function valueAndJacobian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: JacobianOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [result: [value: Arrays<R>, aux: X], jacobian: JacobianOf<R, Picked<A, N>>];
export function valueAndJacobian(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  checkTransformOptions("valueAndJacobian", options, ["strategy", ...sweepOptions]);
  const run = differentiated("valueAndJacobian", f, options);
  return (...args) => {
    const { value, jacobian, aux } = run(...args);
    return [options.hasAux ? [value, aux] : value, jacobian];
  };
}
