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

export const op = "odeSolve";

/** A function of arrays, some of which are differentiated: the floating ones. */
type ArrayFunction = (inputs: ArrayList) => ArrayList;

/** A list with other arrays at some of its places. */
export const replaced = (list: ArrayList, at: readonly number[], by: ArrayList): ArrayList => list.map((x, i) => by[at.indexOf(i)] ?? x);

/** The results of a function, unless they are known, and their tangents, of which there are none where no input has one. */
export function pushed(
  f: ArrayFunction,
  inputs: ArrayList,
  tangents: Parts,
  outs?: ArrayList,
): readonly [outs: ArrayList, tangents: Parts] {
  const at = inputs.flatMap((x, i) => (tangents[i] && isFloat(x.dtype) ? [i] : []));
  if (at.length === 0) return [outs ?? f(inputs), []];
  return jvp(
    (...some: NDArray[]) => f(replaced(inputs, at, some)) as NDArray[],
    at.map((i) => inputs[i]),
    at.map((i) => tangents[i] as NDArray),
  ) as [NDArray[], NDArray[]];
}

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
      const outs = call(operation, all);
      return [outs, pushed(own, all.slice(0, n), tangents, outs)[1]];
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

/** A choice by a condition of x's shape, linear in x, with those of its tangents and of its cotangents. */
function choosing(forward: (is: NDArray, x: NDArray) => NDArray, tangents: () => Operation): Operation {
  const own: Operation = {
    name: op,
    record: recordPullback,
    forward: ([x, is]) => [forward(is, x)],
    jvp: ([x, is], [t]) => [call(own, [x, is]), t ? call(tangents(), [t, is]) : []],
    transposes: { 0: ([ct], [, is]) => asked(is, ct as NDArray) },
    vmap: (inputs, mapped, size) =>
      call(
        own,
        inputs.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape]))),
      ),
  };
  return own;
}

const knowing: Operation = /* @__PURE__ */ choosing(
  (is, x) => is.where(x, Number.NaN),
  () => knowing,
);
const asking: Operation = /* @__PURE__ */ choosing(
  (is, x) => is.logicalOr(x.equal(0)).where(x, Number.NaN),
  () => asking,
);

const smoothing: Operation = /* @__PURE__ */ choosing(
  (_, x) => x,
  () => knowing,
);

const choice = (operation: Operation, is: NDArray, x: NDArray): NDArray => call(operation, [x, is.broadcastTo([...x.shape])])[0];

/** The cotangent of what is not known everywhere: NaN where it is not, and 0 where nothing is asked of it. So is the cotangent of that. */
export const asked = (is: NDArray, ct: NDArray): NDArray => choice(asking, is, ct);

/** x where it is known, and NaN elsewhere, as are its derivatives. */
export const known = (is: NDArray, x: NDArray): NDArray => choice(knowing, is, x);

/** x, whose derivatives are known where that is so, and NaN elsewhere. */
export const smooth = (is: NDArray, x: NDArray): NDArray => choice(smoothing, is, x);
