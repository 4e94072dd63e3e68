import type { ArrayLike } from "../array/base.js";
import { asArray } from "../array/convert.js";
import { parts } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { cast } from "../array/operands.js";
import { common } from "../engine/aval.js";
import { describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { checkFunction } from "../engine/invoke.js";
import {
  type Arrays,
  type Container,
  countLeaves,
  flatten,
  type Leaf,
  type Structure,
  sameStructure,
  showStructure,
  unflatten,
} from "../engine/tree.js";
import { concatenate } from "./movement.js";

/** A tree with an R for each leaf. */
export type Mapped<T, R> = unknown extends T
  ? unknown
  : T extends null | Container
    ? T
    : T extends Leaf
      ? R
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Mapped<T[K], R> }
        : T extends object
          ? { [K in keyof T]: Mapped<T[K], R> }
          : never;

/**
 * The form of a tree without its leaves. Two trees have the same form where their structures are deeply equal, or the texts of these.
 *
 * @example
 * const structure = treeStructure({ w: array([1, 2]), b: [3, 4] });
 * structure.size; // 3
 * structure.paths; // ["$.b[0]", "$.b[1]", "$.w"]
 */
export class TreeStructure<T = unknown> {
  /** The number of leaves. */
  readonly size: number;

  /** @internal */
  constructor(
    private readonly form: Structure,
    /** The path of each leaf, in the order of the leaves. */
    readonly paths: readonly string[],
  ) {
    this.size = countLeaves(form);
  }

  /**
   * A tree of this form with other leaves, of any type.
   *
   * @param leaves as many as the structure has, in its order
   * @throws TreeError unless there are as many leaves as the structure has
   * @example
   * treeStructure([1, [2, 3]]).unflatten(["a", "b", "c"]); // ["a", ["b", "c"]]
   */
  unflatten<R>(leaves: readonly R[]): Mapped<T, R> {
    if (!Array.isArray(leaves) || leaves.length !== this.size)
      throw new TreeError(`unflatten: ${describe(leaves)} arrives; give a list of ${this.size} leaves.`);
    return unflatten(this.form, leaves) as Mapped<T, R>;
  }

  /** `{ b: [*, *], w: * }`. */
  toString(): string {
    return showStructure(this.form);
  }
}

/**
 * The leaves of a tree in the order of its sorted keys, each as an array.
 *
 * @param tree an array, a number or a tree of these, of any shapes and dtypes
 * @throws TreeError where tree is no tree of arrays, TransformError where a leaf is a Promise, or has escaped its transformation
 * @example
 * treeLeaves({ w: array([1, 2]), b: 3 }).map((x) => x.toArray()); // [3, [1, 2]]
 */
export const treeLeaves = (tree: unknown): NDArray[] => flatten(tree, "treeLeaves", "the tree").leaves;

/**
 * The form of a tree: it prints itself, and makes trees of this form out of other leaves.
 *
 * @param tree an array, a number or a tree of these, of any shapes and dtypes
 * @throws TreeError where tree is no tree of arrays, TransformError where a leaf is a Promise, or has escaped its transformation
 * @example
 * treeStructure([array([1, 2]), [3, 4]]).toString(); // "[*, [*, *]]"
 */
export function treeStructure<T>(tree: T): TreeStructure<T> {
  const { structure, paths } = flatten(tree, "treeStructure", "the tree");
  return new TreeStructure(structure, paths);
}

/**
 * Applies a function to each leaf of a tree and to the leaves at the same place in other trees of its form.
 *
 * @param f from the leaves, as arrays of any shapes and dtypes, to a leaf of the result: any value
 * @param tree an array, a number or a tree of these
 * @param rest trees of the same form
 * @returns a tree of the same form
 * @throws TreeError where the trees differ in form or are no trees of arrays, TransformError where f is no function, or
 * a leaf is a Promise or has escaped its transformation
 * @example
 * const [params, slopes] = [{ w: array([1, 2]), b: 3 }, { w: array([10, 10]), b: 20 }];
 * const { w, b } = treeMap((p, slope) => p.sub(slope.mul(0.1)), params, slopes);
 * w.toArray(); // [0, 1]
 * b.item(); // 1
 */
export function treeMap<T, R>(f: (x: NDArray, ...rest: NDArray[]) => R, tree: T, ...rest: readonly unknown[]): Mapped<T, R> {
  checkFunction("treeMap", f);
  const { leaves, structure } = flatten(tree, "treeMap", "tree 0");
  const others = rest.map((other, i) => {
    const flat = flatten(other, "treeMap", `tree ${i + 1}`);
    if (!sameStructure(flat.structure, structure))
      throw new TreeError(
        `treeMap: tree ${i + 1} has the form ${showStructure(flat.structure)}, but tree 0 ${showStructure(structure)}; all must be alike.`,
      );
    return flat.leaves;
  });
  return unflatten(
    structure,
    leaves.map((x, i) => f(x, ...others.map((list) => list[i]))),
  ) as Mapped<T, R>;
}

/**
 * The elements of all leaves as one vector, and the way back. Both are differentiable, and may be called inside of any transformation.
 *
 * @param tree an array, a number or a tree of these, of any shapes; dtypes are promoted
 * @returns `[flat, unravel]`: the vector, leaf after leaf in the order of sorted keys, each in row-major order; and a function from any
 * vector of that length to a tree of the form, shapes and dtypes of this one, where a number takes the vector's dtype. It throws a
 * ShapeError where the length is another
 * @throws TreeError where tree is no tree of arrays, TransformError where a leaf is a Promise, or has escaped its transformation
 * @example
 * const [flat, unravel] = ravelTree({ w: array([[1, 2]]), b: 3 });
 * flat.toArray(); // [3, 1, 2]
 * unravel(flat.mul(10)).w.toArray(); // [[10, 20]]
 */
export function ravelTree<T>(tree: T): [flat: NDArray, unravel: (flat: ArrayLike) => Arrays<T>] {
  const { leaves, structure } = flatten(tree, "ravelTree", "the tree");
  const avals = leaves.map((x) => x.aval);
  const sizes = avals.map(({ size }) => size);
  const size = sizes.reduce((sum, n) => sum + n, 0);
  const dtype = leaves.length === 0 ? "float64" : common(leaves);
  const flat = leaves.length === 0 ? asArray([], "ravelTree") : concatenate(leaves.map((x) => cast(x, dtype).ravel()));
  const unravel = (vector: ArrayLike): Arrays<T> => {
    const x = asArray(vector, "ravelTree's unravel");
    if (x.ndim !== 1 || x.size !== size)
      throw new ShapeError(
        `ravelTree's unravel: an array of shape ${showShape(x.shape)} arrives, but the tree has ${size} elements; give a vector of these.`,
      );
    const back = parts(x, 0, sizes).map((part, i) => cast(part.reshape(avals[i].shape), avals[i].weak ? x.dtype : avals[i].dtype));
    return unflatten(structure, back) as Arrays<T>;
  };
  return [flat, unravel];
}
