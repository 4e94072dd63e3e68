import { type Arrays, ShapeError, TreeError } from "@ad/core";
import { showShape } from "@ad/core/internals/checks";
import { flatten, sameShape, sameStructure, showStructure, unflatten } from "@ad/core/internals/trace";

/**
 * Parameters after a step: each leaf with its update added.
 *
 * @param params a tree of floating arrays
 * @param updates a tree of the same structure and shapes
 * @returns the tree of `params + updates`
 * @throws TreeError if the trees differ in structure, ShapeError if leaves differ in shape, TransformError if a tree holds a Promise
 * @example
 * applyUpdates({ w: array([1, 2]) }, { w: array([0.5, -1]) }).w.toArray(); // [1.5, 1]
 */
export function applyUpdates<T>(params: T, updates: unknown): Arrays<T> {
  const op = "applyUpdates";
  const { leaves, structure, paths } = flatten(params, op, "params");
  const changes = flatten(updates, op, "updates");
  if (!sameStructure(changes.structure, structure))
    throw new TreeError(
      `${op}: updates have the form ${showStructure(changes.structure)}, but params ${showStructure(structure)}; both must be alike.`,
    );
  const next = leaves.map((p, i) => {
    const change = changes.leaves[i];
    if (!sameShape(change.shape, p.shape))
      throw new ShapeError(
        `${op}: updates have shape ${showShape(change.shape)} at ${paths[i]}, but params ${showShape(p.shape)}; both must be alike.`,
      );
    return p.add(change);
  });
  return unflatten(structure, next) as Arrays<T>;
}
