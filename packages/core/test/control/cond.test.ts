import { expectClose, fails } from "@ad/expect";
import { describe, expect, it } from "vitest";
import { array, cond, DTypeError, grad, type NDArray, ShapeError, switchCase, TransformError } from "../../src/index.js";

describe("cond", () => {
  it("runs the branch that is wanted, and no other", () => {
    const runs: string[] = [];
    const f = (x: NDArray | number) =>
      cond(
        x,
        () => {
          runs.push("true");
          return array(1);
        },
        () => {
          runs.push("false");
          return array(0);
        },
      );
    expect(f(array(true)).item()).toBe(1);
    expect(f(0).item()).toBe(0);
    expect(f(Number.NaN).item()).toBe(1);
    expect(runs).toEqual(["true", "false", "true"]);
  });
  it("has the derivative of the branch", () => {
    const f = (x: NDArray) =>
      cond(
        x.greater(0),
        (y) => y.log(),
        (y) => y.square(),
        x,
      );
    expect(grad(f)(array(2)).item()).toBe(0.5);
    expect(grad(f)(array(-2)).item()).toBe(-4);
    expect(grad(grad(f))(array(2)).item()).toBe(-0.25);
    const closed = (x: NDArray) =>
      cond(
        x.greater(0),
        () => x.log(),
        () => x.square(),
      );
    expect(grad(closed)(array(2)).item()).toBe(0.5);
  });
  it("takes and gives trees", () => {
    const { a, b } = cond(
      true,
      (p: { x: NDArray }) => ({ a: p.x, b: [1] }),
      (p) => ({ a: p.x, b: [2] }),
      { x: array(3) },
    );
    expect([a.item(), b[0].item()]).toEqual([3, 1]);
  });
  it("passes on what is no array, and gives null where null is", () => {
    const f = (x: NDArray, i: number, on: boolean, go: (y: NDArray) => NDArray) => (on ? go(x.slice(i)) : x);
    const x = array([1, 2, 3]);
    expect(cond(true, f, f, x, 2, true, (y) => y.mul(5)).item()).toBe(15);
    expect(cond(false, f, f, x, 2, false, (y) => y.mul(5)).toArray()).toEqual([1, 2, 3]);
    expect(
      cond(
        true,
        () => ({ a: x, b: null }),
        () => ({ a: 0, b: null }),
      ).b,
    ).toBe(null);
    expect(switchCase(1, [f, (y) => y.neg()], x, 0, true, (y) => y).toArray()).toEqual([-1, -2, -3]);
  });
  it("refuses a predicate that is not one value", () => {
    fails(
      () =>
        cond(
          array([1, 0]),
          () => 1,
          () => 2,
        ),
      ShapeError,
      "cond: the predicate has shape [2]",
    );
    fails(() => cond(true, 1 as never, () => array(2)), TransformError, "cond");
  });
});

describe("switchCase", () => {
  const f = (i: number | NDArray, x: NDArray) => switchCase(i, [(y: NDArray) => y.neg(), (y) => y.square(), (y) => y.exp()], x);
  it("takes the first branch below 0 and the last beyond the end", () => {
    expect([-3, 0, 1, 2, 7].map((i) => f(i, array(2)).item())).toEqual([-2, -2, 4, Math.exp(2), Math.exp(2)]);
    expectClose(grad((x) => f(1, x))(array(3)), 6);
  });
  it("refuses an index that is not whole, and no branches", () => {
    fails(() => f(1.5, array(2)), DTypeError, "switchCase: 1.5 is no whole number");
    fails(() => f(array(1), array(2)), DTypeError, "switchCase: an array of dtype float64 is no whole number");
    fails(() => switchCase(0, []), TransformError, "switchCase: there are no branches");
  });
});
