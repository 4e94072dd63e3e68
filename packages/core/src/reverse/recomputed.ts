import type { NDArray } from "../array/ndarray.js";
import { sameShape } from "../aval.js";
import { ShapeError, showShape } from "../errors.js";
import { observed, observers } from "../observe.js";
import type { Arrays, Operation } from "../operation.js";
import { call, within } from "../trace.js";
import { pullback } from "./backward.js";
import { lower, type Node } from "./node.js";
import { Tape } from "./tape.js";

/**
 * Puts an operation on a tape with its inputs alone: it is run one level down, and once more on a tape of its own in the pullback.
 * What `forward` closes over becomes an input.
 */
export function recomputed(outer: Tape, inputs: Arrays, operation: Operation): Arrays {
  const lowered = inputs.map((x) => lower(outer, x));
  const closure = new Set<Node>();
  const replacing = (own: (x: Node) => NDArray, run: () => Arrays): Arrays =>
    observed((_, given, go) => go(given.map((x) => (x.owner === outer ? own(x as Node) : x))), true, run);
  const asNow = observers();
  const outs = replacing(
    (x) => {
      closure.add(x);
      return x.value;
    },
    () => call(operation, lowered),
  );
  // Not the values themselves: they are what is not to be kept.
  const wanted = outs.map((x) => x.aval);
  const captured = [...closure];
  const values = captured.map((x) => x.value);
  return outer.append([...inputs, ...captured], outs, (cotangents) => {
    const tape = new Tape(outer.kind);
    // What is not differentiated stays as it is: a number still acts as one.
    const nodes = [...lowered, ...values].map((x, i) => (inputs[i] && inputs[i].owner !== outer ? x : tape.input(x)));
    const again = within(tape, () =>
      asNow(() =>
        replacing(
          (x) => nodes[lowered.length + captured.indexOf(x)],
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
