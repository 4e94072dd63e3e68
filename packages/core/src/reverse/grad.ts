import type { NDArray } from "../array/ndarray.js";
import { isFloat } from "../engine/aval.js";
import type { Arena } from "../engine/device.js";
import { checkTransformOptions, DTypeError, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { checkFunction } from "../engine/invoke.js";
import { type Arrays, type Flat, type Input, type Listed, mapArrays, type Primal, showStructure, unflatten } from "../engine/tree.js";
import { checkArgnums, flattenFloating, flattenLike, record } from "./record.js";

/** A differentiable function's result where one number is wanted. */
export type Scalar = NDArray | number;

/** The arguments of a transformed function: where it says NDArray, a number or a typed array will do. */
export type Inputs<A extends readonly unknown[]> = { [K in keyof A]: Primal<A[K]> };

/** A without its last N entries. */
type Without<A extends readonly unknown[], N extends number, Done extends readonly unknown[] = []> = Done["length"] extends N
  ? A
  : A extends readonly [...infer Rest, unknown]
    ? Without<Rest, N, [...Done, unknown]>
    : A;

/** Positions from 0 on: negative ones count from the end. */
type Position<A extends readonly unknown[], N extends number> = N extends number
  ? `${N}` extends `-${infer M extends number}`
    ? Without<A, M>["length"]
    : N
  : never;

/** The argument at a position; negative ones count from the end. */
export type At<A extends readonly unknown[], N extends number> = A[Position<A, N>];

/** The same, where only the arguments that N chooses are taken apart; the others are passed as they are. */
export type InputsAt<A extends readonly unknown[], N extends number | readonly number[]> = {
  [K in keyof A]: K extends `${Position<A, N extends readonly number[] ? N[number] : N>}`
    ? Primal<A[K]>
    : number extends K
      ? Primal<A[K]>
      : A[K];
};

/** The arguments that N chooses: the tree of one for a position, a tuple of trees for a list of positions. */
export type Picked<A extends readonly unknown[], N extends number | readonly number[]> = N extends readonly number[]
  ? { -readonly [K in keyof N]: Arrays<At<A, N[K] & number>> }
  : N extends number
    ? Arrays<At<A, N>>
    : never;

/** Options of {@link grad} and {@link valueAndGrad}. */
export interface GradOptions<N> {
  /** The arguments to differentiate: a position (default 0; negative ones count from the end) or a list of positions, which gives a tuple. */
  readonly argnums?: N;
}
/** The option of a function that returns nothing beside its result. */
export interface NoAux {
  /** Absent, or false. */
  readonly hasAux?: false;
}
/** The option of a function that returns something beside its result. */
export interface Aux {
  /** The function returns [result, aux], and aux, any value, comes back beside what the transformation gives. */
  readonly hasAux: true;
}

interface AnyOptions {
  readonly argnums?: number | readonly number[];
  readonly hasAux?: boolean;
}

/** Value, gradient and aux of a scalar function: what grad and valueAndGrad choose from. A caller that has no options has no aux. */
export function evaluate(
  op: string,
  f: (...args: never) => unknown,
  options: AnyOptions | undefined,
  args: readonly unknown[],
): [value: NDArray, gradient: unknown, aux: unknown] {
  const { argnums = 0, hasAux = false } = options ?? {};
  const positions = checkArgnums(op, argnums, args.length);
  const inputs = positions.map((position) => ({ position, flat: flattenFloating(args[position], op, `argument ${position}`) }));
  const { out, aux, pull, arena } = record(op, f, args, inputs, hasAux, true);
  const value = scalar(op, out, options !== undefined);
  const one = [value.filled(1, value.aval)];
  const parts = arena === undefined ? pull(one) : throughOnce(arena, [value, aux], () => pull(one));
  let start = 0;
  const trees = inputs.map(({ flat }) => unflatten(flat.structure, parts.slice(start, (start += flat.leaves.length))));
  return [value, Array.isArray(argnums) ? trees : trees[0], aux];
}

/** Runs a pullback once, and ends the arena of its tape: its arguments and results leave the arena, and all other storage is free. */
function throughOnce(arena: Arena, others: unknown, pull: () => NDArray[]): NDArray[] {
  const keep = (x: NDArray): NDArray => {
    arena.keep(x);
    return x;
  };
  mapArrays(others, keep);
  const parts = pull().map(keep);
  arena.end();
  return parts;
}

function scalar(op: string, { leaves, structure }: Flat, isTransformation: boolean): NDArray {
  if (structure?.kind === "null") throw new TreeError(`${op}: the function's result has null at $; return one scalar.`);
  if (structure !== null)
    throw new TreeError(
      `${op}: the function returned ${showStructure(structure)}, but one scalar is wanted; ${isTransformation ? "for [value, aux] say hasAux: true" : "return that alone"}.`,
    );
  const [value] = leaves;
  if (value.ndim !== 0)
    throw new ShapeError(
      `${op}: the function returned an array of shape ${showShape(value.shape)}, but a scalar is wanted; sum it${isTransformation ? ", or use vjp or jacobian" : ""}.`,
    );
  if (!isFloat(value.dtype))
    throw new DTypeError(`${op}: the function returned ${value.dtype}, which has no derivative; return a floating scalar.`);
  return value;
}

/**
 * The gradient of a scalar function.
 *
 * @param f a function of arrays and trees of arrays that returns a scalar: an array of shape [] and floating dtype
 * @param options argnums: the argument or arguments to differentiate by, by default the first; hasAux: f returns [value, aux]
 * @returns a function of the same arguments whose result has the form and shapes of the chosen argument
 * @throws ShapeError, DTypeError or TreeError where f returns no floating scalar, DTypeError where an argument is not floating, TreeError
 * where it is no tree of arrays, AxisError for argnums that are not there, TreeError for an unknown option, TransformError where f is no
 * function or gives a Promise
 * @example
 * grad((x) => x.square().sum())(array([1, 2, 3])).toArray(); // [2, 4, 6]
 */
export function grad<A extends readonly unknown[] = NDArray[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<Scalar>,
  options?: GradOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => Picked<A, N>;
export function grad<A extends readonly unknown[] = NDArray[], X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [Scalar, X],
  options: GradOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [gradient: Picked<A, N>, aux: X];
export function grad(f: (...args: never) => unknown, options?: AnyOptions): (...args: readonly unknown[]) => unknown {
  checkFunction("grad", f);
  checkTransformOptions("grad", options, ["argnums", "hasAux"]);
  return (...args) => {
    const [, gradient, aux] = evaluate("grad", f, options ?? {}, args);
    return options?.hasAux ? [gradient, aux] : gradient;
  };
}

/**
 * The value and the gradient of a scalar function, in one evaluation.
 *
 * @param f a function of arrays and trees of arrays that returns a floating scalar
 * @param options argnums: the argument or arguments to differentiate by, by default the first; hasAux: f returns [value, aux]
 * @returns a function of the same arguments that gives `[value, gradient]`, or `[[value, aux], gradient]` with hasAux
 * @throws as {@link grad} does
 * @example
 * const [value, gradient] = valueAndGrad((x) => x.square().sum())(array([1, 2]));
 * value.item(); // 5
 * gradient.toArray(); // [2, 4]
 */
export function valueAndGrad<A extends readonly unknown[] = NDArray[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<Scalar>,
  options?: GradOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => [value: NDArray, gradient: Picked<A, N>];
export function valueAndGrad<A extends readonly unknown[] = NDArray[], X = unknown, const N extends number | readonly number[] = 0>(
  f: (...args: A) => readonly [Scalar, X],
  options: GradOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [result: [value: NDArray, aux: X], gradient: Picked<A, N>];
export function valueAndGrad(f: (...args: never) => unknown, options?: AnyOptions): (...args: readonly unknown[]) => unknown {
  checkFunction("valueAndGrad", f);
  checkTransformOptions("valueAndGrad", options, ["argnums", "hasAux"]);
  return (...args) => {
    const [value, gradient, aux] = evaluate("valueAndGrad", f, options ?? {}, args);
    return [options?.hasAux ? [value, aux] : value, gradient];
  };
}

/** Records f for vjp and vjpWithAux, which return different parts of it. */
export function pullbackOf(op: string, f: (...args: never) => unknown, primals: readonly unknown[], hasAux: boolean) {
  checkFunction(op, f);
  const inputs = primals.map((primal, position) => ({ position, flat: flattenFloating(primal, op, `primal ${position}`) }));
  const { out, aux, pull } = record(op, f, primals, inputs, hasAux);
  const pullback = (cotangent: unknown): unknown[] => {
    const parts = pull(flattenLike(cotangent, out, `${op}'s pullback`, "the cotangent"));
    let start = 0;
    return inputs.map(({ flat }) => unflatten(flat.structure, parts.slice(start, (start += flat.leaves.length))));
  };
  return { out: unflatten(out.structure, out.leaves), pullback, aux };
}

/**
 * From a cotangent of the result to one of each primal.
 *
 * @param cotangent of the form and the shapes of the result
 */
export type Pullback<A extends readonly unknown[], R> = (cotangent: Input<R>) => { -readonly [K in keyof A]: Arrays<A[K]> };

/**
 * The value of f and its pullback: the vector-Jacobian product v ↦ vᵀJ. f runs once, the pullback as often as wanted.
 *
 * @param f a function from arrays (or trees of arrays) to arrays (or trees)
 * @param primals one per argument, all floating
 * @returns `[out, pullback]`; the pullback takes a cotangent with the form and shapes of out and gives a tuple with one entry per primal
 * @throws DTypeError where a primal is not floating, TreeError where one or f's result is no tree of arrays, TransformError where f is no
 * function or gives a Promise; the pullback TreeError or ShapeError where the cotangent does not match out
 * @example
 * const [out, pullback] = vjp((x, y) => x.mul(y), array([1, 2]), array([3, 4]));
 * out.toArray(); // [3, 8]
 * pullback(array([1, 10]))[0].toArray(); // [3, 40]
 */
export function vjp<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  ...primals: NoInfer<Inputs<A>>
): [out: Arrays<R>, pullback: Pullback<A, R>];
export function vjp(f: (...args: never) => unknown, ...primals: readonly unknown[]): unknown {
  const { out, pullback } = pullbackOf("vjp", f, primals, false);
  return [out, pullback];
}

/**
 * {@link vjp} of a function that returns `[out, aux]`.
 *
 * @param f a function from arrays (or trees of arrays) to [out, aux]
 * @param primals one per argument, all floating
 * @returns `[out, pullback, aux]`; the pullback takes a cotangent with the form and shapes of out
 * @throws as {@link vjp} does, and TreeError where f does not return [out, aux]
 * @example
 * const [out, pullback, aux] = vjpWithAux((x) => [x.square(), "note"], array([3]));
 * aux; // "note"
 * pullback(array([1]))[0].toArray(); // [6]
 */
export function vjpWithAux<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown>(
  f: (...args: A) => readonly [R, X],
  ...primals: NoInfer<Inputs<A>>
): [out: Arrays<R>, pullback: Pullback<A, R>, aux: X];
export function vjpWithAux(f: (...args: never) => unknown, ...primals: readonly unknown[]): unknown {
  const { out, pullback, aux } = pullbackOf("vjpWithAux", f, primals, true);
  return [out, pullback, aux];
}
