import { arange, eye, type NDArray } from "@ad/core";
import { sliceAxis } from "@ad/core/internals";

/** Leaves in a row span one space; this is the number of its dimensions. */
export const dimension = (leaves: readonly NDArray[]): number => leaves.reduce((n, x) => n + x.size, 0);

/** Where each leaf's elements lie among all. */
export function blocks(leaves: readonly NDArray[]): { start: number; size: number }[] {
  let end = 0;
  return leaves.map(({ size }) => {
    const start = end;
    end += size;
    return { start, size };
  });
}

/** The standard basis, stacked: for each leaf [dimension, ...shape], one at one element and zero elsewhere. */
export function basis(leaves: readonly NDArray[]): NDArray[] {
  const n = dimension(leaves);
  const identity = eye(n);
  return blocks(leaves).map(({ start, size }, i) => {
    const { shape, dtype } = leaves[i];
    return sliceAxis(identity, 1, start, size)
      .reshape([n, ...shape])
      .astype(dtype);
  });
}

/** The k-th vector of the standard basis. */
export function unit(leaves: readonly NDArray[], k: number): NDArray[] {
  return blocks(leaves).map(({ start, size }, i) => {
    const { shape, dtype } = leaves[i];
    return arange(size)
      .equal(k - start)
      .astype(dtype)
      .reshape(shape);
  });
}
