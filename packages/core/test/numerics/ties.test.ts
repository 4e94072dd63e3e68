import { describe, expect, test } from "vitest";
import { array, type DType, grad, maximum, minimum, type NDArray, vjp } from "../../src/index.js";

const slopes = (f: (x: NDArray) => NDArray, x: NDArray): number[] => Array.from(grad((y: NDArray) => f(y).sum())(x).data(), (y) => y + 0);

describe.each(["float64", "float32"] as DType[])("ties in %s", (dtype) => {
  const of = (...values: number[]): NDArray => array(values, { dtype });
  const inf = Infinity;

  test("the greatest and the least share equally", () => {
    expect(slopes((x) => x.max(), of(3, 1, 3, 2))).toEqual([0.5, 0, 0.5, 0]);
    expect(slopes((x) => x.min(), of(1, 1, 1, 1))).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(slopes((x) => x.max(), of(-inf, -inf))).toEqual([0.5, 0.5]);
    expect(slopes((x) => x.max(), of(0, -0))).toEqual([0.5, 0.5]);
    const x = array(
      [
        [1, 4, 4, 4],
        [4, 0, 4, 0],
      ],
      { dtype },
    );
    expect(slopes((y) => y.max(0), x)).toEqual([0, 1, 0.5, 1, 1, 0, 0.5, 0]);
    expect(slopes((y) => y.max(), x)).toEqual([0, 0.2, 0.2, 0.2, 0.2, 0, 0.2, 0].map((y) => (dtype === "float32" ? Math.fround(y) : y)));
  });
  test("so do two operands, and an infinite one", () => {
    for (const op of [maximum, minimum])
      for (const tie of [2, 0, inf, -inf]) {
        const [a, b] = vjp((x: NDArray, y: NDArray) => op(x, y), of(tie), of(tie))[1](of(1));
        expect([...a.data(), ...b.data()]).toEqual([0.5, 0.5]);
      }
    expect(slopes((x) => x.maximum(x), of(2, -1))).toEqual([1, 1]);
  });
  test("kinks", () => {
    expect(slopes((x) => x.abs(), of(-2, -0, 0, 3))).toEqual([-1, 0, 0, 1]);
    expect(slopes((x) => x.relu(), of(-2, -0, 0, 3))).toEqual([0, 0, 0, 1]);
    expect(slopes((x) => x.sign(), of(-2, 0, 3))).toEqual([0, 0, 0]);
    expect(slopes((x) => x.clip(-1, 2), of(-1.5, -1, 0, 2, 2.5))).toEqual([0, 1, 1, 1, 0]);
    expect(slopes((x) => x.clip(1, 1), of(0, 1, 2))).toEqual([0, 1, 0]);
    expect(slopes((x) => x.clip(-inf, inf), of(-inf, 0, inf))).toEqual([1, 1, 1]);
    expect(slopes((x) => x.sqrt(), of(0, 4))).toEqual([inf, 0.25]);
    expect(slopes((x) => x.cbrt(), of(0, 8))).toEqual([inf, dtype === "float64" ? 1 / 12 : Math.fround(1 / 12)]);
    expect(slopes((x) => x.square().sqrt(), of(3, -4))).toEqual([1, -1]);
  });
  test("clip passes the bounds on", () => {
    const [lo, hi] = [of(0, 0, 0, 0, 0), of(1, 1, 1, 1, 1)];
    const x = of(-1, 0, 0.5, 1, 2);
    expect(slopes((y) => x.clip(y, hi), lo)).toEqual([1, 0, 0, 0, 0]);
    expect(slopes((y) => x.clip(lo, y), hi)).toEqual([0, 0, 0, 0, 1]);
  });
  test("sorting keeps equal elements in their order", () => {
    const x = of(2, 1, 2, 1, 0, 2);
    expect(x.argsort().toArray()).toEqual([4, 1, 3, 0, 2, 5]);
    expect(slopes((y) => y.sort().mul([1, 2, 3, 4, 5, 6]), x)).toEqual([4, 2, 5, 3, 1, 6]);
  });
  test("the first of equal elements has the position", () => {
    expect(of(1, 3, 3, 0, 0).argmax().item()).toBe(1);
    expect(of(1, 3, 3, 0, 0).argmin().item()).toBe(3);
  });
  test("second derivatives at ties are those of the parts", () => {
    const bend = (x: NDArray): NDArray => x.square().max();
    expect(slopes((x) => grad(bend)(x).slice(0), of(3, 3))).toEqual([1, 0]);
    expect(slopes((x) => grad((y: NDArray) => y.abs().mul(y).sum())(x), of(-2, 0, 2))).toEqual([-2, 0, 2]);
  });
  test("what chooses sends nothing of an infinite slope to what it did not choose", () => {
    expect(slopes((x) => x.relu().sqrt(), of(-1, 4))).toEqual([0, 0.25]);
    expect(slopes((x) => x.clip(0, 9).sqrt(), of(-1, 4))).toEqual([0, 0.25]);
    expect(slopes((x) => x.maximum(1e-20).reciprocal().log(), of(0, 4))).toEqual([0, -0.25]);
  });
  test("a length of 0 has the derivative 0, whatever is behind it", () => {
    expect(slopes((x) => x.norm().sqrt(), of(0, 0))).toEqual([0, 0]);
    expect(slopes((x) => x.std().sqrt(), of(2, 2))).toEqual([0, 0]);
    expect(slopes((x) => x.hypot(0).sqrt(), of(0, 4))).toEqual([0, 0.25]);
  });
  test("second derivatives of lengths exist where they are not 0", () => {
    const second = (f: (x: NDArray) => NDArray, i: number, x: NDArray): unknown => slopes((y) => grad(f)(y).slice(i), x);
    expect(second((x) => x.slice(0).hypot(x.slice(1)), 0, of(0, 4))).toEqual([0.25, 0]);
    expect(second((x) => x.norm(), 0, of(0, 4))).toEqual([0.25, 0]);
    expect(second((x) => x.norm().square(), 0, of(0, 0))).toEqual([Number.NaN, Number.NaN]);
    expect(second((x) => x.norm(0, { ord: 1.5 }), 0, of(0, 2))).toEqual([inf, 0]);
    expect(second((x) => x.norm(0, { ord: 3 }), 0, of(0, 2))).toEqual([0, 0]);
  });
});
