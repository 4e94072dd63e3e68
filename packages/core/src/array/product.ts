import { joint, type Shape, sizeOf } from "../engine/aval.js";
import { AxisError, describe, ShapeError, showShape } from "../engine/errors.js";
import { none } from "../engine/primitive.js";
import { bind } from "../engine/trace.js";
import type { ArrayBase, ArrayLike } from "./base.js";
import { IndexingArray } from "./indexing.js";
import type { NDArray } from "./ndarray.js";
import { bare, broadcastShapes, cast, distinctAxes, stretch, toBool } from "./operands.js";
import { below } from "./views.js";

const reshape = (x: ArrayBase, shape: Shape): NDArray => bind("reshape", [x], { shape });

/** One dtype for both. */
export function factors(op: string, x: ArrayBase, other: ArrayLike): [NDArray, NDArray] {
  const y = x.lift(other, op);
  const dtype = joint(x.aval, y.aval);
  return [cast(x, dtype), cast(y, dtype)];
}

const misfit = (op: string, x: ArrayBase, y: ArrayBase, m: number, n: number): ShapeError =>
  new ShapeError(
    `${op}: shapes ${showShape(x.shape)} and ${showShape(y.shape)} do not fit: the axes to be contracted have ${m} and ${n} elements; transpose or reshape one.`,
  );

/** The product of truth values says whether any product of elements is true. */
const multiply = (x: ArrayBase, y: ArrayBase): NDArray =>
  x.dtype === "bool" ? toBool(multiply(cast(x, "int32"), cast(y, "int32"))) : bind("matmul", [x, y], none);

/** Contracts axes of x with axes of y: one matrix product of [free, contracted] and [contracted, free]. */
export function contract(op: string, x: ArrayBase, y: ArrayBase, xAxes: readonly number[], yAxes: readonly number[]): NDArray {
  xAxes.forEach((axis, i) => {
    if (x.shape[axis] !== y.shape[yAxes[i]]) throw misfit(op, x, y, x.shape[axis], y.shape[yAxes[i]]);
  });
  const free = (a: ArrayBase, axes: readonly number[]): number[] => below(a.ndim).filter((i) => !axes.includes(i));
  const [xFree, yFree] = [free(x, xAxes), free(y, yAxes)];
  const k = sizeOf(xAxes.map((i) => x.shape[i]));
  const [xShape, yShape] = [xFree.map((i) => x.shape[i]), yFree.map((i) => y.shape[i])];
  const left = reshape(bind("transpose", [x], { perm: [...xFree, ...xAxes] }), [sizeOf(xShape), k]);
  const right = reshape(bind("transpose", [y], { perm: [...yAxes, ...yFree] }), [k, sizeOf(yShape)]);
  return reshape(multiply(left, right), [...xShape, ...yShape]);
}

function matmul(x: NDArray, y: NDArray): NDArray {
  if (x.ndim === 0 || y.ndim === 0)
    throw new ShapeError(`matmul: shapes ${showShape(x.shape)} and ${showShape(y.shape)}: a scalar is no matrix; use mul.`);
  const [k, rows] = [x.shape[x.ndim - 1], y.shape[Math.max(0, y.ndim - 2)]];
  if (k !== rows) throw misfit("matmul", x, y, k, rows);
  if (x.ndim === 1) return matmul(reshape(x, [1, x.size]), y.ndim === 1 ? reshape(y, [y.size, 1]) : y).squeeze(y.ndim === 1 ? [0, 1] : -2);
  if (y.ndim === 1) return matmul(x, reshape(y, [y.size, 1])).squeeze(-1);
  if (x.ndim === 2 && y.ndim === 2) return multiply(x, y);
  // Many matrices times one are one tall matrix times it.
  if (y.ndim === 2) return reshape(multiply(reshape(x, [sizeOf(x.shape.slice(0, -1)), k]), y), [...x.shape.slice(0, -1), y.shape[1]]);
  const batch = broadcastShapes("matmul", x.shape, y.shape, 2).slice(0, -2);
  return multiply(stretch(x, [...batch, ...x.shape.slice(-2)]), stretch(y, [...batch, ...y.shape.slice(-2)]));
}

/** Products of matrices and tensors. A method does what the function of its name does. */
export abstract class ProductArray extends IndexingArray {
  matmul(y: ArrayLike): NDArray {
    return matmul(...factors("matmul", this, y));
  }
  dot(other: ArrayLike): NDArray {
    const [x, y] = factors("dot", this, other);
    if (x.ndim === 0 || y.ndim === 0) return x.mul(y);
    return contract("dot", x, y, [x.ndim - 1], [Math.max(0, y.ndim - 2)]);
  }
  inner(other: ArrayLike): NDArray {
    const [x, y] = factors("inner", this, other);
    if (x.ndim === 0 || y.ndim === 0) return x.mul(y);
    return contract("inner", x, y, [x.ndim - 1], [y.ndim - 1]);
  }
  outer(other: ArrayLike): NDArray {
    const [x, y] = factors("outer", this, other);
    return reshape(x, [x.size, 1]).mul(reshape(y, [1, y.size]));
  }
  tensordot(other: ArrayLike, given: number | readonly [number | readonly number[], number | readonly number[]] = 2): NDArray {
    const axes = bare(given);
    const [x, y] = factors("tensordot", this, other);
    const count = typeof axes === "number" ? axes : 0;
    if (!Number.isInteger(count) || count < 0 || count > Math.min(x.ndim, y.ndim))
      throw new ShapeError(`tensordot: ${count} axes cannot be contracted between shapes ${showShape(x.shape)} and ${showShape(y.shape)}.`);
    if (typeof axes !== "number" && !(Array.isArray(axes) && axes.length === 2))
      throw new AxisError(`tensordot: axes are ${describe(axes)}; give a number or [axes of x, axes of y].`);
    const first = below(count);
    const [ofX, ofY] = typeof axes === "number" ? [first.map((i) => i - count), first] : axes;
    const [xAxes, yAxes] = [distinctAxes("tensordot", ofX, x.ndim), distinctAxes("tensordot", ofY, y.ndim)];
    if (xAxes.length !== yAxes.length)
      throw new ShapeError(`tensordot: axes ${showShape(xAxes)} and ${showShape(yAxes)} do not pair; give as many of both.`);
    return contract("tensordot", x, y, xAxes, yAxes);
  }
  kron(other: ArrayLike): NDArray {
    const [x, y] = factors("kron", this, other);
    const rank = Math.max(x.ndim, y.ndim);
    const padded = (a: NDArray): number[] => [...new Array<number>(rank - a.ndim).fill(1), ...a.shape];
    const [m, n] = [padded(x), padded(y)];
    const left = reshape(
      x,
      m.flatMap((size) => [size, 1]),
    );
    const right = reshape(
      y,
      n.flatMap((size) => [1, size]),
    );
    return reshape(
      left.mul(right),
      m.map((size, i) => size * n[i]),
    );
  }
}
