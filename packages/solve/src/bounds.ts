import { type ArrayLike, type NDArray, TreeError } from "@ad/core";
import { flattenLike } from "@ad/core/internals/checks";
import { asArray, type Flat, flatten, unflatten } from "@ad/core/internals/trace";
import { joined } from "./linear.js";
import type { Bounds } from "./minimize/objective.js";
import { provided } from "./scalars.js";

/**
 * A number for each element of another tree, as a vector: from a tree of its form, in which a number stands for all of a leaf, or from one number for all. Of a tree
 * that is one array, a list is an array.
 */
export function vectorLike(op: string, name: string, value: unknown, like: Flat): NDArray {
  const given = flatten(like.structure ? value : asArray(value as ArrayLike, `${op}: ${name}`), op, name);
  const [one] = given.leaves;
  const { structure, leaves } = given.structure || one.ndim ? given : { ...like, leaves: like.leaves.map(() => one) };
  const spread = leaves.map((x, i) => (x.ndim ? x : x.broadcastTo(like.leaves[i]?.shape ?? [])));
  return joined(flattenLike(unflatten(structure, spread), like, op, name));
}

/** Bounds as vectors. */
export function boundsOf(op: string, bounds: unknown, like: Flat): Bounds | undefined {
  if (bounds === undefined) return undefined;
  if (!Array.isArray(bounds) || bounds.length !== 2) throw new TreeError(`${op}: bounds are no pair; give [lower, upper].`);
  const [lower, upper] = bounds.map((bound, i) => vectorLike(op, `bounds[${i}]`, bound, like));
  const wrong = (): Error => new TreeError(`${op}: a lower bound is NaN or above its upper bound; give [lower, upper].`);
  return [provided(lower.lessEqual(upper), lower, wrong), upper];
}
