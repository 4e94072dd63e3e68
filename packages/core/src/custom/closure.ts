import type { NDArray } from "../array/ndarray.js";
import { observed } from "../engine/intercept.js";
import type { ArrayList } from "../engine/operation.js";
import { levels } from "../engine/trace.js";

/**
 * A function may close over arrays of a newer trace than all its arguments. That trace has to be asked first, or what is newer would end
 * up inside of what is older; but it is known only when the function meets the array. So the call is then started again, with the array
 * among its inputs.
 */
interface Dispatch {
  /** The level of the newest trace among the inputs. */
  readonly level: number;
  /** The level of the newest trace at the start of the call. */
  readonly start: number;
}

/** A call is dispatched once on each level that has something to do with it. */
const dispatches: Dispatch[] = [];

const misses = ({ level, start }: Dispatch, { owner }: NDArray): boolean => owner.level > level && owner.level <= start;

/** Thrown by a function that meets such an array. */
export class Met {
  constructor(readonly array: NDArray) {}
}

/** Dispatches on the inputs and on the newer arrays that are closed over. */
export function withClosure(inputs: ArrayList, dispatch: (all: ArrayList) => ArrayList): ArrayList {
  const own: Dispatch = { level: Math.max(0, ...inputs.map((x) => x.owner.level)), start: levels() };
  const outside = dispatches.slice();
  dispatches.push(own);
  let met: NDArray;
  try {
    return dispatch(inputs);
  } catch (error) {
    if (!(error instanceof Met) || !misses(own, error.array) || outside.some((other) => misses(other, error.array))) throw error;
    met = error.array;
  } finally {
    dispatches.length = outside.length;
  }
  return withClosure([...inputs, met], dispatch);
}

/** Runs the function itself, and watches for arrays that its dispatches miss; what it calls does so for itself. */
export function lookingOut<T>(body: () => T): T {
  const own = dispatches.slice();
  return observed(
    (_, given, go) => {
      for (const x of given) if (own.some((each) => misses(each, x))) throw new Met(x);
      return go(given);
    },
    true,
    body,
  );
}
