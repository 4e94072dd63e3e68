import { type Device, type NDArray, slice } from "@ad/core";
import { sizeOf } from "@ad/core/internals/trace";
import { compact } from "./inputs.js";

/**
 * The same array with other strides, on a device; `broadcast` also makes the values alike along the axis that it repeats.
 * `batch` is the place of a batch axis that came after the layout, or -1: broadcast leaves it alone.
 */
export type Layout = (x: NDArray, device: Device, batch: number) => NDArray;

const copied = (x: NDArray, device: Device): NDArray => compact(x.data(), x.shape, x.dtype).to(device);

/** The numbers between the elements of a spread array: none that could go unnoticed. */
const garbage = { float64: Number.NaN, float32: Number.NaN, int32: -(2 ** 31), bool: 1 } as const;

/** Every second element of a larger array, with an offset along each axis. */
function spread(x: NDArray, device: Device): NDArray {
  const shape = x.shape.map((n) => 2 * n + 1);
  const values = new Float64Array(sizeOf(shape) + 1).fill(garbage[x.dtype]);
  x.data().forEach((value, position) => {
    let rest = position;
    let at = 0;
    let step = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const n = x.shape[axis];
      at += (2 * (rest % n) + 1) * step;
      rest = Math.floor(rest / n);
      step *= shape[axis];
    }
    values[at] = value;
  });
  if (x.ndim === 0) return slice(compact([garbage[x.dtype], values[0]], [2], x.dtype).to(device), 1);
  const all = compact(values.subarray(0, sizeOf(shape)), shape, x.dtype).to(device);
  return all.slice(...shape.map((): [number, null, number] => [1, null, 2]));
}

/** One element or line repeated with stride 0, along the first axis that is longer than 1. */
function broadcast(x: NDArray, device: Device, batch: number): NDArray {
  const axis = x.shape.findIndex((n, i) => n > 1 && i !== batch);
  if (axis < 0) return x.to(device);
  const one = x.slice(...x.shape.map((_, i) => (i === axis ? ([0, 1] as const) : ":")));
  return one.to(device).broadcastTo(x.shape);
}

export const layouts = {
  dense: (x, device) => x.to(device),
  transposed: (x, device) => copied(x.transpose(), device).transpose(),
  flipped: (x, device) => copied(x.flip(), device).flip(),
  offset: spread,
  broadcast,
} satisfies Record<string, Layout>;

export type LayoutName = keyof typeof layouts;
