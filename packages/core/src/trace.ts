import type { ArrayBase } from "./array/base.js";
import type { NDArray } from "./array/ndarray.js";
import { TransformError } from "./errors.js";
import type { Operation } from "./operation.js";
import type { Params, PrimitiveName } from "./primitives/index.js";

let traces = 0;

/** The level of the newest trace. */
export const levels = (): number => traces;

/**
 * One transformation at work, or, at level 0, a device that computes. It carries its own rules.
 * A trace that starts later has a higher level, so an inner transformation sees an operation first.
 */
export abstract class Trace {
  readonly level: number;
  /** False once the transformed function has returned: a value of it that is used then has escaped. */
  live = true;
  /** How many lanes a value has: below, a trace that batches gives its values one axis more, the first. */
  readonly lanes: number | undefined = undefined;

  /** @param kind the transformation's public name, for messages */
  protected constructor(
    readonly kind: string,
    device = false,
  ) {
    this.level = device ? 0 : ++traces;
  }

  /** Applies a primitive; what among the inputs is not this trace's own is a constant to it. */
  abstract process<P extends PrimitiveName>(name: P, inputs: readonly NDArray[], params: Params<P>): NDArray;

  /** Applies an operation that carries its own rules. */
  abstract call(operation: Operation, inputs: readonly NDArray[]): readonly NDArray[];
}

type Run<T> = (inputs: readonly NDArray[]) => T;

/** Stands around each operation: it may replace what goes in and look at what comes out. Its own operations are not observed by it. */
export type Observer = <T>(name: string, inputs: readonly NDArray[], run: Run<T>, operation?: Operation) => T;

/** The observers at work, from the innermost outwards. */
interface Frame {
  readonly observer: Observer;
  readonly outer: Frame | undefined;
  /** The frames that see the operations of a rule: those that look deep. */
  inside: Frame | undefined;
}

let frame: Frame | undefined;

function framed(observer: Observer, deep: boolean, outer: Frame | undefined): Frame {
  const own: Frame = { observer, outer, inside: outer?.inside };
  if (deep) own.inside = outer === outer?.inside ? own : framed(observer, true, outer?.inside);
  return own;
}

function under<T>(next: Frame | undefined, body: () => T): T {
  const before = frame;
  frame = next;
  try {
    return body();
  } finally {
    frame = before;
  }
}

/** Runs `body` with an observer around each of its operations and, if it looks deep, around those that rules make of them. */
export const observed = <T>(observer: Observer, deep: boolean, body: () => T): T => under(framed(observer, deep, frame), body);

/** Runs `body` as the operations of a rule are run: observed only by who looks deep. */
export const asRule = <T>(body: () => T): T => under(frame?.inside, body);

/** The observers of now, to be set up again for what is run later. */
export function observers(): <T>(body: () => T) => T {
  const now = frame;
  return (body) => under(now, body);
}

/** From the outermost observer inwards, as the values that each of them puts in are those of older traces. */
const around = <T>(own: Frame | undefined, name: string, inputs: readonly NDArray[], run: Run<T>, operation?: Operation): T =>
  own === undefined
    ? run(inputs)
    : around(own.outer, name, inputs, (given) => under(own.outer, () => own.observer(name, given, run, operation)), operation);

const watched = <T>(own: Frame, name: string, inputs: readonly NDArray[], run: Run<T>, operation?: Operation): T =>
  around(own, name, inputs, (given) => under(own.inside, () => run(given)), operation);

/** An array as the observers at work let it into an operation. */
export const entering = (name: string, x: NDArray): NDArray => (frame === undefined ? x : around(frame, name, [x], ([own]) => own));

/** The highest trace among the inputs. */
function highest(name: string, inputs: readonly ArrayBase[]): Trace {
  let top = inputs[0].owner;
  for (let i = 1; i < inputs.length; i++) if (inputs[i].owner.level > top.level) top = inputs[i].owner;
  if (!top.live) throw escaped(name, top.kind);
  return top;
}

/** The one dispatch: the highest trace among the inputs applies the primitive by its rule, whose operations come here again, one level down. */
export function bind<P extends PrimitiveName>(name: P, inputs: readonly ArrayBase[], params: Params<P>): NDArray {
  if (frame === undefined) return highest(name, inputs).process(name, inputs as readonly NDArray[], params);
  return watched(frame, name, inputs as readonly NDArray[], (given) => highest(name, given).process(name, given, params));
}

/** The same for an operation that carries its own rules. */
export function call(operation: Operation, inputs: readonly NDArray[]): readonly NDArray[] {
  const run = (given: readonly NDArray[]): readonly NDArray[] => highest(operation.name, given).call(operation, given);
  return frame === undefined ? run(inputs) : watched(frame, operation.name, inputs, run, operation);
}

export const escaped = (op: string, kind: string): TransformError =>
  new TransformError(
    `${op}: a value of ${kind} is used after its function has returned. Return it from the function (or as aux, with hasAux: true) instead of storing it outside.`,
  );

/** Runs the user's function inside a trace, and ends the trace whatever happens. */
export function within<T>(trace: Trace, run: () => T): T {
  try {
    return run();
  } finally {
    trace.live = false;
  }
}
