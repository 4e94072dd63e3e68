import { array, cond, foriLoop, grad, type NDArray, whileLoop, zeros } from "@ad/core";
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
