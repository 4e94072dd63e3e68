import { type ArrayLike, array, concatenate, type NDArray, ones, ShapeError, scan, searchsorted, TreeError, zeros } from "@ad/core";
import { broadcastShapes, checkOptions, describe, showShape } from "@ad/core/internals/checks";
import { asArray, isFloat } from "@ad/core/internals/trace";
import { provided } from "./scalars.js";

/** The conditions at the first and the last knot. */
export type SplineBoundary = "not-a-knot" | "natural" | "clamped" | "periodic";

/** Options of {@link cubicSpline}. */
export interface SplineOptions {
  /**
   * "not-a-knot" (the default): the first two pieces are one polynomial, and the last two. "natural": the second derivative is 0. "clamped": the
   * first derivative is 0. "periodic": the curve begins again after its end; the first and the last value are the same.
   */
  readonly boundary?: SplineBoundary;
}

/** A curve of cubic pieces, as {@link cubicSpline} makes it. */
export interface CubicSpline {
  /**
   * The curve, or a derivative of it, at points of any shape: [...points, ...y without its first axis]. Outside of the knots the first and the last
   * piece go on.
   *
   * @param points of any shape; what is no floating number becomes one
   * @param order of the derivative; 0, the default, is the curve
   */
  (points: ArrayLike, order?: 0 | 1 | 2 | 3): NDArray;
  /**
   * The integral of the curve between points, whose shapes broadcast.
   *
   * @param from where the integrals begin
   * @param to where they end
   */
  integrate(from: ArrayLike, to: ArrayLike): NDArray;
}

const boundaries: readonly unknown[] = ["not-a-knot", "natural", "clamped", "periodic"];
const rows = (x: NDArray, from: number | null, to: number | null): NDArray => x.slice([from, to]);

/**
 * The curve through points that is a cubic polynomial between any two of them and has two continuous derivatives. It has derivatives by the
 * knots, by the values and by where it is evaluated.
 *
 * @param x the knots, [n], floating and increasing; n is 2 or more
 * @param y the values, [n, ...]
 * @param options boundary: {@link SplineOptions}
 * @returns a function of points, or of points and the order of a derivative, of which `integrate(from, to)` is the integral: {@link CubicSpline}. SciPy's
 * numbers
 * @throws ShapeError where x is no vector of two knots or more, or y has another length, TreeError where the boundary is unknown, where the
 * knots do not increase or a periodic curve does not end where it begins (inside of `jit` the curve is NaN then), DTypeError where x or y is no {@link ArrayLike}
 * @example
 * const curve = cubicSpline([0, 1, 2, 3], [0, 1, 8, 27]);
 * curve([0.5, 2.5]).toArray(); // [0.125, 15.625]
 * curve(2, 1).item(); // 12
 * curve.integrate(0, 2).item(); // 4
 */
export function cubicSpline(x: ArrayLike, y: ArrayLike, options?: SplineOptions): CubicSpline {
  const op = "cubicSpline";
  checkOptions(op, options, ["boundary"]);
  const boundary = options?.boundary ?? "not-a-knot";
  if (!boundaries.includes(boundary))
    throw new TreeError(`${op}: boundary is ${describe(boundary)}; use ${boundaries.map((each) => JSON.stringify(each)).join(", ")}.`);
  const [given, values] = [asArray(x, op), asArray(y, op)];
  const knots = isFloat(given.dtype) ? given : given.astype("float64");
  const [n, ...rest] = values.shape;
  if (knots.ndim !== 1 || knots.size < 2)
    throw new ShapeError(`${op}: the knots have shape ${showShape(knots.shape)}; give a vector of 2 or more.`);
  if (n !== knots.size)
    throw new ShapeError(`${op}: y has shape ${showShape(values.shape)} for ${knots.size} knots; the first axis is that of the knots.`);
  const [first, last] = [rows(knots, 0, 1), rows(knots, -1, null)];
  const steps = rows(knots, 1, null).sub(rows(knots, 0, -1));
  const dx = provided(steps.greater(0), steps, () => new TreeError(`${op}: the knots do not increase; sort them, and give each once.`));
  const isPeriodic = boundary === "periodic";
  const level = (isFloat(values.dtype) ? values : values.astype("float64")).reshape(n, -1);
  const differs = (): Error =>
    new TreeError(`${op}: the first and the last value differ, but the curve is to be periodic; make them the same.`);
  const flat = isPeriodic ? provided(rows(level, 0, 1).equal(rows(level, -1, null)), level, differs) : level;
  const w = dx.expandDims(1);
  const rise = rows(flat, 1, null)
    .sub(rows(flat, 0, -1))
    .div(w);
  const slopes = isPeriodic ? cyclic(dx, rise) : open(boundary, dx, rise);
  const bend = rows(slopes, 0, -1)
    .add(rows(slopes, 1, null))
    .sub(rise.mul(2))
    .div(w);
  const pieces = [
    rows(flat, 0, -1),
    rows(slopes, 0, -1),
    rise
      .sub(rows(slopes, 0, -1))
      .div(w)
      .sub(bend),
    bend.div(w),
  ];
  const period = last.sub(first);

  /** The polynomial of each piece, from a power on, with a factor for each power. */
  const polynomial = (piece: NDArray, way: NDArray, factor: (power: number) => number, from = 0): NDArray =>
    pieces
      .slice(from)
      .map((coefficients, i) => coefficients.take(piece).mul(factor(from + i)))
      .reduceRight((sum, part) => sum.mul(way).add(part));

  /** For points in a row the number of the piece and the way from its first knot, [points, 1]. */
  const locate = (points: NDArray): readonly [piece: NDArray, way: NDArray] => {
    const inside = isPeriodic ? points.sub(first).mod(period).add(first) : points;
    const piece = searchsorted(knots.stopGradient(), inside.stopGradient(), { side: "right" })
      .sub(1)
      .clip(0, n - 2);
    return [piece, inside.sub(knots.take(piece)).expandDims(1)];
  };

  const at = (points: ArrayLike, order: 0 | 1 | 2 | 3 = 0): NDArray => {
    if (![0, 1, 2, 3].includes(order)) throw new TreeError(`${op}: order is ${describe(order)}; give 0, 1, 2 or 3.`);
    const q = asArray(points, op);
    const [piece, way] = locate(q.ravel());
    const factor = (power: number): number => Array.from({ length: order }, (_, k) => power - k).reduce((a, b) => a * b, 1);
    return polynomial(piece, way, factor, order).reshape([...q.shape, ...rest]);
  };

  const area = (piece: NDArray, way: NDArray): NDArray => polynomial(piece, way, (power) => 1 / (power + 1)).mul(way);
  const integrate = (from: ArrayLike, to: ArrayLike): NDArray => {
    const whole = area(array(Int32Array.from({ length: n - 1 }, (_, i) => i)), w);
    const before = concatenate([zeros([1, flat.shape[1]], flat.dtype), whole.cumsum(0)]);
    const [a, b] = [asArray(from, op), asArray(to, op)];
    const until = (points: NDArray): NDArray => {
      const q = points.ravel();
      const [piece, way] = locate(q);
      const part = before.take(piece).add(area(piece, way));
      const turns = q.sub(first).div(period).floor().expandDims(1);
      return (isPeriodic ? part.add(rows(before, -1, null).mul(turns)) : part).reshape([...points.shape, ...rest]);
    };
    const shape = broadcastShapes(op, a.shape, b.shape);
    return until(b.broadcastTo(shape)).sub(until(a.broadcastTo(shape)));
  };
  return Object.assign(at, { integrate });
}

/** The slopes at the knots of a curve with two ends: [n, values]. */
function open(boundary: SplineBoundary, dx: NDArray, rise: NDArray): NDArray {
  const [m] = dx.shape;
  const [d, r] = [(i: number): NDArray => rows(dx, i, i + 1 || null), (i: number): NDArray => rows(rise, i, i + 1 || null)];
  const [one, none] = [ones([1], dx.dtype), zeros([1], dx.dtype)];
  /** Of the first or the last row the entry of the diagonal, the other one, and the right side. */
  const end = (i: number, j: number): readonly [NDArray, NDArray, NDArray] => {
    if (boundary === "natural") return [one.mul(2), one, r(i).mul(3)];
    if (boundary === "clamped") return [one, none, r(i).mul(0)];
    if (m === 1) return [one, none, r(i)];
    if (m === 2) return [one, one, r(i).mul(2)];
    const both = d(i).add(d(j));
    return [
      d(j),
      both,
      both
        .mul(2)
        .add(d(i))
        .mul(d(j))
        .mul(r(i))
        .add(d(i).square().mul(r(j)))
        .div(both),
    ];
  };
  const [b0, c0, y0] = end(0, 1);
  const [b1, a1, y1] = end(-1, -2);
  const [left, right] = [rows(dx, 0, -1), rows(dx, 1, null)];
  const [low, high] = [rows(rise, 0, -1), rows(rise, 1, null)];
  return tridiagonal(
    concatenate([none, right, a1]),
    concatenate([b0, left.add(right).mul(2), b1]),
    concatenate([c0, left, none]),
    concatenate([y0, right.expandDims(1).mul(low).add(left.expandDims(1).mul(high)).mul(3), y1]),
  );
}

/** The slopes at the knots of a closed curve: [n, values], by the formula of Sherman and Morrison. */
function cyclic(dx: NDArray, rise: NDArray): NDArray {
  const [m, k] = rise.shape;
  if (m === 1) return concatenate([rise, rise]).mul(0);
  const [left, low] = [dx.roll(1, 0), rise.roll(1, 0)];
  const diagonal = left.add(dx).mul(2);
  const right = dx.expandDims(1).mul(low).add(left.expandDims(1).mul(rise)).mul(3);
  // The entries in two corners are u vᵀ, with u = (γ, 0, …, corner) and v = (1, 0, …, dx₀ / γ), but for what it adds to the diagonal.
  const [gamma, corner] = [diagonal.slice(0).neg(), left.slice(-1)];
  const ratio = dx.slice(0).div(gamma);
  const own = diagonal.addAt([0], gamma.neg()).addAt([-1], corner.mul(ratio).neg());
  const u = zeros([m], dx.dtype).set([0], gamma).addAt([-1], corner);
  const solved = tridiagonal(dx, own, left, concatenate([right, u.expandDims(1)], 1));
  const [s, z] = [solved.slice(":", [0, k]), solved.slice(":", [k, null])];
  const project = (x: NDArray): NDArray => x.slice([0, 1]).add(x.slice([-1, null]).mul(ratio));
  const slopes = s.sub(z.mul(project(s)).div(project(z).add(1)));
  return concatenate([slopes, slopes.slice([0, 1])]);
}

/** Solves aᵢ sᵢ₋₁ + bᵢ sᵢ + cᵢ sᵢ₊₁ = yᵢ for all columns of y by elimination, without exchanging rows; a₀ and the last c count for nothing. */
function tridiagonal(a: NDArray, b: NDArray, c: NDArray, y: NDArray): NDArray {
  const none = y.slice(0).mul(0);
  const [, [upper, right]] = scan(
    ([above, before]: readonly [NDArray, NDArray], [a, b, c, y]: readonly NDArray[]) => {
      const pivot = b.sub(a.mul(above));
      const next = [c.div(pivot), y.sub(before.mul(a)).div(pivot)] as const;
      return [next, next];
    },
    [zeros([], y.dtype), none] as const,
    [a, b, c, y],
  );
  const [, back] = scan(
    (after: NDArray, [c, y]: readonly NDArray[]) => {
      const own = y.sub(after.mul(c));
      return [own, own];
    },
    none,
    [upper.flip(0), right.flip(0)],
  );
  return back.flip(0);
}
