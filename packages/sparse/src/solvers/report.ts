import { type NDArray, TreeError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import { peek } from "@ad/core/internals/trace";

/** The reasons for which a solver stops. The codes and sentences are those of @ad/solve. */
export const codes = { noProgress: -2, notFinite: -1, maxIterations: 0, residual: 1 } as const;

const sentences: Readonly<Record<number, string>> = {
  "-2": "stopped: no step makes progress any more",
  "-1": "stopped: the map gives a value that is not finite",
  0: "stopped: maxIterations is reached",
  1: "converged: the residual is within the tolerance",
};

/** The report of a solver of linear equations, beside the solution. */
export interface Report {
  /** Whether the residual is within the tolerance. In lanes of vmap and inside of jit it is an array of dtype bool. */
  readonly converged: boolean;
  /** The reason for which it stopped, in words. In lanes of vmap and inside of jit it is an int32 code: {@link statusOf} has the words. */
  readonly status: string;
  /** The number of steps that were taken. In lanes of vmap and inside of jit it is an int32 array. */
  readonly iterations: number;
  /** The number of products with A that were computed. In lanes of vmap and inside of jit it is an int32 array. */
  readonly evaluations: number;
  /** The norm of b − A x at the end. In lanes of vmap and inside of jit it is an array. */
  readonly residual: number;
}

/**
 * The words for a status code. In lanes of vmap and inside of jit, `status` is an int32 array of such codes, of shape [] in each lane.
 *
 * @param code a whole number
 * @throws TreeError where there is no such code
 * @example
 * statusOf(1); // "converged: the residual is within the tolerance"
 */
export function statusOf(code: number): string {
  const words = typeof code === "number" ? sentences[code] : undefined;
  if (words === undefined) throw new TreeError(`statusOf: there is no status ${describe(code)}; give a code that a solver gave.`);
  return words;
}

/** The number of an array of shape [], or the array where it has none: in lanes, or while shapes alone are known. */
export function plain<T extends number | boolean>(x: NDArray): T | NDArray {
  const peeked = peek(x);
  return peeked === undefined || peeked.batches.length > 0 ? x : peeked.values.item<T>();
}

/** The numbers of a report, in arrays. */
export interface Counts {
  readonly code: NDArray;
  readonly iterations: NDArray;
  readonly evaluations: NDArray;
  readonly residual: NDArray;
}

export function report({ code, iterations, evaluations, residual }: Counts): Report {
  const status = plain<number>(code);
  // The types say what users read; inside of vmap and jit all four are arrays.
  return {
    converged: plain<boolean>(code.greater(0)),
    status: typeof status === "number" ? statusOf(status) : status,
    iterations: plain<number>(iterations),
    evaluations: plain<number>(evaluations),
    residual: plain<number>(residual),
  } as Report;
}
