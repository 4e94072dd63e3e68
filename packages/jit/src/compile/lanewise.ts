import type { NDArray } from "@ad/core";
import { type Params, type PrimitiveName, primitives } from "@ad/core/internals/trace";
import type { Loop } from "./plan.js";

/** Fewer lanes are no loop, and lanes of more elements are left to vectors. */
const minLanes = 64;
const maxLane = 32;

/** Elements that a lane computes in one loop: the engine compiles no longer functions well. */
const maxWork = 1500;

/** Terms of a product of small matrices. */
const maxTerms = 64;

/** What is asked of an equation: whether a value is computed in a loop over as many lanes, whether it is cheap, whether vectors could do it. */
interface Site {
  readonly isLocal: (x: NDArray) => boolean;
  readonly isCheap: boolean;
  readonly isTile: boolean;
}

/**
 * Whether each place along the first axis of a result, a lane, is computed of the same lane of what has as many, and whether that is better
 * done lane by lane: where elements of short axes are added, moved or stretched.
 */
export function isLanewise(operation: PrimitiveName, [x, y]: readonly NDArray[], params: unknown, out: NDArray, site: Site): boolean {
  const [n] = out.shape;
  const isShort = ({ size }: NDArray): boolean => size <= n * maxLane;
  if (!(n >= minLanes) || out.size === 0 || !isShort(out)) return false;
  const { isLocal, isCheap, isTile } = site;
  switch (operation) {
    case "reshape":
      return isLocal(x);
    case "transpose":
      return isLocal(x) && (params as Params<"transpose">).perm[0] === 0;
    case "broadcast":
      return isLocal(x) && (params as Params<"broadcast">).dims[0] === 0;
    case "slice": {
      const { starts, steps } = params as Params<"slice">;
      return isLocal(x) && starts[0] === 0 && steps[0] === 1;
    }
    case "place": {
      const { starts, steps } = params as Params<"place">;
      return x.shape[0] === n && starts[0] === 0 && steps[0] === 1;
    }
    case "concatenate":
      return (params as Params<"concatenate">).axis > 0;
    case "take":
      return (params as Params<"take">).axis === 0 && y.ndim === 1;
    case "sum":
    case "max":
    case "min":
      return isShort(x) && x.size > out.size && !(params as Params<"sum">).axes.includes(0);
    case "matmul":
      return out.ndim > 2 && (out.size / n) * (x.shape.at(-1) as number) <= maxTerms;
    default: {
      const isElementwise = primitives[operation].kind === "elementwise" || operation === "cast" || operation === "select";
      if (!isElementwise) return false;
      const isNear = [x, y].some((each) => each && isLocal(each));
      return isCheap ? isNear || (!isTile && out.size > n) : isNear && out.size === n;
    }
  }
}

/** Whether a loop over lanes has room for one more value. */
export const hasRoom = ({ shape: [n], elements }: Loop): boolean => elements.reduce((sum, { out }) => sum + out.size / n, 0) < maxWork;
