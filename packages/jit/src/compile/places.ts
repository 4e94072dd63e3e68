import type { NDArray } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import type { Graph, Params } from "@ad/core/internals/trace";
import { alone, isLanewise } from "./lanewise.js";

type Placing = Params<"place">;

/** A place of x in zeros; where there are indices, along an axis that they count. */
export interface Placed {
  readonly x: NDArray;
  readonly params: Placing;
  readonly into?: { readonly indices: NDArray; readonly axis: number };
}

const whole = (x: NDArray): Placed => ({ x, params: { starts: x.shape.map(() => 0), steps: x.shape.map(() => 1), shape: x.shape } });

/** Returns whether additions round as often one by one as they do together: what meets in one place is added in float64. */
const isExact = ({ dtype }: NDArray, indices: NDArray): boolean =>
  dtype !== "float32" || (indices instanceof Concrete && new Set(indices.data() as Int32Array).size === indices.size);

/**
 * Sums of values that are placed in zeros, as the pullbacks of slices and of `take` are, and of another value: for each that nothing but such a
 * sum reads, an empty list, and for the last one all that is placed, in one array and one after the other.
 */
export function mergedPlaces({ equations, outputs }: Graph): ReadonlyMap<NDArray, readonly Placed[]> {
  const reads = new Map<NDArray | undefined, number>();
  for (const x of [...equations.flatMap(({ inputs }) => inputs), ...outputs]) reads.set(x, (reads.get(x) ?? 0) + 1);
  const isRead = (x: NDArray): boolean => reads.get(x) === 1;
  const all = new Map<NDArray, readonly Placed[]>();
  for (const { operation, inputs, params, outs } of equations) {
    const [out] = outs;
    const [a, b] = inputs;
    // Lanes have no zeros to add.
    if (operation === "place" && !isLanewise(operation, inputs, params, out, alone)) all.set(out, [{ x: a, params: params as Placing }]);
    const partsOf = (x: NDArray): readonly Placed[] | undefined => (isRead(x) ? all.get(x) : undefined);
    if (operation === "scatterAdd" && isExact(out, b)) {
      const before = partsOf(a);
      const { axis } = params as Params<"scatterAdd">;
      all.set(out, [...(before ?? [whole(a)]), { ...whole(inputs[2]), into: { indices: b, axis } }]);
      if (before) all.set(a, []);
    }
    if (operation !== "add" || a === b) continue;
    const p = partsOf(a);
    const q = partsOf(b);
    const last = q ?? p;
    if (!last) continue;
    all.set(out, [...(q ? (p ?? [whole(a)]) : [whole(b)]), ...last]);
    if (p) all.set(a, []);
    if (q) all.set(b, []);
  }
  for (const [out, parts] of all) if (parts.length === 1) all.delete(out);
  return all;
}
