import { numeric } from "../engine/aval.js";
import { AxisError, checkOptions, DTypeError, describe, ShapeError, showShape } from "../engine/errors.js";
import type { Params, PrimitiveName } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";
import type { ArrayBase } from "./base.js";
import { ElementwiseArray } from "./elementwise.js";
import type { NDArray } from "./ndarray.js";
import { bare, cast, checkAxes, checkAxis, isModerate, sizeAlong, toBool, toFloat } from "./operands.js";

/** One axis, several, or all of them (null, the default). */
export type Axes = number | readonly number[] | null;

/** The option of every reduction. */
export interface Keep {
  /** Leave the reduced axes in the shape with length 1. */
  readonly keepdims?: boolean;
}
/** Options of {@link variance} and {@link std}. */
export interface Spread extends Keep {
  /** Delta degrees of freedom: the divisor is the number of elements less this. Default 0. */
  readonly ddof?: number;
}
/** Options of {@link norm}. */
export interface NormOptions extends Keep {
  /** The order of the norm: over one axis any number, over two axes "fro", 1, -1, Infinity or -Infinity. */
  readonly ord?: number | "fro";
}

interface OverAxes {
  readonly axes: readonly number[];
}
/** The names of those that need to know the axes, and nothing else. */
type Reduction = { [P in PrimitiveName]: OverAxes extends Params<P> ? P : never }[PrimitiveName];

const keepOnly = ["keepdims"];

/** There are n elements to choose one from. */
export function checkChoice(op: string, x: ArrayBase, n: number): void {
  if (n === 0)
    throw new ShapeError(`${op}: there is no element to choose from in an array of shape ${showShape(x.shape)}; check size first.`);
}

function reduce(name: Reduction, x: ArrayBase, axis: Axes | undefined, keep: Keep | undefined, op: string = name): NDArray {
  checkOptions(op, keep, keepOnly);
  const axes = checkAxes(op, axis, x.ndim);
  if (name === "max" || name === "min") checkChoice(op, x, x.size || sizeAlong(x.shape, axes));
  // An empty list of axes still turns any and all into truth values; for the others it changes nothing.
  if (axes.length === 0 && name !== "any" && name !== "all") return x as NDArray;
  const out = bind(name, [x], { axes });
  return keep?.keepdims ? restore(out, x, axes) : out;
}

/** A reduced result with its axes back, of length 1. */
const restore = (out: ArrayBase, x: ArrayBase, axes: readonly number[]): NDArray =>
  bind("reshape", [out], { shape: x.shape.map((n, i) => (axes.includes(i) ? 1 : n)) });

/** One axis; without one, the flattened array. A scalar has one element along its only axis, as in NumPy. */
export function along(op: string, x: ArrayBase, axis: number | null | undefined): [x: NDArray, axis: number] {
  const isFlat = x.ndim === 1 || (x.ndim > 0 && axis !== undefined && axis !== null);
  const flat = isFlat ? (x as NDArray) : bind("reshape", [x], { shape: [x.size] });
  return [flat, checkAxis(op, axis ?? 0, flat.ndim)];
}

function position(name: "argmax" | "argmin", x: ArrayBase, axis: number | null | undefined, options: Keep = {}): NDArray {
  checkOptions(name, options, keepOnly);
  const [flat, at] = along(name, x, axis);
  checkChoice(name, x, flat.shape[at]);
  const out = bind(name, [flat], { axis: at });
  if (!options.keepdims) return out;
  return bind("reshape", [out], { shape: x.shape.map((n, i) => (flat !== x || i === at ? 1 : n)) });
}

/** x, or a constant where there is no element along the axes: the length of nothing has no kink. */
const some = (x: NDArray, axes: readonly number[]): NDArray => (sizeAlong(x.shape, axes) === 0 ? x.stopGradient() : x);

/** √x; at 0 a length of 0, which has the derivative 0 and no second one. */
function safeSqrt(x: NDArray): NDArray {
  const zero = x.equal(0);
  return zero.where(x.hypot(0), zero.where(1, x).sqrt());
}

/** The first element along axes, as a constant; along an axis of length 0 there is none. */
const firstOf = (x: NDArray, axes: readonly number[]): NDArray =>
  bind("slice", [x], {
    starts: x.shape.map(() => 0),
    steps: x.shape.map(() => 1),
    sizes: x.shape.map((n, i) => (axes.includes(i) ? Math.min(n, 1) : n)),
  }).stopGradient();

const keptAxes = { keepdims: true };

/** Sums of squares over axes, which stay. */
const squared = (x: NDArray, axes: readonly number[]): NDArray => x.square().sum(axes, keptAxes);

/** Distances from the mean. */
function centred(x: NDArray, axes: readonly number[]): NDArray {
  // From the first element on, so that what all have in common cancels without a trace.
  const from = x.sub(firstOf(x, axes));
  return from.sub(from.sum(axes, keptAxes).div(sizeAlong(x.shape, axes)));
}

/**
 * The root of the sum of squares over axes, divided by a number. Where the sum comes near an end of the range of its dtype, or may
 * have passed it, a power of two brings what is squared into the middle first.
 */
function rootOf(
  given: NDArray,
  axes: readonly number[],
  { keepdims }: Keep,
  centre = (y: NDArray, _: typeof axes) => y,
  divisor = 1,
): NDArray {
  const x = some(given, axes);
  const part = (squares: NDArray): NDArray => (divisor === 1 ? squares : squares.div(divisor));
  const squares = squared(centre(x, axes), axes);
  const [bound, unit] = x.dtype === "float64" ? [1e200, 2 ** 600] : [1e30, 2 ** 90];
  let out: NDArray;
  if (isModerate(squares, bound)) out = part(squares).sqrt();
  else {
    const scale = squares
      .less(bound)
      .where(squares.greater(1 / bound).where(1, 1 / unit), unit)
      .astype(x.dtype);
    const scaled = centre(x.div(scale.maximum(1)), axes).div(scale.minimum(1));
    out = safeSqrt(part(squared(scaled, axes))).mul(scale);
  }
  return keepdims ? out : out.squeeze(axes);
}

/** The divisor of the sum of squares: the number of elements less ddof. */
function divisorOf(op: string, x: ArrayBase, axes: readonly number[], given: unknown = 0): number {
  const ddof = bare(given);
  if (!Number.isFinite(ddof)) throw new DTypeError(`${op}: ddof is ${describe(ddof)}; give a number.`);
  return Math.max(sizeAlong(x.shape, axes) - (ddof as number), 0);
}

/** Operations that make many elements one, or run along an axis. A method does what the function of its name does. */
export abstract class ReductionArray extends ElementwiseArray {
  sum(axis?: Axes, options?: Keep): NDArray {
    return reduce("sum", cast(this, numeric(this.dtype)), axis, options);
  }
  prod(axis?: Axes, options?: Keep): NDArray {
    return reduce("prod", cast(this, numeric(this.dtype)), axis, options);
  }
  max(axis?: Axes, options?: Keep): NDArray {
    return reduce("max", this, axis, options);
  }
  min(axis?: Axes, options?: Keep): NDArray {
    return reduce("min", this, axis, options);
  }
  any(axis?: Axes, options?: Keep): NDArray {
    return reduce("any", toBool(this), axis, options);
  }
  all(axis?: Axes, options?: Keep): NDArray {
    return reduce("all", toBool(this), axis, options);
  }
  mean(axis?: Axes, options?: Keep): NDArray {
    const x = toFloat(this);
    return reduce("sum", x, axis, options, "mean").div(sizeAlong(x.shape, checkAxes("mean", axis, x.ndim)));
  }
  variance(axis?: Axes, options: Spread = {}): NDArray {
    checkOptions("variance", options, ["ddof", "keepdims"]);
    const x = toFloat(this);
    const axes = checkAxes("variance", axis, x.ndim);
    const out = squared(centred(x, axes), axes).div(divisorOf("variance", x, axes, options.ddof));
    return options.keepdims ? out : out.squeeze(axes);
  }
  std(axis?: Axes, options: Spread = {}): NDArray {
    checkOptions("std", options, ["ddof", "keepdims"]);
    const axes = checkAxes("std", axis, this.ndim);
    return rootOf(toFloat(this), axes, options, centred, divisorOf("std", this, axes, options.ddof));
  }
  logsumexp(axis?: Axes, options?: Keep): NDArray {
    checkOptions("logsumexp", options, keepOnly);
    const x = toFloat(this);
    return checkAxes("logsumexp", axis, x.ndim).reduceRight((y, at) => reduce("logsumexp", y, at, options), x);
  }
  norm(axis?: Axes, options: NormOptions = {}): NDArray {
    checkOptions("norm", options, ["ord", "keepdims"]);
    const { keepdims } = options;
    const ord = bare(options.ord);
    const x = toFloat(this);
    const axes = checkAxes("norm", axis, x.ndim);
    if (ord === undefined || (ord === 2 && axes.length === 1) || (ord === "fro" && axes.length === 2)) return rootOf(x, axes, options);
    if (ord !== "fro" && typeof ord !== "number") throw new ShapeError(`norm: ord is ${describe(ord)}; give a number or "fro".`);
    const size = x.abs();
    const extreme = (y: NDArray): NDArray => reduce(ord !== "fro" && ord < 0 ? "min" : "max", y, axes, { keepdims }, "norm");
    const order = Math.abs(+ord);
    if (axes.length === 2 && (order === 1 || order === Infinity)) {
      // The rows' axis is the one that is named first.
      const [rows, columns] = Array.isArray(axis) ? axis : axes;
      return extreme(size.sum(order === 1 ? rows : columns, { keepdims: true }));
    }
    if (axes.length !== 1 || ord === "fro")
      throw new AxisError(
        `norm: there is no ord ${ord} over ${axes.length} axes; over one give a number, over two "fro", ±1 or ±Infinity, to linalg.norm ±2 or "nuc".`,
      );
    if (order === Infinity) return extreme(size);
    if (ord === 0) return x.notEqual(0).sum(axes, { keepdims }).astype(x.dtype);
    if (ord === 1) return size.sum(axes, { keepdims });
    const top = restore(bind(ord < 0 ? "min" : "max", [size.stopGradient()], { axes }), x, axes);
    const huge = x.dtype === "float64" ? 1e300 : 1e37;
    const scale = top.clip(1 / huge, huge);
    // At 0 each of x and -x has the second derivative of |x|ᵖ; their mean has not.
    const sides = some(ord > 1 ? x.less(0).where(x.neg(), x) : size, axes);
    const total = sides.div(scale).pow(ord).sum(axes, keptAxes);
    const zero = total.equal(0);
    const out = zero.where(ord < 0 ? Infinity : total.hypot(0), zero.where(1, total).pow(1 / ord)).mul(scale);
    return keepdims ? out : out.squeeze(axes);
  }
  argmax(axis?: number | null, options?: Keep): NDArray {
    return position("argmax", this, axis, options);
  }
  argmin(axis?: number | null, options?: Keep): NDArray {
    return position("argmin", this, axis, options);
  }
  cumsum(axis?: number | null): NDArray {
    const [x, at] = along("cumsum", cast(this, numeric(this.dtype)), axis);
    return bind("cumsum", [x], { axis: at, reverse: false });
  }
  cumprod(axis?: number | null): NDArray {
    const [x, at] = along("cumprod", cast(this, numeric(this.dtype)), axis);
    return bind("cumprod", [x], { axis: at, reverse: false });
  }
  softmax(axis = -1): NDArray {
    return bind("softmax", [toFloat(this)], { axis: checkAxis("softmax", axis, this.ndim) });
  }
  logSoftmax(axis = -1): NDArray {
    const x = toFloat(this);
    const at = checkAxis("logSoftmax", axis, x.ndim);
    const from = x.sub(restore(bind("max", [x.stopGradient()], { axes: [at] }), x, [at]));
    return from.sub(reduce("logsumexp", from, at, keptAxes));
  }
}
