import { common, type Shape } from "../engine/aval.js";
import { describe, ShapeError, showShape, TransformError } from "../engine/errors.js";
import { peek } from "../engine/peek.js";
import { bind, escaped, type Trace } from "../engine/trace.js";
import type { ArrayLike } from "./base.js";
import { asArrays } from "./convert.js";
import type { NDArray } from "./ndarray.js";
import { cast, checkAxis } from "./operands.js";

/** Helpers of the functions that take lists of arrays, or look at numbers. */

/** A list of at least one array, of one dtype by promotion. */
export function list(op: string, arrays: readonly ArrayLike[]): NDArray[] {
  if (!Array.isArray(arrays) || arrays.length === 0)
    throw new ShapeError(`${op}: ${describe(arrays)} arrives; give a list of at least one array.`);
  const lifted = asArrays(arrays, op);
  const dtype = common(lifted);
  return lifted.map((x) => cast(x, dtype));
}

/** Arrays of one dtype one after the other along an axis; a single one is itself. */
export function joined(op: string, parts: readonly NDArray[], axis: number): NDArray {
  const [first] = parts;
  const at = checkAxis(op, axis, first.ndim);
  for (const x of parts)
    if (x.ndim !== first.ndim || x.shape.some((n, i) => i !== at && n !== first.shape[i]))
      throw new ShapeError(
        `${op}: shapes ${showShape(first.shape)} and ${showShape(x.shape)} differ outside of axis ${at}; pad or slice one, or name another axis.`,
      );
  return parts.length > 1 ? bind("concatenate", parts, { axis: at }) : first;
}

/** The shape with another length along an axis. */
export const resized = (shape: Shape, axis: number, n: number): Shape => shape.map((own, i) => (i === axis ? n : own));

/** The transformation for whose sake numbers are not known: it has none, or others for each lane. */
const hiding = ({ owner, below }: NDArray & { readonly below?: NDArray }): Trace =>
  below && owner.lanes === undefined ? hiding(below) : owner;

/** The numbers of x on the CPU, where they are known and the same for every lane; `remedy` says what to do where they are not. */
export function known(op: string, x: NDArray, remedy: string): NDArray {
  const { owner } = x;
  if (!owner.live) throw escaped(op, owner);
  const found = peek(x);
  if (found === undefined || found.batches.length > 0)
    throw new TransformError(`${op}: the values of an array that is traced by ${hiding(x).kind} are not known; ${remedy}.`);
  return found.values;
}
