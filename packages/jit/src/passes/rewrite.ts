import type { NDArray } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
import {
  AbstractTrace,
  type ArrayList,
  type Aval,
  bind,
  type Equation,
  Graph,
  hasEffect,
  type Params,
  type PrimitiveName,
  sameShape,
  type Tracer,
  within,
} from "@ad/core/internals/trace";

/** An equation of a primitive, with parameters of its type. */
export interface Found<P extends PrimitiveName> {
  readonly inputs: ArrayList;
  readonly params: Params<P>;
}

/** The view of a rule: a primitive, its operands, and how these were made. */
export interface Site {
  readonly name: PrimitiveName;
  readonly inputs: ArrayList;
  readonly params: unknown;
  /** The shape and the dtype of the result. */
  readonly aval: Aval;
  /** The equation that made a value, if it is of this primitive. */
  madeBy<P extends PrimitiveName>(x: NDArray, name: P): Found<P> | undefined;
}

/** Returns the replacement of a primitive: one of its operands, or array operations on them. Undefined where there is nothing better. */
export type Rule = (site: Site) => NDArray | undefined;

/** Writes equations down, and knows which one made a value. */
class Rewriting extends AbstractTrace {
  readonly equations: Equation[] = [];
  readonly #of = new Map<NDArray, Equation>();

  constructor() {
    super("jit");
  }

  readonly madeBy = <P extends PrimitiveName>(x: NDArray, name: P): Found<P> | undefined => {
    const equation = this.#of.get(x);
    return equation?.operation === name ? (equation as unknown as Found<P>) : undefined;
  };

  /** A value like another one, on the same device. */
  fresh(x: NDArray): NDArray {
    return this.of((x as Tracer).peer(), x.aval);
  }

  /** An equation as it is: also one of constants alone, which is to be run in each run. */
  write(equation: Equation): void {
    this.equations.push(equation);
    for (const out of equation.outs) this.#of.set(out, equation);
  }

  protected override apply(...[operation, inputs, params, avals]: Parameters<AbstractTrace["apply"]>): ArrayList {
    const outs = super.apply(operation, inputs, params, avals);
    this.write({ operation, inputs, params, outs });
    return outs;
  }
}

const isAlike = (a: Aval, b: Aval): boolean => a.dtype === b.dtype && a.weak === b.weak && sameShape(a.shape, b.shape);

/**
 * The graph that is written when each primitive is replaced by what a rule makes of it. Rules are written in array operations; what they
 * make of constants alone is computed at once. A result of another shape, dtype or weakness is not taken. A rule for one primitive `only`
 * looks at no graph without it.
 */
export function rewritten(graph: Graph, rule: Rule, only?: PrimitiveName): Graph {
  if (only && !graph.equations.some(({ operation }) => operation === only)) return graph;
  const trace = new Rewriting();
  const values = new Map<NDArray, NDArray>();
  const fresh = (x: NDArray): NDArray => {
    const own = trace.fresh(x);
    values.set(x, own);
    return own;
  };
  const valueOf = (x: NDArray): NDArray => values.get(x) ?? x;
  const inputs = graph.inputs.map(fresh);
  within(trace, () => {
    for (const equation of graph.equations) {
      const { operation, params, outs } = equation;
      const own = equation.inputs.map(valueOf);
      if (typeof operation !== "string" || hasEffect(equation)) {
        trace.write({ operation, inputs: own, params, outs: outs.map(fresh) });
        continue;
      }
      const [out] = outs;
      const better = rule({ name: operation, inputs: own, params, aval: out.aval, madeBy: trace.madeBy });
      values.set(out, better && isAlike(better.aval, out.aval) ? better : bind(operation, own, params as never));
    }
  });
  return new Graph(
    inputs,
    trace.equations,
    graph.outputs.map((x) => x && valueOf(x)),
  ).withoutDeadCode();
}

/** The number that a constant holds, in each element; undefined where it holds several, or is no constant. */
export function numberOf(x: NDArray): number | undefined {
  if (!(x instanceof Concrete) || x.size === 0) return undefined;
  return x.size === 1 || x.stride.every((step) => step === 0) ? x.storage[x.offset] : undefined;
}

/** The same number as an array of another shape. */
export const asShape = (x: NDArray, shape: readonly number[]): NDArray => {
  const one = bind("slice", [x], { starts: x.shape.map(() => 0), steps: x.shape.map(() => 1), sizes: x.shape.map(() => 1) });
  return bind("broadcast", [bind("reshape", [one], { shape: [] })], { shape, dims: [] });
};
