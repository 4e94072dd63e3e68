import type { Arrays, Aux, InputsAt, NDArray, NoAux, Picked } from "@ad/core";
import { checkFunction, checkOptions } from "@ad/core/internals";
import { checkStrategy, type JacobianOf, jacobianOf, type Strategy, type SweepOptions } from "./jacobian.js";

export interface HessianOptions<N> extends SweepOptions<N> {
  /** How the first derivatives are differentiated; default "forward". */
  readonly outerStrategy?: Strategy;
  /** How the first derivatives are had; default "reverse". */
  readonly innerStrategy?: Strategy;
}
interface AnyOptions {
  readonly vectorize?: boolean;
  readonly outerStrategy?: Strategy;
  readonly innerStrategy?: Strategy;
  readonly argnums?: number | readonly number[];
  readonly hasAux?: boolean;
}

/**
 * The Hessian of f: all second derivatives, of shape [...out, ...in, ...in] (of a scalar function [...in, ...in]) for each pair of
 * argument leaves. By default forward mode over reverse mode.
 *
 * @param f a function from arrays (or trees) to a scalar or to arrays
 * @param options vectorize (default true), outerStrategy, innerStrategy, argnums, hasAux
 * @returns a function of the same arguments that gives the argument's tree, with the argument's tree at each leaf
 * @throws as {@link jacobian} does
 * @example
 * hessian((x) => x.prod())(array([2, 3, 4])).toArray(); // [[0, 4, 3], [4, 0, 2], [3, 2, 0]]
 */
export function hessian<A extends readonly unknown[] = NDArray[], R = NDArray, N extends number = 0>(
  f: (...args: A) => R,
  options?: HessianOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, JacobianOf<Arrays<A[N]>, Arrays<A[N]>>>;
export function hessian<A extends readonly unknown[] = NDArray[], R = NDArray, const L extends readonly number[] = readonly number[]>(
  f: (...args: A) => R,
  options: HessianOptions<L> & NoAux,
): (...args: InputsAt<A, L[number]>) => JacobianOf<R, JacobianOf<Picked<A, L>, Picked<A, L>>>;
export function hessian<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown, N extends number = 0>(
  f: (...args: A) => readonly [R, X],
  options: HessianOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [hessian: JacobianOf<R, JacobianOf<Arrays<A[N]>, Arrays<A[N]>>>, aux: X];
export function hessian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const L extends readonly number[] = readonly number[],
>(
  f: (...args: A) => readonly [R, X],
  options: HessianOptions<L> & Aux,
): (...args: InputsAt<A, L[number]>) => [hessian: JacobianOf<R, JacobianOf<Picked<A, L>, Picked<A, L>>>, aux: X];
export function hessian(f: (...args: never) => unknown, options: AnyOptions = {}): (...args: readonly unknown[]) => unknown {
  checkFunction("hessian", f);
  checkOptions("hessian", options, ["vectorize", "outerStrategy", "innerStrategy", "argnums", "hasAux"]);
  const { outerStrategy = "forward", innerStrategy = "reverse", ...rest } = options;
  const inner = jacobianOf("hessian", f, { ...rest, strategy: checkStrategy("hessian", innerStrategy) });
  return jacobianOf("hessian", inner, { ...rest, strategy: outerStrategy });
}
