import { isFloat, numeric, type Shape, sizeOf } from "../engine/aval.js";
import { checkOptions, describe, ShapeError, showList, showShape } from "../engine/errors.js";
import { hidden } from "../engine/hidden.js";
import { none } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";
import type { ArrayLike } from "./base.js";
import type { NDArray } from "./ndarray.js";
import { asNDArray, bare, cast, checkShape, toFloat } from "./operands.js";
import { factors, ProductArray } from "./product.js";
import { extent } from "./views.js";

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/**
 * The padding of the spatial axes: one width for all sides; for each axis one for both sides, or a pair [before, after]; "valid" for nothing; or
 * "same" for as much as gives ⌈length / stride⌉ windows, the odd one after.
 */
export type Padding = number | "same" | "valid" | readonly (number | readonly [before: number, after: number])[];

interface Strides {
  /** The distance between two windows. */
  readonly stride?: PerAxis;
  /** The padding around x. The default is "valid": none. */
  readonly padding?: Padding;
}
/** Options of {@link conv}. */
export interface ConvOptions extends Strides {
  /** The distance between two elements of a window. Default 1. */
  readonly dilation?: PerAxis;
  /** The number of groups that the channels are split into, each of which is convolved with its part of the kernels alone. Default 1. */
  readonly groups?: number;
}
/** Options of {@link avgPool} and {@link maxPool}. */
export interface PoolOptions extends Strides {
  /** The lengths of a window. */
  readonly window: PerAxis;
}

/** One number for all spatial axes, or one for each; with `pairs`, which says so, a pair of widths for each too, and pairs come out flat. */
export function perAxis(op: string, name: string, value: unknown, count: number, least = 1, pairs = ""): Shape {
  const given = bare(value);
  const each = Array.isArray(given) ? Array.from(given) : new Array(count).fill(given);
  const list = each.flatMap((n) => (!pairs ? [n] : n?.length === 2 ? Array.from(n) : [n, n])).map(bare);
  if (each.length === count && list.every((n) => Number.isInteger(n) && n >= least)) return list;
  throw new ShapeError(
    `${op}: ${name} is ${showList(Array.isArray(given) ? given.flat() : given)}; give a whole number from ${least} on, or for each of the ${count} spatial axes one${pairs}.`,
  );
}

/** The windows of x [N, C, ...spatial], padded with a value: a view [N, C, ...places, ...window]. */
function windowsOf(op: string, x: NDArray, sizes: Shape, { stride = 1, padding = 0, dilation = 1 }: ConvOptions, value: number): NDArray {
  const count = sizes.length;
  const steps = perAxis(op, "stride", stride, count);
  const dilations = perAxis(op, "dilation", dilation, count);
  const spans = sizes.map((size, i) => extent(size, dilations[i]));
  const lengths = x.shape.slice(2);
  const lack = (n: number, i: number): number => Math.max(0, (Math.ceil(n / steps[i]) - 1) * steps[i] + spans[i] - n);
  const sides =
    padding === "same"
      ? lengths.map(lack).flatMap((n) => [n >> 1, (n + 1) >> 1])
      : perAxis(op, "padding", padding === "valid" ? 0 : padding, count, 0, ' or [before, after], or "same" or "valid"');
  const around = lengths.map((_, i) => checkShape(op, [sides[2 * i], sides[2 * i + 1]], "widths") as [number, number]);
  const padded = sides.some((n) => n > 0) ? x.pad([[0, 0], [0, 0], ...around], { value }) : x;
  const room = padded.shape.slice(2);
  if (spans.some((span, i) => span > room[i]))
    throw new ShapeError(
      `${op}: a window of ${showShape(spans)} does not fit into ${showShape(room)}, the padded spatial axes; make it smaller or pad more.`,
    );
  return bind("unfold", [padded], { axes: from(2, count), sizes, steps, dilations });
}

/** The axes start, start + 1, …, in the given number. */
const from = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

/** The windows of a pool side by side, along a new first axis. */
function pooled(op: string, x: NDArray, options: PoolOptions, value: number): NDArray {
  checkOptions(op, options, ["window", "stride", "padding"]);
  const rank = x.ndim;
  if (rank < 3)
    throw new ShapeError(`${op}: an array of shape ${showShape(x.shape)} has no spatial axes; give [batch, channels, ...spatial].`);
  const sizes = perAxis(op, "window", options?.window, rank - 2);
  const patches = windowsOf(op, x, sizes, { ...options, stride: options.stride ?? sizes }, value);
  const kept = patches.shape.slice(0, rank);
  return patches.transpose([...from(rank, rank - 2), ...from(0, rank)]).reshape([sizeOf(sizes), ...kept]);
}

/** Operations on windows that slide along the spatial axes of [batch, channels, ...spatial]. A method does what the function of its name does. */
export abstract class ConvolutionArray extends ProductArray {
  conv(w: ArrayLike, options: ConvOptions = {}): NDArray {
    checkOptions("conv", options, ["stride", "padding", "dilation", "groups"]);
    const groups = bare(options.groups ?? 1);
    const [x, kernel] = factors("conv", this, w).map((a) => cast(a, numeric(a.dtype)));
    const [batch, channels] = x.shape;
    const [outputs, depth, ...sizes] = kernel.shape;
    const count = sizes.length;
    if (!Number.isInteger(groups) || count < 1 || x.ndim !== kernel.ndim || channels !== depth * groups || outputs % groups !== 0)
      throw new ShapeError(
        `conv: x ${showShape(x.shape)}, w ${showShape(kernel.shape)} and ${typeof groups === "number" ? groups : describe(groups)} groups do not fit; give x [batch, channels, ...spatial], w [outputs, channels / groups, ...kernel], and groups that divide the outputs.`,
      );
    const perWindow = perAxis("conv", "the kernel's shape", sizes, count);
    const lead = groups === 1 ? [] : [groups];
    const k = depth * sizeOf(sizes);
    return hidden([x, kernel], () => {
      const patches = windowsOf("conv", x, perWindow, options, 0);
      const places = patches.shape.slice(2, 2 + count);
      // Places come last in the copy, so that it is made in long runs.
      const moved = patches.transpose([1, ...from(2 + count, count), 0, ...from(2, count)]);
      const columns = moved.reshape([...lead, k, batch * sizeOf(places)]);
      const rows = kernel.reshape([...lead, outputs / groups, k]);
      const out = bind("matmul", [rows, columns], none);
      return out.reshape([outputs, batch, ...places]).swapaxes(0, 1);
    });
  }
  avgPool(options: PoolOptions): NDArray {
    return pooled("avgPool", toFloat(this), options, 0).mean(0);
  }
  maxPool(options: PoolOptions): NDArray {
    const { dtype } = this;
    return pooled("maxPool", asNDArray(this), options, isFloat(dtype) ? -Infinity : dtype === "bool" ? 0 : -(2 ** 31)).max(0);
  }
}
