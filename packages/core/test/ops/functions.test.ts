import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import {
  applyAlongAxis,
  array,
  DTypeError,
  fromFunction,
  grad,
  meshgrid,
  type NDArray,
  ones,
  piecewise,
  ShapeError,
  select,
  TransformError,
  TreeError,
  zeros,
} from "../../src/index.js";

const x = array([-2, 0, 3]);

test("the last condition that holds counts in piecewise, the first one in select", () => {
  const on = [x.greater(-3), x.greater(-1)];
  expect(piecewise(x, on, [1, 2]).toArray()).toEqual([1, 2, 2]);
  expect(select(on, [1, 2]).toArray()).toEqual([1, 1, 1]);
  expect(piecewise(x, [x.less(0)], [7, (y) => y.add(1)]).toArray()).toEqual([7, 1, 4]);
});

test("piecewise has the dtype of x", () => {
  const whole = array([1, 4], { dtype: "int32" });
  const out = piecewise(whole, [whole.greater(2)], [(y) => y.sqrt(), 0.5]);
  expect([out.dtype, out.toArray()]).toEqual(["int32", [0, 2]]);
});

test("applyAlongAxis puts the results where the axis was", () => {
  const y = array([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
    [
      [9, 10],
      [11, 12],
    ],
  ]);
  const f = (line: NDArray) => [line.sum(), line.max(), line.min().neg()];
  const out = applyAlongAxis(f, 1, y);
  expect(out.shape).toEqual([3, 3, 2]);
  expect(out.slice(0, ":", 1).toArray()).toEqual([6, 4, -2]);
  expect(applyAlongAxis((line) => line.sum(), 0, zeros([3, 0])).shape).toEqual([0]);
  expect(
    grad((z: NDArray) => applyAlongAxis((line) => line.prod(), 1, z).sum())(
      array([
        [2, 3],
        [4, 5],
      ]),
    ).toArray(),
  ).toEqual([
    [3, 2],
    [5, 4],
  ]);
});

test("fromFunction calls its function once, with coordinates of a dtype", () => {
  let calls = 0;
  const f = (i: NDArray, j: NDArray) => {
    calls++;
    return i.equal(j);
  };
  expect([fromFunction(f, [2, 2]).toArray(), calls]).toEqual([
    [
      [true, false],
      [false, true],
    ],
    1,
  ]);
  expect(fromFunction((i) => i, 2, "int32").dtype).toBe("int32");
  expect(fromFunction(() => 3, []).item()).toBe(3);
});

test("errors name the function", () => {
  fails(() => select([], []), ShapeError, "select: the conditions are a JS array of length 0; give a list of at least one array.");
  fails(() => select([true], [1], { default: 7 } as never), TreeError, "write select(conditions, choices, 0).");
  fails(() => select([true], [1, 2]), ShapeError, "select: 1 conditions stand against 2; give one for each condition.");
  fails(
    () => piecewise(x, [true], []),
    ShapeError,
    "piecewise: 1 conditions stand against 0; give one for each condition, and one more for the rest.",
  );
  fails(() => piecewise(x, [ones([2, 3])], [1]), ShapeError, "piecewise: shape [2, 3] does not broadcast to [3], the shape of x.");
  fails(
    () => piecewise(x, [x.less(0)], [(y) => y.sum()]),
    ShapeError,
    "piecewise: f returned shape [] for [3]; give an elementwise function.",
  );
  fails(() => applyAlongAxis(1 as never, 0, x), TransformError, "applyAlongAxis: 1 (number) is no function");
  let n = 0;
  fails(
    () => applyAlongAxis(() => zeros([n++]), 0, ones([2, 2])),
    ShapeError,
    "applyAlongAxis: f returned an array of shape [0] and dtype float64 for one vector",
  );
  fails(() => applyAlongAxis(() => (n++ % 2 ? true : 1), 0, ones([2, 2])), DTypeError, "applyAlongAxis: f returned an array");
  fails(() => meshgrid([1], [[2]]), ShapeError, "meshgrid: an array of shape [1, 1] arrives; give vectors.");
  fails(() => meshgrid([1], [2], { indexing: "yx" as never }), TreeError, 'meshgrid: indexing is "yx"; give "xy" or "ij".');
});
