import type { NDArray } from "@ad/core";
import { Concrete, compact } from "@ad/core/internals/backend";
import { Aval } from "@ad/core/internals/trace";
import type { Found } from "./rewrite.js";

/** The number that a constant holds, in each element; undefined where it holds several, or is no constant. */
export function numberOf(x: NDArray): number | undefined {
  if (!(x instanceof Concrete) || x.size === 0) return undefined;
  const { storage, stride, offset, dtype } = x;
  const isSame = (value: number): boolean => Object.is(value, storage[offset]);
  // An axis along which all is the same is read once. Few others end as they begin: these are not read.
  const shape = x.shape.map((n, axis) => (stride[axis] === 0 ? 1 : n));
  const end = shape.reduce((at, n, axis) => at + stride[axis] * (n - 1), offset);
  return isSame(storage[end]) && compact({ aval: new Aval(shape, dtype), storage, stride, offset }).every(isSame)
    ? storage[offset]
    : undefined;
}

/** A constant that is stretched along some of its axes, as an equation would have made it. */
export function stretching(x: NDArray): Found<"broadcast"> | undefined {
  if (!(x instanceof Concrete)) return undefined;
  const { shape, stride } = x;
  const isThin = shape.map((n, axis) => n > 1 && stride[axis] === 0);
  const dims = [...shape.keys()].filter((axis) => !isThin[axis]);
  // A number has no axes, and needs none.
  if (dims.length === 0 || dims.length === shape.length) return undefined;
  return { inputs: [x.slice(...isThin.map((on) => (on ? 0 : ":")))], params: { shape, dims } };
}

/** The same number as an array of another shape. */
export const asShape = (x: NDArray, shape: readonly number[]): NDArray => x.slice(...x.shape.map(() => 0)).broadcastTo(shape);
