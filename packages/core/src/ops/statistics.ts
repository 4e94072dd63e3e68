import type { ArrayLike } from "../array/base.js";
import { asArray, asArrays, generate } from "../array/convert.js";
import { indexArray } from "../array/indexing.js";
import { joined, known, list } from "../array/lists.js";
import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { asNDArray, bare, cast, checkAxes, checkShape, sizeAlong, toBool, toFloat, whole } from "../array/operands.js";
import { type Axes, checkChoice, type Keep } from "../array/reduction.js";
import { Concrete } from "../cpu/concrete.js";
import { Aval, type Data, sameShape } from "../engine/aval.js";
import { checkOptions, checkPlace, DTypeError, describe, ShapeError, showList, showShape } from "../engine/errors.js";
import { peek, peekGiven } from "../engine/peek.js";
import { searchsorted } from "./order.js";

/**
 * The greatest element less the least one, over axes; NaN if one is.
 *
 * @param x any shape; float or int32, which wraps around
 * @param axis one axis, a list, or null (the default) for all
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws ShapeError where there is no element to choose from, AxisError where x has no such axis or one is named twice, TreeError for an
 * unknown option, DTypeError where x is bool or no {@link ArrayLike}
 * @example
 * ptp(array([[1, 5], [3, 4]]), 1).toArray(); // [4, 1]
 */
export function ptp(x: ArrayLike, axis?: Axes, options?: Keep): NDArray {
  checkOptions("ptp", options, ["keepdims"]);
  const y = asArray(x, "ptp");
  const axes = checkAxes("ptp", axis, y.ndim);
  if (y.dtype === "bool") throw new DTypeError("ptp: truth values have no differences; use astype first.");
  checkChoice("ptp", y, y.size || sizeAlong(y.shape, axes));
  return y.max(axes, options).sub(y.min(axes, options));
}

/**
 * Counts the elements over axes that are not 0. Gives int32.
 *
 * @param x any shape and dtype
 * @param axis one axis, a list, or null (the default) for all
 * @param options keepdims: leave the axes in the shape with length 1
 * @throws AxisError where x has no such axis or one is named twice, TreeError for an unknown option, DTypeError where x is no {@link ArrayLike}
 * @example
 * countNonzero(array([[0, 1], [2, 3]]), 0).toArray(); // [1, 2]
 */
export function countNonzero(x: ArrayLike, axis?: Axes, options?: Keep): NDArray {
  checkOptions("countNonzero", options, ["keepdims"]);
  const y = asArray(x, "countNonzero");
  return toBool(y).sum(checkAxes("countNonzero", axis, y.ndim), options);
}

/** Options of {@link average}. */
export interface AverageOptions extends Keep {
  /** The weight of each element: the shape of x, or a vector along the one axis. */
  readonly weights?: ArrayLike;
}

/**
 * The mean over axes in which each element counts by its weight: Σ wᵢ xᵢ / Σ wᵢ. Weights of sum 0 give NaN or an infinity.
 *
 * @param x any shape; int32 and bool become float64
 * @param axis one axis, a list, or null (the default) for all
 * @param options weights: of the shape of x, or a vector along the one axis; without them it is {@link mean}. keepdims
 * @throws ShapeError where the weights do not fit, AxisError where x has no such axis or one is named twice, TreeError for an unknown option,
 * DTypeError where x or weights is no {@link ArrayLike}
 * @example
 * average(array([1, 2, 4]), null, { weights: [3, 1, 0] }).item(); // 1.25
 */
export function average(x: ArrayLike, axis?: Axes, options: AverageOptions = {}): NDArray {
  checkOptions("average", options, ["weights", "keepdims"]);
  const { weights, keepdims } = options;
  const [y, given] = asArrays(weights === undefined ? [x] : [x, weights], "average").map(toFloat);
  const axes = checkAxes("average", axis, y.ndim);
  if (given === undefined) return y.mean(axes, { keepdims });
  const isVector = axes.length === 1 && given.ndim === 1 && given.size === y.shape[axes[0]];
  if (!isVector && !sameShape(given.shape, y.shape))
    throw new ShapeError(
      `average: weights of shape ${showShape(given.shape)} do not fit an array of shape ${showShape(y.shape)}; give that shape, or a vector along one axis.`,
    );
  const w = isVector ? given.reshape(y.shape.map((n, i) => (i === axes[0] ? n : 1))).broadcastTo(y.shape) : given;
  return y.mul(w).sum(axes, { keepdims }).div(w.sum(axes, { keepdims }));
}

/** Options of {@link cov}. */
export interface CovOptions {
  /** Each row is a variable, each column an observation; false for the reverse. Default true. */
  readonly rowvar?: boolean;
  /** Divide by n instead of n − 1. Default false. */
  readonly bias?: boolean;
  /** The divisor is n − ddof; it goes before bias. */
  readonly ddof?: number;
  /** The number of times that each observation was made: a vector of whole numbers. */
  readonly fweights?: ArrayLike;
  /** The weight of each observation: a vector. */
  readonly aweights?: ArrayLike;
}

/** The covariances of all pairs of variables, as a matrix. */
function covariances(op: string, x: ArrayLike, y: ArrayLike | null | undefined, options: CovOptions): NDArray {
  checkPlace(op, y, `${op}(x, undefined, options)`);
  const { rowvar = true, bias = false, fweights, aweights } = options;
  const matrix = (given: NDArray, isOther: boolean): NDArray => {
    if (given.ndim > 2)
      throw new ShapeError(`${op}: an array of shape ${showShape(given.shape)} arrives; give a vector or a matrix of observations.`);
    const rows = given.ndim === 2 ? given : given.reshape([1, given.size]);
    return rowvar || (isOther ? rows.shape[0] === 1 : given.ndim !== 2) ? rows : rows.T;
  };
  const all = list(op, y === undefined || y === null ? [x] : [x, y]).map((each, i) => matrix(toFloat(each), i > 0));
  const [first, second] = all;
  if (second && first.shape[1] !== second.shape[1])
    throw new ShapeError(`${op}: ${first.shape[1]} and ${second.shape[1]} observations are given; both need as many.`);
  const data = second ? joined(op, all, 0) : first;
  const n = data.shape[1];
  const weight = (given: ArrayLike | undefined, name: string, isWhole: boolean): NDArray | undefined => {
    const w = given === undefined ? undefined : asNDArray(data.lift(given, op));
    if (w && !sameShape(w.shape, [n]))
      throw new ShapeError(`${op}: ${name} has shape ${showShape(w.shape)}; give a vector with a number for each of ${n} observations.`);
    const bad = w && peekGiven(w)?.find((v: number) => v < 0 || (isWhole && !Number.isInteger(v)));
    if (bad !== undefined) throw new DTypeError(`${op}: ${name} holds ${bad}; give ${isWhole ? "whole " : ""}numbers, none negative.`);
    return w && cast(w, data.dtype);
  };
  const [f, a] = [weight(fweights, "fweights", true), weight(aweights, "aweights", false)];
  const ddof = bare<unknown>(options.ddof ?? (bias ? 0 : 1));
  if (typeof ddof !== "number" || !Number.isFinite(ddof)) throw new DTypeError(`${op}: ddof is ${describe(ddof)}; give a number.`);
  const w = f && a ? f.mul(a) : (f ?? a);
  const total = w ? w.sum() : undefined;
  const mean = total && w ? data.mul(w).sum(1, { keepdims: true }).div(total) : data.mean(1, { keepdims: true });
  const apart = data.sub(mean);
  const products = apart.matmul((w ? apart.mul(w) : apart).T);
  if (!total || !w) return products.div(Math.max(0, n - ddof)).squeeze();
  const lost = a ? w.mul(a).sum().div(total).mul(ddof) : ddof;
  return products.div(total.sub(lost).maximum(0)).squeeze();
}

/**
 * The matrix of covariances of variables: of each pair the mean product of the deviations from their means, an unbiased estimate unless
 * said otherwise.
 *
 * @param x [variables, observations], or a vector of observations of one variable; int32 and bool become float64
 * @param y more variables and their observations, in the same form
 * @param options rowvar: false where the rows are the observations; bias: divide by n, not by n − 1; ddof: divide by n − ddof; fweights, aweights:
 * vectors with a count and a weight for each observation
 * @returns [variables, variables]; of one variable shape []
 * @throws ShapeError where the arrays or the weights do not fit, TreeError for an unknown option, DTypeError where ddof is no finite number, a weight
 * is negative or a count no whole number, as far as it is known, or an operand is no {@link ArrayLike}
 * @example
 * cov(array([[1, 2, 3], [6, 4, 2]])).toArray(); // [[1, -2], [-2, 4]]
 * cov(array([[1, 6], [2, 4], [3, 2]]), undefined, { rowvar: false }).toArray(); // [[1, -2], [-2, 4]]
 */
export function cov(x: ArrayLike, y?: ArrayLike | null, options: CovOptions = {}): NDArray {
  checkOptions("cov", options, ["rowvar", "bias", "ddof", "fweights", "aweights"]);
  return covariances("cov", x, y, options);
}

/**
 * The matrix of correlation coefficients of variables: covariances divided by both standard deviations, from −1 to 1.
 *
 * @param x [variables, observations], or a vector of observations of one variable; int32 and bool become float64
 * @param y more variables and their observations, in the same form
 * @param options rowvar: false where the rows are the observations
 * @returns [variables, variables]; of one variable shape []
 * @throws ShapeError where the arrays do not fit, TreeError for an unknown option, DTypeError where an operand is no {@link ArrayLike}
 * @example
 * corrcoef(array([1, 2, 3]), array([6, 4, 2])).toArray(); // [[1, -1], [-1, 1]]
 * corrcoef(array([[1, 6], [2, 4], [3, 2]]), undefined, { rowvar: false }).toArray(); // [[1, -1], [-1, 1]]
 */
export function corrcoef(x: ArrayLike, y?: ArrayLike | null, options: Pick<CovOptions, "rowvar"> = {}): NDArray {
  checkOptions("corrcoef", options, ["rowvar"]);
  const c = covariances("corrcoef", x, y, options);
  if (c.ndim === 0) return c.div(c);
  const deviations = c.diagonal().sqrt();
  return c.div(deviations.expandDims(1)).div(deviations).clip(-1, 1);
}

/** Options of {@link bincount}. */
export interface BincountOptions {
  /** The number that each element adds to its count: a vector, by default ones. */
  readonly weights?: ArrayLike;
  /** The least length of the result. Default 0. */
  readonly minlength?: number;
  /** The length of the result, which is needed where the elements are traced; elements beyond it are left out. */
  readonly length?: number;
}

/** counts[i] is what the elements add that are i; those that are not within are left out. */
function tally(at: NDArray, n: number, weights: NDArray | undefined): NDArray {
  if (at instanceof Concrete && weights === undefined) {
    const counts = new Int32Array(n);
    for (const i of at.data()) if (i >= 0 && i < n) counts[i]++;
    return new Concrete(new Aval([n], "int32"), counts);
  }
  if (at instanceof Concrete && n > 0 && at.data().every((i: number) => i >= 0 && i < n))
    return (weights as NDArray).filled(0, new Aval([n], (weights as NDArray).dtype)).scatterAdd(at, weights as NDArray);
  const isIn = at.greaterEqual(0).logicalAnd(at.less(n));
  const each = isIn.where(weights ?? 1, 0).astype(weights?.dtype ?? "int32");
  const zero = each.filled(0, new Aval([n], each.dtype));
  return n === 0 ? zero : zero.scatterAdd(isIn.where(at, 0).astype("int32"), each);
}

/**
 * Counts each whole number from 0 on in a vector, or sums the weights that stand beside it.
 *
 * @param x a vector of whole numbers, none negative; int32 or bool
 * @param options weights: a vector of the same length; minlength: the least length of the result; length: its length, without which x must have
 * known values, for the result reaches as far as its greatest. With a length, elements outside of it are left out, negative ones too
 * @returns a vector; int32, or the dtype of the weights where they are floating, else float64
 * @throws ShapeError where x or weights is no vector, both differ in length, an element is negative and no length is given, or a length is no whole number; TransformError
 * where x is traced and no length is given; DTypeError where x is no array of whole numbers or an operand is no {@link ArrayLike};
 * TreeError for an unknown option
 * @example
 * bincount([0, 2, 2]).toArray(); // [1, 0, 2]
 * bincount([0, 2, 2], { weights: [0.5, 1, 2] }).toArray(); // [0.5, 0, 3]
 */
export function bincount(x: ArrayLike, options: BincountOptions = {}): NDArray {
  checkOptions("bincount", options, ["weights", "minlength", "length"]);
  const { weights, minlength = 0, length } = options;
  const [given, w] = asArrays(weights === undefined ? [x] : [x, weights], "bincount");
  const at = given.dtype === "bool" ? cast(given, "int32") : asNDArray(indexArray("bincount", given, x));
  if (at.ndim !== 1 || (w && !sameShape(w.shape, at.shape)))
    throw new ShapeError(
      `bincount: elements of shape ${showShape(at.shape)}${w ? ` and weights of shape ${showShape(w.shape)}` : ""}; give vectors of one length.`,
    );
  let [n] = checkShape("bincount", [whole("bincount", length === undefined ? "minlength" : "length", length ?? minlength, 0)]);
  if (length === undefined && at.size > 0) {
    const values = known("bincount", at, "give the option length");
    const least = values.min().item();
    if (least < 0) throw new ShapeError(`bincount: an element is ${least}; give whole numbers from 0 on.`);
    [n] = checkShape("bincount", [Math.max(n, values.max().item() + 1)]);
  }
  return tally(at, n, w && toFloat(w));
}

/** Whether edges descend anywhere, and whether they ascend anywhere. */
function courseOf(edges: NDArray): readonly [descends: NDArray, ascends: NDArray] {
  const [before, after] = [0, 1].map((start) => sliceAxis(edges, 0, start, edges.size - 1));
  return [after.less(before).any(), before.less(after).any()];
}

/** Whether a truth value is known to be true, in one lane at least. */
const isSeen = (x: NDArray): boolean => peek(x)?.values.any().item<boolean>() ?? false;

/** Options of {@link digitize}. */
export interface DigitizeOptions {
  /** Bins include their right edge instead of the left one. Default false. */
  readonly right?: boolean;
}

/**
 * For each value the number of the bin in which it lies: i where bins[i − 1] ≤ value < bins[i]; 0 before all of them. Bins may descend.
 *
 * @param x the values, any shape; dtypes are promoted
 * @param bins the edges, a vector in ascending or descending order
 * @param options right: bins include their right edge instead of the left one
 * @returns the shape of x; int32
 * @throws ShapeError where bins is no vector, or its known values neither ascend nor descend, TreeError for an unknown option, DTypeError where an
 * operand is no {@link ArrayLike}
 * @example
 * digitize([0.5, 1, 9], [0, 1, 2]).toArray(); // [1, 2, 3]
 */
export function digitize(x: ArrayLike, bins: ArrayLike, options: DigitizeOptions = {}): NDArray {
  checkOptions("digitize", options, ["right"]);
  const right = options.right ?? false;
  const [values, edges] = asArrays([x, bins], "digitize");
  if (edges.ndim !== 1) throw new ShapeError(`digitize: the bins have shape ${showShape(edges.shape)}; give a vector.`);
  const n = edges.size;
  const side = right ? "left" : "right";
  const up = (): NDArray => searchsorted(edges, values, { side });
  const down = (): NDArray => searchsorted(edges.flip(), values, { side }).neg().add(n);
  if (n < 2) return up();
  const [descends, ascends] = courseOf(edges);
  if (isSeen(descends.logicalAnd(ascends))) throw new ShapeError("digitize: the bins ascend and descend; give them in one of both orders.");
  const seen = peek(descends);
  if (seen === undefined || seen.batches.length > 0) return descends.where(down(), up());
  return seen.values.item<boolean>() ? down() : up();
}

/** Options of {@link histogram}. */
export interface HistogramOptions {
  /** The least and the greatest value that counts: by default those of x. */
  readonly range?: readonly [number, number];
  /** The weight of each element in its count: the shape of x, by default ones. */
  readonly weights?: ArrayLike;
  /** Heights of bins whose area is 1, instead of counts. Default false. */
  readonly density?: boolean;
}

/**
 * Counts the elements in each bin. A bin holds its left edge, and the last one its right edge too; what lies outside is left out, and so
 * is NaN, beside a range or edges. Without these, NaN or an infinity in x is an error, or under `jit`, where it is not known, gives NaN edges.
 *
 * @param x any shape; any dtype
 * @param bins how many of one width, by default 10, or a vector of their edges in ascending order
 * @param options range: [least, greatest] of bins of one width; weights: how much each element counts; density: heights instead of counts
 * @returns `[counts, edges]`, vectors of n and n + 1 elements: int32 counts, or of the weights' floating dtype; edges of that of x, or float64
 * @throws ShapeError where bins is neither a positive whole number nor a vector of two edges at least that do not descend, the range is no pair that
 * ascends, an element is NaN or infinite and no range is given, or weights do not have the shape of x; TreeError for an unknown option, DTypeError where an operand is no {@link ArrayLike}
 * @example
 * const [counts, edges] = histogram([1, 2, 2, 4], 3);
 * counts.toArray(); // [1, 2, 1]
 * edges.toArray(); // [1, 2, 3, 4]
 */
export function histogram(x: ArrayLike, bins: ArrayLike = 10, options: HistogramOptions = {}): [counts: NDArray, edges: NDArray] {
  checkOptions("histogram", options, ["range", "weights", "density"]);
  checkPlace("histogram", bins, "histogram(x, 10, options)");
  const { range, weights, density = false } = options;
  const [given, w] = asArrays(weights === undefined ? [x] : [x, weights], "histogram");
  if (w && !sameShape(w.shape, given.shape))
    throw new ShapeError(
      `histogram: weights of shape ${showShape(w.shape)} for an array of shape ${showShape(given.shape)}; both must be equal.`,
    );
  const flat = given.ravel();
  const number = bare<ArrayLike>(bins);
  const edges = edgesOf(flat, number, range);
  const n = edges.size - 1;
  const [first, last] = [edges.slice(0), edges.slice(n)];
  let at: NDArray;
  if (typeof number === "number") {
    // Of bins of one width it is known where an element has to lie, to within rounding.
    const [own, ends] = [flat.stopGradient(), edges.stopGradient()];
    if (own instanceof Concrete && ends instanceof Concrete) at = placesOf(own.data(), ends.data());
    else {
      const inside = flat.greaterEqual(first).logicalAnd(flat.lessEqual(last));
      const near = inside
        .where(flat.sub(first).div(last.sub(first)).mul(n), 0)
        .stopGradient()
        .astype("int32")
        .clip(0, n - 1);
      const below = flat.less(edges.take(near));
      const above = flat.greaterEqual(edges.take(near.add(1))).logicalAnd(near.less(n - 1));
      at = inside.where(near.sub(below.astype("int32")).add(above.astype("int32")), -1);
    }
  } else at = flat.equal(last).where(n - 1, searchsorted(edges, flat, { side: "right" }).sub(1));
  const counts = tally(at, n, w && toFloat(w.ravel()));
  if (!density) return [counts, edges];
  const widths = sliceAxis(edges, 0, 1, n).sub(sliceAxis(edges, 0, 0, n));
  return [counts.div(widths).div(counts.sum()), edges];
}

/** The bin of each element, −1 where it lies outside of all. */
function placesOf(x: Data, edges: Data): NDArray {
  const n = edges.length - 1;
  const [first, last] = [edges[0], edges[n]];
  const out = new Int32Array(x.length);
  for (let k = 0; k < x.length; k++) {
    const value = x[k];
    if (!(value >= first && value <= last)) {
      out[k] = -1;
      continue;
    }
    const near = Math.min(n - 1, Math.trunc(((value - first) / (last - first)) * n));
    out[k] = near - +(value < edges[near]) + +(near < n - 1 && value >= edges[near + 1]);
  }
  return new Concrete(new Aval([x.length], "int32"), out);
}

function edgesOf(x: NDArray, bins: ArrayLike, range: unknown): NDArray {
  if (typeof bins !== "number") {
    const edges = x.lift(bins, "histogram") as NDArray;
    if (edges.ndim !== 1 || edges.size < 2)
      throw new ShapeError(`histogram: the bins are ${describe(edges)}; give a number of them, or a vector of two edges at least.`);
    if (isSeen(courseOf(edges)[0])) throw new ShapeError("histogram: the edges descend; give them in ascending order.");
    return toFloat(edges);
  }
  if (!Number.isInteger(bins) || bins < 1 || bins > 2 ** 30)
    throw new ShapeError(`histogram: ${bins} bins are wanted; give a positive whole number, or a vector of edges.`);
  const values = toFloat(x);
  const pair = range === undefined ? undefined : Array.isArray(range) ? Array.from(range, bare<unknown>) : [];
  if (pair && !(pair.length === 2 && pair.every(Number.isFinite) && (pair[0] as number) <= (pair[1] as number)))
    throw new ShapeError(`histogram: the range is ${showList(range)}; give [least, greatest], finite numbers.`);
  const scalar = new Aval([], values.dtype);
  const end = (i: number): NDArray =>
    pair ? values.filled(pair[i] as number, scalar) : x.size === 0 ? values.filled(i, scalar) : i === 0 ? values.min() : values.max();
  const [first, last] = [end(0), end(1)];
  if (peek(last.sub(first))?.values.isFinite().all().item<boolean>() === false)
    throw new ShapeError("histogram: an element is NaN or infinite; give a range, or the edges.");
  const isPoint = first.equal(last);
  const [low, high] = [isPoint.where(first.sub(0.5), first), isPoint.where(last.add(0.5), last)];
  const k = values.lift(generate([bins + 1], values.dtype, (i) => i).data(), "histogram");
  return k.equal(0).where(low, k.equal(bins).where(high, low.add(high.sub(low).div(bins).mul(k))));
}
