import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import {
  AxisError,
  arraySplit,
  diagflat,
  dsplit,
  hsplit,
  hstack,
  ones,
  rot90,
  ShapeError,
  vsplit,
  vstack,
  zeros,
} from "../../src/index.js";

test("parts of an axis that does not divide, and of an empty one", () => {
  expect(arraySplit(ones([7]), 3).map(({ size }) => size)).toEqual([3, 2, 2]);
  expect(arraySplit(zeros([0]), 2).map(({ size }) => size)).toEqual([0, 0]);
});

test("errors name the function", () => {
  fails(() => hsplit(1, 2), ShapeError, "hsplit: an array of shape [] has 0 axes; 1 at least are needed.");
  fails(() => vsplit([1, 2], 2), ShapeError, "vsplit: an array of shape [2] has 1 axes; 2 at least are needed.");
  fails(
    () => dsplit(ones([1, 1, 3]), 2),
    ShapeError,
    "dsplit: an axis of 3 does not divide into 2 equal sections; give a divisor or positions, or use arraySplit.",
  );
  fails(() => arraySplit([1], [0.5]), ShapeError, "arraySplit: a position is 0.5 (number); give a whole number.");
  fails(() => arraySplit([1], 0), ShapeError, "arraySplit: sections are 0 (number)");
  fails(() => hstack([]), ShapeError, "hstack: a JS array of length 0 arrives; give a list of at least one array.");
  fails(() => vstack([ones([2]), ones([3])]), ShapeError, "vstack: shapes [1, 2] and [1, 3] differ outside of axis 0");
  fails(() => rot90([1, 2]), AxisError, "rot90: axis 1 is out of bounds");
  fails(() => rot90(ones([2, 2]), 1, [0, 0]), AxisError, "rot90: axes [0, 0] name an axis twice");
  fails(() => diagflat([1], 0.5), ShapeError, "diagflat: k is 0.5 (number); give a whole number.");
});
