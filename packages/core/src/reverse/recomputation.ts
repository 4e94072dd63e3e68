import type { NDArray } from "../array/ndarray.js";
import { sameShape } from "../engine/aval.js";
import { ShapeError, showShape, TransformError } from "../engine/errors.js";
import { observed, observers } from "../engine/intercept.js";
import type { ArrayList, Operation, Recorder } from "../engine/operation.js";
import { call, within } from "../engine/trace.js";
import { pullback } from "./backward.js";
import { Tape } from "./tape.js";

/**
 * Puts an operation on a tape with its inputs alone: it is run one level down, and once more on a tape of its own in the pullback.
 * An array that `forward` closes over becomes an input.
 */
export function recordRecomputation(outer: Recorder, inputs: ArrayList, operation: Operation): ArrayList {
  const lowered = inputs.map((x) => outer.lower(x));
  const closure = new Set<NDArray>();
  const replacing = (own: (x: NDArray) => NDArray, run: () => ArrayList): ArrayList =>
    observed((_, given, go) => go(given.map((x) => (outer.owns(x) ? own(x) : x))), true, run);
  const asNow = observers();
  const outs = replacing(
    (x) => {
      closure.add(x);
      return outer.lower(x);
    },
    () => call(operation, lowered),
  );
  // The values themselves are left out, because they are not to be kept.
  const wanted = outs.map((x) => x.aval);
  const captured = [...closure];
  const values = captured.map((x) => outer.lower(x));
  return outer.append([...inputs, ...captured], outs, (cotangents) => {
    const tape = new Tape(outer.kind);
    // An input that is not differentiated stays as it is: a number still acts as a number.
    const nodes = [...lowered, ...values].map((x, i) => (inputs[i] && inputs[i].owner !== outer ? x : tape.input(x)));
    const again = within(tape, () =>
      asNow(() =>
        replacing(
          (x) => {
            const at = captured.indexOf(x);
            if (at >= 0) return nodes[lowered.length + at];
            throw new TransformError(
              `${operation.name}: the function closes over another array in its second run than in its first; let it close over variables that are not assigned again.`,
            );
          },
          () => operation.forward(nodes.slice(0, lowered.length)),
        ),
      ),
    );
    again.forEach(({ shape, dtype }, i) => {
      if (!sameShape(shape, wanted[i].shape) || dtype !== wanted[i].dtype)
        throw new ShapeError(
          `${operation.name}: the function gives ${dtype} of shape ${showShape(shape)} in its second run, but ${wanted[i].dtype} of shape ${showShape(wanted[i].shape)} in its first; let it give the same for the same arguments.`,
        );
    });
    return pullback(tape, nodes, again)(cotangents);
  });
}
