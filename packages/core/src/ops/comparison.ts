import type { ArrayLike } from "../array/base.js";
import { asArray, asArrays, asFirst } from "../array/convert.js";
import { known } from "../array/lists.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, checkAxis, match, toFloat } from "../array/operands.js";
import { Concrete } from "../cpu/concrete.js";
import { Aval, sameShape } from "../engine/aval.js";
import { checkOptions, DTypeError, describe } from "../engine/errors.js";
import { searchsorted } from "./order.js";

/** Options of {@link isClose} and {@link allClose}. */
export interface CloseOptions {
  /** The tolerance relative to |y|. Default 1e-5. */
  readonly rtol?: number;
  /** The absolute tolerance, added to that. Default 1e-8. */
  readonly atol?: number;
  /** NaN is close to NaN. Default false. */
  readonly equalNaN?: boolean;
}

function close(op: string, x: ArrayLike, y: ArrayLike, options: CloseOptions): NDArray {
  checkOptions(op, options, ["rtol", "atol", "equalNaN"]);
  const [rtol, atol] = [options.rtol ?? 1e-5, options.atol ?? 1e-8].map((given) => {
    const tolerance = bare<unknown>(given);
    if (typeof tolerance !== "number") throw new DTypeError(`${op}: a tolerance is ${describe(given)}; give a number.`);
    return tolerance;
  });
  const [a, b] = match(op, asFirst(x, y, op), asArray(y, op)).map(toFloat);
  const near = a.sub(b).abs().lessEqual(b.abs().mul(rtol).add(atol)).logicalAnd(b.isFinite()).logicalOr(a.equal(b));
  return options.equalNaN ? near.logicalOr(a.isNaN().logicalAnd(b.isNaN())) : near;
}

/**
 * Tests elementwise whether x and y are equal to within a tolerance: |x − y| ≤ atol + rtol · |y|. Gives bool.
 *
 * @param x its shape broadcasts against that of y; any dtype
 * @param y its shape broadcasts against that of x; any dtype
 * @param options rtol: by default 1e-5; atol: by default 1e-8; equalNaN: whether NaN is close to NaN
 * @throws ShapeError where the shapes do not broadcast, TreeError for an unknown option, DTypeError where a tolerance is no number, or x or y no
 * {@link ArrayLike}
 * @example
 * isClose([1, 2], [1.000001, 2.1]).toArray(); // [true, false]
 */
export const isClose = (x: ArrayLike, y: ArrayLike, options: CloseOptions = {}): NDArray => close("isClose", x, y, options);

const remedy = "compare inside of the function by isClose or equal, and reduce by all";

/**
 * Tests whether all elements are equal to within a tolerance, as in {@link isClose}: a JS boolean, which `if` takes.
 *
 * @param x its shape broadcasts against that of y; any dtype; of known values
 * @param y its shape broadcasts against that of x; any dtype; of known values
 * @param options as in {@link isClose}
 * @throws TransformError where values are traced, or differ from lane to lane; else as {@link isClose} does
 * @example
 * allClose([1, 2], [1.000001, 2]); // true
 */
export const allClose = (x: ArrayLike, y: ArrayLike, options: CloseOptions = {}): boolean =>
  known("allClose", close("allClose", x, y, options).all(), remedy).item<boolean>();

/**
 * Tests whether two arrays have the same shape and equal elements: a JS boolean, which `if` takes.
 *
 * @param x any shape and dtype; of known values
 * @param y any shape and dtype; of known values
 * @param options equalNaN: whether NaN equals NaN, by default not
 * @throws TransformError where values are traced, or differ from lane to lane; TreeError for an unknown option, DTypeError where x or y is no
 * {@link ArrayLike}
 * @example
 * arrayEqual([1, 2], array([1, 2])); // true
 * arrayEqual([1, 2], 1); // false
 */
export function arrayEqual(x: ArrayLike, y: ArrayLike, options: Pick<CloseOptions, "equalNaN"> = {}): boolean {
  checkOptions("arrayEqual", options, ["equalNaN"]);
  const [a, b] = asArrays([x, y], "arrayEqual");
  if (!sameShape(a.shape, b.shape)) return false;
  const same = a.equal(b);
  return known("arrayEqual", (options.equalNaN ? same.logicalOr(a.isNaN().logicalAnd(b.isNaN())) : same).all(), remedy).item<boolean>();
}

/** Options of {@link isin}. */
export interface IsinOptions {
  /** Whether it is none of the values. Default false. */
  readonly invert?: boolean;
}

/**
 * For each element whether it is one of the given values. Gives bool. NaN is none of them.
 *
 * @param x any shape and dtype
 * @param values any shape and dtype
 * @param options invert: whether it is none of them
 * @throws TreeError for an unknown option, DTypeError where x or values is no {@link ArrayLike}
 * @example
 * isin([[1, 2], [3, 4]], [2, 4]).toArray(); // [[false, true], [false, true]]
 */
export function isin(x: ArrayLike, values: ArrayLike, options: IsinOptions = {}): NDArray {
  checkOptions("isin", options, ["invert"]);
  const [y, given] = asArrays([x, values], "isin");
  const n = given.size;
  const sorted = given.stopGradient().ravel().sort();
  const found = n === 0 ? y.equal(y).logicalAnd(false) : sorted.take(searchsorted(sorted, y).minimum(n - 1)).equal(y);
  return options.invert ? found.logicalNot() : found;
}

/** Options of {@link unique}. */
export interface UniqueOptions {
  /** Say where each value stands first. */
  readonly returnIndex?: boolean;
  /** Say for each element which of the values it is. */
  readonly returnInverse?: boolean;
  /** Say how often each value stands. */
  readonly returnCounts?: boolean;
  /** Compare the slices along this axis instead of the elements. */
  readonly axis?: number | null;
}

/** The result of {@link unique} where more than the values is wanted. */
export interface Unique {
  /** The values, in ascending order. */
  readonly values: NDArray;
  /** The first index of each value; int32. */
  readonly indices?: NDArray;
  /** For each element which of the values it is; int32. */
  readonly inverse?: NDArray;
  /** The number of times that each value stands in x; int32. */
  readonly counts?: NDArray;
}

/**
 * The elements, each once, in ascending order, NaN last. Their number depends on the values, so they have to be known; they have
 * derivatives, inside of `grad` and `jvp`.
 *
 * @param x any shape and dtype; of known values
 * @param options returnIndex, returnInverse, returnCounts: what else is wanted; axis: compare the slices along it, by default the elements
 * @returns a vector, with an axis x less what is twice along it; with a return option an object `{ values, indices, inverse, counts }` of what is
 * wanted, all but the values int32: inverse of the shape of x, with an axis of its length
 * @throws TransformError where values are traced, or differ from lane to lane; AxisError where x has no such axis, TreeError for an unknown option,
 * DTypeError where x is no {@link ArrayLike}
 * @example
 * unique([3, 1, 3, 2]).toArray(); // [1, 2, 3]
 * const { values, counts } = unique([3, 1, 3], { returnCounts: true });
 * counts?.toArray(); // [1, 2]
 */
export function unique(x: ArrayLike, options?: Pick<UniqueOptions, "axis">): NDArray;
export function unique(x: ArrayLike, options: UniqueOptions): Unique;
export function unique(x: ArrayLike, options: UniqueOptions = {}): NDArray | Unique {
  checkOptions("unique", options, ["returnIndex", "returnInverse", "returnCounts", "axis"]);
  const { returnIndex, returnInverse, returnCounts, axis } = options;
  const given = asArray(x, "unique");
  const at = axis === undefined || axis === null ? undefined : checkAxis("unique", axis, given.ndim);
  const y = at === undefined ? given.ravel() : given.moveaxis(at, 0);
  const [n] = y.shape;
  const width = n === 0 ? 0 : y.size / n;
  const seen = known("unique", y, "call it outside of the transformed function, for the length of its result depends on them");
  const data = seen.data();
  if (at === undefined && y === seen && !returnIndex && !returnInverse && !returnCounts) {
    const values = data.slice().sort();
    let count = 0;
    for (let i = 0; i < n; i++) {
      const value = values[i];
      const last = values[count - 1];
      if (count === 0 || !(value === last || (Number.isNaN(value) && Number.isNaN(last)))) values[count++] = value;
    }
    return new Concrete(new Aval([count], y.dtype), values.slice(0, count));
  }
  /** NaN is the greatest, and equal to itself. */
  const order = (a: number, b: number): number => {
    for (let k = 0; k < width; k++) {
      const [p, q] = [data[a * width + k], data[b * width + k]];
      const isLast = +Number.isNaN(p) - +Number.isNaN(q);
      if (p < q || isLast < 0) return -1;
      if (p > q || isLast > 0) return 1;
    }
    return 0;
  };
  const places = width === 1 ? seen.ravel().argsort().data() : new Int32Array(n).map((_, i) => i).sort((a, b) => order(a, b) || a - b);
  const [first, counts]: [number[], number[]] = [[], []];
  const inverse = new Int32Array(n);
  for (const i of places) {
    if (first.length === 0 || order(first[first.length - 1], i) !== 0) counts[first.push(i) - 1] = 0;
    counts[first.length - 1]++;
    inverse[i] = first.length - 1;
  }
  const whole = (list: Iterable<number>): NDArray => given.lift(Int32Array.from(list), "unique");
  const taken = y.take(whole(first));
  const values = at === undefined ? taken : taken.moveaxis(0, at);
  if (!returnIndex && !returnInverse && !returnCounts) return values;
  return {
    values,
    ...(returnIndex && { indices: whole(first) }),
    ...(returnInverse && { inverse: at === undefined ? whole(inverse).reshape(given.shape) : whole(inverse) }),
    ...(returnCounts && { counts: whole(counts) }),
  };
}
