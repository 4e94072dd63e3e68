import type { NDArray } from "../array/ndarray.js";
import { joint, sameShape } from "../engine/aval.js";
import { DTypeError, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { type Flat, sameStructure, showStructure } from "../engine/tree.js";

/**
 * Throws unless two results have one form and, leaf by leaf, one shape and one dtype. A number has the dtype of what it meets.
 *
 * @param join what will join them, which says more where they are of two devices
 */
export function checkAlike(op: string, what: string, a: Flat, b: Flat, join?: (x: NDArray, y: NDArray) => NDArray): void {
  if (!sameStructure(a.structure, b.structure))
    throw new TreeError(
      `${op}: ${what} differ in form: ${showStructure(a.structure)} and ${showStructure(b.structure)}; both must be alike.`,
    );
  b.leaves.forEach((y, i) => {
    const x = a.leaves[i];
    const differ = (by: string, own: string, other: string, remedy = ""): string =>
      `${op}: ${what} differ in ${by} at ${a.paths[i]}: ${own} and ${other}; both must be alike${remedy}.`;
    if (!sameShape(x.shape, y.shape)) throw new ShapeError(differ("shape", showShape(x.shape), showShape(y.shape)));
    const dtype = joint(x.aval, y.aval);
    // A number gives way, and nothing else does.
    if ((x.dtype === dtype || x.aval.weak) && (y.dtype === dtype || y.aval.weak)) return;
    if (x.device !== y.device) join?.(x, y);
    throw new DTypeError(differ("dtype", x.dtype, y.dtype, `: use x.astype("${dtype}")`));
  });
}

/** The second of two results that are alike, as it stands beside the first: numbers have the dtype of what they meet. */
export function beside(op: string, what: string, a: Flat, b: Flat, join?: (x: NDArray, y: NDArray) => NDArray): Flat {
  checkAlike(op, what, a, b, join);
  return { ...b, leaves: b.leaves.map((y, i) => (y.aval.weak && !a.leaves[i].aval.weak ? y.astype(a.leaves[i].dtype) : y)) };
}

/** Leaf by leaf where(on, a, b). */
export const merge = (on: NDArray, a: Flat, b: Flat): Flat => ({
  ...b,
  leaves: a.leaves.map((x, i) => (x === b.leaves[i] ? x : on.where(x, b.leaves[i]))),
});
