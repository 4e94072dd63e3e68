import { extent } from "../array/views.js";
import { Aval, type DType, type Shape, type Weak } from "../engine/aval.js";
import { define } from "../engine/primitive.js";

/** Operations that move elements and never change them. Those of kind `view` move only strides. */
export const movement = {
  /** Axis i of the result is axis `perm[i]` of x. */
  transpose: define(
    "view",
    1,
  )<{ readonly perm: readonly number[] }>(
    ([x], { perm }) =>
      new Aval(
        perm.map((axis) => x.shape[axis]),
        x.dtype,
        x.weak,
      ),
  ),
  /** Axis i of x becomes axis `dims[i]` of the result, stretched where it has one element; the other axes are new. `dims` ascend. */
  broadcast: define("view", 1)<{ readonly shape: Shape; readonly dims: readonly number[] }>(([x], { shape }) => x.shaped(shape)),
  /** The same elements in row-major order under another shape; it copies where strides cannot say that. */
  reshape: define("view", 1)<{ readonly shape: Shape }>(([x], { shape }) => x.shaped(shape)),
  /** Along each axis the elements `start + step · i`, i < size; a step may be negative. */
  slice: define("view", 1)<Slicing & { readonly sizes: Shape }>(([x], { sizes }) => x.shaped(sizes)),
  /** The transpose of slice: zeros of the shape, with x at `start + step · i` along each axis. */
  place: define("linear", 1)<Slicing & { readonly shape: Shape }>(([x], { shape }) => new Aval(shape, x.dtype)),
  /** Each of the axes becomes its windows, `step` apart; the elements of a window, `dilation` apart, are new axes at the end. */
  unfold: define("view", 1)<Windowing>(([x], windowing) => new Aval(windowedShape(x.shape, windowing), x.dtype)),
  /** The transpose of unfold: zeros of the shape, with each element added where `unfold` would read it. */
  fold: define("linear", 1)<Windowing & { readonly shape: Shape }>(([x], { shape }) => new Aval(shape, x.dtype)),
  concatenate: define(
    "linear",
    "many",
  )<{ readonly axis: number }>((inputs, { axis }) => {
    const shape = inputs[0].shape.slice();
    shape[axis] = inputs.reduce((total, x) => total + x.shape[axis], 0);
    return new Aval(shape, inputs[0].dtype);
  }),
  /** where(condition, a, b). */
  select: define("linear", 3)(([, a, b]) => (a.weak > b.weak ? b : a)),
  cast: define("linear", 1)<{ readonly dtype: DType; readonly weak?: Weak }>(([x], { dtype, weak }) => x.with(dtype, weak)),
  /** (x, indices): the axis of x is replaced by the axes of the indices. */
  take: define(
    "linear",
    2,
  )<{ readonly axis: number }>(([x, indices], { axis }) => new Aval(takenShape(x.shape, indices.shape, axis), x.dtype)),
  /** (x, indices, updates): x with the updates added where `take` would read. */
  scatterAdd: define("linear", 3)<{ readonly axis: number }>(([x]) => x.with(x.dtype)),
  /** Positions of the sorted order along an axis; NaN last, equal elements in their order. */
  argsort: define("discrete", 1)<{ readonly axis: number }>(([x]) => x.with("int32")),
  /** (indices of rank 1): for each of `size` cells the position of the last index that names it, or -1. */
  lastWriter: define("discrete", 1)<{ readonly size: number }>((_, { size }) => new Aval([size], "int32")),
};

export interface Slicing {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
}

export interface Windowing {
  readonly axes: readonly number[];
  /** One entry for each of the axes, as in the other lists. */
  readonly sizes: Shape;
  readonly steps: readonly number[];
  readonly dilations: readonly number[];
}

export function windowedShape(shape: Shape, { axes, sizes, steps, dilations }: Windowing): number[] {
  const out = [...shape, ...sizes];
  axes.forEach((axis, i) => {
    out[axis] = Math.floor((shape[axis] - extent(sizes[i], dilations[i])) / steps[i]) + 1;
  });
  return out;
}

export const takenShape = (shape: Shape, indices: Shape, axis: number): number[] => [
  ...shape.slice(0, axis),
  ...indices,
  ...shape.slice(axis + 1),
];
