import { expectClose, fails } from "@ad/expect";
import { describe, expect, it } from "vitest";
import { array, grad, type NDArray, ShapeError, safeWhere, TransformError, where } from "../../src/index.js";

describe("safeWhere", () => {
  const root = (x: NDArray) => safeWhere(x.greater(0), (y) => y.sqrt(), x, 0);
  it("has a finite derivative where f has none", () => {
    const x = array([0, 4, -1]);
    expect(root(x).toArray()).toEqual([0, 2, 0]);
    expectClose(grad((y) => root(y).sum())(x), [0, 0.25, 0]);
    expectClose(grad((y) => grad((z) => root(z).sum())(y).sum())(x), [0, -1 / 32, 0]);
    expect(grad((y) => where(y.greater(0), y.sqrt(), 0).sum())(x).toArray()).toEqual([Number.NaN, 0.25, Number.NaN]);
  });
  it("is right where nothing is admitted", () => {
    expect(grad((y) => root(y).sum())(array([-1, 0])).toArray()).toEqual([0, 0]);
    expect(root(array([])).shape).toEqual([0]);
  });
  it("broadcasts, and differentiates what stands otherwise", () => {
    const f = (x: NDArray, z: NDArray) => safeWhere(array([[true], [false]]), (y) => y.log(), x, z).sum();
    const [gx, gz] = grad(f, { argnums: [0, 1] })(array([1, 2]), array(5));
    expect([gx.toArray(), gz.item()]).toEqual([[1, 0.5], 2]);
  });
  it("refuses what is not elementwise", () => {
    fails(() => safeWhere(true, (y) => y.sum(), array([1, 2]), 0), ShapeError, "safeWhere: f returned shape [] for [2]");
    fails(() => safeWhere(true, 1 as never, array([1, 2]), 0), TransformError, "safeWhere: 1 (number) is no function");
  });
});
