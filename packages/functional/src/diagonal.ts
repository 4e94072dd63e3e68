import { type Arrays, type Aux, type InputsAt, type Listed, type NDArray, type NoAux, type Picked, ShapeError } from "@ad/core";
import { type AnyFunction, checkFunction, checkTransformOptions } from "@ad/core/internals/checks";
import { unflatten } from "@ad/core/internals/trace";
import { jvp } from "@ad/forward";
import { chunks, dimension, ranges } from "./basis.js";
import { dependencies } from "./dependencies.js";
import { type AnyTransformed, alike, checkOutputs, type Evaluated, evaluate, type FlatFunction, flatFunction, recordFlat } from "./flat.js";
import type { JacobianOf } from "./jacobian.js";
import { type DirectionMap, images, matrix } from "./matrix.js";
import { checkInner, checkPasses, chunking, type PassOptions, passOptions } from "./options.js";

/** Options of {@link hessianDiagonal} and {@link laplacian}. */
export interface DiagonalOptions<N> extends PassOptions {
  /** The mode of the first derivatives: "forward" (default), or "reverse", which f to one scalar allows. */
  readonly innerStrategy?: "forward" | "reverse";
  /** The argument to differentiate by, a position; default 0. {@link laplacian} takes a list as well. */
  readonly argnums?: N;
}
interface AnyOptions extends DiagonalOptions<number | readonly number[]> {
  readonly hasAux?: boolean;
}

type Along = (...given: NDArray[]) => [first: readonly NDArray[], seen: Evaluated];

/** The first derivatives of each result along a direction, and the run of f beside them. */
function forwardAlong(g: FlatFunction, at: readonly number[], direction: NDArray[]): Along {
  const flat = (...given: NDArray[]): [readonly NDArray[], Omit<Evaluated, "leaves">] => {
    const { leaves, ...beside } = evaluate(g, at, given);
    return [leaves, beside];
  };
  return (...given) => {
    const [leaves, first, beside] = jvp(flat, given, direction, { hasAux: true });
    return [first, { leaves, ...beside }];
  };
}

function reverseAlong(g: FlatFunction, at: readonly number[], direction: NDArray[]): Along {
  return (...given) => {
    const point = g.leaves.slice();
    at.forEach((i, k) => {
      point[i] = given[k];
    });
    const { out, aux, pull } = recordFlat({ ...g, leaves: point });
    const { leaves, ...form } = out;
    checkOutputs(g.op, leaves);
    if (dimension(leaves) !== 1)
      throw new ShapeError(
        `${g.op}: innerStrategy "reverse" wants a function to one number, and ${dimension(leaves)} came; use "forward".`,
      );
    const [y] = leaves.filter(({ size }) => size === 1);
    const gradient = pull(leaves.map((x) => x.filled(1, x.aval)));
    const slope = at.reduce((sum, i, k) => sum.add(gradient[i].mul(direction[k]).sum()), y.filled(0, y.aval));
    return [leaves.map((x) => (x === y ? slope : x)), { leaves, form, aux }];
  };
}

/** The second derivative of each result along a direction, and what the last run of f gave. */
function curvature(g: FlatFunction, along: typeof forwardAlong): { readonly at: DirectionMap; readonly last: () => Evaluated } {
  const run: { last?: Evaluated } = {};
  const at: DirectionMap = (direction) => {
    const active = direction.flatMap((v, i) => (v === undefined ? [] : [i]));
    const tangents = active.map((i) => direction[i] as NDArray);
    const point = active.map((i) => g.leaves[i]);
    const [, second, seen] = jvp(along(g, active, tangents), point, tangents, { hasAux: true });
    run.last = alike(g.op, run.last, seen);
    return second;
  };
  return {
    at,
    last() {
      // Without leaves there is no direction, and f has still to run.
      if (run.last === undefined) at([]);
      return run.last as Evaluated;
    },
  };
}

function prepared(op: string, f: AnyFunction, options: AnyOptions) {
  checkFunction(op, f);
  checkTransformOptions(op, options, ["innerStrategy", ...passOptions, "argnums", "hasAux"]);
  checkPasses(op, options);
  const innerStrategy = checkInner(op, options.innerStrategy ?? "forward");
  return (args: readonly unknown[]) => {
    const g = flatFunction(op, f, args, options);
    // Each intermediate result has two first derivatives and a second one.
    return {
      g,
      ...curvature(g, innerStrategy === "reverse" ? reverseAlong : forwardAlong),
      chunk: chunking(options, () => 3 * dependencies(g).bytes),
    };
  };
}

/**
 * The diagonal of the Hessian of f, without the rest of it: ∂²f/∂x_k² for each element, of shape [...out, ...in] for each pair of a result
 * leaf and an argument leaf. One second derivative along each axis, forward over forward, in vectorised passes.
 *
 * @param f a function from arrays (or trees), floating where argnums chooses them, to a floating scalar or to floating arrays
 * @param options innerStrategy, vectorize, chunkSize, memoryBudget, argnums, hasAux
 * @returns a function of the same arguments that gives, for a scalar f, the argument's tree
 * @throws as {@link jacobian} does, and ShapeError where innerStrategy is "reverse" and f gives more than one number
 * @example
 * hessianDiagonal((x) => x.pow(3).sum())(array([1, 2])).toArray(); // [6, 12]
 */
export function hessianDiagonal<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: DiagonalOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => JacobianOf<R, Picked<A, N>>;
export function hessianDiagonal<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(
  f: (...args: A) => readonly [R, X],
  options: DiagonalOptions<N> & Aux,
): (...args: InputsAt<A, N>) => [diagonal: JacobianOf<R, Picked<A, N>>, aux: X];
export function hessianDiagonal(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  const prepare = prepared("hessianDiagonal", f, options);
  return (...args) => {
    const { g, at, last, chunk } = prepare(args);
    const count = dimension(g.leaves);
    const table = matrix(at, g.leaves, () => last().leaves, chunk(count, count), "columns");
    const { leaves: results, form, aux } = last();
    const rows = results.map((y, o) => g.shape(g.leaves.map((x, i) => table[i][o].reshape([...y.shape, ...x.shape]))));
    const diagonal = unflatten(form.structure, rows);
    return options.hasAux ? [diagonal, aux] : diagonal;
  };
}

/**
 * The Laplacian of f: the sum of its second derivatives along all axes, Σ ∂²f/∂x_k², of the form and shapes of f's result. The Hessian is
 * never built: one second derivative along each axis, forward over forward, in vectorised passes that are added up.
 *
 * @param f a function from arrays (or trees), floating where argnums chooses them, to a floating scalar or to floating arrays
 * @param options innerStrategy, vectorize, chunkSize, memoryBudget, argnums (a list adds up over all these arguments), hasAux
 * @returns a function of the same arguments that gives what has the form of f's result
 * @throws as {@link hessianDiagonal} does
 * @example
 * laplacian((x) => x.pow(3).sum())(array([1, 2])).item(); // 18
 */
export function laplacian<A extends readonly unknown[] = NDArray[], R = NDArray, const N extends number | readonly number[] = 0>(
  f: (...args: A) => Listed<R>,
  options?: DiagonalOptions<N> & NoAux,
): (...args: InputsAt<A, N>) => Arrays<R>;
export function laplacian<
  A extends readonly unknown[] = NDArray[],
  R = NDArray,
  X = unknown,
  const N extends number | readonly number[] = 0,
>(f: (...args: A) => readonly [R, X], options: DiagonalOptions<N> & Aux): (...args: InputsAt<A, N>) => [laplacian: Arrays<R>, aux: X];
export function laplacian(f: AnyFunction, options: AnyOptions = {}): AnyTransformed {
  const prepare = prepared("laplacian", f, options);
  return (...args) => {
    const { g, at, last, chunk } = prepare(args);
    const own = ranges(g.leaves);
    let total: NDArray[] | undefined;
    const count = dimension(g.leaves);
    for (const range of chunks(count, chunk(count, count))) {
      const sums = images(at, g.leaves, own, range).map((stack) => stack.sum(0));
      total = total?.map((sum, o) => sum.add(sums[o])) ?? sums;
    }
    const { leaves, form, aux } = last();
    const result = unflatten(form.structure, g.leaves.length > 0 ? (total as NDArray[]) : leaves.map((y) => y.filled(0, y.aval)));
    return options.hasAux ? [result, aux] : result;
  };
}
