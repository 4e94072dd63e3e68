import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  AxisError,
  arange,
  array,
  DTypeError,
  grad,
  type NDArray,
  ShapeError,
  slice,
  take,
  takeAlongAxis,
  zeros,
} from "../../src/index.js";

const x = arange(12).reshape(3, 4);

describe("slice", () => {
  test.each([
    [[3], "slice: index 3 is out of bounds for axis 0 of 3; use -3 to 2."],
    [[":", -5], "slice: index -5 is out of bounds for axis 1 of 4; use -4 to 3."],
    [[0.5], "slice: an entry is 0.5 (number); give an integer"],
    [[0, 0, 0], "slice: 3 indices are given for an array of shape [3, 4]; give 2 at most."],
    [["...", "..."], 'slice: "..." stands twice in the index; write it once.'],
    [[[0, 2, 0]], "slice: [0, 2, 0] is no slice; give [start, stop] or [start, stop, step] of whole numbers or null, step not 0."],
    [[[0]], "slice: [0] is no slice"],
    [[[0, 1, 1, 1]], "slice: [0, 1, 1, 1] is no slice"],
    [[[0, 1.5]], "slice: [0, 1.5] is no slice"],
    [["0:2"], 'slice: an entry is "0:2"; give an integer, [start, stop, step], ":", "...", null or an int32 array.'],
    [[undefined], "slice: an entry is undefined"],
    [[{}], "slice: an entry is an object with keys []"],
  ])("%j", (index, text) => fails(() => x.slice(...(index as never[])), ShapeError, text));

  test("gathering wants whole numbers within the axis", () => {
    fails(() => x.slice(array([0, 1])), DTypeError, 'slice: the indices are float64; give whole numbers, or use x.astype("int32").');
    fails(() => x.slice(Int32Array.of(3)), ShapeError, "slice: index 3 is out of bounds for an axis of 3; use -3 to 2.");
    fails(() => x.slice(":", Int32Array.of(-5)), ShapeError, "slice: index -5 is out of bounds for an axis of 4");
    fails(() => x.slice(Int32Array.of(0, 1), Int32Array.of(0, 1, 2)), ShapeError, "slice: shapes [2] and [3] do not broadcast");
  });

  test("a bound that is an array names take", () => {
    for (const op of ["slice", "set", "addAt"] as const) {
      const use = (i: NDArray): unknown => (op === "slice" ? x.slice([i, i.add(2)] as never) : x[op]([[i, i.add(2)] as never], 0));
      for (const run of [() => use(array(1, { dtype: "int32" })), () => grad((y: NDArray) => y.mul(use(y) as NDArray))(1)])
        fails(run, ShapeError, "but the length of a slice must be known; gather instead, as in take(x, i.add([0, 1])).");
    }
    fails(() => x.slice([true, false, true] as never), ShapeError, "step not 0. To gather, give an int32 or a bool array.");
  });

  test("typed arrays gather", () => {
    expect(x.slice(Int32Array.of(2, 0), -1).toArray()).toEqual([11, 3]);
    expect(slice(x, Uint8Array.of(1)).toArray()).toEqual([[4, 5, 6, 7]]);
  });

  test("without an entry it is the array", () => expect(x.slice().toArray()).toEqual(x.toArray()));
});

describe("a mask", () => {
  const rows = array([true, false, true]);

  test("selects where it is true", () => {
    expect(x.slice(x.greater(8)).toArray()).toEqual([9, 10, 11]);
    expect(x.slice(rows).toArray()).toEqual([
      [0, 1, 2, 3],
      [8, 9, 10, 11],
    ]);
    expect(x.slice(":", x.slice(1).mod(2).equal(0)).toArray()).toEqual([
      [0, 2],
      [4, 6],
      [8, 10],
    ]);
    expect(x.slice(rows, Int32Array.of(1, 0)).toArray()).toEqual([1, 8]);
    expect(x.slice(x.less(0)).shape).toEqual([0]);
    expect(x.slice(zeros([3], "bool"), 1).shape).toEqual([0]);
    expect(x.greater(5).slice(x.greater(8)).toArray()).toEqual([true, true, true]);
  });
  test("says where set and addAt write", () => {
    expect(x.set([x.greater(2)], 0).toArray()).toEqual([
      [0, 1, 2, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(x.set([rows, 0], [-1, -2]).slice(":", 0).toArray()).toEqual([-1, 4, -2]);
    expect(x.addAt([rows], 100).slice(":", 0).toArray()).toEqual([100, 4, 108]);
    expect(x.set([x.less(0)], 5).toArray()).toEqual(x.toArray());
  });
  test("of another shape than its axes", () => {
    fails(() => x.slice(array([true, false])), ShapeError, "slice: a mask of shape [2] stands for axes of shape [3]; both must be equal");
    fails(() => x.slice(":", rows), ShapeError, "slice: a mask of shape [3] stands for axes of shape [4]");
    fails(() => x.slice(x.T.greater(0)), ShapeError, "slice: a mask of shape [4, 3] stands for axes of shape [3, 4]");
    fails(() => x.slice(0, x.greater(0)), ShapeError, "slice: 3 indices are given for an array of shape [3, 4]; give 2 at most.");
    fails(
      () => array(1).slice(array(true)),
      ShapeError,
      "slice: a mask of shape [] stands for axes of shape []; both must be equal, or choose with where(mask, a, b).",
    );
    fails(() => x.set([array([true])], 0), ShapeError, "set: a mask of shape [1] stands for axes of shape [3]");
  });
  test("has values inside of grad", () => {
    expect(grad((y: NDArray) => y.slice(y.greater(0)).square().sum())(array([1, -2, 3])).toArray()).toEqual([2, 0, 6]);
    expect(
      grad((y: NDArray) =>
        y
          .set([y.less(0)], 7)
          .square()
          .sum(),
      )(array([1, -2, 3])).toArray(),
    ).toEqual([2, 0, 6]);
    const twice = grad((y: NDArray) => grad((z: NDArray) => z.slice(z.greater(0)).pow(3).sum())(y).sum());
    expect(twice(array([1, -2, 3])).toArray()).toEqual([6, 0, 18]);
  });
  test("where take wants positions", () => {
    for (const use of [() => take(x, rows), () => x.scatterAdd(rows, 1), () => takeAlongAxis(x, x.greater(0), 0)])
      fails(use, DTypeError, "the indices are bool; a mask selects in x.slice(mask), or use where(mask, a, b).");
  });
});

describe("take and takeAlongAxis", () => {
  test("indices", () => {
    fails(() => take(x, [0.5]), DTypeError, "take: the indices are float64 or no whole numbers; give whole numbers");
    fails(() => take(x, array([0])), DTypeError, "take: the indices are float64; give whole numbers");
    fails(() => take(x, true), DTypeError, "take: the indices are bool");
    fails(() => take(x, 3), ShapeError, "take: index 3 is out of bounds for an axis of 3; use -3 to 2.");
    fails(() => take(x, [0], 2), AxisError, "take: axis 2 is out of bounds");
    fails(() => take(zeros([0]), 0), ShapeError, "take: index 0 is out of bounds for an axis of 0");
    expect(take(zeros([0]), []).shape).toEqual([0]);
  });
  test("as many axes, broadcast", () => {
    fails(
      () => takeAlongAxis(x, [0], 1),
      AxisError,
      "takeAlongAxis: indices of shape [1] for an array of shape [3, 4]; give as many axes.",
    );
    fails(() => takeAlongAxis(x, [[0], [1]], 1), ShapeError, "takeAlongAxis: shapes [3] and [2] do not broadcast");
    fails(() => takeAlongAxis(x, [[4], [1], [0]], 1), ShapeError, "takeAlongAxis: index 4 is out of bounds for an axis of 4");
    fails(() => takeAlongAxis(x, [[0]], -3), AxisError, "takeAlongAxis: axis -3 is out of bounds");
  });
});

describe("set, addAt, scatterAdd", () => {
  test("truth values that meet at a place are true there, as with add", () => {
    const at = new Int32Array(256);
    const sums = [array([false, true]).scatterAdd(at, true), array([false, true]).addAt([at], true)];
    for (const sum of sums) {
      expect(sum.dtype).toBe("bool");
      expect([...sum.data()]).toEqual([1, 1]);
    }
  });

  test("give a new array of the same dtype", () => {
    const y = x.set([0], -1);
    expect(y.slice(0).toArray()).toEqual([-1, -1, -1, -1]);
    expect(x.slice(0).toArray()).toEqual([0, 1, 2, 3]);
    expect(x.astype("int32").set([0, 0], 7).dtype).toBe("int32");
    expect(x.astype("float32").set([0, 0], array(0.1)).dtype).toBe("float32");
    expect(array([true, false]).set([1], true).toArray()).toEqual([true, true]);
  });
  test("values must fit the dtype and the positions", () => {
    const whole = x.astype("int32");
    fails(
      () => whole.set([0], 0.5),
      DTypeError,
      "set: values of dtype float64 do not fit an array of dtype int32; use x.astype or values.astype.",
    );
    fails(() => whole.addAt([0], array([1])), DTypeError, "addAt: values of dtype float64");
    fails(() => whole.scatterAdd([0], 0.5), DTypeError, "scatterAdd: values of dtype float64");
    fails(() => x.set([0], [1, 2]), ShapeError, "set: shapes [2] and [4] do not broadcast");
    fails(
      () => x.set([0, 0], [1]),
      ShapeError,
      "set: values of shape [1] do not broadcast to the positions of shape []; use reshape or expandDims.",
    );
    fails(
      () => x.addAt([0], zeros([2, 4])),
      ShapeError,
      "addAt: values of shape [2, 4] do not broadcast to the positions of shape [4]; use reshape or expandDims.",
    );
    fails(() => x.scatterAdd([0], zeros([2, 4])), ShapeError, "scatterAdd: ");
    fails(() => x.set(0 as never, 1), ShapeError, 'set: the index is 0 (number); give a list of entries, as in x.set([0, ":"], values).');
    fails(() => x.set([3], 1), ShapeError, "set: index 3 is out of bounds for axis 0 of 3");
    fails(() => x.addAt([Int32Array.of(3)], 1), ShapeError, "addAt: index 3 is out of bounds for an axis of 3");
    fails(() => x.scatterAdd([3], 1), ShapeError, "scatterAdd: index 3 is out of bounds for an axis of 3");
  });
});

test("a list of whole numbers fits an array of int32 or bool", () => {
  const x = zeros([3], "int32");
  expect(x.set([":"], [1, 2, 3])).toMatchObject({ dtype: "int32" });
  expect(x.set([":"], [1, 2, 3]).toArray()).toEqual([1, 2, 3]);
  expect(x.addAt([[0, 2]], [1, 2]).toArray()).toEqual([1, 2, 0]);
  expect(x.scatterAdd([0, 0], [1, 2]).toArray()).toEqual([3, 0, 0]);
  expect(
    zeros([2, 2], "int32")
      .set(
        [":"],
        [
          [1, 2],
          [3, 4],
        ],
      )
      .toArray(),
  ).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(zeros([2], "bool").set([":"], [0, 1]).toArray()).toEqual([false, true]);
  for (const values of [[1, 2.5, 3], array([1, 2, 3]), Float64Array.of(1, 2, 3)])
    fails(() => x.set([":"], values), DTypeError, "set: values of dtype float64 do not fit an array of dtype int32");
});
