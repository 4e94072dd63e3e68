import { type Arrays, type Inputs, type NDArray, type Scalar, ShapeError, TreeError, valueAndGrad, vjp } from "@ad/core";
import {
  checkFunction,
  checkTuple,
  type Flat,
  flatten,
  flattenFloating,
  sameStructure,
  showShape,
  showStructure,
} from "@ad/core/internals";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";

/** One entry per argument, each of the argument's form. */
export type ArraysOf<A extends readonly unknown[]> = { -readonly [K in keyof A]: Arrays<A[K]> };

type AnyFunction = (...args: never) => unknown;

/** Checks that a tree holds, for each leaf of another one, a stack of arrays of its shape. */
function checkStack(op: string, what: string, given: unknown, like: Flat): void {
  const { leaves, structure, paths } = flatten(given, op, what);
  if (!sameStructure(structure, like.structure))
    throw new TreeError(`${op}: ${what} have the form ${showStructure(structure)}, but ${showStructure(like.structure)} is wanted.`);
  leaves.forEach((x, i) => {
    const { shape } = like.leaves[i];
    if (x.ndim !== shape.length + 1 || shape.some((n, axis) => n !== x.shape[axis + 1]) || x.shape[0] !== leaves[0].shape[0])
      throw new ShapeError(
        `${op}: ${what} have shape ${showShape(x.shape)} at ${paths[i]}, but [N, ${shape.join(", ")}] is wanted: N of shape ${showShape(shape)}, the same N everywhere.`,
      );
  });
}

/**
 * The value of a scalar function and its Hessian-vector product H·v, forward over reverse: the Hessian is never built.
 *
 * @param f a function from arrays (or trees) to a floating scalar
 * @param primals a tuple with one entry per argument, all floating
 * @param tangents a tuple of the same form and shapes
 * @returns `[value, product]`, the product a tuple with one entry per argument
 * @throws ShapeError, DTypeError or TreeError where f returns no floating scalar; DTypeError where a primal is not floating; TreeError
 * where primals or tangents are no tuple or differ in form, ShapeError where they differ in shape; TransformError where f is no function or
 * gives a Promise
 * @example
 * const [value, [product]] = hvp((x) => x.pow(3).sum(), [array([1, 2])], [array([1, 1])]);
 * value.item(); // 9
 * product.toArray(); // [6, 12]
 */
export function hvp<A extends readonly unknown[] = NDArray[]>(
  f: (...args: A) => Scalar,
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
): [value: NDArray, product: ArraysOf<A>];
export function hvp(f: AnyFunction, primals: unknown, tangents: unknown): unknown {
  checkFunction("hvp", f);
  const points = checkTuple("hvp", "primals", primals);
  const [[value], [, product]] = jvp(
    gradientOf(f, points.length),
    points as never,
    checkTuple("hvp", "tangents", tangents) as never,
  ) as unknown as [[NDArray], [unknown, unknown]];
  return [value, product];
}

/**
 * The value of a scalar function and its vector-Hessian product vᵀH, reverse over reverse. H is symmetric, so this is
 * {@link hvp} by another way.
 *
 * @param f a function from arrays (or trees) to a floating scalar
 * @param cotangents a tuple of the form and shapes of the primals
 * @param primals a tuple with one entry per argument, all floating
 * @returns `[value, product]`, the product a tuple with one entry per argument
 * @throws ShapeError, DTypeError or TreeError where f returns no floating scalar; DTypeError where a primal is not floating; TreeError
 * where primals or cotangents are no tuple or differ in form, ShapeError where they differ in shape; TransformError where f is no function
 * or gives a Promise
 * @example
 * const [value, [product]] = vhp((x) => x.pow(3).sum(), [array([1, 2])], [array([1, 1])]);
 * product.toArray(); // [6, 12]
 */
export function vhp<A extends readonly unknown[] = NDArray[]>(
  f: (...args: A) => Scalar,
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Inputs<A>>,
): [value: NDArray, product: ArraysOf<A>];
export function vhp(f: AnyFunction, primals: unknown, cotangents: unknown): unknown {
  checkFunction("vhp", f);
  const points = checkTuple("vhp", "primals", primals);
  const [[value], pullback] = vjp(gradientOf(f, points.length) as (...args: unknown[]) => unknown, ...(points as [])) as unknown as [
    [NDArray],
    (ct: unknown) => unknown,
  ];
  return [value, pullback([0, checkTuple("vhp", "cotangents", cotangents)])];
}

const gradientOf = (f: AnyFunction, count: number): AnyFunction =>
  valueAndGrad(f as (...args: unknown[]) => NDArray, { argnums: Array.from({ length: count }, (_, i) => i) }) as AnyFunction;

/**
 * Many Jacobian-vector products at one point, J·v₁ … J·v_N, in one vectorised call. f runs once; its linear part works on all
 * tangents at a time.
 *
 * @param f a function from arrays (or trees) to arrays (or trees)
 * @param primals a tuple with one entry per argument, all floating
 * @param tangents a tuple of the same form, every leaf with a leading axis of N
 * @returns `[out, products]`: f's result, and the products with a leading axis of N at every leaf
 * @throws TreeError or ShapeError where the tangents are no stack of the primals' shapes, and as {@link jvp} does
 * @example
 * const [out, products] = jvpMany((x) => x.square(), [array([1, 2])], [array([[1, 0], [0, 1], [1, 1]])]);
 * out.toArray(); // [1, 4]
 * products.toArray(); // [[2, 0], [0, 4], [2, 4]]
 */
export function jvpMany<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => R,
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
): [out: Arrays<R>, products: Arrays<R>];
export function jvpMany(f: AnyFunction, primals: unknown, tangents: unknown): unknown {
  checkFunction("jvpMany", f);
  const points = checkTuple("jvpMany", "primals", primals);
  checkStack("jvpMany", "tangents", checkTuple("jvpMany", "tangents", tangents), flattenFloating(points, "jvpMany", "primals"));
  // The point is no part of the batch, so its values are computed once, outside of it.
  const push = (...directions: unknown[]): unknown => jvp(f as (...args: unknown[]) => NDArray, points as never, directions as never);
  return vmap(push, { outAxes: [null, 0] })(...(tangents as unknown[]));
}

/**
 * Many vector-Jacobian products at one point, v₁ᵀJ … v_NᵀJ, in one vectorised call. f runs once; the pullback works on all
 * cotangents at a time.
 *
 * @param f a function from arrays (or trees) to arrays (or trees)
 * @param cotangents of the form of f's result, every leaf with a leading axis of N
 * @param primals a tuple with one entry per argument, all floating
 * @returns `[out, products]`: f's result, and a tuple with one entry per argument, with a leading axis of N at every leaf
 * @throws TreeError or ShapeError where the cotangents are no stack of the result's shapes, and as {@link vjp} does
 * @example
 * const [out, [products]] = vjpMany((x) => x.square(), [array([1, 2])], array([[1, 0], [0, 1]]));
 * products.toArray(); // [[2, 0], [0, 4]]
 */
export function vjpMany<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => R,
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Arrays<R>>,
): [out: Arrays<R>, products: ArraysOf<A>];
export function vjpMany(f: AnyFunction, primals: unknown, cotangents: unknown): unknown {
  checkFunction("vjpMany", f);
  const points = checkTuple("vjpMany", "primals", primals);
  const [out, pullback] = vjp(f as (...args: unknown[]) => unknown, ...(points as [])) as unknown as [unknown, (ct: unknown) => unknown];
  checkStack("vjpMany", "cotangents", cotangents, flatten(out, "vjpMany", "the function's result"));
  return [out, vmap(pullback)(cotangents as never)];
}

/**
 * Jacobian-vector products at many points, J(x₁)·v₁ … J(x_B)·v_B, in one vectorised call.
 *
 * @param f a function of one point
 * @param primals a tuple with one entry per argument, all floating, every leaf with a leading axis of B
 * @param tangents a tuple of the same form and shapes
 * @returns `[outs, products]`, both with a leading axis of B at every leaf
 * @throws as {@link vmap} and {@link jvp} do
 * @example
 * const [outs, products] = batchJvp((x) => x.square().sum(), [array([[1, 2], [3, 4]])], [array([[1, 1], [1, 0]])]);
 * outs.toArray(); // [5, 25]
 * products.toArray(); // [6, 6]
 */
export function batchJvp<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => R,
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
): [outs: Arrays<R>, products: Arrays<R>];
export function batchJvp(f: AnyFunction, primals: unknown, tangents: unknown): unknown {
  checkFunction("batchJvp", f);
  const one = (point: unknown, direction: unknown): unknown =>
    jvp(f as (...args: unknown[]) => NDArray, point as never, direction as never);
  return vmap(one)(checkTuple("batchJvp", "primals", primals), checkTuple("batchJvp", "tangents", tangents));
}

/**
 * Vector-Jacobian products at many points, v₁ᵀJ(x₁) … v_BᵀJ(x_B), in one vectorised call.
 *
 * @param f a function of one point
 * @param primals a tuple with one entry per argument, all floating, every leaf with a leading axis of B
 * @param cotangents of the form of f's result, every leaf with a leading axis of B
 * @returns `[outs, products]`, the products a tuple with one entry per argument, all with a leading axis of B
 * @throws as {@link vmap} and {@link vjp} do
 * @example
 * const [outs, [products]] = batchVjp((x) => x.square().sum(), [array([[1, 2], [3, 4]])], array([1, 10]));
 * products.toArray(); // [[2, 4], [60, 80]]
 */
export function batchVjp<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => R,
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Arrays<R>>,
): [outs: Arrays<R>, products: ArraysOf<A>];
export function batchVjp(f: AnyFunction, primals: unknown, cotangents: unknown): unknown {
  checkFunction("batchVjp", f);
  const one = (point: readonly unknown[], cotangent: unknown): unknown => {
    const [out, pullback] = vjp(f as (...args: unknown[]) => unknown, ...(point as [])) as unknown as [unknown, (ct: unknown) => unknown];
    return [out, pullback(cotangent)];
  };
  return vmap(one)(checkTuple("batchVjp", "primals", primals) as never, cotangents as never);
}
