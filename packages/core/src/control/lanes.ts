import { asArray } from "../array/convert.js";
import { sliceAxis } from "../array/movement.js";
import { isNDArray, type NDArray } from "../array/ndarray.js";
import { toBool } from "../array/operands.js";
import { AbstractTrace } from "../engine/abstract.js";
import { ShapeError, showShape, TransformError } from "../engine/errors.js";
import { asRule, observed } from "../engine/intercept.js";
import { peek } from "../engine/peek.js";
import type { Trace } from "../engine/trace.js";
import { Tracer } from "../engine/tracer.js";

/** One truth value, or inside of vmap one for each lane. */
export interface Mask {
  readonly on: NDArray;
  readonly any: boolean;
  readonly all: boolean;
  /** A lane that is on: its position in each batch that the mask differs along. */
  readonly lane: ReadonlyMap<Trace, number>;
}

/** One truth value. */
export function truthOf(op: string, what: string, value: unknown): NDArray {
  const on = toBool(asArray(value, op));
  if (on.ndim !== 0)
    throw new ShapeError(`${op}: ${what} has shape ${showShape(on.shape)}; give one truth value, or map over it with vmap, or use where.`);
  return on;
}

/** Returns whether a value has numbers to look at. */
export const isKnown = (x: NDArray): boolean => x.bottom() !== undefined;

/** Returns whether a value is of shapes alone, for which both branches are looked at, and no step of a loop is; in lanes of vmap too. */
const takesAll = (x: NDArray | undefined): boolean =>
  x instanceof Tracer && ((x.owner instanceof AbstractTrace && x.owner.takesAll) || takesAll(x.below));

/** @param isLoop whether it says if a loop goes on, and not which branch is taken */
export function maskOf(op: string, what: string, value: unknown, isLoop = false): Mask {
  const on = truthOf(op, what, value);
  const peeked = peek(on);
  if (takesAll(on)) return { on, any: !isLoop, all: false, lane: new Map() };
  if (peeked === undefined)
    throw new TransformError(`${op}: ${what} has no value while ${on.owner.kind} knows shapes alone; choose with where(condition, a, b).`);
  const { values, batches } = peeked;
  const flags = values.data();
  let first = flags.indexOf(1);
  const any = first >= 0;
  const lane = new Map<Trace, number>();
  for (let i = batches.length - 1; i >= 0; i--) {
    const n = values.shape[i];
    lane.set(batches[i], first % n);
    first = Math.floor(first / n);
  }
  return { on, any, all: !flags.includes(0), lane };
}

/** Returns whether a value differs along a batch that the mask differs along. */
function isMasked(x: NDArray, lane: Mask["lane"]): boolean {
  for (let value: NDArray | undefined = x; value instanceof Tracer; value = value.below) if (lane.has(value.owner)) return true;
  return false;
}

/** The numbers of x in a lane that is on: a constant, without derivative. Any lane will do of a batch that the mask is the same along. */
function representative(x: NDArray, lane: Mask["lane"]): NDArray {
  if (!(x instanceof Tracer)) return x;
  const { below, owner } = x;
  if (below === undefined || owner.lanes === undefined) return below ? representative(below, lane) : x;
  const own = sliceAxis(below, 0, lane.get(owner) ?? 0, 1);
  return representative(own.reshape(x.shape), lane);
}

/**
 * Runs `body` for the lanes that are on. Every value that comes in from outside, as an operand or by closure, has in the other lanes
 * the numbers of one lane that is on. So nothing is computed that a lane would not compute that wants it, and what the other lanes get
 * (which is thrown away) is finite, and has finite derivatives, wherever that lane's is.
 */
export function inLanes<T>(mask: Mask, body: () => T): T {
  const { on, all, lane } = mask;
  if (all) return body();
  const entered = new Map<NDArray, NDArray>();
  const enter = (x: NDArray): NDArray => {
    let own = entered.get(x);
    if (own === undefined) {
      own = isMasked(x, lane)
        ? on.where(
            x,
            asRule(() => representative(x, lane)),
          )
        : x;
      entered.set(x, own).set(own, own);
    }
    return own;
  };
  return observed(
    (name, inputs, run, operation) => {
      if (operation?.across && lane.has(operation.across))
        throw new TransformError(
          `${name}: it needs all lanes of a batch, but they differ in whether they take this branch or step. Call it outside of it.`,
        );
      const out = run(inputs.map(enter));
      for (const x of isNDArray(out) ? [out] : (out as readonly NDArray[])) entered.set(x, x);
      return out;
    },
    false,
    body,
  );
}
