import { readFileSync } from "node:fs";
import { array, grad, type NDArray } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { checkGrad } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { cubicSpline, type SplineBoundary } from "../src/index.js";

// Answers of SciPy: tools/expectations/splines.py writes the file.
type Values = readonly number[] | readonly (readonly number[])[];
interface Case {
  readonly boundary: SplineBoundary;
  readonly x: readonly number[];
  readonly y: Values;
  readonly points: readonly number[];
  readonly values: readonly Values[];
  readonly integrals: Values;
}
const cases: readonly Case[] = JSON.parse(readFileSync(new URL("./expectations/splines.json", import.meta.url), "utf8"));
const numbers = (x: Values | readonly number[]): NDArray => array(x as number[]);

function expectNear(x: NDArray, want: Values): void {
  const [a, b] = [x.data(), numbers(want).data()];
  expect(a.length).toBe(b.length);
  const size = Math.max(1, ...b.map(Math.abs));
  expect(Math.max(...a.map((value: number, i: number) => Math.abs(value - b[i]) / size))).toBeLessThan(1e-12);
}

test.each(cases.map((each) => [each.boundary, each.x.length, numbers(each.y).ndim, each] as const))(
  "%s through %i points of %i axes: SciPy's numbers",
  (boundary, _n, _ndim, { x, y, points, values, integrals }) => {
    const curve = cubicSpline(numbers(x), numbers(y), { boundary });
    const q = numbers(points);
    ([0, 1, 2, 3] as const).forEach((order) => {
      // At a knot the third derivative jumps, and rounding decides on which side a shifted point is.
      const at = order === 3 && boundary === "periodic" ? 6 : points.length;
      expectNear(curve(q.slice([0, at]), order), values[order].slice(0, at) as Values);
    });
    expectNear(curve.integrate(q.slice([0, 5]), q.slice([1, 6])), integrals);
    const compiled = jit((x: NDArray, y: NDArray, q: NDArray) => cubicSpline(x, y, { boundary })(q));
    expectNear(compiled(numbers(x), numbers(y), q), values[0]);
  },
);

const knots = array([0, 0.7, 1.1, 2, 2.4, 3.5]);
const heights = array([1, -0.4, 0.3, 2, -1, 1]);
const points = array([-0.3, 0.2, 0.8, 1.5, 2.2, 3.1, 3.9]);
const all: readonly SplineBoundary[] = ["not-a-knot", "natural", "clamped", "periodic"];

test.each(all.filter((_, i) => isTurn(i, 4)))(
  "%s: derivatives by knots, values and points in both modes, of first and second order",
  (boundary) => {
    const f = (x: NDArray, y: NDArray, q: NDArray): NDArray => {
      // The curve closes whatever the values are.
      const closed = boundary === "periodic" ? y.set([-1], y.slice(0)) : y;
      const curve = cubicSpline(x, closed, { boundary });
      return curve(q).square().sum().add(curve(q, 1).sum()).add(curve.integrate(q, 1).sin().sum());
    };
    const few = [knots.slice([0, 4]), heights.slice([2, null]), points.slice([1, 4])] as const;
    checkGrad(f, [...few], { order: 2, modes: ["forward", "reverse"] });
    const slope = jit(grad(f, { argnums: [0, 1, 2] }))(knots, heights, points);
    grad(f, { argnums: [0, 1, 2] })(knots, heights, points).forEach((want, i) => expectNear(slope[i], want.toArray() as number[]));
  },
);

test.each(all)("%s: a batch of curves is each curve by itself", (boundary) => {
  const batch = array([1, 2, -1]).expandDims(1).mul(heights);
  const f = (y: NDArray, q: NDArray): NDArray => cubicSpline(knots, y, { boundary })(q);
  const loop = [0, 1, 2].map((i) => f(batch.slice(i), points.add(i)));
  const qs = array([0, 1, 2].map((i) => points.add(i)));
  expectNear(vmap(f)(batch, qs), array(loop).toArray() as number[][]);
  expectNear(jit(vmap(f))(batch, qs), array(loop).toArray() as number[][]);
});

test("float32 stays float32, and points and ends of any shape are taken", () => {
  const curve = cubicSpline(knots.astype("float32"), heights.astype("float32"), { boundary: "natural" });
  expect(curve(array([[0.5, 1]], { dtype: "float32" })).dtype).toBe("float32");
  expect(curve(array([[0.5, 1]])).shape).toEqual([1, 2]);
  expect(curve(1.5).shape).toEqual([]);
  expect(curve.integrate(0, [1, 2, 3]).shape).toEqual([3]);
});

test.each([
  [() => cubicSpline([0], [1]), "cubicSpline: the knots have shape [1]; give a vector of 2 or more."],
  [() => cubicSpline([0, 1], [1, 2, 3]), "cubicSpline: y has shape [3] for 2 knots"],
  [() => cubicSpline([0, 1, 1], [1, 2, 3]), "cubicSpline: the knots do not increase"],
  [() => cubicSpline([0, 1], [1, 2], { boundary: "periodic" }), "cubicSpline: the first and the last value differ"],
  [() => cubicSpline([0, 1], [1, 2], { boundary: "free" as never }), 'cubicSpline: boundary is "free"; use "not-a-knot"'],
  [() => cubicSpline([0, 1], [1, 2], { bc: 1 } as never), 'cubicSpline: there is no option "bc"'],
  [() => cubicSpline([0, 1], [1, 2])(0, 4 as never), "cubicSpline: order is 4 (number); give 0, 1, 2 or 3."],
  [() => cubicSpline("x" as never, [1, 2]), "cubicSpline: "],
])("what is wrong is refused in words: %s", (run, message) => {
  expect(run).toThrow(message);
});

test.each(["not-a-knot", "natural", "clamped", "periodic"] as const)("knots that fall inside of jit give NaN: %s", (boundary) => {
  const curve = jit((x: NDArray) => cubicSpline(x, [0, 1, 8, 3, 0], { boundary })([0.5, 1.5, 2.5, 3.5]));
  expect(Array.from(curve(array([0, 2, 1, 3, 4])).data())).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  expect(Array.from(curve(array([4, 3, 2, 1, 0])).data())).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  expect(
    curve(array([0, 1, 2, 3, 4]))
      .isNaN()
      .any()
      .item(),
  ).toBe(false);
});

test("a periodic curve that does not end where it begins is NaN inside of jit", () => {
  const curve = jit((y: NDArray) => cubicSpline([0, 1, 2], y, { boundary: "periodic" })([0.5, 1.5]));
  expectNear(curve(array([1, 2, 1])), [1.5, 1.5]);
  expect(Array.from(curve(array([1, 2, 3])).data())).toEqual([Number.NaN, Number.NaN]);
});
