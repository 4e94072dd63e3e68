import type { NDArray } from "../array/ndarray.js";
import { sameShape } from "../aval.js";
import { ShapeError, showShape, TreeError } from "../errors.js";
import { type Flat, sameStructure, showStructure } from "../tree.js";

/** Throws unless two results have one form and, leaf by leaf, one shape. */
export function checkAlike(op: string, what: string, a: Flat, b: Flat): void {
  if (!sameStructure(a.structure, b.structure))
    throw new TreeError(
      `${op}: ${what} differ in form: ${showStructure(a.structure)} and ${showStructure(b.structure)}; both must be alike.`,
    );
  a.leaves.forEach((x, i) => {
    const y = b.leaves[i];
    if (!sameShape(x.shape, y.shape))
      throw new ShapeError(
        `${op}: ${what} differ in shape at ${a.paths[i]}: ${showShape(x.shape)} and ${showShape(y.shape)}; both must be alike.`,
      );
  });
}

/** Leaf by leaf where(on, a, b). */
export const merge = (on: NDArray, a: Flat, b: Flat): Flat => ({
  ...b,
  leaves: a.leaves.map((x, i) => (x === b.leaves[i] ? x : on.where(x, b.leaves[i]))),
});
