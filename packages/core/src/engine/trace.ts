import type { ArrayBase } from "../array/base.js";
import type { NDArray } from "../array/ndarray.js";
import type { Arena } from "./device.js";
import { TransformError } from "./errors.js";
import type { Graph } from "./graph.js";
import type { Operation, Parts } from "./operation.js";
import type { Params, PrimitiveName } from "./primitive.js";

let traces = 0;

/** The level of the newest trace. */
export const levels = (): number => traces;

/** A value of a trace. */
type Owned = NDArray & {
  /** The value that it stands for, one level down; undefined where it has no numbers, or belongs to a device. */
  readonly below?: NDArray | undefined;
};

/**
 * One transformation at work, or, at level 0, a device that computes. It carries its own rules. T is the class of its values.
 * A trace that starts later has a higher level, so an inner transformation sees an operation first.
 */
export abstract class Trace<T extends Owned = Owned> {
  /** The transformation's public name, for messages. This field and the next ones are none with values: engines are slow to define these for so many classes. */
  declare readonly kind: string;
  declare readonly level: number;
  /** False once the transformed function has returned: a value of it that is used then has escaped. */
  declare live: boolean;
  /** The remedy that an error names where numbers are asked for that a value does not have; by default that of derivatives. */
  declare readonly remedy?: string;
  /** @internal The storage of values that only this trace sees. */
  declare readonly arena?: Arena | undefined;
  /** The number of lanes of a value: below, a trace that batches gives its values one axis more, the first. */
  readonly lanes: number | undefined = undefined;

  protected constructor(kind: string, device = false) {
    this.kind = kind;
    this.level = device ? 0 : ++traces;
    this.live = true;
  }

  /** @internal Whether a value is this trace's own. Any other value is a constant to it. */
  owns(x: { readonly owner: Trace } | undefined): x is T {
    return x?.owner === this;
  }

  /** @internal The value one level down; a constant is returned as it is. */
  lower(x: NDArray): NDArray {
    return this.owns(x) ? (x.below ?? x) : x;
  }

  /** @internal The values that one is made of, one level down. A trace that has this keeps nothing of what it sees. */
  parts?(x: T): readonly NDArray[];

  /** Applies a primitive; an input that is not this trace's own is a constant to it. */
  abstract process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray;

  /** Applies an operation that carries its own rules. */
  abstract call(operation: Operation, inputs: readonly NDArray[]): readonly NDArray[];

  /** @internal Runs a graph that is run often: of a device that has its own way to do so, and keeps what it makes of the graph as long as this is there. */
  execute?(graph: Graph, inputs: readonly NDArray[]): Parts;
}

/** Runs an operation on its inputs, after the observers. */
export type Run<T> = (inputs: readonly NDArray[]) => T;

/** Stands between the call of an operation and its dispatch. */
export type Watch = <T>(name: string, inputs: readonly NDArray[], run: Run<T>, operation?: Operation) => T;

let watch: Watch | undefined;

/** The watch of engine/intercept.ts, which sets it while there are observers. */
export function setWatch(next: Watch | undefined): void {
  watch = next;
}

/** Returns whether something observes operations. */
export const isWatched = (): boolean => watch !== undefined;

/** An array as it gets into an operation. */
export const entering = (name: string, x: NDArray): NDArray => watch?.(name, [x], ([own]) => own) ?? x;

/** The highest trace among the inputs. */
function highest(name: string, inputs: readonly ArrayBase[]): Trace {
  let top = inputs[0].owner;
  for (let i = 1; i < inputs.length; i++) if (inputs[i].owner.level > top.level) top = inputs[i].owner;
  if (!top.live) throw escaped(name, top);
  return top;
}

/** The one dispatch: the highest trace among the inputs applies the primitive by its rule, whose operations come here again, one level down. */
export function bind<P extends PrimitiveName>(name: P, inputs: readonly ArrayBase[], params: Params<P>): NDArray {
  if (watch === undefined) return highest(name, inputs).process(name, inputs as readonly NDArray[], params);
  return watch(name, inputs as readonly NDArray[], (given) => highest(name, given).process(name, given, params));
}

/** The same for an operation that carries its own rules. */
export function call(operation: Operation, inputs: readonly NDArray[]): readonly NDArray[] {
  const { name, closing } = operation;
  // An operation that reads nothing is of no trace: its results are constants.
  const run: Run<readonly NDArray[]> = (given) =>
    given.length > 0 ? highest(name, given).call(operation, given) : operation.forward(given);
  const dispatch: Run<readonly NDArray[]> = (all) => (watch === undefined ? run(all) : watch(name, all, run, operation));
  return closing ? closing(inputs, dispatch) : dispatch(inputs);
}

/** The same for a primitive that is applied once more, to other inputs. */
export const rebind = (name: PrimitiveName, inputs: readonly NDArray[], params: unknown): NDArray =>
  // never: the parameters are those that came with this name.
  bind(name, inputs, params as never);

/** A primitive or an operation, as an equation names it. */
export const apply = (operation: PrimitiveName | Operation, inputs: readonly NDArray[], params: unknown): readonly NDArray[] =>
  typeof operation === "string" ? [rebind(operation, inputs, params)] : call(operation, inputs);

/** The error of a value that is used after its trace has ended. */
export class EscapeError extends TransformError {}

export const escaped = (op: string, { kind, remedy }: Trace): TransformError =>
  new EscapeError(
    `${op}: a value of ${kind} is used after its function has returned. Return it from the function${remedy ? "" : ", or as aux with hasAux: true,"} instead of storing it outside.`,
  );

let batches = 0;

/** Returns whether a function is running for the lanes of a batch. */
export const inBatch = (): boolean => batches > 0;

/** Runs the user's function inside a trace, and ends the trace whatever happens. */
export function within<T>(trace: Trace, run: () => T): T {
  const own = trace.lanes === undefined ? 0 : 1;
  batches += own;
  try {
    return run();
  } finally {
    batches -= own;
    trace.live = false;
  }
}

/** The number of times that an operation gave the results of a point near its own, so that there is a derivative. */
export let moves = 0;

export const moved = (): void => {
  moves++;
};
