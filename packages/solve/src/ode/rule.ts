import type { NDArray } from "@ad/core";
import {
  type ArrayList,
  call,
  isFloat,
  type Operation,
  type Parts,
  pullbackAgain,
  recordPullback,
  written,
} from "@ad/core/internals/trace";
import { jvp } from "@ad/forward";

/** A function of arrays, some of which are differentiated: the floating ones. */
type ArrayFunction = (inputs: ArrayList) => ArrayList;

/** A list with other arrays at some of its places. */
export const replaced = (list: ArrayList, at: readonly number[], by: ArrayList): ArrayList => list.map((x, i) => by[at.indexOf(i)] ?? x);

/** Maps the inputs and the results to a pullback. */
export type Backwards = (inputs: ArrayList, outs: ArrayList, active: readonly boolean[]) => (cotangents: ArrayList) => Parts;

/**
 * Results that are known already, with the derivatives of a function that would give them: what is found is an input of the operation, and its
 * result. So it does not matter how it was found.
 *
 * @param backwards the pullback, where it is not that of the function
 */
export function derivedFrom(name: string, f: ArrayFunction, inputs: ArrayList, found: ArrayList, backwards?: Backwards): ArrayList {
  const n = inputs.length;
  const own = written(name, f, inputs);
  const operation: Operation = {
    name,
    record: recordPullback,
    forward: (all) => all.slice(n),
    jvp(all, tangents) {
      const at = inputs.flatMap((_, i) => (tangents[i] && isFloat(all[i].dtype) ? [i] : []));
      const outs = call(operation, all);
      if (at.length === 0) return [outs, []];
      return [
        outs,
        jvp(
          (...some: NDArray[]) => own(replaced(all.slice(0, n), at, some)) as NDArray[],
          at.map((i) => all[i]),
          at.map((i) => tangents[i] as NDArray),
        )[1] as NDArray[],
      ];
    },
    vjp(all, active = all.map(() => true)) {
      const outs = call(operation, all);
      const given = all.slice(0, n);
      const pull: (cotangents: ArrayList) => Parts = backwards
        ? backwards(given, outs, active)
        : pullbackAgain(name, own, given, active, outs);
      return [outs, (cotangents) => [...pull(outs.map((x, i) => cotangents[i] ?? x.filled(0, x.aval))), ...found.map(() => undefined)]];
    },
  };
  return call(operation, [...inputs, ...found]);
}

/** The cotangent of what is not known everywhere: NaN where it is not, and 0 where nothing is asked of it. */
export const asked = (is: NDArray, ct: NDArray): NDArray => is.logicalOr(ct.equal(0)).where(ct, Number.NaN);

/** x where it is known, and NaN elsewhere, as are its derivatives. With `found` it has those values, and is known as to its derivatives. */
export const known = (is: NDArray, x: NDArray, found = is.where(x, Number.NaN)): NDArray =>
  derivedFrom(
    "odeSolve",
    ([x, is]) => [x.mul(is.where(1, Number.NaN))],
    [x, is],
    [found.stopGradient()],
    ([, is]) =>
      ([ct]) => [asked(is, ct)],
  )[0];
