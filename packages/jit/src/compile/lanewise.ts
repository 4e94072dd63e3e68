import type { NDArray } from "@ad/core";
import { type Params, type PrimitiveName, primitives, sizeOf } from "@ad/core/internals/trace";
import { isElementwise } from "../passes/broadcasts.js";
import type { FoldStep, Loop } from "./steps.js";

/** Fewer lanes are no loop, and lanes of more elements are left to vectors. */
const minLanes = 64;
const maxLane = 32;

/** Elements that one turn of a loop computes: the engine compiles no longer functions well. */
const maxWork = 1500;

/** The parameters of operations that name axes. */
type AxisParams = Params<"transpose"> & Params<"broadcast"> & Params<"slice"> & Params<"take"> & Params<"sum">;

/** The facts about an equation: whether a value is computed in a loop over as many lanes, whether it is cheap, whether vectors could do it. */
interface Site {
  readonly isLocal: (x: NDArray) => boolean;
  readonly isCheap: boolean;
  readonly isTile: boolean;
}

/** Of an equation whose neighbours do not count. */
export const alone: Site = { isLocal: () => false, isCheap: false, isTile: true };

/**
 * Returns whether each place along the first axis of a result, a lane, is computed of the same lane of what has as many, and whether that is better
 * done lane by lane: where elements of short axes are added, moved or stretched.
 */
export function isLanewise(operation: PrimitiveName, [x, y]: readonly NDArray[], params: unknown, out: NDArray, site: Site): boolean {
  const [n] = out.shape;
  const isShort = ({ size }: NDArray): boolean => size <= n * maxLane;
  if (!(n >= minLanes) || out.size === 0 || !isShort(out)) return false;
  const { isLocal, isCheap, isTile } = site;
  const { kind } = primitives[operation];
  const { perm, dims, starts, steps, axis = 0, axes } = (params ?? {}) as Partial<AxisParams>;
  const keepsFirst = (starts?.[0] ?? perm?.[0] ?? dims?.[0] ?? 0) === 0 && (steps?.[0] ?? 1) === 1;
  if (kind === "view") return operation !== "unfold" && isLocal(x) && keepsFirst;
  if (isElementwise(operation)) {
    const isNear = isLocal(x) || (y !== undefined && isLocal(y));
    return isCheap ? isNear || (!isTile && out.size > n) : isNear && out.size === n;
  }
  if (isFold(operation)) return isShort(x) && x.size > out.size && axes?.includes(0) === false;
  switch (operation) {
    case "place":
      return x.shape[0] === n && keepsFirst;
    case "concatenate":
      return axis > 0;
    case "take":
      return axis === 0 && y.ndim === 1;
    default:
      return false;
  }
}

/** Returns whether a loop computes a reduction. */
export const isFold = (name: string): name is FoldStep["name"] => /^(sum|max|min)$/.test(name);

/** Returns whether a loop, over lanes or elements, has room for one more value. */
export const hasRoom = ({ shape, elements }: Loop): boolean =>
  elements.reduce((sum, { out }) => sum + out.size / sizeOf(shape), 0) < maxWork;
