import type { NDArray } from "@ad/core";
import type { Graph, Params } from "@ad/core/internals/trace";
import { alone, isLanewise } from "./lanewise.js";

type Placing = Params<"place">;

/** A place of x in zeros. */
export interface Placed {
  readonly x: NDArray;
  readonly params: Placing;
}

const whole = (x: NDArray): Placed => ({ x, params: { starts: x.shape.map(() => 0), steps: x.shape.map(() => 1), shape: x.shape } });

/**
 * Sums of values that are placed in zeros, as the pullbacks of slices are, and of another value: for each that nothing but such a sum reads,
 * an empty list, and for the last one all that is placed, in one array and one after the other.
 */
export function mergedPlaces({ equations, outputs }: Graph): ReadonlyMap<NDArray, readonly Placed[]> {
  const reads = new Map<NDArray, number>();
  for (const x of [...equations.flatMap(({ inputs }) => inputs), ...outputs]) if (x) reads.set(x, (reads.get(x) ?? 0) + 1);
  const isRead = (x: NDArray): boolean => reads.get(x) === 1;
  const all = new Map<NDArray, readonly Placed[]>();
  for (const { operation, inputs, params, outs } of equations) {
    const [out] = outs;
    const [a, b] = inputs;
    // Lanes have no zeros to add.
    if (operation === "place" && !isLanewise(operation, inputs, params, out, alone)) all.set(out, [{ x: a, params: params as Placing }]);
    if (operation !== "add" || a === b) continue;
    const partsOf = (x: NDArray): readonly Placed[] | undefined => (isRead(x) ? all.get(x) : undefined);
    const [p, q] = [partsOf(a), partsOf(b)];
    if (!p && !q) continue;
    all.set(out, p ? [...(q ? p : [whole(b)]), ...(q ?? p)] : [whole(a), ...(q as readonly Placed[])]);
    if (p) all.set(a, []);
    if (q) all.set(b, []);
  }
  for (const [out, parts] of all) if (parts.length === 1) all.delete(out);
  return all;
}
