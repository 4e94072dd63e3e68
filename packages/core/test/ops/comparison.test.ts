import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import { AxisError, allClose, array, arrayEqual, DTypeError, grad, isin, type NDArray, unique, vjp, zeros } from "../../src/index.js";

test("allClose and arrayEqual give booleans that if takes", () => {
  expect(allClose([1, 2], [1, 2 + 1e-9])).toBe(true);
  expect(allClose([1, 2], [1, 2.1])).toBe(false);
  expect(allClose(array([Number.NaN]), array([Number.NaN]), { equalNaN: true })).toBe(true);
  expect(arrayEqual(zeros([0]), [])).toBe(true);
  expect(arrayEqual(zeros([0, 2]), zeros([0, 3]))).toBe(false);
  fails(() => allClose(1, 1, { rtol: null as never, atol: "x" as never }), DTypeError, 'allClose: a tolerance is "x"; give a number.');
});

test("they look at the values that a derivative is taken at", () => {
  const f = (x: NDArray) => (allClose(x, [1, 2]) && !arrayEqual(x, [1, 3]) ? x.square() : x).sum();
  expect(grad(f)(array([1, 2])).toArray()).toEqual([2, 4]);
});

test("what is unique has a derivative: it goes to where a value stands first", () => {
  const [values, pull] = vjp((x: NDArray) => unique(x), array([3, 1, 3, 2]));
  expect(values.toArray()).toEqual([1, 2, 3]);
  expect(pull(array([10, 20, 30]))[0].toArray()).toEqual([30, 10, 0, 20]);
});

test("unique slices, and what unique refuses", () => {
  const { values, indices, inverse, counts } = unique(
    array([
      [1, 2],
      [0, 1],
      [1, 2],
    ]),
    {
      axis: 0,
      returnIndex: true,
      returnInverse: true,
      returnCounts: true,
    },
  );
  expect([values, indices, inverse, counts].map((x) => x?.toArray())).toEqual([
    [
      [0, 1],
      [1, 2],
    ],
    [1, 0],
    [1, 0, 1],
    [1, 2],
  ]);
  expect(unique(zeros([2, 0]), { axis: 1 }).shape).toEqual([2, 0]);
  fails(() => unique([1], { axis: 1 }), AxisError, "unique: axis 1 is out of bounds");
});

test("isin of truth values and of nothing", () => {
  expect(isin([true, false], [true]).toArray()).toEqual([true, false]);
  expect(isin(array(3), zeros([0]), { invert: true }).item()).toBe(true);
});
