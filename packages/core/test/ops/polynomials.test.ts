import { expectClose, fails } from "@ad/expect";
import { expect, test } from "vitest";
import { array, convolve, grad, type NDArray, polyfit, polymul, polyval, ShapeError, TreeError, vander } from "../../src/index.js";

test("a fit has derivatives by its points", () => {
  const x = array([0, 1, 2, 4]);
  const slopeOf = (y: NDArray) => polyfit(x, y, 1).slice(0);
  // The slope of least squares is linear in the values: (xᵢ − x̄) / Σ (x − x̄)².
  expectClose(
    grad(slopeOf)(array([1, 3, 2, 5])),
    [-1.75, -0.75, 0.25, 2.25].map((d) => d / 8.75),
  );
  const at = (places: NDArray) => polyval(polyfit(places, [1, 3, 2, 5], 1), 1);
  const [h, direction] = [1e-5, array([0.3, -0.2, 0.5, 0.1])];
  const difference = at(x.add(direction.mul(h)))
    .sub(at(x.sub(direction.mul(h))))
    .div(2 * h);
  expectClose(grad(at)(x).mul(direction).sum(), difference.item(), 8);
});

test("a column without a derivative of its length is no trouble", () => {
  expect(
    grad((x: NDArray) => polyfit(x, [1, 2], 1).sum())(array([0, 1]))
      .isFinite()
      .all()
      .item(),
  ).toBe(true);
});

test("long kernels, in parts", () => {
  const wave = (n: number) => array(Array.from({ length: n }, (_, i) => Math.sin(i * i)));
  const [x, y] = [wave(70000), wave(70)];
  const [p, q] = [x, y].map((v) => Array.from(v.data()));
  const some = Array.from({ length: 71 }, (_, i) => i * 1000 + Math.min(i, 68));
  expectClose(
    convolve(x, y).take(some),
    some.map((i) => q.reduce((sum, value, k) => sum + value * (p[i - k] ?? 0), 0)),
  );
  // Each element of the one meets each of the other.
  const [byX, byY] = grad((a: NDArray, b: NDArray) => convolve(a, b).sum(), { argnums: [0, 1] })(x, y);
  expectClose(byX.sub(y.sum()).abs().max(), 0);
  expectClose(byY.sub(x.sum()).abs().max(), 0, 10);
});

test("what is not finite stays where it is", () => {
  expect(convolve([1, Infinity, 1, 1, Number.NaN, 1], [1, 2, 3], "valid").toArray()).toEqual([Infinity, Infinity, Number.NaN, Number.NaN]);
});

test("errors name the function", () => {
  fails(() => convolve([], [1]), ShapeError, "convolve: shapes [0] and [1]; give two vectors that are not empty.");
  fails(() => convolve([1], [1], "middle" as never), TreeError, 'convolve: the mode is "middle"; give "full", "same" or "valid".');
  fails(() => polymul([[1]], [1]), ShapeError, "polymul: shapes [1, 1] and [1]");
  fails(() => polyval([[1]], 1), ShapeError, "polyval: coefficients of shape [1, 1] arrive; give a vector, the highest power first.");
  fails(() => vander([1], -1), ShapeError, "vander: n is -1 (number); give a whole number from 0 on.");
  fails(() => vander([1], { increasing: true } as never), TreeError, "write vander(x, undefined, options).");
  fails(() => polyfit([1, 2], [1, 2], -1), ShapeError, "polyfit: degree is -1 (number); give a whole number from 0 on.");
  fails(() => vander(1), ShapeError, "vander: an array of shape [] arrives; give a vector.");
  fails(
    () => polyfit([1, 2], [1], 1),
    ShapeError,
    "polyfit: the places have shape [2] and the values [1]; give vectors of one length, not empty.",
  );
  fails(
    () => polyfit([1, 2], [1, 2], 1, { weights: [1] }),
    ShapeError,
    "polyfit: the weights have shape [1]; give a number for each of 2 points.",
  );
});
