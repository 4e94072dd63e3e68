import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { AxisError, array, cumsum, grad, linalg, logcumsumexp, type NDArray, ShapeError, sum, TreeError, zeros } from "../../src/index.js";

const x = array([
  [1, 2],
  [3, 4],
]);

test("no elements", () => {
  const none = zeros([0, 3]);
  for (const op of ["max", "min"] as const) {
    fails(() => none[op](0), ShapeError, `${op}: there is no element to choose from in an array of shape [0, 3]; check size first.`);
    fails(() => none[op](), ShapeError, `${op}: there is no element`);
    expect(none[op](1).shape).toEqual([0]);
  }
  for (const op of ["argmax", "argmin"] as const) {
    fails(() => none[op](0), ShapeError, `${op}: there is no element to choose from in an array of shape [0, 3]; check size first.`);
    fails(() => none[op](), ShapeError, `${op}: there is no element`);
  }
  expect(none.sum(0).toArray()).toEqual([0, 0, 0]);
  expect(none.prod(0).toArray()).toEqual([1, 1, 1]);
  expect(none.mean(0).toArray()).toEqual([NaN, NaN, NaN]);
  expect(none.logsumexp(0).toArray()).toEqual([-Infinity, -Infinity, -Infinity]);
});

describe("options", () => {
  test.each([
    ["sum", { keepDims: true }, 'sum: there is no option "keepDims"; did you mean "keepdims"? The options are keepdims.'],
    ["mean", { keep: true }, 'mean: there is no option "keep"; did you mean "keepdims"?'],
    ["argmax", { axis: 0 }, 'argmax: there is no option "axis". The options are keepdims.'],
    ["variance", { dof: 1 }, 'variance: there is no option "dof"'],
    ["std", { DDOF: 1 }, 'there is no option "DDOF"; did you mean "ddof"?'],
    ["norm", { order: 1 }, 'norm: there is no option "order"; did you mean "ord"? The options are ord, keepdims.'],
    ["logsumexp", { keep: true }, 'logsumexp: there is no option "keep"; did you mean "keepdims"?'],
    ["logsumexp", { keepDims: true }, 'logsumexp: there is no option "keepDims"'],
    ["max", true, "max: options are true (boolean); give an object with any of keepdims."],
  ] as const)("%s %j", (op, options, text) => fails(() => x[op](0, options as never), TreeError, text));
});

test("norm's orders", () => {
  fails(
    () => x.norm(null, { ord: 3 }),
    AxisError,
    'norm: there is no ord 3 over 2 axes; over one give a number, over two "fro", ±1 or ±Infinity, to linalg.norm ±2 or "nuc".',
  );
  fails(() => x.norm(0, { ord: "fro" }), AxisError, "norm: there is no ord fro over 1 axes");
  fails(() => x.norm(0, { ord: "nuc" as never }), ShapeError, 'norm: ord is "nuc"; give a number or "fro".');
});

test("one axis, or none", () => {
  fails(() => x.argmax([0] as never), AxisError, "argmax: axis is a JS array of length 1; give a whole number.");
  fails(() => x.cumsum(2), AxisError, "cumsum: axis 2 is out of bounds");
  fails(() => x.cumprod(-3), AxisError, "cumprod: axis -3 is out of bounds");
  fails(() => x.softmax(2), AxisError, "softmax: axis 2 is out of bounds");
  fails(() => array(1).logSoftmax(), AxisError, "logSoftmax: axis -1 is out of bounds for an array of 0 axes; give an array that has one.");
  fails(() => x.mean(2), AxisError, "mean: axis 2 is out of bounds");
  fails(() => x.variance(2), AxisError, "variance: axis 2 is out of bounds");
  fails(() => x.logsumexp(2), AxisError, "logsumexp: axis 2 is out of bounds");
});

test("a long sum keeps its digits", () => {
  const n = 100000;
  expect(Math.abs((sum(new Float64Array(n).fill(0.1)).item() as number) - n * 0.1)).toBeLessThan(1e-8);
  expect(sum(new Float32Array(n).fill(0.1)).item()).toBe(Math.fround(n * Math.fround(0.1)));
});

test("a norm of negative order is infinite where all elements are", () => {
  const x = array([Infinity, -Infinity]);
  for (const ord of [-1, -2, -0.5, -Infinity]) expect(x.norm(0, { ord }).item()).toBe(Infinity);
  expect(array([Infinity, 2]).norm(0, { ord: -1 }).item()).toBe(2);
  expect(array([0, Infinity]).norm(0, { ord: -1 }).item()).toBe(0);
});

test("a scalar has one element along its only axis, as in NumPy", () => {
  for (const axis of [undefined, null, 0, -1]) {
    expect(cumsum(5, axis).toArray()).toEqual([5]);
    expect(array(5).cumprod(axis).toArray()).toEqual([5]);
    expect(logcumsumexp(5, axis).toArray()).toEqual([5]);
    expect(array(5).argmax(axis).toArray()).toBe(0);
    expect(grad((y: NDArray) => y.cumprod(axis).sum())(5).item()).toBe(1);
  }
  expect(cumsum(array(true), 0).dtype).toBe("int32");
  for (const axis of [1, -2])
    fails(() => cumsum(5, axis), AxisError, `cumsum: axis ${axis} is out of bounds for an array of 1 axes; use -1 to 0.`);
  fails(() => array(5).sort(0), AxisError, "sort: axis 0 is out of bounds");
  fails(() => array(5).flip(0), AxisError, "flip: axis 0 is out of bounds");
});

test("options are checked before anything is returned", () => {
  for (const axis of [[], null, 0])
    for (const y of [zeros([0, 3]), x, array(1)])
      fails(() => y.logsumexp(axis, { keep: true } as never), TreeError, 'logsumexp: there is no option "keep"');
});

test("linalg.norm goes over two axes at most", () => {
  const y = zeros([2, 2, 2]);
  for (const options of [undefined, { ord: 1 }, { ord: "nuc" as const }])
    fails(
      () => linalg.norm(y, [0, 1, 2], options),
      AxisError,
      "norm: 3 axes are named; give one for vectors or two for matrices, or use x.norm(axes) for all elements.",
    );
  expect(linalg.norm(y).item()).toBe(0);
  fails(() => linalg.norm(x, "fro" as never), AxisError, 'norm: axis is "fro"; the order is an option: norm(x, null, { ord: "fro" }).');
  for (const ord of [1, -1, 2, -2, Infinity])
    fails(() => linalg.norm(zeros([0, 0]), [0, 1], { ord }), ShapeError, "norm: there is no element to choose from");
});

test("gelu's form is chosen by a boolean", () => {
  fails(() => x.gelu({ approximate: "none" } as never), TreeError, 'gelu: approximate is "none"; give true or false.');
});
