import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import { AxisError, array, grad, logcumsumexp, median, quantile, ShapeError, searchsorted, TreeError, zeros } from "../../src/index.js";

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
