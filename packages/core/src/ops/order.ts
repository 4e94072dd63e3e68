import type { ArrayLike } from "../array/base.js";
import { asArray, asFirst } from "../array/convert.js";
import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { cast, checkAxes, checkAxis, sizeAlong, toFloat, whole } from "../array/operands.js";
import { type Axes, checkChoice, type Keep } from "../array/reduction.js";
import { Concrete } from "../cpu/concrete.js";
import { Aval, type Data, joint, promote } from "../engine/aval.js";
import { checkOptions, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { peekGiven } from "../engine/peek.js";

/** Options of {@link searchsorted}. */
export interface SearchOptions {
  /** "left" (the default): before elements that are equal; "right": after them. */
  readonly side?: "left" | "right";
}

/**
 * For each value the position in a sorted vector before which it would have to be put to keep the order: the number of elements below it
 * ("left"), or not above it ("right"). NaN counts as the greatest. Gives int32, by bisection.
 *
 * @param sorted a vector in ascending order
 * @param values any shape, which is the result's
 * @param options side: "left", the default, before elements that are equal, or "right" after them
 * @throws ShapeError where sorted is no vector, TreeError for an unknown option or side, DTypeError where an operand is no
 * {@link ArrayLike}
 * @example
 * searchsorted(array([1, 3, 5]), [0, 3, 9]).toArray(); // [0, 1, 3]
 * searchsorted(array([1, 3, 5]), 3, { side: "right" }).item(); // 2
 */
export function searchsorted(sorted: ArrayLike, values: ArrayLike, options: SearchOptions = {}): NDArray {
  checkOptions("searchsorted", options, ["side"]);
  const { side = "left" } = options;
  if (side !== "left" && side !== "right") throw new TreeError(`searchsorted: side is ${describe(side)}; give "left" or "right".`);
  const x = asFirst(sorted, values, "searchsorted").stopGradient();
  const v = x.lift(values, "searchsorted").stopGradient();
  if (x.ndim !== 1)
    throw new ShapeError(`searchsorted: the sorted array has shape ${showShape(x.shape)}; give a vector, and use vmap for several.`);
  const n = x.size;
  if (x instanceof Concrete && v instanceof Concrete) {
    const dtype = joint(x.aval, v.aval);
    return new Concrete(new Aval(v.shape, "int32"), bisected(cast(x, dtype).data(), cast(v, dtype).data(), side === "left"));
  }
  const last = v.isNaN();
  const before = (y: NDArray): NDArray =>
    side === "left" ? y.less(v).logicalOr(last.logicalAnd(y.isNaN().logicalNot())) : y.lessEqual(v).logicalOr(last);
  let count = v.filled(0, new Aval(v.shape, "int32"));
  for (let step = 2 ** Math.floor(Math.log2(n)); step >= 1; step /= 2) {
    const next = count.add(step);
    const inside = next.lessEqual(n).logicalAnd(before(x.take(next.minimum(n).sub(1))));
    count = inside.where(next, count);
  }
  return count;
}

/** The same of numbers. */
function bisected(sorted: Data, values: Data, isLeft: boolean): Int32Array {
  const out = new Int32Array(values.length);
  values.forEach((value: number, i: number) => {
    let [lo, hi] = [0, sorted.length];
    // NaN is behind all numbers.
    const last = Number.isNaN(value);
    while (lo < hi) {
      const middle = (lo + hi) >> 1;
      const y = sorted[middle];
      if (isLeft ? y < value || (last && !Number.isNaN(y)) : y <= value || last) lo = middle + 1;
      else hi = middle;
    }
    out[i] = lo;
  });
  return out;
}

/** Returns whether element i of a line comes before element j: of equal ones the first; NaN counts as the greatest. */
type Before = (i: number, j: number) => boolean;

const ascending =
  (x: Data): Before =>
  (i, j) =>
    x[i] < x[j] || (!(x[i] > x[j]) && (Number.isNaN(x[i]) ? Number.isNaN(x[j]) && i < j : i < j || Number.isNaN(x[j])));

const descending = (x: Data): Before => {
  const before = ascending(x);
  return (i, j) => (x[i] === x[j] || (Number.isNaN(x[i]) && Number.isNaN(x[j])) ? i < j : before(j, i));
};

/** Puts such elements at these places that sorting would put there, and no others on their wrong side (Hoare 1961). */
function select(order: Int32Array, before: Before, places: readonly number[], low: number, high: number): void {
  for (let seed = 1; places.length > 0 && low < high; ) {
    seed = (1664525 * seed + 1013904223) % 2 ** 32;
    const pivot = order[low + Math.floor(((high - low + 1) * seed) / 2 ** 32)];
    let [i, j] = [low, high];
    while (i <= j) {
      while (before(order[i], pivot)) i++;
      while (before(pivot, order[j])) j--;
      if (i > j) break;
      const swapped = order[i];
      order[i++] = order[j];
      order[j--] = swapped;
    }
    const start = i;
    select(
      order,
      before,
      places.filter((place) => place >= start),
      start,
      high,
    );
    const end = j;
    places = places.filter((place) => place <= end);
    high = end;
  }
}

/** The places of the elements along the last axis, in such an order; undefined where values are not known. */
function selection(x: NDArray, places: readonly number[], direction = ascending, sorted = 0): NDArray | undefined {
  const known = x.stopGradient();
  if (!(known instanceof Concrete)) return undefined;
  const n = x.shape[x.ndim - 1];
  const data = known.data();
  const out = new Int32Array(x.size).map((_, i) => i % n);
  for (let start = 0; start < out.length; start += n) {
    const order = out.subarray(start, start + n);
    const before = direction(data.subarray(start, start + n));
    select(order, before, places, 0, n - 1);
    order.subarray(0, sorted).sort((i, j) => (before(i, j) ? -1 : 1));
  }
  return new Concrete(new Aval(x.shape, "int32"), out);
}

/** The lines along axes in ascending order, or with those elements alone in their places; one that holds a NaN is all NaN. */
function ordered(
  op: string,
  given: ArrayLike,
  axis: Axes | undefined,
  options: Keep | undefined,
  places?: (n: number) => readonly number[],
) {
  checkOptions(op, options, ["keepdims"]);
  const x = toFloat(asArray(given, op));
  const axes = checkAxes(op, axis, x.ndim);
  const kept = x.shape.filter((_, i) => !axes.includes(i));
  const n = sizeAlong(x.shape, axes);
  checkChoice(op, x, n);
  const toEnd = axes.map((_, i) => i - axes.length);
  const own = x.moveaxis(axes, toEnd).reshape([...kept, n]);
  const order = places && selection(own, [...places(n), n - 1]);
  const sorted = order ? own.takeAlongAxis(order, -1) : own.sort();
  const last = sorted.take([n - 1], -1);
  const lines = last.isNaN().where(last, sorted);
  return {
    n,
    lines,
    at: (positions: ArrayLike): NDArray => lines.take(positions, -1),
    /** The axes of the positions come first. */
    arrange(out: NDArray): NDArray {
      const front = out.shape.slice(kept.length).map((_, i) => i);
      const moved = out.moveaxis(
        front.map((i) => i + kept.length),
        front,
      );
      const shape = options?.keepdims ? x.shape.map((length, i) => (axes.includes(i) ? 1 : length)) : kept;
      return moved.reshape([...moved.shape.slice(0, front.length), ...shape]);
    },
  };
}

/**
 * The middle of the sorted elements over axes, the mean of the two middle ones where their number is even. NaN if an element is.
 *
 * @param x any shape; int32 and bool give float64
 * @param axis one axis, a list, or null (the default) for all
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws ShapeError where there is no element to choose from, AxisError where x has no such axis or one is named twice, TreeError for an
 * unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * median(array([3, 1, 2])).item(); // 2
 * median(array([[4, 1], [2, 8]]), 1).toArray(); // [2.5, 5]
 */
export function median(x: ArrayLike, axis?: Axes, options?: Keep): NDArray {
  const { n, at, arrange } = ordered("median", x, axis, options, (size) => [(size - 1) >> 1, size >> 1]);
  const half = Math.floor(n / 2);
  return arrange(
    n % 2 === 1
      ? at(half)
      : at(half - 1)
          .add(at(half))
          .div(2),
  );
}

/**
 * The value below which a part q of the sorted elements lies, interpolated linearly between its neighbours (NumPy's default method):
 * position q·(n − 1) of n elements. NaN if an element is. It has a derivative by q as well.
 *
 * @param x any shape; int32 and bool give float64
 * @param q a number from 0 to 1, or an array of them, whose axes come first in the result; one without a known value (under `jit`) gives NaN
 * where it lies outside
 * @param axis as in {@link median}
 * @param options as in {@link median}
 * @throws ShapeError where there is no element, or q is not between 0 and 1; AxisError where x has no such axis or one is named twice,
 * TreeError for an unknown option, DTypeError where x or q is no {@link ArrayLike}
 * @example
 * quantile(array([1, 2, 3, 4]), 0.5).item(); // 2.5
 * quantile(array([[0, 10], [5, 7]]), [0, 0.1], 1).toArray(); // [[0, 5], [1, 5.2]]
 */
export function quantile(x: ArrayLike, q: ArrayLike, axis?: Axes, options?: Keep): NDArray {
  const place = (size: number): number => Math.floor(+q * (size - 1));
  const { n, lines, at, arrange } = ordered(
    "quantile",
    x,
    axis,
    options,
    typeof q === "number" ? (size) => [place(size), place(size) + 1] : undefined,
  );
  const given = asFirst(q, lines, "quantile");
  const stray = peekGiven(given)?.find((p) => !(p >= 0 && p <= 1));
  if (stray !== undefined) throw new ShapeError(`quantile: q is ${stray}; give parts between 0 and 1.`);
  const part = toFloat(typeof q === "number" ? given : lines.lift(q, "quantile"));
  const position = part.clip(0, 1).mul(n - 1);
  const below = position.floor();
  const t = part.equal(part.clip(0, 1)).where(position.sub(below), NaN);
  const index = below.astype("int32");
  const dtype = promote(lines.dtype, t.dtype);
  const low = at(index).astype(dtype);
  const high = at(index.add(1).minimum(n - 1)).astype(dtype);
  const left = t.filled(1, t.aval).sub(t);
  const apart = high.sub(low);
  const finite = apart.isFinite();
  const gap = finite.where(apart, 0);
  // From the nearer neighbour, so that what is between two numbers never passes either, and quantiles ascend.
  const between = t.less(0.5).where(low.add(gap.mul(t)), high.sub(gap.mul(left)));
  // Infinite or huge neighbours: their weighted mean, and one of weight 0 must not turn it into NaN.
  return arrange(t.equal(0).where(low, finite.where(between, low.mul(left).add(high.mul(t)))));
}

/** The result of {@link topK}. */
export interface TopK {
  /** The elements, the greatest (or the least) first. */
  readonly values: NDArray;
  /** The index of each along the axis; int32. */
  readonly indices: NDArray;
}

/** Options of {@link topK}. */
export interface TopKOptions {
  /** By default the last. */
  readonly axis?: number;
  /** The greatest elements (true, the default), or the least ones. */
  readonly largest?: boolean;
}

/**
 * The k greatest (or least) elements along an axis, in descending (ascending) order, and where they stand; of equal elements the first
 * comes first. NaN counts as the greatest.
 *
 * @param x at least one axis, any dtype
 * @param k how many, at most the length of the axis
 * @param options axis: by default the last; largest: false for the least ones
 * @returns `{ values, indices }`, both k long along the axis; indices are int32
 * @throws ShapeError where k is no whole number or too large, AxisError where x has no such axis, TreeError for an unknown option, DTypeError where x
 * is no {@link ArrayLike}
 * @example
 * const { values, indices } = topK([3, 9, 1, 7], 2);
 * values.toArray(); // [9, 7]
 * indices.toArray(); // [1, 3]
 */
export function topK(x: ArrayLike, k: number, options: TopKOptions = {}): TopK {
  checkOptions("topK", options, ["axis", "largest"]);
  const { axis = -1, largest = true } = options;
  const y = asArray(x, "topK");
  const at = checkAxis("topK", axis, y.ndim);
  const n = y.shape[at];
  const count = whole("topK", "k", k, 0);
  if (count > n) throw new ShapeError(`topK: ${count} elements are wanted of an axis of ${n}; ask for fewer.`);
  const order =
    selection(y.moveaxis(at, -1), [count - 1], largest ? descending : ascending, count)?.moveaxis(-1, at) ??
    (largest
      ? // From behind, so that the order of equal elements is that of their places.
        y
          .flip(at)
          .argsort(at)
          .neg()
          .add(n - 1)
          .flip(at)
      : y.argsort(at));
  const indices = sliceAxis(order, at, 0, count);
  return { values: y.takeAlongAxis(indices, at), indices };
}

/**
 * x with the elements along an axis in such an order that the one at place kth is where sorting would put it, none before it is greater, and none
 * behind it less. The order of the others is not promised; NaN counts as the greatest.
 *
 * @param x at least one axis, any dtype
 * @param kth a place along the axis, or a list of them; negative ones count from the end
 * @param axis by default the last
 * @throws ShapeError where there is no such place, AxisError where x has no such axis, DTypeError where x is no {@link ArrayLike}
 * @example
 * partition([7, 1, 9, 3], 1).slice(1).item(); // 3
 */
export function partition(x: ArrayLike, kth: number | readonly number[], axis = -1): NDArray {
  const y = asArray(x, "partition");
  const at = checkAxis("partition", axis, y.ndim);
  const n = y.shape[at];
  for (const place of [kth].flat()) {
    const i = whole("partition", "kth", place);
    if (i < -n || i >= n)
      throw new ShapeError(
        `partition: kth is ${i} for an axis of ${n}; ${n ? `give whole numbers from ${-n} to ${n - 1}` : "an empty axis has no places"}.`,
      );
  }
  // In full, so that what is not promised is the same under every transformation.
  return y.sort(at);
}
