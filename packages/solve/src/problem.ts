import { array, type NDArray, ravelTree, ShapeError, TreeError } from "@ad/core";
import { type AnyFunction, flattenFloating, invoke } from "@ad/core/internals/checks";
import { type ArrayList, type Flat, implicitRoot, type LinearSolve, sameShape, sameStructure, unflatten } from "@ad/core/internals/trace";
import { cut, joined, solveVector } from "./linear.js";

/** A tree as a vector, for solvers that know vectors alone. */
export interface Start {
  /** The point where the solver starts: [n], without derivatives. */
  readonly start: NDArray;
  /** A vector as the tree that the function takes. */
  readonly tree: (u: NDArray) => unknown;
  /** The tree where the solver starts. */
  readonly like: Flat;
}

/** A function of a tree as one of a vector. */
export interface Problem extends Start {
  /** The results of the function at a vector, as one vector [m] of the start's dtype. */
  readonly f: (u: NDArray) => NDArray;
  /** The results of the function as it gave them first, once it has run. */
  readonly form: () => Flat;
}

/** A vector as a tree of the form of another one; one with leading axes, as a tree with these at each leaf. */
export const treeLike = ({ structure, leaves }: Flat, u: NDArray): unknown => unflatten(structure, cut(u, leaves));

/** A tree of floating arrays, one at the least. */
function treeOf(op: string, what: string, value: unknown): Flat {
  const flat = flattenFloating(value, op, what);
  if (!flat.leaves.length) throw new TreeError(`${op}: ${what} holds no arrays; give one at the least.`);
  return flat;
}

/** The tree where a solver starts, by its name, taken apart. */
export function startOf(op: string, x0: unknown, what = "x0"): Start {
  const like = treeOf(op, what, x0);
  const [start, tree] = ravelTree(x0);
  return { start: start.stopGradient(), tree, like };
}

/** A function of trees and the tree where its solver starts, taken apart. `what` is the name of that tree. */
export function problem(op: string, f: AnyFunction, x0: unknown, what?: string): Problem {
  const own = startOf(op, x0, what);
  let form: Flat | undefined;
  return {
    ...own,
    form: () => form as Flat,
    f(u) {
      const given = treeOf(op, "the function's result", invoke(f, [own.tree(u)]));
      const first = (form ??= given);
      if (!sameStructure(given.structure, first.structure) || given.leaves.some((x, i) => !sameShape(x.shape, first.leaves[i].shape)))
        throw new ShapeError(`${op}: the function's result has another form or shape than before; return the same at each call.`);
      return joined(given.leaves).astype(u.dtype);
    },
  };
}

/**
 * A vector that a solver finds, with implicit derivatives, and what stands beside it, without. `residual` is 0 there, and made of functions
 * that the solver has run. Where it is not finite the derivatives are NaN. Behind the vector others may stand that are constant to the residual, and
 * behind the residual a 0 for each of them, if `solve` knows of it.
 */
export const differentiable = <B>(
  op: string,
  find: () => readonly [found: ArrayList, beside: B],
  residual: (u: NDArray, ...others: NDArray[]) => ArrayList,
  solve: LinearSolve = (map, [b]) => [solveVector((v) => map([v])[0], b)],
): readonly [found: ArrayList, beside: B] =>
  implicitRoot(
    op,
    find,
    ([u, ...others]) => {
      const [r, ...rest] = residual(u, ...others);
      // A residual that is no number is 0 nowhere, and has no finite derivative either.
      return [r.mul(r.stopGradient().mul(0).add(1)), ...rest];
    },
    solve,
    true,
  );

/** The unit of rounding of a floating dtype. */
export const epsilonOf = (x: NDArray): number => (x.dtype === "float32" ? 2 ** -23 : 2 ** -52);

/** The largest absolute value; 0 of nothing. */
export const largest = (x: NDArray): NDArray => (x.size === 0 ? x.sum() : x.abs().max());

/** The length of a vector. */
export const norm = (x: NDArray): NDArray => x.square().sum().sqrt();

/** Returns whether all elements are finite. */
export const allFinite = (x: NDArray): NDArray => largest(x).less(Infinity);

/** A count to begin with. */
export const count = (n: number): NDArray => array(n, { dtype: "int32" });
