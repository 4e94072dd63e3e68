import { type NDArray, TransformError } from "@ad/core";
import { type AnyFunction, checkFunction, checkNoMore } from "@ad/core/internals/checks";
import { partialsOf } from "@ad/core/internals/rules";
import {
  type ArrayList,
  type Aval,
  bind,
  type ControlFlow,
  call,
  isFloat,
  isMadeOfOperations,
  isStaging,
  mapArrays,
  type Operation,
  type Params,
  type PrimitiveName,
  recordPullback,
  run,
  Trace,
  Tracer,
  unrolled,
  within,
} from "@ad/core/internals/trace";
import type { FlatFunction } from "./flat.js";
import { fateOf, type Rows } from "./rows.js";

/** A value with rows: as the derivative sees it, and as it is where it counts as constant. */
class Batch extends Tracer {
  readonly aval: Aval;

  constructor(
    readonly owner: RowTrace,
    readonly below: NDArray,
    readonly frozen: NDArray,
    readonly rows: Rows,
  ) {
    super();
    this.aval = below.aval;
  }
}

/** Follows the rows of a batch. A value that reduces them is a statistic of the batch, and comes out as a constant. */
class RowTrace extends Trace<Batch> {
  /** Whether rows met anywhere. */
  mixed = false;

  constructor(
    kind: string,
    readonly count: number,
    /** Whether constants are wanted: then what cannot be told apart is refused. */
    readonly freezing: boolean,
  ) {
    super(kind);
  }

  input(below: NDArray, frozen: NDArray): NDArray {
    return new Batch(this, below, frozen, { axis: 0, before: 1, after: 1 });
  }

  own(x: NDArray): Batch | undefined {
    return this.owns(x) ? x : undefined;
  }

  frozen(x: NDArray): NDArray {
    return this.own(x)?.frozen ?? x;
  }

  override process<P extends PrimitiveName>(name: P, inputs: ArrayList, params: Params<P>): NDArray {
    const apply = (read: (x: NDArray) => NDArray): NDArray => bind(name, inputs.map(read), params);
    const frozen = apply((x) => this.frozen(x));
    const slopes = partialsOf(name);
    const rows = inputs.map((x, i) => (slopes?.[i] === 0 ? undefined : this.own(x)?.rows));
    if (!isFloat(frozen.dtype) || frozen.size === 0 || rows.every((each) => each === undefined)) return frozen;
    const fate = fateOf(name, { count: this.count, rows, inputs, out: frozen.aval }, params);
    if (typeof fate !== "object") return this.#meet(name, fate === "reduced", frozen);
    return new Batch(this, this.freezing ? apply((x) => this.lower(x)) : frozen, frozen, fate);
  }

  override call(operation: Operation, inputs: ArrayList): ArrayList {
    if (operation.name === mark.name) return inputs.map((x) => this.frozen(x));
    if (operation.composed) return operation.composed(inputs);
    if (operation.flow && this.freezing) return unrolled(operation as ControlFlow, inputs);
    if (isMadeOfOperations(operation)) return operation.forward(inputs);
    return call(
      operation,
      inputs.map((x) => this.frozen(x)),
    ).map((out) => (isFloat(out.dtype) ? this.#meet(operation.name, false, out) : out));
  }

  #meet(name: string, reduced: boolean, frozen: NDArray): NDArray {
    if (this.freezing && !reduced)
      throw new TransformError(
        `${this.kind}: ${name} brings rows together in a way that is no reduction over them, so it is not clear what is to be held constant; mark that with acrossBatch(f).`,
      );
    this.mixed = true;
    return frozen;
  }
}

/** Returns whether the operations that f is made of, at this point, keep the rows apart. True is a proof; false proves nothing. */
export function keepsRowsApart({ op, f, leaves, fill, hasAux }: FlatFunction, count: number): boolean {
  if (count < 2) return true;
  const trace = new RowTrace(op, count, false);
  const args = fill(leaves.map((x) => trace.input(x, x)));
  const [out] = within(trace, () => run(op, f, args, hasAux));
  return !trace.mixed && out.leaves.every((x) => (trace.own(x)?.rows.axis ?? 0) === 0);
}

/** f with what reduces rows, or is marked, as constants. */
export function withFrozenStatistics(g: FlatFunction, count: number): FlatFunction {
  let trace: RowTrace;
  const f = (...args: never): unknown =>
    within(trace, () => {
      working.push(trace);
      try {
        return mapArrays(g.f(...args), (x) => trace.lower(x));
      } finally {
        working.pop();
      }
    });
  const fill = (given: readonly NDArray[]): unknown[] => {
    trace = new RowTrace(g.op, count, true);
    return g.fill(given.map((x, i) => trace.input(x, g.leaves[i])));
  };
  return { ...g, f, fill };
}

/** The traces that hold statistics constant, the innermost last. */
const working: RowTrace[] = [];

/**
 * Marks a statistic of a batch: a function like f whose result {@link batchJacobian} holds constant where `interactions` is "freeze".
 * Everywhere else it is f.
 *
 * @param f a function from arrays (or trees) to arrays (or trees), of any shapes and dtypes
 * @throws TransformError where f is no function, or where the result is called inside of another transformation within the function whose
 * statistics are held constant
 * @example
 * const keys = acrossBatch((x: NDArray) => x.mul(2));
 * const f = (x: NDArray) => x.matmul(keys(x).T).sum(1);
 * batchJacobian(f, { interactions: "freeze" })(array([[1], [2]])).toArray(); // [[6], [6]]
 */
export function acrossBatch<A extends readonly unknown[], R>(f: (...args: A) => R): (...args: A) => R;
export function acrossBatch(f: AnyFunction, ...more: readonly unknown[]): AnyFunction {
  checkFunction("acrossBatch", f);
  checkNoMore("acrossBatch", "f", more);
  return (...args) => mapArrays(f(...args), marked);
}

/** The mark in a program, which is made before anything is held constant: the same values, with the same derivatives. */
const mark: Operation = {
  name: "acrossBatch",
  record: recordPullback,
  forward: (inputs) => inputs,
  composed: (inputs) => inputs,
  jvp: (inputs, tangents) => [call(mark, inputs), tangents],
};

/** Returns whether a value is one of the trace's, or stands for one under other traces. */
const standsFor = (x: NDArray, trace: RowTrace): boolean =>
  trace.owns(x) || (x instanceof Tracer && x.below !== undefined && standsFor(x.below, trace));

function marked(x: NDArray): NDArray {
  const trace = working.at(-1);
  if (trace?.owns(x)) return trace.frozen(x);
  if (trace && standsFor(x, trace))
    throw new TransformError(
      `acrossBatch: a value of ${x.owner.kind} cannot be held constant by ${trace.kind}; mark the statistic outside of the inner transformation.`,
    );
  return isStaging() ? call(mark, [x])[0] : x;
}
