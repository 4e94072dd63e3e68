import { isFloat, type Shape, sizeOf } from "../aval.js";
import { checkOptions, describe, ShapeError, showShape } from "../errors.js";
import { none } from "../primitives/index.js";
import { extent } from "../primitives/movement.js";
import { bind } from "../trace.js";
import type { ArrayLike } from "./base.js";
import type { NDArray } from "./ndarray.js";
import { checkShape, toFloat } from "./operands.js";
import { factors, ProductArray } from "./product.js";

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/**
 * What is put around the spatial axes: one width for all sides, a pair [before, after] for each axis, "valid" for nothing, or "same"
 * for as much as gives ⌈length / stride⌉ windows, the odd one after.
 */
export type Padding = number | "same" | "valid" | readonly (readonly [before: number, after: number])[];

interface Strides {
  /** How far the windows are apart. */
  readonly stride?: PerAxis;
  readonly padding?: Padding;
}
export interface ConvOptions extends Strides {
  /** How far the elements of a window are apart. Default 1. */
  readonly dilation?: PerAxis;
  /** The channels are split into so many groups, each of which is convolved with its part of the kernels alone. Default 1. */
  readonly groups?: number;
}
export interface PoolOptions extends Strides {
  /** The lengths of a window. */
  readonly window: PerAxis;
}

const isCount = (n: unknown): boolean => Number.isInteger(n) && (n as number) > 0;

function perAxis(op: string, name: string, value: unknown, count: number): Shape {
  const list = typeof value === "number" ? new Array<number>(count).fill(value) : value;
  if (Array.isArray(list) && list.length === count && list.every(isCount)) return list;
  throw new ShapeError(
    `${op}: ${name} is ${Array.isArray(value) ? showShape(value) : describe(value)}; give a positive whole number, or one for each of the ${count} spatial axes.`,
  );
}

/** Padding as a pair for each spatial axis. `same(i)` is what axis i lacks for "same". */
function margins(op: string, padding: unknown, count: number, same: (i: number) => number): (readonly [number, number])[] {
  if (padding === "same")
    return Array.from({ length: count }, (_, i) => {
      const total = Math.max(0, same(i));
      return [total >> 1, (total + 1) >> 1];
    });
  const width = padding === "valid" ? 0 : padding;
  const pairs = typeof width === "number" ? new Array<number[]>(count).fill([width, width]) : width;
  if (!Array.isArray(pairs) || pairs.length !== count || pairs.some((pair) => !Array.isArray(pair) || pair.length !== 2))
    throw new ShapeError(
      `${op}: padding is ${describe(padding)}; give "same", "valid", a width, or a pair [before, after] for each of the ${count} spatial axes.`,
    );
  for (const pair of pairs) checkShape(`${op}'s padding`, pair);
  return pairs;
}

/** The windows of x [N, C, ...spatial], padded with a value: a view [N, C, ...places, ...window]. */
function windows(op: string, x: NDArray, sizes: Shape, { stride, padding = 0, dilation = 1 }: ConvOptions, value: number): NDArray {
  const lengths = x.shape.slice(2);
  const steps = perAxis(op, "stride", stride, sizes.length);
  const dilations = perAxis(op, "dilation", dilation, sizes.length);
  const spans = sizes.map((size, i) => extent(size, dilations[i]));
  const around = margins(op, padding, sizes.length, (i) => (Math.ceil(lengths[i] / steps[i]) - 1) * steps[i] + spans[i] - lengths[i]);
  const padded = around.some(([before, after]) => before + after > 0) ? x.pad([[0, 0], [0, 0], ...around], { value }) : x;
  if (spans.some((span, i) => span > padded.shape[i + 2]))
    throw new ShapeError(
      `${op}: a window that spans ${showShape(spans)} does not fit into the spatial axes ${showShape(padded.shape.slice(2))} of an array of shape ${showShape(x.shape)}, padding counted; make the window smaller or pad more.`,
    );
  return bind("windows", [padded], { axes: sizes.map((_, i) => i + 2), sizes, steps, dilations });
}

/** start, start + 1, …: so many axes. */
const from = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);

/** The windows of a pool side by side, along a new first axis. */
function pooled(op: string, x: NDArray, options: PoolOptions, value: number): NDArray {
  checkOptions(op, options, ["window", "stride", "padding"]);
  const count = x.ndim - 2;
  if (count < 1)
    throw new ShapeError(`${op}: an array of shape ${showShape(x.shape)} has no spatial axes; give [batch, channels, ...spatial].`);
  const sizes = perAxis(op, "window", options?.window, count);
  const patches = windows(op, x, sizes, { ...options, stride: options.stride ?? sizes }, value);
  const kept = from(0, 2 + count);
  return patches.transpose([...from(2 + count, count), ...kept]).reshape([sizeOf(sizes), ...patches.shape.slice(0, 2 + count)]);
}

/** Operations on windows that slide along the spatial axes of [batch, channels, ...spatial]. A method does what the function of its name does. */
export abstract class ConvolutionArray extends ProductArray {
  conv(w: ArrayLike, options: ConvOptions = {}): NDArray {
    checkOptions("conv", options, ["stride", "padding", "dilation", "groups"]);
    const { groups = 1 } = options;
    const [x, kernel] = factors("conv", this, w);
    const [batch, channels] = x.shape;
    const [outputs, depth, ...sizes] = kernel.shape;
    const count = sizes.length;
    const fail = (why: string): ShapeError =>
      new ShapeError(
        `conv: x has shape ${showShape(x.shape)} and w ${showShape(kernel.shape)}: ${why}; give x [batch, channels, ...spatial] and w [outputs, channels / groups, ...kernel].`,
      );
    if (x.ndim !== kernel.ndim || x.ndim < 3) throw fail("they need three axes at least, and as many of both");
    if (!isCount(groups) || channels !== depth * groups || outputs % groups !== 0)
      throw fail(`${String(groups)} groups must divide the ${outputs} outputs and have ${depth} of the ${channels} channels each`);
    const patches = windows("conv", x, perAxis("conv", "the kernel's shape", sizes, count), { ...options, stride: options.stride ?? 1 }, 0);
    const places = patches.shape.slice(2, 2 + count);
    const lead = groups === 1 ? [] : [groups];
    const k = depth * sizeOf(sizes);
    // Places come last in the copy, so that it is made in long runs.
    const order = [1, ...from(2 + count, count), 0, ...from(2, count)];
    const columns = patches.transpose(order).reshape([...lead, k, batch * sizeOf(places)]);
    const rows = kernel.reshape([...lead, outputs / groups, k]);
    return bind("matmul", [rows, columns], none)
      .reshape([outputs, batch, ...places])
      .swapaxes(0, 1);
  }
  avgPool(options: PoolOptions): NDArray {
    return pooled("avgPool", toFloat(this), options, 0).mean(0);
  }
  maxPool(options: PoolOptions): NDArray {
    const { dtype } = this;
    return pooled("maxPool", this as unknown as NDArray, options, isFloat(dtype) ? -Infinity : dtype === "bool" ? 0 : -(2 ** 31)).max(0);
  }
}
