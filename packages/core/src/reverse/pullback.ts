import type { NDArray } from "../array/ndarray.js";
import { AbstractTrace } from "../engine/abstract.js";
import { isFloat } from "../engine/aval.js";
import { TransformError } from "../engine/errors.js";
import type { ArrayList, Operation, Parts, Recorder } from "../engine/operation.js";
import { call, within } from "../engine/trace.js";
import { Tracer } from "../engine/tracer.js";
import { pullback } from "./backward.js";
import { Tape } from "./tape.js";

/** The value below all traces. */
const bottom = (x: NDArray): NDArray => (x instanceof Tracer && x.below ? bottom(x.below) : x);

/**
 * The transpose of a linear function, from the cotangents of its results to those of its inputs. The function is run on shapes alone,
 * those of `like`: a linear rule never looks at the values of what it is linear in.
 */
export function transposeLinear(
  op: string,
  f: (inputs: ArrayList) => Parts,
  like: ArrayList,
): { outs: Parts; pull: (cotangents: Parts) => NDArray[] } {
  const shapes = new AbstractTrace(op);
  const tape = new Tape(op);
  const inputs = like.map((x) => tape.input(shapes.of(x)));
  const outs = within(tape, () => f(inputs));
  const pull = pullback(tape, inputs, outs);
  return {
    outs,
    pull(cotangents) {
      const parts = pull(cotangents);
      if (parts.some((x) => shapes.owns(bottom(x)))) throw new TransformError(`${op}: the function is not linear in its arguments.`);
      return parts;
    },
  };
}

/** A function's results at these inputs, and the pullback to those of them that are active; the others get no cotangent. */
export function pullbackAt(
  op: string,
  f: (inputs: ArrayList) => ArrayList,
  inputs: ArrayList,
  active: readonly boolean[],
): readonly [outs: ArrayList, pull: (cotangents: Parts) => Parts] {
  const tape = new Tape(op);
  const own = inputs.map((x, i) => (active[i] && isFloat(x.dtype) ? tape.input(x) : x));
  const ends = within(tape, () => f(own));
  const pull = pullback(tape, own, ends);
  return [ends.map((x) => tape.lower(x)), (cotangents) => pull(cotangents).map((part, i) => (tape.owns(own[i]) ? part : undefined))];
}

/**
 * An operation's results and its pullback at these inputs, of which the `active` ones are to be differentiated: by its own rule, by the
 * transposes of what it is linear in, or by transposing its rule for tangents.
 */
function pullbackOf(
  operation: Operation,
  inputs: ArrayList,
  active: readonly boolean[],
): readonly [outs: ArrayList, pull: (cotangents: Parts) => Parts] {
  const { vjp, jvp, transposes, name } = operation;
  if (vjp) return vjp(inputs, active);
  if (transposes && active.every((on, i) => !on || i in transposes))
    return [call(operation, inputs), (cotangents) => active.map((on, i) => (on ? transposes[i](cotangents, inputs) : undefined))];
  const at = active.flatMap((on, i) => (on && isFloat(inputs[i].dtype) ? [i] : []));
  let outs: ArrayList = [];
  const { pull } = transposeLinear(
    name,
    (given) => {
      const tangents = new Array<NDArray | undefined>(inputs.length);
      at.forEach((i, k) => {
        tangents[i] = given[k];
      });
      const both = (jvp as NonNullable<typeof jvp>)(inputs, tangents);
      outs = both[0];
      return both[1];
    },
    at.map((i) => inputs[i]),
  );
  return [
    // A staged loop that carries values and tangents together gives values that are on the tape too.
    outs.every(({ owner }) => owner.live) ? outs : operation.forward(inputs),
    (cotangents) => {
      const parts = pull(cotangents);
      return active.map((_, i) => parts[at.indexOf(i)]);
    },
  ];
}

/** Puts an operation on a tape by its rules. */
export function recordPullback(tape: Recorder, inputs: ArrayList, operation: Operation): ArrayList {
  const active = inputs.map((x) => tape.owns(x));
  const lowered = inputs.map((x) => tape.lower(x));
  return tape.append(inputs, ...pullbackOf(operation, lowered, active));
}
