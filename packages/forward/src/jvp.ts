import { type Arrays, type Input, type Inputs, type Listed, type NDArray, ShapeError, TreeError } from "@ad/core";
import {
  checkFunction,
  checkOptions,
  checkTransformOptions,
  checkTuple,
  flattenFloating,
  flattenLike,
  showShape,
} from "@ad/core/internals/checks";
import { chained, type Flat, GraphTrace, mapArrays, type Parts, runIn, unflatten, within } from "@ad/core/internals/trace";
import { Dual, ForwardTrace } from "./dual.js";

/** Options of {@link jvp}. */
export interface JvpOptions<B extends boolean = boolean> {
  /** The function returns [out, aux], and aux comes back beside the results. */
  readonly hasAux?: B;
}

interface Pushed {
  readonly out: Flat;
  /** One per leaf of out; undefined is zero. */
  readonly tangents: (NDArray | undefined)[];
  readonly aux: unknown;
}

function flattenTangents(op: string, primals: readonly Flat[], given: unknown): NDArray[][] {
  const tangents = checkTuple(op, "tangents", given);
  if (tangents.length !== primals.length)
    throw new TreeError(`${op}: ${tangents.length} tangents are given for ${primals.length} primals; give one for each.`);
  return tangents.map((tangent, i) => flattenLike(tangent, primals[i], op, `tangent ${i}`));
}

/** Runs f once on duals of the primals and the given tangents. */
function forward(
  op: string,
  f: (...args: never) => unknown,
  primals: readonly Flat[],
  tangents: readonly (readonly NDArray[])[],
  hasAux: boolean,
): Pushed {
  const trace = new ForwardTrace(op);
  const given = chained(tangents);
  let next = 0;
  const leaf = (x: NDArray): NDArray => new Dual(trace, x, given[next++]);
  const [own, out, aux] = runIn(trace, f, hasAux, leaf, (each) =>
    primals.map(({ structure, leaves }) => unflatten(structure, leaves.map(each))),
  );
  const primal = (x: NDArray): NDArray => trace.lower(x);
  return {
    out: { ...out, leaves: out.leaves.map(primal) },
    tangents: own.leaves.map((x) => trace.tangentOf(x)),
    aux: mapArrays(aux, primal),
  };
}

/** Tangents in the form of the result that they belong to. */
const treeOf = ({ structure, leaves }: Flat, tangents: Parts): unknown =>
  unflatten(
    structure,
    leaves.map((x, i) => tangents[i] ?? x.filled(0, x.aval)),
  );

const flattenPrimals = (op: string, primals: unknown): Flat[] =>
  checkTuple(op, "primals", primals).map((primal, i) => flattenFloating(primal, op, `primal ${i}`));

/**
 * The value of f and the Jacobian-vector product J·v, in one run of f (where `linalg.eigh` meets repeated eigenvalues, in two).
 *
 * @param f a function from arrays (or trees of arrays) to arrays (or trees)
 * @param primals a tuple with one entry per argument, all floating
 * @param tangents a tuple of the same form and shapes
 * @param options hasAux: f returns [out, aux]
 * @returns `[out, tangentOut]`, both of the form of f's result, or `[out, tangentOut, aux]`
 * @throws TreeError, ShapeError or DTypeError where primals and tangents do not match or are not floating, TreeError where f's result is no
 * tree of arrays or an option is unknown, TransformError where f is no function or gives a Promise
 * @example
 * const [out, tangent] = jvp((x) => x.square(), [array([1, 2])], [array([1, 10])]);
 * out.toArray(); // [1, 4]
 * tangent.toArray(); // [2, 40]
 */
export function jvp<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
  options?: JvpOptions<false>,
): [out: Arrays<R>, tangentOut: Arrays<R>];
export function jvp<A extends readonly unknown[] = NDArray[], R = NDArray, X = unknown>(
  f: (...args: A) => readonly [R, X],
  primals: NoInfer<Inputs<A>>,
  tangents: NoInfer<Inputs<A>>,
  options: JvpOptions<true> & { readonly hasAux: true },
): [out: Arrays<R>, tangentOut: Arrays<R>, aux: X];
export function jvp(f: (...args: never) => unknown, primals: unknown, tangents: unknown, options?: JvpOptions): unknown {
  checkFunction("jvp", f);
  checkOptions("jvp", options, ["hasAux"]);
  const hasAux = options?.hasAux ?? false;
  const points = flattenPrimals("jvp", primals);
  const { out, tangents: pushed, aux } = forward("jvp", f, points, flattenTangents("jvp", points, tangents), hasAux);
  const results = [unflatten(out.structure, out.leaves), treeOf(out, pushed)];
  return hasAux ? [...results, aux] : results;
}

/**
 * From tangents to the tangent of the result.
 *
 * @param tangents a tuple with one entry per argument
 */
export type Pushforward<A extends readonly unknown[], R> = (tangents: Inputs<A>) => Arrays<R>;

/**
 * The value of f and its pushforward v ↦ J·v at a point (JAX's linearize). f runs once, the pushforward as often as wanted:
 * only the linear part is computed again.
 *
 * @param f a function from arrays or trees of arrays to arrays or trees
 * @param primals one per argument, all floating
 * @returns `[out, push]`, where `push([v])` takes a tuple of tangents of the form and shapes of the primals
 * @throws as {@link jvp} does; so does push
 * @example
 * const [out, push] = pushforward((x) => x.square(), array([1, 2]));
 * push([array([1, 0])]).toArray(); // [2, 0]
 * push([array([0, 1])]).toArray(); // [0, 4]
 */
export function pushforward<A extends readonly unknown[] = NDArray[], R = NDArray>(
  f: (...args: A) => Listed<R>,
  ...primals: NoInfer<Inputs<A>>
): [out: Arrays<R>, push: Pushforward<A, R>];
export function pushforward(f: (...args: never) => unknown, ...primals: readonly unknown[]): unknown {
  checkFunction("pushforward", f);
  const points = flattenPrimals("pushforward", primals);
  // The tangents are values that are given later: what is done to them is written down.
  const linear = new GraphTrace("pushforward");
  const inputs = points.map(({ leaves }) => leaves.map((x) => linear.input(x)));
  const { out, tangents } = within(linear, () => forward("pushforward", f, points, inputs, false));
  const program = linear.graph(tangents).withoutDeadCode();
  const push = (given: unknown): unknown => treeOf(out, program.run(flattenTangents("pushforward's push", points, given).flat()));
  return [unflatten(out.structure, out.leaves), push];
}

/**
 * The derivative of a function of one scalar; it may give arrays of any shape.
 *
 * @param f a function of a floating scalar to arrays or trees of arrays of any shape
 * @param options hasAux: f returns [out, aux], and the result is [derivative, aux]
 * @returns a function of a scalar; apply derivative again for higher derivatives
 * @throws ShapeError where the argument is no scalar, DTypeError where it is not floating, TreeError where it or f's result is no array or
 * tree of arrays, or an option is unknown, TransformError where f is no function or gives a Promise
 * @example
 * derivative((t) => t.pow(3))(2).item(); // 12
 * derivative(derivative((t) => t.pow(3)))(2).item(); // 12
 */
export function derivative<R = NDArray>(f: (x: NDArray) => Listed<R>, options?: JvpOptions<false>): (x: Input<NDArray>) => Arrays<R>;
export function derivative<R = NDArray, X = unknown>(
  f: (x: NDArray) => readonly [R, X],
  options: JvpOptions<true> & { readonly hasAux: true },
): (x: Input<NDArray>) => [derivative: Arrays<R>, aux: X];
export function derivative(f: (x: never) => unknown, options?: JvpOptions): unknown {
  checkFunction("derivative", f);
  checkTransformOptions("derivative", options, ["hasAux"]);
  const hasAux = options?.hasAux ?? false;
  return (x: unknown) => {
    const [point] = flattenPrimals("derivative", [x]);
    const { leaves, structure } = point;
    if (structure !== null || leaves[0].ndim !== 0)
      throw new ShapeError(
        `derivative: the argument ${structure === null ? `has shape ${showShape(leaves[0].shape)}` : "is a tree"}; give a scalar, or use jvp or jacobian.`,
      );
    const { out, tangents, aux } = forward("derivative", f, [point], [[leaves[0].filled(1, leaves[0].aval)]], hasAux);
    const slope = treeOf(out, tangents);
    return hasAux ? [slope, aux] : slope;
  };
}
