import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  AxisError,
  array,
  grad,
  logcumsumexp,
  median,
  type NDArray,
  partition,
  quantile,
  ShapeError,
  searchsorted,
  TreeError,
  topK,
  zeros,
} from "../../src/index.js";

test("searchsorted", () => {
  fails(
    () => searchsorted([[1, 2]], 1),
    ShapeError,
    "searchsorted: the sorted array has shape [1, 2]; give a vector, and use vmap for several.",
  );
  fails(() => searchsorted([1, 2], 1, { side: "middle" as never }), TreeError, 'searchsorted: side is "middle"; give "left" or "right".');
  fails(() => searchsorted([1, 2], 1, "right" as never), TreeError, "searchsorted: options are");
});

test("median and quantile refuse what has no elements", () => {
  fails(() => median(zeros([0])), ShapeError, "median: there is no element to choose from in an array of shape [0]; check size first.");
  fails(() => quantile(zeros([2, 0]), 0.5, 1), ShapeError, "quantile: there is no element to choose from in an array of shape [2, 0]");
  fails(() => median(zeros([2]), 1), AxisError, "median: axis 1 is out of bounds");
  fails(() => median(zeros([2]), 0, { keepDims: true } as never), TreeError, 'median: there is no option "keepDims"');
});

test("quantile refuses parts outside of [0, 1]", () => {
  fails(() => quantile([1, 2], 50), ShapeError, "quantile: q is 50; give parts between 0 and 1.");
  fails(() => quantile([1, 2], array([0.5, -0.1])), ShapeError, "quantile: q is -0.1");
  fails(() => quantile([1, 2], Number.NaN), ShapeError, "quantile: q is NaN");
});

test("quantile has a derivative by the part, and takes parts of any shape", () => {
  const slope = grad((q) => quantile(array([0, 1, 3, 7, 20]), q));
  expect(slope(0.6).item()).toBeCloseTo(16, 12);
  expect(quantile(zeros([5, 2]), zeros([3, 4]), 0, { keepdims: true }).shape).toEqual([3, 4, 1, 2]);
});

test("logcumsumexp takes one axis", () => {
  fails(() => logcumsumexp(zeros([2]), 1), AxisError, "logcumsumexp: axis 1 is out of bounds");
});

describe("quantiles", () => {
  const parts = Array.from({ length: 1001 }, (_, i) => i / 1000);
  test.each([[[0.1, 0.1, 0.1]], [[0.1, 0.1, 0.3, 0.3, 0.7]], [[-0.3, 0.1, 0.2, 1e17]], [[1 / 3, 1 / 3 + 2 ** -54, 0.7]], [[-3e38, 3e38]]])(
    "of %j ascend, and never leave their neighbours",
    (values) => {
      for (const dtype of ["float64", "float32"] as const) {
        const x = array(values, { dtype });
        const got = Array.from(quantile(x, parts).data());
        const sorted = Array.from(x.data()).sort((a, b) => a - b);
        const n = sorted.length - 1;
        got.forEach((y, i) => {
          const p = (dtype === "float32" ? Math.fround(parts[i]) : parts[i]) * n;
          expect(y).toBeGreaterThanOrEqual(sorted[Math.max(0, Math.floor(p) - 1)]);
          expect(y).toBeLessThanOrEqual(sorted[Math.min(n, Math.ceil(p) + 1)]);
          if (i > 0) expect(y).toBeGreaterThanOrEqual(got[i - 1]);
        });
      }
    },
  );
  test("of equal elements are that element", () => {
    expect(quantile(array([0.1, 0.1, 0.1]), 0.09).item()).toBe(0.1);
    expect(quantile(array([Infinity, Infinity]), 0.3).item()).toBe(Infinity);
    expect(quantile(array([-Infinity, 1]), 0.25).item()).toBe(-Infinity);
  });
  test("have the derivatives of the interpolation, from either neighbour", () => {
    for (const q of [0.2, 0.8]) {
      const [slope, byPart] = [grad((x: NDArray) => quantile(x, q))(array([1, 3])), grad((p: NDArray) => quantile([1, 3], p))(array(q))];
      expect(slope.slice(0).item()).toBeCloseTo(1 - q, 15);
      expect(slope.slice(1).item()).toBeCloseTo(q, 15);
      expect(byPart.item()).toBe(2);
    }
  });
});

test("places and numbers of elements that do not fit", () => {
  fails(() => partition([3, 1], 2), ShapeError, "partition: kth is 2 for an axis of 2; give whole numbers from -2 to 1.");
  fails(() => partition([], 0), ShapeError, "partition: kth is 0 for an axis of 0; an empty axis has no places.");
  fails(() => partition([3, 1], 0.5), ShapeError, "partition: kth is 0.5 (number); give a whole number.");
  fails(() => topK([3, 1], -1), ShapeError, "topK: k is -1 (number); give a whole number from 0 on.");
});
