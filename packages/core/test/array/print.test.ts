import { describe, expect, test } from "vitest";
import { arange, array, full, zeros } from "../../src/index.js";

describe("toString", () => {
  test.each([
    [array(3), "array(3.)"],
    [array(0.1), "array(0.1)"],
    [array([1, 2, 3]), "array([1., 2., 3.])"],
    [array([1, 2.5]), "array([1.0, 2.5])"],
    [array([-1, 10]), "array([-1., 10.])"],
    [array([0.1, 1 / 3]), "array([0.10000000, 0.33333333])"],
    [array([Number.NaN, 1, -Infinity, Infinity]), "array([ nan,   1., -inf,  inf])"],
    [array([Number.NaN]), "array([nan])"],
    [array([-0, 1]), "array([-0.,  1.])"],
    [array([1e10, 1]), "array([1e+10,  1e+0])"],
    [array([1e-5, 0]), "array([1e-5, 0e+0])"],
    [array([99999999]), "array([99999999.])"],
    [array([1, -20, 400], { dtype: "int32" }), "array([  1, -20, 400], dtype=int32)"],
    [array([true, false]), "array([ true, false], dtype=bool)"],
    [array(true), "array(true, dtype=bool)"],
    [array([0.1, 2.5], { dtype: "float32" }), "array([0.1, 2.5], dtype=float32)"],
    [array([1e-5, 2.5e10], { dtype: "float32" }), "array([ 1.0e-5, 2.5e+10], dtype=float32)"],
    [zeros([0]), "array([], shape=[0])"],
    [zeros([1, 0], "int32"), "array([[]], shape=[1, 0], dtype=int32)"],
  ])("%#", (x, text) => expect(x.toString()).toBe(text));

  test("rows stand below each other, columns are aligned", () => {
    expect(
      array([
        [1, 2],
        [3, 40.5],
      ]).toString(),
    ).toBe("array([[ 1.0,  2.0],\n       [ 3.0, 40.5]])");
    expect(arange(8).reshape(2, 2, 2).toString()).toBe("array([[[0., 1.],\n        [2., 3.]],\n\n       [[4., 5.],\n        [6., 7.]]])");
  });

  test("a view prints as its values", () => {
    const x = array([
      [1, 2],
      [3, 4],
    ]);
    expect(x.T.toString()).toBe(
      array([
        [1, 3],
        [2, 4],
      ]).toString(),
    );
    expect(full([3], 7).toString()).toBe("array([7., 7., 7.])");
  });

  test("beyond 1000 elements the middle is left out", () => {
    expect(arange(1000).toString()).toContain("500.");
    expect(arange(1001).toString()).toBe("array([   0.,    1.,    2., ...,  998.,  999., 1000.])");
    expect(arange(10000).reshape(100, 100).toString().split("\n")).toHaveLength(7);
    expect(zeros([2, 2000]).toString()).toBe("array([[0., 0., 0., ..., 0., 0., 0.],\n       [0., 0., 0., ..., 0., 0., 0.]])");
    expect(zeros([5, 1, 300]).toString().split("\n\n")).toHaveLength(5);
    expect(arange(1e6).toString().length).toBeLessThan(100);
    expect(arange(1001).flip().toString()).toBe("array([1000.,  999.,  998., ...,    2.,    1.,    0.])");
  });

  test("and not looked at", () => {
    // 2³⁰ elements of one stored value; to look at each would take seconds and gigabytes.
    const x = full([2 ** 15, 2 ** 15], 3);
    const before = performance.now();
    expect(x.T.toString().split("\n")).toHaveLength(7);
    expect(full([2 ** 30], 3).toString()).toBe("array([3., 3., 3., ..., 3., 3., 3.])");
    expect(performance.now() - before).toBeLessThan(500);
  });
});
