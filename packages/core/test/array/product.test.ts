import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import { AxisError, array, einsum, kron, matmul, ones, ShapeError, tensordot, zeros } from "../../src/index.js";

const x = zeros([2, 3]);

test("matmul, dot, inner", () => {
  fails(
    () => x.matmul(x),
    ShapeError,
    "matmul: shapes [2, 3] and [2, 3] do not fit: the axes to be contracted have 3 and 2 elements; transpose or reshape one.",
  );
  fails(() => matmul(x, 2), ShapeError, "matmul: shapes [2, 3] and []: a scalar is no matrix; use mul.");
  fails(
    () => matmul(zeros([2, 1, 2]), zeros([3, 2, 1])),
    ShapeError,
    "matmul: shapes [2, 1, 2] and [3, 2, 1] do not broadcast: axis -3 has 2 against 3.",
  );
  fails(() => matmul([1, 2], [1, 2, 3]), ShapeError, "matmul: shapes [2] and [3] do not fit");
  fails(() => x.dot(x), ShapeError, "dot: shapes [2, 3] and [2, 3] do not fit: the axes to be contracted have 3 and 2 elements");
  fails(() => x.inner(zeros([2])), ShapeError, "inner: shapes [2, 3] and [2] do not fit");
});

test("tensordot", () => {
  fails(() => x.tensordot(x, 3), ShapeError, "tensordot: 3 axes cannot be contracted between shapes [2, 3] and [2, 3].");
  fails(
    () => tensordot(x, x, 1),
    ShapeError,
    "tensordot: shapes [2, 3] and [2, 3] do not fit: the axes to be contracted have 3 and 2 elements",
  );
  fails(() => x.tensordot(x, [[0, 1], [0]]), ShapeError, "tensordot: axes [0, 1] and [0] do not pair; give as many of both.");
  fails(
    () =>
      x.tensordot(x, [
        [0, 0],
        [0, 1],
      ]),
    AxisError,
    "tensordot: axes [0, 0] name an axis twice",
  );
  fails(() => x.tensordot(x, [2, 0]), AxisError, "tensordot: axis 2 is out of bounds");
});

test("products of views are products of their values", () => {
  const a = array([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(a.T.matmul(a).toArray()).toEqual([
    [17, 22, 27],
    [22, 29, 36],
    [27, 36, 45],
  ]);
  expect(a.matmul(ones([3]).broadcastTo([2, 3]).T).toArray()).toEqual([
    [6, 6],
    [15, 15],
  ]);
  expect(kron(a.slice(0, [null, null, -1]), [1, 10]).toArray()).toEqual([3, 30, 2, 20, 1, 10]);
});

test("products of truth values are truth values, as NumPy's: whether any product is true", () => {
  const m = array([
    [true, true],
    [true, false],
  ]);
  const v = array([true, true]);
  const square = [
    [true, true],
    [true, true],
  ];
  expect(m.matmul(m).toArray()).toEqual(square);
  expect(m.dot(v).toArray()).toEqual([true, true]);
  expect(v.inner(array([false, false])).toArray()).toBe(false);
  expect(v.outer(array([false, true])).toArray()).toEqual([
    [false, true],
    [false, true],
  ]);
  expect(v.kron(array([false, true])).toArray()).toEqual([false, true, false, true]);
  expect(m.tensordot(m, 1).toArray()).toEqual(square);
  expect(einsum("ij,jk", m, m).toArray()).toEqual(square);
  expect(einsum("ij->j", m).toArray()).toEqual([true, true]);
  expect(m.matmul(array([[1], [1]], { dtype: "int32" })).toArray()).toEqual([[2], [1]]);
});
