import { array, cond, foriLoop, grad, type NDArray, ones, whileLoop, zeros } from "@ad/core";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { jit } from "../src/index.js";

/** Nothing to do: no steps, no lanes; and very much of it. */

describe("a loop without steps gives its first state", () => {
  const loop =
    (from: number, to: number) =>
    (x: NDArray): NDArray =>
      foriLoop(from, to, (_, s: NDArray) => s.mul(2), x);
  const x = array([0.5, 2]);
  test.each([
    [0, 0],
    [3, 1],
  ])("from %i to %i", (from, to) => {
    const f = loop(from, to);
    expect(jit(f)(x).toArray()).toEqual([0.5, 2]);
    expect(vmap(jit(f))(x).toArray()).toEqual([0.5, 2]);
    const slope = (own: typeof f) => grad((x: NDArray) => own(x).square().sum());
    expect(jit(slope(f))(x).toArray()).toEqual([1, 4]);
    expect(slope(jit(f))(x).toArray()).toEqual([1, 4]);
  });
});

test("indices that are none are not read", () => {
  const none = array([5, -8, 1], { dtype: "int32" }).slice([1, 1]);
  expect(jit((x: NDArray, i: NDArray, y: NDArray) => x.addAt([i], y))(array([1, 2, 3]), none, array(2)).toArray()).toEqual([1, 2, 3]);
});

describe("a batch without lanes has the shapes of one that has some", () => {
  const functions: Readonly<Record<string, (x: NDArray) => NDArray>> = {
    cond: (x) =>
      cond(
        x.sum().greater(0),
        () => x.sin(),
        () => x.neg(),
      ),
    whileLoop: (x) =>
      whileLoop(
        (s: NDArray) => s.sum().less(1),
        (s: NDArray) => s.add(1),
        x,
      ),
  };
  test.each(Object.entries(functions))("%s", (_, f) => {
    const lanes = zeros([0, 3]);
    const slope = (own: typeof f) => grad((x: NDArray) => own(x).sum());
    for (const own of [vmap(jit(f)), jit(vmap(f)), vmap(jit(slope(f))), jit(vmap(slope(f)))]) expect(own(lanes).shape).toEqual([0, 3]);
  });
});

test("a long program of large arrays is one loop of tiles after the other", () => {
  const f = (x: NDArray): NDArray => {
    let y = x;
    for (let i = 0; i < 450; i++) y = i % 3 === 0 ? y.mul(0.99) : y.sin().add(0.1);
    return y;
  };
  const x = array(Float64Array.from({ length: 3000 }, (_, i) => i / 1000));
  const [expected, found] = [f(x).data(), jit(f)(x).data()];
  expected.forEach((value, i) => {
    expect(Math.abs(found[i] - value)).toBeLessThan(1e-13);
  });
});

describe("sums of nothing are 0, whatever lies in their memory before", () => {
  const functions: Readonly<Record<string, (x: NDArray) => NDArray>> = {
    sum: (x) => x.sum(0).add(1),
    "sum of a chain": (x) => x.exp().mul(2).sum(0).mul(3).sub(1),
    mean: (x) => x.mean(0),
    variance: (x) => x.mul(2).variance(0),
    "part of an array": (x) => x.sin().slice([0, 0]).sum(0).add(2),
    "gradient of a batch": (x) => grad((b: NDArray) => x.add(b).square().sum())(zeros(x.shape.slice(1))).sub(1),
    "an axis in the middle": (x) => x.reshape([4, 0, 100]).add(1).sum(1).mul(2),
  };
  test.each(Object.entries(functions))("%s", (_, f) => {
    for (const dtype of ["float64", "float32", "int32"] as const)
      for (const n of [3, 64, 300, 5000]) {
        const x = zeros([0, n], { dtype });
        // These programs leave other numbers than 0 in memory.
        for (const rows of [1, 100]) jit((x: NDArray) => x.exp().sum(0))(ones([rows, n]).mul(3));
        const wanted = f(x);
        expect(jit((x: NDArray) => f(x))(x).toArray()).toEqual(wanted.toArray());
        const lanes = zeros([2, 0, n], { dtype });
        expect(jit(vmap(f))(lanes).toArray()).toEqual(vmap(f)(lanes).toArray());
      }
  });
});
