import type { NDArray } from "../array/ndarray.js";
import { Tracer } from "../array/tracer.js";
import { type Aval, isFloat } from "../aval.js";
import { partials } from "../derivatives/partials.js";
import { TransformError } from "../errors.js";
import type { Arrays, Operation, Parts } from "../operation.js";
import { type Params, type PrimitiveName, primitives } from "../primitives/index.js";
import { Shapes } from "../shapes.js";
import { bind, call, observed, observers, Trace, within } from "../trace.js";
import { pullback } from "./backward.js";
import { Call, lower, Node, Output } from "./node.js";

/** Reverse mode: records what is computed from its inputs, to be walked backwards as often as wanted. */
export class Tape extends Trace {
  constructor(kind: string) {
    super(kind);
  }

  /** An input of the function. */
  input(value: NDArray): Node {
    return new Node(this, value, undefined, [], undefined);
  }

  override process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray {
    const out = bind(
      name,
      inputs.map((x) => lower(this, x)),
      params,
    );
    return isFloat(out.dtype) && this.#depends(name, inputs) ? new Node(this, out, name, inputs, params) : out;
  }

  /** By its own rule or, where it has none, by what it is made of. */
  override call(operation: Operation, inputs: Arrays): Arrays {
    const lowered = inputs.map((x) => lower(this, x));
    if (operation.recompute) return this.#append(...this.#recompute(operation, inputs, lowered));
    const active = inputs.map((x) => x.owner === this);
    const pulled = pullbackOf(operation, lowered, active);
    return pulled ? this.#append(inputs, ...pulled) : operation.forward(inputs);
  }

  #append(inputs: Arrays, outs: Arrays, pull: (cotangents: Parts) => Parts): Arrays {
    const step = new Call(this, inputs, pull, outs.length);
    return outs.map((out, position) => (isFloat(out.dtype) ? new Output(this, out, step, position) : out));
  }

  /** Runs one level down, and again on a tape of its own in the pullback. What `forward` closes over becomes an input. */
  #recompute(operation: Operation, inputs: Arrays, lowered: Arrays): [inputs: Arrays, outs: Arrays, pull: (cotangents: Parts) => Parts] {
    const closure = new Set<Node>();
    const replacing = (own: (x: Node) => NDArray, run: () => Arrays): Arrays =>
      observed((_, given, go) => go(given.map((x) => (x.owner === this ? own(x as Node) : x))), true, run);
    const asNow = observers();
    const outs = replacing(
      (x) => {
        closure.add(x);
        return x.value;
      },
      () => call(operation, lowered),
    );
    const captured = [...closure];
    const values = captured.map((x) => x.value);
    return [
      [...inputs, ...captured],
      outs,
      (cotangents) => {
        const tape = new Tape(this.kind);
        const nodes = [...lowered, ...values].map((x) => tape.input(x));
        const again = within(tape, () =>
          asNow(() =>
            replacing(
              (x) => nodes[lowered.length + captured.indexOf(x)],
              () => operation.forward(nodes.slice(0, lowered.length)),
            ),
          ),
        );
        return pullback(tape, nodes, again)(cotangents);
      },
    ];
  }

  #depends(name: PrimitiveName, inputs: readonly NDArray[]): boolean {
    if (primitives[name].kind !== "elementwise") return true;
    const slopes = (partials as Readonly<Record<string, readonly unknown[]>>)[name];
    return inputs.some((x, i) => x.owner === this && slopes[i] !== 0);
  }
}

/** What stands below all traces. */
const bottom = (x: NDArray): NDArray => (x instanceof Tracer && x.below ? bottom(x.below) : x);

/**
 * The transpose of a linear function, from the cotangents of its results to those of its inputs. The function is run on shapes alone:
 * a linear rule never looks at the values of what it is linear in.
 */
export function transposed(
  op: string,
  f: (inputs: Arrays) => Parts,
  avals: readonly Aval[],
): { outs: Parts; pull: (cotangents: Parts) => NDArray[] } {
  const [shapes, tape] = [new Shapes(op), new Tape(op)];
  const inputs = avals.map((aval) => tape.input(shapes.of(aval)));
  const outs = within(tape, () => f(inputs));
  const pull = pullback(tape, inputs, outs);
  return {
    outs,
    pull(cotangents) {
      const parts = pull(cotangents);
      if (parts.some((x) => bottom(x).owner === shapes)) throw new TransformError(`${op}: the function is not linear in its arguments.`);
      return parts;
    },
  };
}

/**
 * An operation's results and its pullback at these inputs, of which the `active` ones are to be differentiated: by its own rule, by the
 * transposes of what it is linear in, or by transposing its rule for tangents. Undefined where it has no rule: it is made of operations.
 */
export function pullbackOf(
  operation: Operation,
  inputs: Arrays,
  active: readonly boolean[],
): readonly [outs: Arrays, pull: (cotangents: Parts) => Parts] | undefined {
  const { vjp, jvp, transposes, name } = operation;
  if (vjp) return vjp(inputs);
  if (transposes && active.every((on, i) => !on || i in transposes))
    return [call(operation, inputs), (cotangents) => active.map((on, i) => (on ? transposes[i](cotangents, inputs) : undefined))];
  if (!jvp) return undefined;
  const at = active.flatMap((on, i) => (on && isFloat(inputs[i].dtype) ? [i] : []));
  let outs: Arrays = [];
  const { pull } = transposed(
    name,
    (given) => {
      const tangents = new Array<NDArray | undefined>(inputs.length);
      at.forEach((i, k) => {
        tangents[i] = given[k];
      });
      const both = jvp(inputs, tangents);
      outs = both[0];
      return both[1];
    },
    at.map((i) => inputs[i].aval),
  );
  return [
    outs,
    (cotangents) => {
      const parts = pull(cotangents);
      return active.map((_, i) => parts[at.indexOf(i)]);
    },
  ];
}
