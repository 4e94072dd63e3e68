import { type NDArray, TransformError } from "@ad/core";
import type { AnyFunction } from "@ad/core/internals/checks";
import { partialsOf } from "@ad/core/internals/rules";
import {
  type ArrayList,
  type Aval,
  bind,
  call,
  isFloat,
  isMadeOfOperations,
  type Operation,
  type Params,
  type PrimitiveName,
  peek,
  run,
  Trace,
  Tracer,
  within,
} from "@ad/core/internals/trace";
import { type FlatFunction, recordFlat } from "./flat.js";

/** The bytes of a floating array; others have no derivatives. */
export const bytesOf = ({ size, dtype }: NDArray): number => (isFloat(dtype) ? size * (dtype === "float64" ? 8 : 4) : 0);

/** Counts the values that each of some arrays stands for, if transformations around batch. */
export const lanesOf = (leaves: readonly NDArray[]): number =>
  Math.max(1, ...leaves.map((x) => (x.size > 0 ? (peek(x)?.values.size ?? x.size) / x.size : 1)));

/** A value with the positions of the inputs that it is made from. */
class DependencyTracer extends Tracer {
  readonly aval: Aval;

  constructor(
    readonly owner: DependencyTrace,
    readonly below: NDArray,
    readonly sources: ReadonlySet<number>,
  ) {
    super();
    this.aval = below.aval;
  }
}

/** Follows what is made from what, as far as derivatives go, and how many bytes that takes. */
class DependencyTrace extends Trace<DependencyTracer> {
  bytes = 0;

  constructor(kind: string) {
    super(kind);
  }

  sources(x: NDArray): ReadonlySet<number> {
    return this.owns(x) ? x.sources : new Set();
  }

  input(below: NDArray, position: number): NDArray {
    return this.#wrap(below, new Set([position]));
  }

  #wrap(below: NDArray, sources: ReadonlySet<number>): NDArray {
    if (sources.size === 0 || !isFloat(below.dtype)) return below;
    this.bytes += bytesOf(below);
    return new DependencyTracer(this, below, sources);
  }

  #lower(inputs: ArrayList): NDArray[] {
    return inputs.map((x) => this.lower(x));
  }

  override process<P extends PrimitiveName>(name: P, inputs: ArrayList, params: Params<P>): NDArray {
    const partials = partialsOf(name);
    const carriers = partials === undefined ? inputs : inputs.filter((_, i) => partials[i] !== 0);
    return this.#wrap(bind(name, this.#lower(inputs), params), this.#union(carriers));
  }

  override call(operation: Operation, inputs: ArrayList): ArrayList {
    const { composed, forward } = operation;
    if (composed) return composed(inputs);
    if (isMadeOfOperations(operation)) return forward(inputs);
    const sources = this.#union(inputs);
    return call(operation, this.#lower(inputs)).map((out) => this.#wrap(out, sources));
  }

  #union(inputs: ArrayList): ReadonlySet<number> {
    return new Set(inputs.flatMap((x) => [...this.sources(x)]));
  }
}

export interface Dependencies {
  /** For each result leaf what messages call it, and the positions of the input leaves that it depends on. */
  readonly outs: readonly { readonly name: string; readonly sources: ReadonlySet<number> }[];
  /** The bytes that all intermediate results together take. */
  readonly bytes: number;
}

/** The findings of one run of a function: with numbers, because branches and loops depend on them. */
export function dependencies({ op, f, leaves, fill, hasAux }: FlatFunction): Dependencies {
  const trace = new DependencyTrace(op);
  const inputs = leaves.map((x, i) => trace.input(x, i));
  const [out] = within(trace, () => run(op, f, fill(inputs), hasAux));
  const outs = out.leaves.map((x, i) => ({ name: `the result at ${out.paths[i]}`, sources: trace.sources(x) }));
  return { outs, bytes: trace.bytes * lanesOf(leaves) };
}

/** Throws where a result leaf does not depend on an input leaf. */
export function checkReach({ op, names }: FlatFunction, { outs }: Pick<Dependencies, "outs">): void {
  for (const out of outs)
    names.forEach((name, i) => {
      if (!out.sources.has(i))
        throw new TransformError(`${op}: ${out.name} does not depend on ${name}, and strict is set; without it the derivative is zero.`);
    });
}

/**
 * The same, and throws where a first derivative does not depend on an input leaf. The derivatives are those of reverse mode, one result leaf
 * at a time, whatever the Hessian is then made by: what depends on what is a matter of the function alone.
 */
export function checkSecondReach(g: FlatFunction): void {
  const { leaves, names } = g;
  checkReach(g, dependencies(g));
  let paths: readonly string[] = [];
  const first = (...given: NDArray[]): NDArray[][] => {
    const { out, pull } = recordFlat({ ...g, leaves: given });
    paths = out.paths;
    return out.leaves.map((y, o) => pull(out.leaves.map((_, k) => (k === o ? y.filled(1, y.aval) : undefined))));
  };
  const { outs } = dependencies({ ...g, f: first as AnyFunction, fill: (given) => given.slice(), hasAux: false });
  const name = (k: number): string =>
    `the derivative of the result at ${paths[Math.floor(k / leaves.length)]} by ${names[k % leaves.length]}`;
  checkReach(g, { outs: outs.map(({ sources }, k) => ({ name: name(k), sources })) });
}
