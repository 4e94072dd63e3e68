import type { NDArray } from "../array/ndarray.js";
import { AbstractTrace } from "../engine/abstract.js";
import { isFloat } from "../engine/aval.js";
import { TransformError } from "../engine/errors.js";
import type { ArrayList, Operation, Parts, Recorder } from "../engine/operation.js";
import { peek } from "../engine/peek.js";
import { isStaging } from "../engine/stager.js";
import { call, EscapeError, within } from "../engine/trace.js";
import type { Tracer } from "../engine/tracer.js";
import { pullback, wholePullback } from "./backward.js";
import { Tape } from "./tape.js";

/** The value below all traces. */
const bottom = (x: NDArray & Partial<Tracer>): NDArray => (x.below ? bottom(x.below) : x);

/** Those of an operation's results that are made of inputs which are not of this kind alone, from an operation of these; the others are undefined. */
export function knownOf(operation: Operation, inputs: ArrayList, outs: ArrayList, isOurs: (x: NDArray) => boolean): Parts {
  const isKnown = operation.unmapped?.(inputs.map(isOurs));
  const own = isKnown?.includes(true) && operation.narrowed?.({ inputs, outs }, isKnown);
  // An effect may read more than these results need.
  if (!own || own.inputs.some(isOurs)) return [];
  const known = call(own.operation, own.inputs);
  return outs.map((out) => known[own.outs.indexOf(out)]);
}

/** Arrays without numbers, which a function is linear in. What an operation gives beside them, of other arrays alone, has its numbers. */
class Linear extends AbstractTrace {
  override call(operation: Operation, inputs: ArrayList): ArrayList {
    const outs = super.call(operation, inputs);
    const known = knownOf(operation, inputs, outs, (x) => this.owns(x));
    return outs.map((out, i) => known[i] ?? out);
  }
}

/**
 * The transpose of a linear function, from the cotangents of its results to those of its inputs. The function is run on shapes alone,
 * those of `like`: a linear rule never looks at the values of what it is linear in.
 */
export function transposeLinear(op: string, f: (inputs: ArrayList) => Parts, like: ArrayList): (cotangents: Parts) => NDArray[] {
  const shapes = new Linear(op);
  const tape = new Tape(op);
  const inputs = like.map((x) => tape.input(shapes.of(x)));
  const pull = wholePullback(
    tape,
    inputs,
    within(tape, () => f(inputs)),
  );
  return (cotangents) => {
    const parts = pull(cotangents);
    if (parts.some((x) => shapes.owns(bottom(x)))) throw new TransformError(`${op}: the function is not linear in its arguments.`);
    return parts;
  };
}

/** The same of the active ones of its inputs that are floating: the others are undefined, and so are their cotangents. */
export function transposeAt(
  op: string,
  f: (parts: Parts) => Parts,
  like: ArrayList,
  active?: readonly boolean[],
): (cotangents: Parts) => Parts {
  const at = like.flatMap((x, i) => (active?.[i] !== false && isFloat(x.dtype) ? [i] : []));
  const own = (parts: Parts): Parts => like.map((_, i) => parts[at.indexOf(i)]);
  const pull = transposeLinear(
    op,
    (given) => f(own(given)),
    at.map((i) => like[i]),
  );
  return (cotangents) => own(pull(cotangents));
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
  return [ends.map((x) => tape.lower(x)), pullback(tape, own, ends)];
}

/** The error of a function that has changed since it ran: a variable that it closes over has been assigned, and its derivative would be another one's. */
const changed = (op: string): TransformError =>
  new TransformError(
    `${op}: the function gives other numbers when its derivative is taken than it gave before; let it close over variables that are not assigned again (const), or pass them as arguments.`,
  );

/** Runs a function that has been run before once more. A value that it names now and has ended since was assigned in between. */
export function runAgain<T>(op: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof EscapeError ? changed(op) : error;
  }
}

/** Checks that a function gives the numbers that it gave before, but for a rounding that a program makes in another order. */
export function checkUnchanged(op: string, again: NDArray, first: NDArray): void {
  const epsilon = first.dtype === "float32" ? 2 ** -23 : 2 ** -52;
  const size = first.isFinite().where(first, 0).abs().max();
  const isOther = again
    .sub(first)
    .abs()
    .greater(size.mul(100 * epsilon));
  if (!isStaging() && peek(isOther)?.values.any().item()) throw changed(op);
}

/** The pullback alone, of a function that has been run before, with these results: it runs the function once more. */
export const pullbackAgain =
  (op: string, f: (inputs: ArrayList) => ArrayList, inputs: ArrayList, active: readonly boolean[], [first]: ArrayList) =>
  (cotangents: Parts): Parts => {
    const [[again], pull] = runAgain(op, () => pullbackAt(op, f, inputs, active));
    checkUnchanged(op, again, first);
    return pull(cotangents);
  };

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
  let outs: ArrayList = [];
  const pull = transposeAt(
    name,
    (tangents) => {
      const [own, pushed] = (jvp as NonNullable<typeof jvp>)(inputs, tangents);
      outs = own;
      return pushed;
    },
    inputs,
    active,
  );
  // A staged loop that carries values and tangents together gives values that are on the tape too.
  return [outs.every(({ owner }) => owner.live) ? outs : operation.forward(inputs), pull];
}

/** Puts an operation on a tape by its rules. */
export function recordPullback(tape: Recorder, inputs: ArrayList, operation: Operation): ArrayList {
  const active = inputs.map((x) => tape.owns(x));
  const lowered = inputs.map((x) => tape.lower(x));
  return tape.append(inputs, ...pullbackOf(operation, lowered, active));
}
