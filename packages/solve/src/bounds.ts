import { type NDArray, TreeError } from "@ad/core";
import { flattenLike } from "@ad/core/internals/checks";
import { type Flat, flatten, unflatten } from "@ad/core/internals/trace";
import { joined } from "./linear.js";
import type { Bounds } from "./minimize/objective.js";
import { provided } from "./scalars.js";

/** A number for each element of another tree, as a vector: from a tree of its form, in which a number stands for all of a leaf, or from one number for all. */
export function vectorLike(op: string, name: string, value: unknown, like: Flat): NDArray {
  const given = flatten(value, op, name);
  const isOne = given.structure === null && given.leaves[0].ndim === 0;
  const { structure, leaves } = isOne ? { ...like, leaves: like.leaves.map(() => given.leaves[0]) } : given;
  const spread = leaves.map((x, i) => (x.ndim === 0 ? x.broadcastTo(like.leaves[i]?.shape ?? []) : x));
  return joined(flattenLike(unflatten(structure, spread), like, op, name));
}

/** Bounds as vectors. */
export function boundsOf(op: string, bounds: unknown, like: Flat): Bounds | undefined {
  if (bounds === undefined) return undefined;
  if (!Array.isArray(bounds) || bounds.length !== 2) throw new TreeError(`${op}: bounds are to be a pair; give [lower, upper].`);
  const [lower, upper] = bounds.map((bound, i) => vectorLike(op, `bounds[${i}]`, bound, like));
  const wrong = (): Error => new TreeError(`${op}: a lower bound is NaN or above its upper bound; give [lower, upper].`);
  return { lower: provided(lower.lessEqual(upper), lower, wrong), upper };
}
