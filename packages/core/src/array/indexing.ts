import { isFloat, numeric, type Shape, sameShape, sizeOf } from "../engine/aval.js";
import { AxisError, DTypeError, describe, ShapeError, showShape, TransformError } from "../engine/errors.js";
import { none } from "../engine/primitive.js";
import { bind, escaped } from "../engine/trace.js";
import { ArrayBase, type ArrayLike, type TypedArray } from "./base.js";
import { MovementArray } from "./movement.js";
import type { NDArray } from "./ndarray.js";
import { asNDArray, bare, broadcastShapes, cast, checkAxis, match, stretch } from "./operands.js";
import { ones } from "./views.js";

/**
 * An entry of an index: an integer drops its axis, [start, stop, step?] slices with Python's meaning (null is open), ":" keeps the axis,
 * "..." stands for as many of these as fit, null makes a new axis, an array of whole numbers gathers, and one of truth values, whose axes are
 * as long as those that it stands for, gathers where it is true.
 */
export type Index =
  | number
  | readonly [start: number | null, stop: number | null, step?: number | null]
  | ":"
  | "..."
  | null
  | NDArray
  | TypedArray;

/** Positions as int32; JS numbers and lists of them are taken when they are whole. */
export function indexArray(op: string, like: ArrayBase, indices: ArrayLike): ArrayBase {
  const given = like.lift(indices, op, false);
  // A number that is whole is an index, wherever it has come through.
  const x = given.aval.weak === 2 ? cast(given, "int32") : given;
  if (x.dtype !== "int32") {
    const isArray = indices instanceof ArrayBase || (indices as { dtype?: unknown })?.dtype !== undefined;
    if (x.dtype === "bool")
      throw new DTypeError(`${op}: the indices are bool; a mask selects in x.slice(mask), or use where(mask, a, b). Give whole numbers.`);
    if (isArray || x.data().some((i) => !Number.isInteger(i)))
      throw new DTypeError(
        `${op}: the indices are ${x.dtype}${isArray ? "" : " or no whole numbers"}; give whole numbers, or use x.astype("int32").`,
      );
  }
  return indices instanceof ArrayBase ? x : like.device.put(cast(x, "int32"));
}

const wrap = (op: string, indices: ArrayBase, size: number): NDArray => bind("wrapIndex", [indices], { size, op });

function gather(op: string, x: ArrayBase, indices: ArrayBase, axis: number): NDArray {
  return bind("take", [x, wrap(op, indices, x.shape[axis])], { axis });
}

interface Gather {
  readonly axis: number;
  readonly indices: ArrayBase;
}

interface Plan {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: readonly number[];
  /** The shape after integers dropped and new axes came. */
  readonly shape: readonly number[];
  readonly gathers: readonly Gather[];
  /** The gathered axes stand together in the index, so the result keeps their place. */
  readonly adjacent: boolean;
}

/** Python's slice.indices: where it starts, how many elements it has. */
function bounds(op: string, given: readonly (number | null | undefined)[], n: number): [start: number, size: number, step: number] {
  const entry = given.map(bare);
  const [from, to, by] = entry;
  const step = by ?? 1;
  const array = entry.find((bound) => (bound as unknown) instanceof ArrayBase);
  if (array !== undefined)
    throw new ShapeError(
      `${op}: a bound of a range is ${describe(array)}, but the length of a slice must be known; gather instead, as in take(x, i.add([0, 1])).`,
    );
  if (entry.length < 2 || entry.length > 3 || step === 0 || ![from ?? 0, to ?? 0, step].every(Number.isInteger))
    throw new ShapeError(
      `${op}: ${showShape(entry)} is no slice; give [start, stop] or [start, stop, step] of whole numbers or null, step not 0. To gather, give an int32 or a bool array.`,
    );
  const [low, high, first, end] = step > 0 ? [0, n, 0, n] : [-1, n - 1, n - 1, -1 - n];
  const place = (i: number): number => Math.min(Math.max(i < 0 ? i + n : i, low), high);
  const [start, stop] = [place(from ?? first), place(to ?? end)];
  return [start, Math.max(0, Math.ceil((stop - start) / step)), step];
}

const isMask = (entry: unknown): entry is NDArray => entry instanceof ArrayBase && entry.dtype === "bool";

/** The positions where a mask is true, along each of its axes, which are those of `shape`. */
function selected(op: string, mask: ArrayBase, shape: Shape): TypedArray[] {
  const { owner, size } = mask;
  if (!owner.live) throw escaped(op, owner);
  if (mask.ndim === 0 || !sameShape(mask.shape, shape))
    throw new ShapeError(
      `${op}: a mask of shape ${showShape(mask.shape)} stands for axes of shape ${showShape(shape)}; both must be equal, or choose with where(mask, a, b).`,
    );
  const known = owner.level > 0 ? mask.bottom() : mask.moved(undefined);
  if (known?.ndim !== mask.ndim)
    throw new TransformError(
      `${op}: the mask is traced by ${owner.kind}, so the number of elements that it selects is not known; choose with where(mask, a, b).`,
    );
  const flags = known.data();
  const on = Int32Array.from(flags.keys()).filter((i) => flags[i]);
  let step = size;
  return shape.map((n) => {
    step /= n;
    return on.map((i) => Math.floor(i / step) % n);
  });
}

/** The entries without masks, and without "..." where it stands for axes; those of the last axes may be missing. */
function entriesOf(op: string, x: ArrayBase, index: readonly Index[]): readonly Index[] {
  let [used, dots, masked] = [0, 0, false];
  for (const entry of index) {
    if (isMask(entry)) {
      used += entry.ndim;
      masked = true;
    } else if (entry === "...") dots++;
    else if (entry !== null) used++;
  }
  if (dots > 1) throw new ShapeError(`${op}: "..." stands twice in the index; write it once.`);
  if (used > x.ndim)
    throw new ShapeError(`${op}: ${used} indices are given for an array of shape ${showShape(x.shape)}; give ${x.ndim} at most.`);
  if (dots === 0 && !masked) return index;
  const fill = new Array<Index>(x.ndim - used).fill(":");
  let at = 0;
  return index.flatMap((entry) => {
    if (entry === "...") {
      at += fill.length;
      return fill.length > 0 ? fill : entry;
    }
    if (isMask(entry)) return selected(op, entry, x.shape.slice(at, (at += entry.ndim)));
    if (entry !== null) at++;
    return [entry];
  });
}

const noGathers: Gather[] = [];

function plan(op: string, x: ArrayBase, index: readonly Index[]): Plan {
  const entries = entriesOf(op, x, index);
  const { ndim } = x;
  // Lists that grow have room for seventeen entries at once, which a slice of one element need not leave to the garbage collector.
  let rank = ndim;
  for (const entry of entries) rank += entry === null ? 1 : typeof entry === "number" ? -1 : 0;
  const [starts, sizes, shape] = [new Array<number>(ndim), new Array<number>(ndim), new Array<number>(rank)];
  let steps = ones(ndim);
  let gathers = noGathers;
  let [axis, kept, first, last, advanced] = [0, 0, 0, 0, 0];
  for (let place = 0; place < entries.length || axis < ndim; place++) {
    const entry = place < entries.length ? entries[place] : ":";
    if (entry === null) {
      shape[kept++] = 1;
      continue;
    }
    // Even where it stands for no axis it parts the gathered ones, as in NumPy.
    if (entry === "...") continue;
    const n = x.shape[axis];
    let [start, size] = [0, n];
    if (entry !== ":" && !Array.isArray(entry)) {
      if (typeof entry === "number" && Number.isInteger(entry)) {
        if (entry < -n || entry >= n)
          throw new ShapeError(`${op}: index ${entry} is out of bounds for axis ${axis} of ${n}${n > 0 ? `; use ${-n} to ${n - 1}` : ""}.`);
        start = entry < 0 ? entry + n : entry;
        size = 1;
      } else {
        const given = entry as NDArray | TypedArray;
        if (!(given instanceof ArrayBase) && !ArrayBuffer.isView(given))
          throw new ShapeError(
            `${op}: an entry is ${describe(entry)}; give an integer, [start, stop, step], ":", "...", null or an int32 array. A bool array selects.`,
          );
        gathers = [...gathers, { axis: kept, indices: indexArray(op, x, given) }];
      }
      if (advanced++ === 0) first = place;
      last = place;
    } else if (entry !== ":") {
      let step: number;
      [start, size, step] = bounds(op, entry as Parameters<typeof bounds>[1], n);
      if (step !== 1) steps = steps.map((each, i) => (i === axis ? step : each));
    }
    starts[axis] = start;
    sizes[axis++] = size;
    if (typeof entry !== "number") shape[kept++] = size;
  }
  return { starts, steps, sizes, shape, gathers, adjacent: last - first === advanced - 1 };
}

function sliceBy(op: string, x: ArrayBase, index: readonly Index[]): NDArray {
  const { starts, steps, sizes, shape, gathers, adjacent } = plan(op, x, index);
  const cut = bind("slice", [x], { starts, steps, sizes });
  const basic = sameShape(sizes, shape) ? cut : bind("reshape", [cut], { shape });
  if (gathers.length === 0) return basic;
  // The gathered axes side by side, as one axis; their indices as one.
  const axes = gathers.map((g) => g.axis);
  const at = adjacent ? axes[0] : 0;
  const moved = basic.moveaxis(
    axes,
    axes.map((_, i) => at + i),
  );
  const spans = axes.map((axis) => shape[axis]);
  const joined = moved.reshape([...moved.shape.slice(0, at), sizeOf(spans), ...moved.shape.slice(at + axes.length)]);
  let position = wrap(op, gathers[0].indices, spans[0]);
  for (let i = 1; i < gathers.length; i++) {
    const [a, b] = match(op, position.mul(spans[i]), wrap(op, gathers[i].indices, spans[i]));
    position = bind("add", [a, b], none);
  }
  return bind("take", [joined, position], { axis: at });
}

/** For each position that an index names, its place in row-major order. */
function places(op: string, x: ArrayBase, index: readonly Index[]): NDArray {
  const all = x.lift(
    new Int32Array(x.size).map((_, i) => i),
    op,
  );
  return sliceBy(op, all.reshape(x.shape), index);
}

/** The values as the array's dtype, stretched to the positions. */
function valuesFor(op: string, x: ArrayBase, values: ArrayLike, shape: Shape): ArrayBase {
  const given = x.lift(values, op);
  const whole = given.aval.weak === 2 || [values].flat(Infinity as 1).every(Number.isInteger);
  if (!whole && isFloat(given.dtype) && !isFloat(x.dtype))
    throw new DTypeError(`${op}: values of dtype ${given.dtype} do not fit an array of dtype ${x.dtype}; use x.astype or values.astype.`);
  if (given.ndim > shape.length || !sameShape(broadcastShapes(op, given.shape, shape), shape))
    throw new ShapeError(
      `${op}: values of shape ${showShape(given.shape)} do not broadcast to the positions of shape ${showShape(shape)}; use reshape or expandDims.`,
    );
  return stretch(cast(given, x.dtype), shape);
}

/** Adds at places along an axis; truth values are counted on the way, since one of them cannot hold a sum. */
function addRows(x: ArrayBase, at: ArrayBase, given: ArrayBase, axis: number): NDArray {
  const counted = numeric(x.dtype);
  return cast(bind("scatterAdd", [cast(x, counted), at, cast(given, counted)], { axis }), x.dtype);
}

const flat = (x: ArrayBase): NDArray => bind("reshape", [x], { shape: [x.size] });

const checkIndexList = (op: string, index: unknown): void => {
  if (!Array.isArray(index))
    throw new ShapeError(`${op}: the index is ${describe(index)}; give a list of entries, as in x.${op}([0, ":"], values).`);
};

/** Operations that read and write at positions. A method does what the function of its name does. */
export abstract class IndexingArray extends MovementArray {
  slice(...index: readonly Index[]): NDArray {
    return sliceBy("slice", this, index);
  }
  /**
   * A new array with the values at the positions; the last one wins where a position is named twice.
   *
   * @param index a list of entries as {@link NDArray.slice} takes them
   * @param values broadcast to the shape that slice would give, and take the array's dtype
   * @throws ShapeError where the index is no list, an entry has no meaning or is out of bounds, or the values do not broadcast; DTypeError where
   * they are floating and the array is not, or indices are no whole numbers
   * @example
   * zeros([2, 3]).set([0, [1, null]], [7, 8]).toArray(); // [[0, 7, 8], [0, 0, 0]]
   * array([1, 2, 3]).set([array([0, 2], { dtype: "int32" })], 9).toArray(); // [9, 2, 9]
   */
  set(index: readonly Index[], values: ArrayLike): NDArray {
    checkIndexList("set", index);
    const at = places("set", this, index);
    const given = flat(valuesFor("set", this, values, at.shape));
    if (at.size === 0) return asNDArray(this);
    const writer = bind("lastWriter", [flat(at)], { size: this.size });
    const written = bind("take", [given, writer.maximum(0)], { axis: 0 });
    return writer.greaterEqual(0).where(written, flat(this)).reshape(this.shape);
  }
  /**
   * A new array with the values added at the positions, once for each time that a position is named.
   *
   * @param index a list of entries as {@link NDArray.slice} takes them
   * @param values broadcast to the shape that slice would give, and take the array's dtype
   * @throws as {@link NDArray.set} does
   * @example
   * array([1, 2, 3]).addAt([[0, 2]], 10).toArray(); // [11, 12, 3]
   * zeros([3]).addAt([array([0, 0], { dtype: "int32" })], [1, 2]).toArray(); // [3, 0, 0]
   */
  addAt(index: readonly Index[], values: ArrayLike): NDArray {
    checkIndexList("addAt", index);
    const at = places("addAt", this, index);
    const given = flat(valuesFor("addAt", this, values, at.shape));
    return addRows(flat(this), flat(at), given, 0).reshape(this.shape);
  }
  take(indices: ArrayLike, axis = 0): NDArray {
    return gather("take", this, indexArray("take", this, indices), checkAxis("take", axis, this.ndim));
  }
  takeAlongAxis(indices: ArrayLike, axis: number): NDArray {
    const at = checkAxis("takeAlongAxis", axis, this.ndim);
    const chosen = indexArray("takeAlongAxis", this, indices);
    if (chosen.ndim !== this.ndim)
      throw new AxisError(
        `takeAlongAxis: indices of shape ${showShape(chosen.shape)} for an array of shape ${showShape(this.shape)}; give as many axes.`,
      );
    const n = this.shape[at];
    // Lines along the axis one after the other, each index shifted to its line.
    const wrapped = wrap("takeAlongAxis", chosen, n).moveaxis(at, -1);
    const lines = this.moveaxis(at, -1);
    const outer = broadcastShapes("takeAlongAxis", lines.shape.slice(0, -1), wrapped.shape.slice(0, -1));
    const shape = [...outer, chosen.shape[at]];
    const first = new Int32Array(sizeOf(outer)).map((_, i) => i * n);
    const shifted = stretch(wrapped, shape).add(this.lift(first, "takeAlongAxis").reshape([...outer, 1]));
    return bind("take", [flat(stretch(lines, [...outer, n])), shifted], { axis: 0 }).moveaxis(-1, at);
  }
  scatterAdd(indices: ArrayLike, updates: ArrayLike, axis = 0): NDArray {
    const at = checkAxis("scatterAdd", axis, this.ndim);
    const chosen = indexArray("scatterAdd", this, indices);
    const shape = [...this.shape.slice(0, at), ...chosen.shape, ...this.shape.slice(at + 1)];
    const given = valuesFor("scatterAdd", this, updates, shape);
    return addRows(this, wrap("scatterAdd", chosen, this.shape[at]), given, at);
  }
  argsort(axis = -1): NDArray {
    return bind("argsort", [this], { axis: checkAxis("argsort", axis, this.ndim) });
  }
  sort(axis = -1): NDArray {
    const at = checkAxis("sort", axis, this.ndim);
    return this.takeAlongAxis(bind("argsort", [this], { axis: at }), at);
  }
}
