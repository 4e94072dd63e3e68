import { type Arrays, type Aux, type Inputs, type Listed, type NDArray, type NoAux, type Scalar, ShapeError, TreeError } from "@ad/core";
import {
  type AnyFunction,
  checkFunction,
  checkOptions,
  checkTuple,
  flattenFloating,
  flattenLike,
  showShape,
  splitAux,
} from "@ad/core/internals/checks";
import {
  evaluate,
  type Flat,
  flatten,
  GraphTrace,
  observed,
  pullbackOf,
  sameStructure,
  showStructure,
  unflatten,
  within,
} from "@ad/core/internals/trace";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { dimension } from "./basis.js";
import { bytesOf, lanesOf } from "./dependencies.js";
import { held } from "./matrix.js";
import { checkPasses, chunking, isUnlimited, type ManyOptions, manyOptions } from "./options.js";

/** One entry per argument, each of the argument's form. */
export type ArraysOf<A extends readonly unknown[]> = { -readonly [K in keyof A]: Arrays<A[K]> };

/** jvp without the types by which it infers: those of f, the points and the directions are known at the public functions alone. */
const jvpOfAny = jvp as unknown as (f: unknown, points: unknown, directions: unknown, options: { readonly hasAux: boolean }) => unknown;

/** Whether f returns [out, aux]; aux comes back as the last entry. */
function auxOf(op: string, options: { readonly hasAux?: boolean } | undefined, more: readonly string[] = []): boolean {
  checkOptions(op, options, ["hasAux", ...more]);
  return options?.hasAux ?? false;
}

/** Checks that a tree holds, for each leaf of another one, a stack of arrays of its shape; their leaves. */
function checkStack(op: string, what: string, given: unknown, like: Flat): readonly NDArray[] {
  const { leaves, structure, paths } = flatten(given, op, what);
  if (!sameStructure(structure, like.structure))
    throw new TreeError(
      `${op}: ${what} have the form ${showStructure(structure)}, but ${showStructure(like.structure)} is wanted. Give one tree of that form, with a first axis of N at each array, and no list of ${what}.`,
    );
  leaves.forEach((x, i) => {
    const { shape } = like.leaves[i];
    if (x.ndim !== shape.length + 1 || shape.some((n, axis) => n !== x.shape[axis + 1]) || x.shape[0] !== leaves[0].shape[0])
      throw new ShapeError(
        `${op}: ${what} have shape ${showShape(x.shape)} at ${paths[i]}, but [N, ${shape.join(", ")}] is wanted, the same N everywhere.`,
      );
  });
  return leaves;
}

/** A map of one direction, for all of them, in chunks of a size. */
const inChunks = (map: (...direction: never) => unknown, size: number): ((...directions: unknown[]) => unknown) =>
  vmap(map as (...direction: unknown[]) => unknown, Number.isFinite(size) ? { ...held, chunkSize: size } : held);

/** Checks tangents (or cotangents) against the arguments that they belong to. */
function checkLike(op: string, primals: readonly unknown[], what: string, given: readonly unknown[]): void {
  if (given.length !== primals.length)
    throw new TreeError(`${op}: ${given.length} ${what}s are given for ${primals.length} primals; give one for each.`);
  primals.forEach((primal, i) => {
    flattenLike(given[i], flattenFloating(primal, op, `primal ${i}`), op, `${what} ${i}`);
  });
}

/** Checks that all arrays of trees have the points of a batch along their first axes. */
function checkPoints(op: string, trees: Readonly<Record<string, unknown>>): void {
  let known: { readonly count: number; readonly at: string } | undefined;
  for (const [what, tree] of Object.entries(trees)) {
    const { leaves, paths } = flatten(tree, op, what);
    leaves.forEach(({ shape }, i) => {
      const at = `${what} at ${paths[i]}`;
      if (shape.length === 0) throw new ShapeError(`${op}: ${at} have shape [], but a first axis with one entry per point is wanted.`);
      known ??= { count: shape[0], at };
      if (shape[0] !== known.count)
        throw new ShapeError(
          `${op}: ${at} have ${shape[0]} elements along axis 0, but ${known.at} have ${known.count}; mapped axes must agree.`,
        );
    });
  }
  if (known === undefined)
    throw new TreeError(`${op}: there is no array in the primals; give one at least, whose first axis counts the points.`);
}

/** f, whose results are checked under the name of what was called. */
const checked =
  (op: string, f: AnyFunction, hasAux: boolean, auxIsTree = false) =>
  (...args: never): unknown => {
    const result = f(...args);
    const [out, aux] = splitAux(op, result, hasAux);
    flatten(out, op, "the function's result");
    if (hasAux && auxIsTree) flatten(aux, op, "aux");
    return result;
  };

/**
 * The value of a scalar function and its Hessian-vector product H·v, forward over reverse: the Hessian is never built.
 *
 * @param f a function from arrays (or trees) to a floating scalar
 * @param primals a tuple with one entry per argument, all floating
 * @param tangents a tuple of the same form and shapes
 * @param options hasAux: f returns [out, aux], and aux, any value, comes back as a third entry
 * @returns `[value, product]`, the product a tuple with one entry per argument
 * @throws ShapeError, DTypeError or TreeError where f returns no floating scalar; DTypeError where a primal is not floating; TreeError
 * where primals or tangents are no tuple or differ in form, ShapeError where they differ in shape; TransformError where f is no function or
 * gives a Promise; TreeError for an unknown option, or where with hasAux f does not return [out, aux]
 * @example
 * const [value, [product]] = hvp((x) => x.pow(3).sum(), [array([1, 2])], [array([1, 1])]);
 * value.item(); // 9
 * product.toArray(); // [6, 12]
 */
export function hvp<A extends readonly unknown[] = NDArray[]>(
  f: (...args: A) => Listed<Scalar>,
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
  options?: NoAux,
): [value: NDArray, product: ArraysOf<A>];
export function hvp<A extends readonly unknown[] = NDArray[], X = unknown>(
  f: (...args: A) => readonly [Scalar, X],
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
  options: Aux,
): [value: NDArray, product: ArraysOf<A>, aux: X];
export function hvp(f: AnyFunction, primals: unknown, tangents: unknown, options?: NoAux | Aux): unknown {
  checkFunction("hvp", f);
  const hasAux = auxOf("hvp", options);
  const points = checkTuple("hvp", "primals", primals);
  const directions = checkTuple("hvp", "tangents", tangents);
  checkLike("hvp", points, "tangent", directions);
  const [[value], [, product], aux] = jvpOfAny(gradientOf("hvp", f, points.length, hasAux), points, directions, { hasAux: true }) as [
    [unknown],
    unknown[],
    unknown,
  ];
  return hasAux ? [value, product, aux] : [value, product];
}

/**
 * The value of a scalar function and its vector-Hessian product vᵀH, reverse over reverse. H is symmetric, so this is
 * {@link hvp} by another way.
 *
 * @param f a function from arrays (or trees) to a floating scalar
 * @param cotangents a tuple of the form and shapes of the primals
 * @param primals a tuple with one entry per argument, all floating
 * @param options hasAux: f returns [out, aux], and aux, any value, comes back as a third entry
 * @returns `[value, product]`, the product a tuple with one entry per argument
 * @throws ShapeError, DTypeError or TreeError where f returns no floating scalar; DTypeError where a primal is not floating; TreeError
 * where primals or cotangents are no tuple or differ in form, ShapeError where they differ in shape; TransformError where f is no function
 * or gives a Promise; TreeError for an unknown option, or where with hasAux f does not return [out, aux]
 * @example
 * const [value, [product]] = vhp((x) => x.pow(3).sum(), [array([1, 2])], [array([1, 1])]);
 * product.toArray(); // [6, 12]
 */
export function vhp<A extends readonly unknown[] = NDArray[]>(
  f: (...args: A) => Listed<Scalar>,
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Inputs<A>>,
  options?: NoAux,
): [value: NDArray, product: ArraysOf<A>];
export function vhp<A extends readonly unknown[] = NDArray[], X = unknown>(
  f: (...args: A) => readonly [Scalar, X],
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Inputs<A>>,
  options: Aux,
): [value: NDArray, product: ArraysOf<A>, aux: X];
export function vhp(f: AnyFunction, primals: unknown, cotangents: unknown, options?: NoAux | Aux): unknown {
  checkFunction("vhp", f);
  const hasAux = auxOf("vhp", options);
  const points = checkTuple("vhp", "primals", primals);
  const given = checkTuple("vhp", "cotangents", cotangents);
  checkLike("vhp", points, "cotangent", given);
  const { out, pullback, aux } = pullbackOf("vhp", gradientOf("vhp", f, points.length, hasAux), points, true);
  const [value] = out as [NDArray];
  const product = pullback([0, given]);
  return hasAux ? [value, product, aux] : [value, product];
}

/** From the arguments to [[value, gradient], aux]. */
const gradientOf =
  (op: string, f: AnyFunction, count: number, hasAux: boolean) =>
  (...args: readonly unknown[]): [[NDArray, unknown], unknown] => {
    const [value, gradient, aux] = evaluate(op, f, { argnums: Array.from({ length: count }, (_, i) => i), hasAux }, args);
    return [[value, gradient], aux];
  };

/**
 * Many Jacobian-vector products at one point, J·v₁ … J·v_N, in one vectorised call. f runs once; its linear part works on all
 * tangents at a time.
 *
 * @param f a function from arrays (or trees) to arrays (or trees)
 * @param primals a tuple with one entry per argument, all floating
 * @param tangents a tuple of the same form, every leaf with a leading axis of N
 * @param options hasAux: f returns [out, aux], and aux, any value, comes back as a third entry; chunkSize or memoryBudget: how many products
 * are made at once, by default as many as 64 MiB allow where all of them take more than 16
 * @returns `[out, products]`: f's result, and the products with a leading axis of N at every leaf
 * @throws TreeError or ShapeError where the tangents are no stack of the primals' shapes, and as {@link jvp} does; TreeError for an unknown
 * option, or where with hasAux f does not return [out, aux]; TransformError for a size that is no positive whole number
 * @example
 * const [out, products] = jvpMany((x) => x.square(), [array([1, 2])], [array([[1, 0], [0, 1], [1, 1]])]);
 * out.toArray(); // [1, 4]
 * products.toArray(); // [[2, 0], [0, 4], [2, 4]]
 */
export function jvpMany<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
  options?: ManyOptions & NoAux,
): [out: Arrays<R>, products: Arrays<R>];
export function jvpMany<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown>(
  f: (...args: A) => readonly [R, X],
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
  options: ManyOptions & Aux,
): [out: Arrays<R>, products: Arrays<R>, aux: X];
export function jvpMany(f: AnyFunction, primals: unknown, tangents: unknown, options: ManyOptions & (NoAux | Aux) = {}): unknown {
  checkFunction("jvpMany", f);
  const hasAux = auxOf("jvpMany", options, manyOptions);
  checkPasses("jvpMany", options);
  const points = checkTuple("jvpMany", "primals", primals);
  const flat = flattenFloating(points, "jvpMany", "primals");
  const stacks = checkStack("jvpMany", "tangents", checkTuple("jvpMany", "tangents", tangents), flat);
  // The point is no part of the batch, so its values and aux are computed once, outside of it.
  const g = checked("jvpMany", f, hasAux);
  let aux: unknown[] = [];
  const push = (...directions: unknown[]): unknown => {
    const [out, product, ...more] = jvpOfAny(g, points, directions, { hasAux }) as unknown[];
    aux = more;
    return [out, product];
  };
  let known: Linearised | undefined;
  const learn = (): Linearised => (known ??= linearised("jvpMany", flat, (direction) => push(...direction) as [unknown, unknown]));
  const count = stacks[0]?.shape[0] ?? 0;
  const size = chunking(options, () => learn().bytes)(count, dimension(flat.leaves));
  if (known === undefined && size >= count)
    return [...(vmap(push, { ...held, outAxes: [null, 0] })(...(tangents as unknown[])) as unknown[]), ...aux];
  const { out, map } = learn();
  return [out, inChunks(map, size)(...(tangents as unknown[])), ...aux];
}

/** The value of a pushforward that has been run once, its linear part, and the bytes that this takes for one direction. */
interface Linearised {
  readonly out: unknown;
  readonly map: (...direction: never) => unknown;
  readonly bytes: number;
}

/** Writes down what is done to a direction, so that f need not be run again for the next ones. */
function linearised(
  op: string,
  { leaves, structure }: Flat,
  push: (direction: readonly unknown[]) => readonly [unknown, unknown],
): Linearised {
  const trace = new GraphTrace(op);
  const inputs = leaves.map((x) => trace.input(x));
  const { out, results } = within(trace, () => {
    const [out, product] = push(unflatten(structure, inputs) as readonly unknown[]);
    return { out, results: flatten(product, op, "the product") };
  });
  const graph = trace.graph(results.leaves).withoutDeadCode();
  return {
    out,
    map: (...direction) => unflatten(results.structure, graph.run(flatten(direction, op, "tangents").leaves)),
    bytes: lanesOf(leaves) * graph.equations.flatMap(({ outs }) => outs).reduce((sum, x) => sum + bytesOf(x), 0),
  };
}

/**
 * Many vector-Jacobian products at one point, v₁ᵀJ … v_NᵀJ, in one vectorised call. f runs once; the pullback works on all
 * cotangents at a time.
 *
 * @param f a function from arrays (or trees) to arrays (or trees)
 * @param cotangents of the form of f's result, every leaf with a leading axis of N
 * @param primals a tuple with one entry per argument, all floating
 * @param options hasAux: f returns [out, aux], and aux, any value, comes back as a third entry; chunkSize or memoryBudget: how many products
 * are made at once, by default as many as 64 MiB allow where all of them take more than 16
 * @returns `[out, products]`: f's result, and a tuple with one entry per argument, with a leading axis of N at every leaf
 * @throws TreeError or ShapeError where the cotangents are no stack of the result's shapes; DTypeError where a primal is not floating,
 * TreeError where one or f's result is no tree of arrays, an option is unknown, or with hasAux f does not return [out, aux]; TransformError
 * where f is no function or gives a Promise, or for a size that is no positive whole number
 * @example
 * const [out, [products]] = vjpMany((x) => x.square(), [array([1, 2])], array([[1, 0], [0, 1]]));
 * products.toArray(); // [[2, 0], [0, 4]]
 */
export function vjpMany<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Arrays<R>>,
  options?: ManyOptions & NoAux,
): [out: Arrays<R>, products: ArraysOf<A>];
export function vjpMany<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown>(
  f: (...args: A) => readonly [R, X],
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Arrays<R>>,
  options: ManyOptions & Aux,
): [out: Arrays<R>, products: ArraysOf<A>, aux: X];
export function vjpMany(f: AnyFunction, primals: unknown, cotangents: unknown, options: ManyOptions & (NoAux | Aux) = {}): unknown {
  checkFunction("vjpMany", f);
  const hasAux = auxOf("vjpMany", options, manyOptions);
  checkPasses("vjpMany", options);
  const points = checkTuple("vjpMany", "primals", primals);
  const { leaves } = flattenFloating(points, "vjpMany", "primals");
  const given = flatten(cotangents, "vjpMany", "cotangents").leaves;
  const count = given[0]?.shape[0] ?? 0;
  const numbers = dimension(leaves) + dimension(given) / Math.max(1, count);
  const run = () => pullbackOf("vjpMany", f, points, hasAux);
  let bytes = 0;
  // The bytes of f's intermediate results are counted while it runs, where they matter.
  const { out, pullback, aux } = isUnlimited(options, count, numbers)
    ? run()
    : observed(
        (_, inputs, apply) => {
          const result = apply(inputs);
          for (const x of [result].flat() as NDArray[]) bytes += bytesOf(x);
          return result;
        },
        false,
        run,
      );
  checkStack("vjpMany", "cotangents", cotangents, flatten(out, "vjpMany", "the function's result"));
  const size = chunking(options, () => bytes * lanesOf(leaves))(count, numbers);
  const products = inChunks(pullback as (cotangent: never) => unknown, size)(cotangents);
  return hasAux ? [out, products, aux] : [out, products];
}

/**
 * Jacobian-vector products at many points, J(x₁)·v₁ … J(x_B)·v_B, in one vectorised call.
 *
 * @param f a function of one point
 * @param primals a tuple with one entry per argument, all floating, every leaf with a leading axis of B
 * @param tangents a tuple of the same form and shapes
 * @param options hasAux: f returns [out, aux], and aux, a tree of arrays, comes back as a third entry, with a leading axis of B
 * @returns `[outs, products]`, both with a leading axis of B at every leaf
 * @throws as {@link vmap} and {@link jvp} do; TreeError for an unknown option, or where with hasAux f does not return [out, aux]
 * @example
 * const [outs, products] = batchJvp((x) => x.square().sum(), [array([[1, 2], [3, 4]])], [array([[1, 1], [1, 0]])]);
 * outs.toArray(); // [5, 25]
 * products.toArray(); // [6, 6]
 */
export function batchJvp<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
  options?: NoAux,
): [outs: Arrays<R>, products: Arrays<R>];
export function batchJvp<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown>(
  f: (...args: A) => readonly [R, X],
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
  options: Aux,
): [outs: Arrays<R>, products: Arrays<R>, aux: Arrays<X>];
export function batchJvp(f: AnyFunction, primals: unknown, tangents: unknown, options?: NoAux | Aux): unknown {
  checkFunction("batchJvp", f);
  const hasAux = auxOf("batchJvp", options);
  const points = checkTuple("batchJvp", "primals", primals);
  const directions = checkTuple("batchJvp", "tangents", tangents);
  checkPoints("batchJvp", { primals: points, tangents: directions });
  checkLike("batchJvp", points, "tangent", directions);
  const g = checked("batchJvp", f, hasAux, true);
  const one = (point: unknown, direction: unknown): unknown => jvpOfAny(g, point, direction, { hasAux });
  return vmap(one)(points, directions);
}

/**
 * Vector-Jacobian products at many points, v₁ᵀJ(x₁) … v_BᵀJ(x_B), in one vectorised call.
 *
 * @param f a function of one point
 * @param primals a tuple with one entry per argument, all floating, every leaf with a leading axis of B
 * @param cotangents of the form of f's result, every leaf with a leading axis of B
 * @param options hasAux: f returns [out, aux], and aux, a tree of arrays, comes back as a third entry, with a leading axis of B
 * @returns `[outs, products]`, the products a tuple with one entry per argument, all with a leading axis of B
 * @throws as {@link vmap} and vjp do; DTypeError where a primal is not floating; TreeError for an unknown option, or where with hasAux f does not return [out, aux]
 * @example
 * const [outs, [products]] = batchVjp((x) => x.square().sum(), [array([[1, 2], [3, 4]])], array([1, 10]));
 * products.toArray(); // [[2, 4], [60, 80]]
 */
export function batchVjp<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Arrays<R>>,
  options?: NoAux,
): [outs: Arrays<R>, products: ArraysOf<A>];
export function batchVjp<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown>(
  f: (...args: A) => readonly [R, X],
  primals: NoInfer<Inputs<A>>,
  cotangents: NoInfer<Arrays<R>>,
  options: Aux,
): [outs: Arrays<R>, products: ArraysOf<A>, aux: Arrays<X>];
export function batchVjp(f: AnyFunction, primals: unknown, cotangents: unknown, options?: NoAux | Aux): unknown {
  checkFunction("batchVjp", f);
  const hasAux = auxOf("batchVjp", options);
  const points = checkTuple("batchVjp", "primals", primals);
  flattenFloating(points, "batchVjp", "primals");
  checkPoints("batchVjp", { primals: points, cotangents });
  const g = checked("batchVjp", f, hasAux, true);
  const one = (point: readonly unknown[], cotangent: unknown): unknown => {
    const { out, pullback, aux } = pullbackOf("batchVjp", g, point, hasAux);
    return hasAux ? [out, pullback(cotangent), aux] : [out, pullback(cotangent)];
  };
  return vmap(one as (point: unknown, cotangent: unknown) => unknown)(points, cotangents);
}
