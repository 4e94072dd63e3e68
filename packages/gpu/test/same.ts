import { type ArrayLike, array, type DType, NDArray, read } from "@ad/core";
import { expect } from "vitest";
import type { GpuDevice } from "../src/index.js";

/** Numbers without a pattern, between -2 and 2. */
export const numbers = (shape: readonly number[], dtype: DType = "float32", seed = 1): NDArray => {
  let state = seed * 7919;
  const size = shape.reduce((n, m) => n * m, 1);
  const next = (): number => {
    state = (state * 48271 + 11) % 2147483647;
    return (state / 2147483647) * 4 - 2;
  };
  const data = Array.from({ length: size }, next);
  return array(dtype === "float32" ? data : data.map((x) => Math.round(5 * x)), { dtype }).reshape([...shape]);
};

const leavesOf = (tree: unknown): NDArray[] =>
  tree instanceof NDArray ? [tree] : typeof tree === "object" && tree !== null ? Object.values(tree).flatMap(leavesOf) : [];

/** Computes f on the GPU and on the CPU, and compares what comes out. */
export async function same(
  gpu: GpuDevice,
  f: (...args: NDArray[]) => unknown,
  args: readonly ArrayLike[],
  tolerance = 1e-5,
): Promise<void> {
  const given = args.map((x) => (x instanceof NDArray ? x : array(x, { dtype: "float32" })));
  const want = leavesOf(f(...given));
  const got = leavesOf(f(...given.map((x) => x.to(gpu))));
  expect(got.length).toBe(want.length);
  for (const [k, x] of got.entries()) {
    expect(x.shape).toEqual(want[k].shape);
    expect(x.dtype).toBe(want[k].dtype);
    expect(x.device).toBe(gpu);
    const [a, b] = [await read(x), want[k].data()];
    const scale = Math.max(1, ...Array.from(b.slice(0, 10000), (v) => (Number.isFinite(v) ? Math.abs(v) : 0)));
    const bad = a.findIndex((v, i) => !(Object.is(v, b[i]) || v === b[i] || Math.abs(v - b[i]) <= tolerance * scale));
    if (bad >= 0)
      throw new Error(`element ${bad} of shape [${x.shape}] is ${a[bad]}, not ${b[bad]}; all: ${a.slice(0, 12)}; want ${b.slice(0, 12)}`);
  }
}
