import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import {
  arange,
  array,
  DTypeError,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  ShapeError,
  TreeError,
  zeros,
  zerosLike,
} from "../../src/index.js";

test("dtypes", () => {
  expect([zeros([1]), ones([1]), eye(1), arange(1), linspace(0, 1, 2), full([1], 2)].map((x) => x.dtype)).toEqual(
    new Array(6).fill("float64"),
  );
  expect([array([1, 2]), array([true]), array(1)].map((x) => x.dtype)).toEqual(["float64", "bool", "float64"]);
  expect(arange(0, 3, 1, "int32").data()).toEqual(Int32Array.of(0, 1, 2));
  expect(eye(2, 2, "bool").toArray()).toEqual([
    [true, false],
    [false, true],
  ]);
  expect(onesLike(array([1, 2], { dtype: "int32" })).dtype).toBe("int32");
  expect(zerosLike([true]).toArray()).toEqual([false]);
});

test("what cannot be made", () => {
  fails(
    () => arange(0, 1, 0),
    ShapeError,
    "arange: from 0 (number) to 1 (number) by 0 (number) has no end; give finite numbers and a step that is not 0. A dtype stands after the step.",
  );
  fails(() => arange(Infinity), ShapeError, "arange: from 0 (number) to Infinity (number)");
  fails(() => arange("3" as never), ShapeError, 'arange: from 0 (number) to "3"');
  fails(() => linspace(0, 1, -1), ShapeError, "linspace: num is -1 (number); give a whole number from 0 on.");
  fails(() => linspace(0, 1, 2.5), ShapeError, "linspace: num is 2.5 (number); give a whole number from 0 on.");
  fails(() => linspace("0" as never, 1, 2), DTypeError, 'linspace: the bounds are "0" and 1 (number); give numbers.');
  fails(() => linspace(0, 1, undefined as never), ShapeError, "linspace: num is undefined; give a whole number from 0 on.");
  for (const make of [zeros, ones])
    fails(
      () => make(2, 3 as never),
      DTypeError,
      `${make.name}: dtype is 3 (number); give a dtype. The lengths of a shape stand in one list, [2, 3].`,
    );
  fails(() => full(2, 0, 3 as never), DTypeError, "full: dtype is 3 (number); give a dtype. The lengths of a shape");
  fails(() => eye(2, 2, 1 as never), DTypeError, "eye: dtype is 1 (number); give a dtype. The lengths of a shape");
  fails(() => full([2], [1, 2, 3] as never), ShapeError, "full: shapes [3] and [2] do not broadcast");
  fails(() => fullLike([1, 2], [1, 2, 3]), ShapeError, "fullLike: shapes [3] and [2] do not broadcast");
  fails(() => eye(-1), ShapeError, "eye: the shape is [-1, -1]");
  fails(() => eye(2, 2, "int64" as never), DTypeError, 'eye: dtype is "int64"');
  fails(
    () => array([1], { type: "int32" } as never),
    TreeError,
    'array: there is no option "type"; did you mean "dtype"? The options are dtype, shape, device.',
  );
  fails(
    () => array([1], { dtyp: "int32" } as never),
    TreeError,
    'array: there is no option "dtyp"; did you mean "dtype"? The options are dtype, shape, device.',
  );
  fails(() => array([1], "int32" as never), TreeError, 'array: options are "int32"; give an object with any of dtype, shape, device.');
});

test("linspace ends where it says", () => {
  expect(linspace(0, 0.7, 8).toArray()).toHaveProperty("7", 0.7);
});

test("zerosLike and onesLike name themselves", () => {
  fails(() => zerosLike("x" as never), DTypeError, 'zerosLike: "x" is no array');
  fails(() => onesLike([1], "int" as never), DTypeError, 'onesLike: dtype is "int"');
});

test("a number that does not fit int32", () => {
  for (const value of [2 ** 31, -(2 ** 31) - 1, Number.NaN, Infinity]) {
    fails(() => full([2], value, "int32"), DTypeError, `full: ${value} does not fit int32; use float64.`);
    fails(() => fullLike(zeros([2], "int32"), value), DTypeError, `fullLike: ${value} does not fit int32`);
    fails(() => array([1, value], { dtype: "int32" }), DTypeError, `array: ${value} does not fit int32`);
  }
  expect(full([1], 2.9, "int32").toArray()).toEqual([2]);
});
