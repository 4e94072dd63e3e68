import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import {
  array,
  average,
  bincount,
  corrcoef,
  cov,
  DTypeError,
  digitize,
  grad,
  histogram,
  type NDArray,
  ones,
  ptp,
  ShapeError,
  TreeError,
} from "../../src/index.js";

test("counts of known values work inside of a derivative, and weights have one", () => {
  const at = array([0, 2, 2], { dtype: "int32" });
  expect(grad((w: NDArray) => bincount(at, { weights: w }).square().sum())(array([1, 2, 3])).toArray()).toEqual([2, 10, 10]);
  expect(bincount(at, { length: 2 }).toArray()).toEqual([1, 0]);
  expect(bincount([true, true, false]).toArray()).toEqual([1, 2]);
});

test("the edges of a histogram follow the least and the greatest element", () => {
  expect(grad((x: NDArray) => histogram(x, 4)[1].slice(1))(array([3, 0, 8])).toArray()).toEqual([0, 0.75, 0.25]);
});

test("bins may stand still", () => {
  expect(digitize([0, 1, 2], [1, 1, 2]).toArray()).toEqual([0, 2, 3]);
  expect(digitize([0, 1, 2], [2, 1, 1]).toArray()).toEqual([3, 1, 0]);
  expect(histogram([0, 1, 1, 2], [0, 1, 1, 2])[0].toArray()).toEqual([1, 0, 3]);
});

test("errors name the function", () => {
  fails(() => ptp([true]), DTypeError, "ptp: truth values have no differences; use astype first.");
  fails(() => average([1, 2], null, { weights: [1, 2, 3] }), ShapeError, "average: weights of shape [3] do not fit an array of shape [2]");
  fails(() => cov(ones([2, 2, 2])), ShapeError, "cov: an array of shape [2, 2, 2] arrives; give a vector or a matrix of observations.");
  fails(
    () => cov(ones([2, 3]), { rowvar: false } as never),
    TreeError,
    'cov: an object with keys ["rowvar"] stands in the place of another argument; write cov(x, undefined, options).',
  );
  fails(() => corrcoef(ones([2, 3]), { rowvar: false } as never), TreeError, "write corrcoef(x, undefined, options).");
  fails(() => histogram([1, 2], { range: [0, 1] } as never), TreeError, "write histogram(x, 10, options).");
  fails(() => cov([1, 2, 3], null, { fweights: [1, 1.5, 2] }), DTypeError, "cov: fweights holds 1.5; give whole numbers, none negative.");
  fails(() => cov([1, 2, 3], null, { fweights: [1, -1, 2] }), DTypeError, "cov: fweights holds -1; give whole numbers, none negative.");
  fails(() => cov([1, 2, 3], null, { aweights: [1, -0.5, 2] }), DTypeError, "cov: aweights holds -0.5; give numbers, none negative.");
  fails(
    () => grad((w: NDArray) => cov([1, 2, 3], null, { aweights: w }))(array([1, -0.5, 2])),
    DTypeError,
    "cov: aweights holds -0.5; give numbers, none negative.",
  );
  fails(() => bincount([1], { length: -1 }), ShapeError, "bincount: length is -1 (number); give a whole number from 0 on.");
  fails(() => cov(ones([2, 3]), ones([2, 4])), ShapeError, "cov: 3 and 4 observations are given; both need as many.");
  fails(
    () => cov([1, 2], null, { aweights: [1] }),
    ShapeError,
    "cov: aweights has shape [1]; give a vector with a number for each of 2 observations.",
  );
  fails(() => bincount([1, -2]), ShapeError, "bincount: an element is -2; give whole numbers from 0 on.");
  fails(() => bincount([0.5]), DTypeError, "bincount: the indices are float64 or no whole numbers");
  fails(
    () => bincount([1, 2], { weights: [1] }),
    ShapeError,
    "bincount: elements of shape [2] and weights of shape [1]; give vectors of one length.",
  );
  fails(() => digitize(1, 2), ShapeError, "digitize: the bins have shape []; give a vector.");
  fails(() => digitize([0.5], [1, 3, 2]), ShapeError, "digitize: the bins ascend and descend; give them in one of both orders.");
  fails(() => digitize([0.5], [3, 1, 2]), ShapeError, "digitize: the bins ascend and descend");
  fails(() => histogram([0.5, 1.5], [0, 2, 1]), ShapeError, "histogram: the edges descend; give them in ascending order.");
  fails(() => histogram([1], 0), ShapeError, "histogram: 0 bins are wanted; give a positive whole number, or a vector of edges.");
  fails(() => histogram([1], 2, { range: [2, 1] }), ShapeError, "histogram: the range is [2, 1]; give [least, greatest], finite numbers.");
  for (const x of [NaN, Infinity, -Infinity]) {
    fails(() => histogram([1, x, 2], 3), ShapeError, "histogram: an element is NaN or infinite; give a range, or the edges.");
    fails(() => grad((y: NDArray) => histogram(y, 3)[1].sum())(array([1, x])), ShapeError, "histogram: an element is NaN");
    expect(histogram([1, x, 2], 2, { range: [1, 2] })[0].toArray()).toEqual([1, 1]);
  }
  expect(histogram([], 2)[1].toArray()).toEqual([0, 0.5, 1]);
});
