/**
 * This file holds what all solvers report beside the solution, and the one rule of how.
 *
 * Outside of transformations, and inside of those that know the numbers (grad, vjp, jvp and what is made of these), `converged` is a boolean,
 * `iterations` and `evaluations` are numbers and `status` is a sentence, so that `if (result.converged)` does what it says. In lanes of vmap, and
 * while jit stages, there is no one number: there they are arrays, bool and int32, and `status` is the int32 code of its sentence, for which
 * {@link statusOf} has the words. Their types say what they are outside; transformations give trees of arrays for them as for every
 * number and boolean. None of them has a derivative.
 *
 * A solver counts in arrays: the state of its `whileLoop` holds an int32 code of {@link codes} and int32 counts, so that lanes stop by themselves
 * and jit stages them. It ends with `...report(reasons, { code, iterations, evaluations })`. A code above 0 says that it converged, 0 that it stopped too
 * early, one below 0 that it failed. Solvers may share codes.
 *
 * Implicit derivatives: `const [x, beside] = implicitRoot(op, () => [leaves of the solution, beside], residual, denseSolve, true)`, where
 * `residual` is 0 at the solution (the function of a root, the gradient of a minimum) and closes over what the user's function closes over.
 * `beside` holds codes and counts, without derivatives. The last argument says that the solver runs the residual's functions itself.
 */
import type { NDArray } from "@ad/core";
import { TreeError } from "@ad/core";
import { describe } from "@ad/core/internals/checks";
import { isStaging, peek } from "@ad/core/internals/trace";
import * as codes from "./codes.js";
import type { State } from "./loop.js";

const sentenceOf = ([code, words]: codes.Reason): string => `${code > 0 ? "converged" : "stopped"}: ${words}`;

/** Every solver's result holds this beside the solution. */
export interface Report {
  /** Whether the solver met a tolerance. In lanes of vmap and inside of jit it is an array of dtype bool. */
  readonly converged: boolean;
  /** The reason for which it stopped, in words. In lanes of vmap and inside of jit it is an int32 code: {@link statusOf} has the words. */
  readonly status: string;
  /** The number of steps that were taken. In lanes of vmap and inside of jit it is an int32 array. */
  readonly iterations: number;
  /** The number of evaluations of the function. In lanes of vmap and inside of jit it is an int32 array. */
  readonly evaluations: number;
}

/**
 * The words for a status code, as `status` is given in lanes of vmap and inside of jit.
 *
 * @param code a whole number
 * @throws TreeError where there is no such code
 * @example
 * statusOf(1); // "converged: the residual is within the tolerance"
 */
export function statusOf(code: number): string {
  const reason = codes.reasons.find(([own]) => own === code);
  if (reason === undefined) throw new TreeError(`statusOf: there is no status ${describe(code)}; give a code that a solver gave.`);
  return sentenceOf(reason);
}

/** The number of an array of shape [], or the array where it has none: in lanes, or while shapes alone are known. */
export function plain<T extends number | boolean>(x: NDArray): T | NDArray {
  const peeked = isStaging() ? undefined : peek(x);
  return peeked?.batches.length === 0 ? peeked.values.item<T>() : x;
}

/** The end of a search: its int32 code, one of its reasons, and what it counted. */
export interface Counts extends State {
  readonly evaluations: NDArray;
}

/** A solver's report. */
export function report(reasons: readonly codes.Reason[], { code, iterations, evaluations }: Counts): Report {
  const status = plain<number>(code);
  const reason = reasons.find(([own]) => own === status);
  // The types say what users read; inside of vmap and jit all four are arrays.
  return {
    converged: plain<boolean>(code.greater(0)),
    status: reason ? sentenceOf(reason) : status,
    iterations: plain<number>(iterations),
    evaluations: plain<number>(evaluations),
  } as Report;
}
