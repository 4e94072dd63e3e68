import { type Arrays, treeMap } from "@ad/core";

/**
 * Parameters after a step: each leaf with its update added.
 *
 * @param params a tree of floating arrays
 * @param updates a tree of the same structure and shapes
 * @returns the tree of `params + updates`
 * @throws TreeError if the trees differ in structure
 * @example
 * applyUpdates({ w: array([1, 2]) }, { w: array([0.5, -1]) }).w.toArray(); // [1.5, 1]
 */
export function applyUpdates<T>(params: T, updates: unknown): Arrays<T> {
  return treeMap((p, u) => p.add(u), params, updates) as Arrays<T>;
}
