import type { ArrayLike } from "../array/base.js";
import { asArray, asArrays, asFirst } from "../array/convert.js";
import { joined, list, resized } from "../array/lists.js";
import { sliceAxis } from "../array/movement.js";
import type { NDArray } from "../array/ndarray.js";
import { bare, broadcastShapes, cast, checkAxis, distinctAxes, stretch, toFloat, whole } from "../array/operands.js";
import { common, floating } from "../engine/aval.js";
import { checkOptions, checkPlace, DTypeError, describe, ShapeError, showShape, TreeError } from "../engine/errors.js";
import { searchsorted } from "./order.js";

/** All but the first, and all but the last of the elements along an axis. */
const neighbours = (x: NDArray, axis: number): [later: NDArray, earlier: NDArray] => {
  const n = Math.max(0, x.shape[axis] - 1);
  return [sliceAxis(x, axis, x.shape[axis] - n, n), sliceAxis(x, axis, 0, n)];
};

/** Of truth values: whether neighbours differ. */
const steps = (x: NDArray, axis: number): NDArray => {
  const [later, earlier] = neighbours(x, axis);
  return x.dtype === "bool" ? later.notEqual(earlier) : later.sub(earlier);
};

/** Options of {@link diff}. */
export interface DiffOptions {
  /** The values before x along the axis: a number, or an array of the other axes' shape. */
  readonly prepend?: ArrayLike;
  /** The values after x along the axis. */
  readonly append?: ArrayLike;
}

/**
 * The differences of neighbours along an axis, n times: xᵢ₊₁ − xᵢ. Of truth values it says whether neighbours differ.
 *
 * @param x at least one axis, any dtype; int32 wraps around
 * @param n how often; 0 gives x itself
 * @param axis by default the last
 * @param options prepend, append: what is put before and after x first, a single value or an array whose other axes are those of x; dtypes are
 * promoted
 * @returns shape of x, but n shorter along the axis
 * @throws ShapeError where n is no whole number, or what is put beside x does not fit; AxisError where x has no such axis; TreeError for an
 * unknown option; DTypeError where an operand is no {@link ArrayLike}
 * @example
 * diff(array([1, 4, 9, 16])).toArray(); // [3, 5, 7]
 * diff(array([1, 4, 9, 16]), 2).toArray(); // [2, 2]
 */
export function diff(x: ArrayLike, n = 1, axis = -1, options: DiffOptions = {}): NDArray {
  checkOptions("diff", options, ["prepend", "append"]);
  const given = asArray(x, "diff");
  const count = whole("diff", "n", n, 0);
  const at = checkAxis("diff", axis, given.ndim);
  const beside = (part: ArrayLike | undefined): NDArray[] => {
    if (part === undefined) return [];
    const own = given.lift(part, "diff");
    if (own.ndim > 0 && own.ndim !== given.ndim)
      throw new ShapeError(
        `diff: an array of shape ${showShape(own.shape)} is put beside one of shape ${showShape(given.shape)}; give as many axes, or a single value.`,
      );
    return [own.ndim === 0 ? stretch(own, resized(given.shape, at, 1)) : own];
  };
  const { prepend, append } = options;
  let out = given;
  if (prepend !== undefined || append !== undefined) out = joined("diff", list("diff", [...beside(prepend), given, ...beside(append)]), at);
  for (let i = Math.min(count, out.shape[at]); i > 0; i--) out = steps(out, at);
  return out;
}

/** Options of {@link ediff1d}. */
export interface Ediff1dOptions {
  /** The values before the differences. */
  readonly toBegin?: ArrayLike;
  /** The values after the differences. */
  readonly toEnd?: ArrayLike;
}

/**
 * The differences of neighbours among the elements in row-major order.
 *
 * @param x any shape; float or int32, which wraps around
 * @param options toBegin, toEnd: numbers or arrays, flattened and converted to the dtype of x, that come before and after the differences
 * @returns a vector
 * @throws DTypeError where x is bool or an operand is no {@link ArrayLike}, TreeError for an unknown option
 * @example
 * ediff1d(array([[1, 4], [9, 16]])).toArray(); // [3, 5, 7]
 * ediff1d(array([1, 4, 9]), { toEnd: 0 }).toArray(); // [3, 5, 0]
 */
export function ediff1d(x: ArrayLike, options: Ediff1dOptions = {}): NDArray {
  checkOptions("ediff1d", options, ["toBegin", "toEnd"]);
  const flat = asArray(x, "ediff1d").ravel();
  if (flat.dtype === "bool") throw new DTypeError("ediff1d: truth values have no differences; use diff, or astype first.");
  const part = (given: ArrayLike | undefined): NDArray[] =>
    given === undefined ? [] : [cast(flat.lift(given, "ediff1d").ravel(), flat.dtype)];
  const all = [...part(options.toBegin), steps(flat, 0), ...part(options.toEnd)];
  return all.length === 1 ? all[0] : joined("ediff1d", all, 0);
}

/** Options of {@link trapezoid}. */
export interface TrapezoidOptions {
  /** The distance of neighbours where x is not given. Default 1. */
  readonly dx?: ArrayLike;
  /** By default the last. */
  readonly axis?: number;
}

/** Twice the area between each pair of neighbours along an axis. */
function areasOf(
  op: string,
  y: ArrayLike,
  x: ArrayLike | null | undefined,
  { dx = 1, axis = -1 }: TrapezoidOptions,
): [areas: NDArray, axis: number] {
  checkPlace(op, x, `${op}(y, undefined, options)`);
  const values = toFloat(asFirst(y, x, op));
  const at = checkAxis(op, axis, values.ndim);
  const [later, earlier] = neighbours(values, at);
  const places = values.lift(x ?? dx, op);
  let gaps = places;
  if (x !== undefined && x !== null) {
    if (places.ndim === 0) throw new ShapeError(`${op}: x is a single number; give the places of the values, or the option dx.`);
    const own = places.ndim === 1 ? 0 : checkAxis(op, at - values.ndim, places.ndim);
    if (places.shape[own] !== values.shape[at])
      throw new ShapeError(
        `${op}: x of shape ${showShape(places.shape)} and y of shape ${showShape(values.shape)} differ along axis ${at}; give as many places as values.`,
      );
    gaps = steps(places.dtype === "bool" ? cast(places, "int32") : places, own);
    if (places.ndim === 1) gaps = gaps.reshape(values.shape.map((_, i) => (i === at ? gaps.size : 1)));
  }
  const shape = broadcastShapes(op, gaps.shape, later.shape);
  if (shape.length > later.ndim) throw new ShapeError(`${op}: x or dx has ${shape.length} axes, and y has ${later.ndim}; give no more.`);
  return [later.add(earlier).mul(gaps), at];
}

/**
 * The integral along an axis by the trapezoidal rule: Σ (xᵢ₊₁ − xᵢ) (yᵢ + yᵢ₊₁) / 2.
 *
 * @param y the values; at least one axis; int32 and bool become float64
 * @param x where they are taken, a vector of the axis' length or an array that broadcasts with y; without it they are `dx` apart
 * @param options dx: the distance, by default 1; axis: by default the last
 * @returns shape of y without the axis
 * @throws ShapeError where x or dx does not fit, AxisError where y has no such axis, TreeError for an unknown option, DTypeError where an operand
 * is no {@link ArrayLike}
 * @example
 * trapezoid(array([1, 2, 3])).item(); // 4
 * trapezoid(array([1, 2, 3]), array([0, 1, 3])).item(); // 6.5
 * trapezoid(array([1, 2, 3]), undefined, { dx: 0.5 }).item(); // 2
 */
export function trapezoid(y: ArrayLike, x?: ArrayLike | null, options: TrapezoidOptions = {}): NDArray {
  checkOptions("trapezoid", options, ["dx", "axis"]);
  const [areas, at] = areasOf("trapezoid", y, x, options);
  return areas.sum(at).div(2);
}

/** Options of {@link cumulativeTrapezoid}. */
export interface CumulativeTrapezoidOptions extends TrapezoidOptions {
  /** A value that is put before all others along the axis, of shape []. By default nothing is. */
  readonly initial?: ArrayLike;
}

/**
 * The integral along an axis up to each element but the first, by the trapezoidal rule: SciPy's `cumulative_trapezoid`.
 *
 * @param y the values; at least one axis; int32 and bool become float64
 * @param x where they are taken, as in {@link trapezoid}
 * @param options dx, axis: as in {@link trapezoid}; initial: a value that comes first, mostly 0
 * @returns shape of y, one shorter along the axis; with `initial` as long
 * @throws ShapeError where x, dx or initial does not fit, AxisError where y has no such axis, TreeError for an unknown option, DTypeError where an
 * operand is no {@link ArrayLike}
 * @example
 * cumulativeTrapezoid(array([1, 2, 3])).toArray(); // [1.5, 4]
 * cumulativeTrapezoid(array([1, 2, 3]), array([0, 1, 3]), { initial: 0 }).toArray(); // [0, 1.5, 6.5]
 */
export function cumulativeTrapezoid(y: ArrayLike, x?: ArrayLike | null, options: CumulativeTrapezoidOptions = {}): NDArray {
  const op = "cumulativeTrapezoid";
  checkOptions(op, options, ["dx", "axis", "initial"]);
  const [areas, at] = areasOf(op, y, x, options);
  const sums = areas.cumsum(at).div(2);
  const { initial } = options;
  if (initial === undefined) return sums;
  const first = sums.lift(initial, op);
  if (first.ndim !== 0) throw new ShapeError(`${op}: initial has shape ${showShape(first.shape)}; give a single number.`);
  return joined(op, list(op, [stretch(first, resized(sums.shape, at, 1)), sums]), at);
}

/** Options of {@link gradient}. */
export interface GradientOptions {
  /** The distance of neighbours, or a vector of the places along the axis; a JS list has one entry of these for each axis. Default 1. */
  readonly spacing?: ArrayLike | readonly ArrayLike[];
  /** One axis or several, by default all. */
  readonly axis?: number | readonly number[] | null;
  /** The order of the differences at both ends: 1 (the default) or 2. */
  readonly edgeOrder?: 1 | 2;
}

/** Differences along one axis: central ones of second order inside. */
function slope(f: NDArray, spacing: NDArray, at: number, order: number): NDArray {
  const n = f.shape[at];
  if (n <= order)
    throw new ShapeError(
      `gradient: axis ${at} of ${n} is too short for differences of order ${order} at its ends; ${order + 1} elements at least are needed.`,
    );
  const one = (i: number): NDArray => sliceAxis(f, at, i < 0 ? i + n : i, 1);
  const inner = (i: number): NDArray => sliceAxis(f, at, i, n - 2);
  const sum = (...terms: readonly (readonly [NDArray | number, NDArray])[]): NDArray =>
    terms.map(([weight, x]) => x.mul(weight)).reduce((a, b) => a.add(b));
  const parts: NDArray[] = [];
  if (spacing.ndim === 0) {
    const twice = spacing.mul(2);
    const end = (i: number, j: number, k: number): NDArray =>
      order === 1
        ? one(Math.max(i, j))
            .sub(one(Math.min(i, j)))
            .div(spacing)
        : sum([1.5, one(i)], [-2, one(j)], [0.5, one(k)]).div(spacing);
    parts.push(order === 1 ? one(1).sub(one(0)).div(spacing) : end(0, 1, 2).neg());
    if (n > 2) parts.push(inner(2).sub(inner(0)).div(twice));
    parts.push(order === 1 ? one(-1).sub(one(-2)).div(spacing) : end(-1, -2, -3));
  } else {
    const gaps = steps(spacing, 0).reshape(f.shape.map((_, i) => (i === at ? n - 1 : 1)));
    const gap = (i: number, count = 1): NDArray => sliceAxis(gaps, at, i, count);
    /** The parabola through three points, at the first of them. */
    const end = (f0: NDArray, f1: NDArray, f2: NDArray, a: NDArray, b: NDArray): NDArray =>
      sum(
        [
          a
            .mul(2)
            .add(b)
            .div(a.mul(a.add(b)))
            .neg(),
          f0,
        ],
        [a.add(b).div(a.mul(b)), f1],
        [a.div(b.mul(a.add(b))).neg(), f2],
      );
    parts.push(order === 1 ? one(1).sub(one(0)).div(gap(0)) : end(one(0), one(1), one(2), gap(0), gap(1)));
    if (n > 2) {
      const [a, b] = [gap(0, n - 2), gap(1, n - 2)];
      const both = a.add(b);
      parts.push(sum([b.div(a.mul(both)).neg(), inner(0)], [b.sub(a).div(a.mul(b)), inner(1)], [a.div(b.mul(both)), inner(2)]));
    }
    parts.push(
      order === 1
        ? one(-1)
            .sub(one(-2))
            .div(gap(n - 2))
        : end(one(-1), one(-2), one(-3), gap(n - 2), gap(n - 3)).neg(),
    );
  }
  return joined("gradient", parts, at);
}

/**
 * The slopes of sampled values along axes: central differences of second order inside, one-sided ones at both ends, on places that need
 * not be at equal distances. This is NumPy's `gradient`, of numbers; the derivative of a function is {@link grad}.
 *
 * @param f the values; int32 and bool become float64
 * @param options spacing: a number, a vector of places, or a list of these for each axis; axis: one or a list, by default all; edgeOrder: 1
 * or 2
 * @returns the shape of f; a list of one for each axis where there are several. Types cannot tell, and say an array unless a list is wanted
 * @throws ShapeError where an axis is too short, or the spacing does not fit; AxisError where f has no such axis or one is named twice; TreeError
 * for an unknown option or edgeOrder; DTypeError where an operand is no {@link ArrayLike}
 * @example
 * gradient(array([1, 2, 4, 7])).toArray(); // [1, 1.5, 2.5, 3]
 * gradient(array([0, 1, 9]), { spacing: array([0, 1, 3]) }).toArray(); // [1, 2, 4]
 * const [rows, columns] = gradient(array([[1, 2], [4, 8]]));
 * rows.toArray(); // [[3, 6], [3, 6]]
 */
export function gradient<R extends NDArray | NDArray[] = NDArray>(f: ArrayLike, options: GradientOptions = {}): R {
  checkOptions("gradient", options, ["spacing", "axis", "edgeOrder"]);
  const { spacing = 1, axis, edgeOrder = 1 } = options;
  const order = bare<unknown>(edgeOrder);
  if (order !== 1 && order !== 2) throw new TreeError(`gradient: edgeOrder is ${describe(order)}; give 1 or 2.`);
  const values = toFloat(asArray(f, "gradient"));
  const axes = distinctAxes("gradient", axis ?? values.shape.map((_, i) => i), values.ndim);
  const given = Array.isArray(spacing) ? Array.from(spacing as readonly ArrayLike[]) : axes.map(() => spacing as ArrayLike);
  if (given.length !== axes.length)
    throw new ShapeError(`gradient: ${given.length} spacings are given for ${axes.length} axes; give one for each.`);
  const out = asArrays([values, ...given], "gradient")
    .slice(1)
    .map((each, i) => {
      const at = axes[i];
      if (each.ndim > 1 || (each.ndim === 1 && each.size !== values.shape[at]))
        throw new ShapeError(
          `gradient: a spacing has shape ${showShape(each.shape)} for axis ${at} of ${values.shape[at]}; give a number, or a vector of the places.`,
        );
      return slope(values, each.dtype === "bool" ? cast(each, "int32") : each, at, order);
    });
  return (out.length === 1 ? out[0] : out) as R;
}

/** Options of {@link unwrap}. */
export interface UnwrapOptions {
  /** Jumps up to this are left alone: by default half of the period, which is the least that is heeded. */
  readonly discont?: number;
  /** By default the last. */
  readonly axis?: number;
  /** The period, of which a jump may be a multiple: 2π by default. */
  readonly period?: number;
}

/**
 * Angles without jumps: to each element along an axis a multiple of the period is added, so that neighbours lie no further apart than half
 * of it. These multiples are constants, so the derivative is that of x.
 *
 * @param x at least one axis; int32 and bool become float64, but for int32 and a whole period
 * @param options discont: jumps up to it stay; axis: by default the last; period: by default 2π
 * @throws AxisError where x has no such axis, DTypeError where discont or period is no number or x is no {@link ArrayLike}, TreeError for an unknown
 * option
 * @example
 * unwrap(array([0, 1, 6, 5])).toArray(); // [0, 1, -0.283185, -1.283185]
 * unwrap(array([0, 3, 2]), { period: 4 }).toArray(); // [0, -1, -2]
 */
export function unwrap(x: ArrayLike, options: UnwrapOptions = {}): NDArray {
  checkOptions("unwrap", options, ["discont", "axis", "period"]);
  const number = (value: unknown, name: string): number => {
    const own = bare(value);
    if (typeof own !== "number") throw new DTypeError(`unwrap: ${name} is ${describe(value)}; give a number.`);
    return own;
  };
  const period = number(options.period ?? 2 * Math.PI, "the period");
  const half = period / 2;
  const least = Math.max(half, number(options.discont ?? half, "discont"));
  const given = asArray(x, "unwrap");
  const isWhole = given.dtype === "int32" && Number.isInteger(period);
  const y = isWhole ? given : toFloat(given);
  const at = checkAxis("unwrap", options.axis ?? -1, y.ndim);
  const jumps = toFloat(steps(y.stopGradient(), at));
  const rest = jumps.add(half).mod(period).sub(half);
  // Half a period forward stays forward; of whole numbers and an odd period there is no such.
  const kept = rest.equal(-half).logicalAnd(jumps.greater(0)).where(half, rest);
  const shift = jumps.abs().less(least).where(0, kept.sub(jumps)).cumsum(at);
  const first = Math.min(1, y.shape[at]);
  return joined("unwrap", [sliceAxis(y, at, 0, first), neighbours(y, at)[0].add(cast(shift, y.dtype))], at);
}

/** Options of {@link interp}. */
export interface InterpOptions {
  /** The result left of the first place: by default the first value. */
  readonly left?: ArrayLike;
  /** The result right of the last place: by default the last value. */
  readonly right?: ArrayLike;
  /** The period of the places: those that differ by it are the same, in any order. Then there is no left and no right. */
  readonly period?: number;
}

/**
 * Values between given ones, on the straight lines that join neighbours. It has derivatives by x, by the places and by the values; at a
 * place that of the line to its right, at the last place that of the line to its left.
 *
 * @param x where values are wanted, any shape; int32 and bool become float64
 * @param xp the given places, a vector in ascending order (which is not checked)
 * @param fp the values there, a vector of the same length
 * @param options left, right: what comes out beyond the ends, single numbers; by default the values at the ends. period: of the places
 * @returns shape of x
 * @throws ShapeError where xp and fp are no vectors of one length, or left or right is no single number; DTypeError where the period is no number
 * other than 0, or an operand is no {@link ArrayLike}; TreeError for an unknown option
 * @example
 * interp([0, 1.5, 9], [1, 2, 3], [10, 20, 40]).toArray(); // [10, 15, 40]
 * interp(9, [1, 2, 3], [10, 20, 40], { right: 0 }).item(); // 0
 */
export function interp(x: ArrayLike, xp: ArrayLike, fp: ArrayLike, options: InterpOptions = {}): NDArray {
  checkOptions("interp", options, ["left", "right", "period"]);
  let [at, places, values] = alike("interp", [x, xp, fp]);
  if (places.ndim !== 1 || values.ndim !== 1 || places.size !== values.size || places.size === 0)
    throw new ShapeError(
      `interp: the places and the values have shapes ${showShape(places.shape)} and ${showShape(values.shape)}; give two vectors of one length.`,
    );
  const period = bare<unknown>(options.period);
  if (period !== undefined) {
    if (typeof period !== "number" || !(Math.abs(period) > 0))
      throw new DTypeError(`interp: the period is ${describe(period)}; give a number other than 0.`);
    const span = Math.abs(period);
    const wrapped = places.mod(span);
    const order = wrapped.stopGradient().argsort();
    const around = (y: NDArray, shift: number): NDArray => {
      const sorted = y.take(order);
      const end = sorted.size - 1;
      return joined("interp", [sliceAxis(sorted, 0, end, 1).sub(shift), sorted, sliceAxis(sorted, 0, 0, 1).add(shift)], 0);
    };
    [at, places, values] = [at.mod(span), around(wrapped, span), around(values, 0)];
  }
  const last = places.size - 1;
  const end = (given: ArrayLike | undefined, i: number): NDArray => {
    if (given === undefined || period !== undefined) return values.take(i);
    const own = values.lift(given, "interp");
    if (own.ndim === 0) return own;
    throw new ShapeError(`interp: what comes out beyond the ends has shape ${showShape(own.shape)}; give a single number.`);
  };
  const [left, right] = [end(options.left, 0), end(options.right, last)];
  const hi = searchsorted(places, at, { side: "right" }).clip(Math.min(1, last), last);
  const lo = hi.sub(1).maximum(0);
  const [x0, y0] = [places.take(lo), values.take(lo)];
  const [x1, y1] = [places.take(hi), values.take(hi)];
  const gap = x1.sub(x0);
  const isGap = gap.notEqual(0);
  const rise = y1.sub(y0);
  const isBounded = rise.isFinite();
  const straight = at.sub(x0).mul(isGap.logicalAnd(isBounded).where(rise, 0)).div(isGap.where(gap, 1)).add(y0);
  // Beside what is not finite a place keeps its own value, and between them the sum has that of the greater one.
  const steep = at.equal(x0).where(y0, at.equal(x1).where(y1, y0.add(y1)));
  const line = isBounded.where(straight, steep);
  const outside = at.less(places.take(0)).where(left, at.greater(places.take(last)).where(right, line));
  return cast(at.isNaN().where(at, outside), at.dtype);
}

/** Floating arrays of one dtype. */
function alike(op: string, arrays: readonly ArrayLike[]): NDArray[] {
  const lifted = asArrays(arrays, op);
  const dtype = floating(common(lifted));
  return lifted.map((x) => cast(x, dtype));
}
