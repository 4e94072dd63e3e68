import { type NDArray, ShapeError, TreeError } from "@ad/core";
import { flattenFloating, showShape } from "@ad/core/internals/checks";
import { type Flat, flatten, sameShape, sameStructure, showStructure } from "@ad/core/internals/trace";
import { joined } from "./linear.js";
import type { Bounds } from "./minimize/objective.js";
import { holds } from "./scalars.js";

/** A number for each element of another tree, as a vector: from a tree of its form, or from one number for all. */
export function vectorLike(op: string, name: string, value: unknown, what: string, like: Flat): NDArray {
  const flat = flatten(value, op, name);
  const isOne = flat.structure === null && flat.leaves[0].ndim === 0;
  if (!isOne && !sameStructure(flat.structure, like.structure))
    throw new TreeError(
      `${op}: ${name} has the form ${showStructure(flat.structure)}, but ${what} ${showStructure(like.structure)}; both must be alike.`,
    );
  const all = like.leaves.map((x, k) => {
    const own = isOne ? flat.leaves[0] : flat.leaves[k];
    if (own.ndim !== 0 && !sameShape(own.shape, x.shape))
      throw new ShapeError(
        `${op}: ${name} has shape ${showShape(own.shape)} at ${flat.paths[k]}, but ${what} ${showShape(x.shape)}; both must be alike.`,
      );
    return own.astype(x.dtype).broadcastTo([...x.shape]);
  });
  return joined(all);
}

/** Bounds as vectors. */
export function boundsOf(op: string, bounds: unknown, x0: unknown): Bounds | undefined {
  if (bounds === undefined) return undefined;
  if (!Array.isArray(bounds) || bounds.length !== 2)
    throw new TreeError(`${op}: bounds are to be a pair, [lower, upper], of trees like x0 or of numbers.`);
  const like = flattenFloating(x0, op, "x0");
  const [lower, upper] = bounds.map((bound, i) => vectorLike(op, i === 0 ? "the lower bound" : "the upper bound", bound, "x0", like));
  if (holds(lower.lessEqual(upper)) === false)
    throw new TreeError(`${op}: a lower bound is NaN or above its upper bound; give bounds as [lower, upper].`);
  return { lower, upper };
}
