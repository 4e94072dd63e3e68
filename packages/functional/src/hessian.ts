import type { Arrays, Aux, InputsAt, Listed, NDArray, NoAux, Picked } from "@ad/core";
import { type AnyFunction, checkTransformOptions } from "@ad/core/internals/checks";
import { peek } from "@ad/core/internals/trace";
import { checkSecondReach } from "./dependencies.js";
import type { AnyTransformed, FlatFunction } from "./flat.js";
import { type Differentiated, differentiated, type JacobianOf } from "./jacobian.js";
import { type AnyOptions, checkStrategy, type Strategy, type SweepOptions, sweepOptions } from "./options.js";

/** Options of {@link hessian} and {@link valueGradHessian}. */
export interface HessianOptions<N> extends SweepOptions<N> {
  /** The mode that differentiates the first derivatives; by default what costs less, "auto", and "forward" where f is traced for `jit`. */
  readonly outerStrategy?: Strategy;
  /** The mode of the first derivatives; default "reverse". */
  readonly innerStrategy?: Strategy;
}
interface AnyHessianOptions extends AnyOptions {
  readonly outerStrategy?: Strategy;
  readonly innerStrategy?: Strategy;
}

/** Reverse mode over reverse mode costs less. In a program that is compiled forward mode can differentiate loops of any number of steps. */
const outerOf = ({ leaves }: FlatFunction): Strategy => (leaves.every((x) => peek(x) !== undefined) ? "auto" : "forward");

/** The Hessian with, as aux, all that the run of f gave. */
function hessianOf(op: string, f: AnyFunction, options: AnyHessianOptions): (...args: readonly unknown[]) => Differentiated {
  checkTransformOptions(op, options, ["outerStrategy", "innerStrategy", ...sweepOptions]);
  const { outerStrategy, innerStrategy = "reverse", strict, ...rest } = options;
  const inner = differentiated(op, f, { ...rest, strategy: checkStrategy(op, innerStrategy) });
  const withAux = (...args: readonly unknown[]): [unknown, Differentiated] => {
    const first = inner(...args);
    return [first.jacobian, first];
  };
  const outer = { ...rest, strict, hasAux: true, ...(outerStrategy !== undefined && { strategy: outerStrategy }) };
  return differentiated(op, withAux, outer, (g) => checkSecondReach({ ...g, f, hasAux: options.hasAux ?? false }), outerOf);
}

/**
 * The Hessian of f: all second derivatives, of shape [...out, ...in, ...in] (of a scalar function [...in, ...in]) for each pair of
 * argument leaves. By default the gradient is recorded in reverse mode, and differentiated by rows or columns, by what costs less.
 *
 * @param f a function from arrays (or trees), floating where argnums chooses them, to a floating scalar or to floating arrays
 * @param options outerStrategy, innerStrategy, vectorize, chunkSize, memoryBudget, strict, argnums, hasAux, as in {@link jacobian}. strict
 * throws too where a first derivative does not depend on an argument
 * @returns a function of the same arguments that gives the argument's tree, with the argument's tree at each leaf
 * @throws as {@link jacobian} does
 * @example
 * hessian((x) => x.prod())(array([2, 3, 4])).toArray(); // [[0, 4, 3], [4, 0, 2], [3, 2, 0]]
 */
export function hessian<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: HessianOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, JacobianOf<Picked<A, N>, Picked<A, N>>>;
export function hessian<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [R, X],
  options: HessianOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [hessian: JacobianOf<R, JacobianOf<Picked<A, N>, Picked<A, N>>>, aux: X];
export function hessian(f: AnyFunction, options: AnyHessianOptions = {}): AnyTransformed {
  const run = hessianOf("hessian", f, options);
  return (...args) => {
    const { jacobian, aux } = run(...args);
    return options.hasAux ? [jacobian, (aux as Differentiated).aux] : jacobian;
  };
}

/**
 * Value, gradient and {@link hessian} of f, from one run of f: all that a Newton step asks for.
 *
 * @param f a function to a floating scalar; of arrays the gradient is the Jacobian
 * @param options as {@link hessian}'s
 * @returns a function of the same arguments that gives `[value, gradient, hessian]`, or `[[value, aux], gradient, hessian]` with hasAux
 * @throws as {@link jacobian} does
 * @example
 * const [value, gradient, H] = valueGradHessian((x) => x.prod())(array([2, 3]));
 * value.item(); // 6
 * gradient.toArray(); // [3, 2]
 * H.toArray(); // [[0, 1], [1, 0]]
 */
export function valueGradHessian<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: HessianOptions<N> & NoAux,
): (
  ...args: InputsAt<A, N>
) => [value: Arrays<R>, gradient: JacobianOf<R, Picked<A, N>>, hessian: JacobianOf<R, JacobianOf<Picked<A, N>, Picked<A, N>>>];
export function valueGradHessian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: HessianOptions<N> & Aux,
): (
  ...args: InputsAt<A, N>
) => [
  result: [value: Arrays<R>, aux: X],
  gradient: JacobianOf<R, Picked<A, N>>,
  hessian: JacobianOf<R, JacobianOf<Picked<A, N>, Picked<A, N>>>,
];
export function valueGradHessian(f: AnyFunction, options: AnyHessianOptions = {}): AnyTransformed {
  const run = hessianOf("valueGradHessian", f, options);
  return (...args) => {
    const { jacobian: second, aux: first } = run(...args) as Differentiated & { readonly aux: Differentiated };
    return [options.hasAux ? [first.value, first.aux] : first.value, first.jacobian, second];
  };
}
