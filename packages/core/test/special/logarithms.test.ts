import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  array,
  DTypeError,
  erfcx,
  gammaln,
  grad,
  logNdtr,
  multigammaln,
  type NDArray,
  ndtr,
  ShapeError,
  xlog1py,
  xlogy,
} from "../../src/index.js";

describe.each([
  ["xlogy", xlogy, 0],
  ["xlog1py", xlog1py, 1],
] as const)("%s", (_, f, shift) => {
  const log = (y: number): number => (shift ? Math.log1p(y) : Math.log(y));

  test("is the product, and 0 where x is 0 unless y is no number", () => {
    const ys = [0.3, 1e-10, 5, 1e300];
    for (const x of [-2, 0.5, 3]) expect(f(x, ys).toArray()).toEqual(ys.map((y) => x * log(y)));
    expect(f([0, -0, 0, 0], [-shift, 5, Infinity, -2]).toArray()).toEqual([0, 0, 0, 0]);
    expect(f([0, NaN, 1], [NaN, 1, -2]).toArray()).toEqual([NaN, NaN, NaN]);
  });

  test("has its derivatives where x is 0, of second order too", () => {
    const at = (x: number, y: number): NDArray => array([x, y]);
    const g = (z: NDArray): NDArray => f(z.slice(0), z.slice(1));
    expect(grad(g)(at(0, 2)).toArray()).toEqual([log(2), 0]);
    expect(grad(g)(at(0, -shift)).toArray()).toEqual([-Infinity, 0]);
    expect(grad((z) => grad(g)(z).slice(0))(at(0, 2)).toArray()).toEqual([0, 1 / (2 + shift)]);
    expect(
      grad((z) => grad(g)(z).slice(1))(at(0, 2))
        .slice(0)
        .item(),
    ).toBe(1 / (2 + shift));
  });

  test("keeps float32, and refuses what does not broadcast", () => {
    expect(f(2, array([1, 2], { dtype: "float32" })).dtype).toBe("float32");
    expect(f(array([1, 2], { dtype: "int32" }), 3).dtype).toBe("float64");
    fails(() => f([1, 2], [1, 2, 3]), ShapeError, `${f === xlogy ? "xlogy" : "xlog1py"}: shapes [2] and [3]`);
  });
});

test("gammaln and multigammaln have SciPy's values", () => {
  expect(gammaln(4.5).item()).toBeCloseTo(2.4537365708424423, 14);
  const expected = [
    [0.2846828704729192, 0.8570478133976193, 6.459915005009375],
    [12.801827480081469, 25.06352584380344, 58.8938418512374],
  ];
  [2.5, 10].forEach((x, i) => {
    [1, 2, 5].forEach((d, k) => expect(multigammaln(x, d).item(), `${x} ${d}`).toBeCloseTo(expected[i][k], 12));
  });
  expect(multigammaln([1, 2], 5).toArray()).toEqual([NaN, NaN]);
  expect(grad((x: NDArray) => multigammaln(x, 2).sum())(array([0.3, 0.5], { dtype: "float32" })).toArray()).toEqual([NaN, NaN]);
  expect(multigammaln(array([2], { dtype: "float32" }), 2).dtype).toBe("float32");
  fails(() => multigammaln(3, 0), DTypeError, "multigammaln: d is 0");
});

test("what is far out keeps its derivative", () => {
  expect(grad((x) => logNdtr(x))(-1e10).item()).toBeCloseTo(1e10, -1);
  expect(grad((x) => logNdtr(x))(50).item()).toBe(0);
  const second = grad((x: NDArray) => grad((y: NDArray) => logNdtr(y).sum())(x).sum());
  expect(second(array([13.2, 50], { dtype: "float32" })).toArray()).toEqual([expect.closeTo(0, 30), 0]);
  expect(grad((x) => ndtr(x))(-Infinity).item()).toBe(0);
  // −1 / (√π x²)
  expect(grad((x) => erfcx(x))(1e6).item() / (-1e-12 / Math.sqrt(Math.PI))).toBeCloseTo(1, 11);
});
