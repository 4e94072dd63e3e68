import type { Numbers } from "@ad/core/internals/trace";

/** Σ a[from + i]·b[of + i] for i below n. */
export function dot(a: ArrayLike<number>, from: number, b: ArrayLike<number>, of: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[from + i] * b[of + i];
  return sum;
}

/** Adds by·y[from + i] to x[to + i] for i below n. */
export function move(x: Numbers, to: number, by: number, y: ArrayLike<number>, from: number, n: number): void {
  for (let i = 0; i < n; i++) x[to + i] += by * y[from + i];
}

/** The largest absolute value of n numbers; NaN where one is. */
export function largestOf(v: ArrayLike<number>, from = 0, n = v.length): number {
  let most = 0;
  for (let i = from; i < from + n; i++) most = Math.max(most, Math.abs(v[i]));
  return most;
}

/** The length of n numbers as a vector; the largest of them where their squares leave the range. */
export const normOf = (v: ArrayLike<number>, from = 0, n = v.length): number => {
  const size = Math.sqrt(dot(v, from, v, from, n));
  return size < Infinity ? size : largestOf(v, from, n);
};
