import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  AxisError,
  array,
  concatenate,
  moveaxis,
  ones,
  pad,
  reshape,
  ShapeError,
  split,
  stack,
  TreeError,
  transpose,
  zeros,
} from "../../src/index.js";

const x = zeros([2, 3]);

test("reshape", () => {
  expect(x.reshape(3, 2).shape).toEqual([3, 2]);
  expect(x.reshape([-1]).shape).toEqual([6]);
  expect(array(1).reshape().shape).toEqual([]);
  fails(
    () => x.reshape(4),
    ShapeError,
    "reshape: an array of shape [2, 3] has 6 elements, which do not fill the shape [4]; one -1 stands for the rest.",
  );
  fails(() => x.reshape(-1, 4), ShapeError, "which do not fill the shape [-1, 4]");
  fails(
    () => x.reshape(-1, -1),
    ShapeError,
    "reshape: an array of shape [2, 3] has 6 elements, which do not fill the shape [-1, -1]; one -1 stands for the rest.",
  );
  fails(() => x.reshape(1.5, 4), ShapeError, "reshape: the shape is [1.5, 4]");
  fails(
    () =>
      zeros([0])
        .reshape(2, 0, 2)
        .add(zeros([1, 0, 3])),
    ShapeError,
    "do not broadcast",
  );
  fails(() => x.reshape(0, -1), ShapeError, "which do not fill the shape [0, -1]");
  fails(() => zeros([0]).reshape(0, -1), ShapeError, "which do not fill the shape [0, -1]");
  fails(() => zeros([1]).reshape(-1, -1), ShapeError, "which do not fill the shape [-1, -1]");
  expect(zeros([0, 3]).reshape(-1).shape).toEqual([0]);
});

test("functions take what methods take", () => {
  expect(reshape(x, 3, 2).toArray()).toEqual(x.reshape(3, 2).toArray());
  expect(reshape(x, [3, -1]).shape).toEqual([3, 2]);
  expect(transpose(x, 1, 0).toArray()).toEqual(x.T.toArray());
  expect([transpose(x), transpose(x, [1, 0]), transpose(x, null)].map((y) => y.shape)).toEqual([
    [3, 2],
    [3, 2],
    [3, 2],
  ]);
});

test("one pair of widths, and one count, for all", () => {
  expect(pad(zeros([2, 3]), [[1, 0]]).shape).toEqual([3, 4]);
  expect(array([1, 2]).repeat([2], 0).toArray()).toEqual([1, 1, 2, 2]);
});

test("an error names the function that was called", () => {
  fails(() => array([1]).trace(), ShapeError, "trace: an array of shape [1] is no matrix");
  fails(() => x.trace(0, 0, 5), AxisError, "trace: axis 5 is out of bounds");
  fails(() => x.trace(0, 1, 1), AxisError, "trace: axes 1 and 1 are the same");
  fails(() => x.diag(0.5), ShapeError, "diag: offset is 0.5 (number)");
  fails(() => array([1]).diag(2 ** 31), ShapeError, "diag: 4611686022722355000 elements");
});

test("transpose, swapaxes, moveaxis", () => {
  expect(x.transpose(1, 0).shape).toEqual([3, 2]);
  expect(x.transpose([1, 0]).shape).toEqual([3, 2]);
  expect(x.T.shape).toEqual([3, 2]);
  expect(transpose(x, null).shape).toEqual([3, 2]);
  fails(() => x.transpose(0, 0), AxisError, "transpose: axes [0, 0] name an axis twice; name each once.");
  fails(() => x.transpose(0), AxisError, "transpose: axes [0] are no permutation");
  fails(() => x.transpose([]), AxisError, "transpose: axes [] are no permutation");
  fails(() => x.transpose(0, 2), AxisError, "transpose: axis 2 is out of bounds for an array of 2 axes; use -2 to 1.");
  fails(() => x.swapaxes(0, 2), AxisError, "swapaxes: axis 2 is out of bounds");
  fails(() => moveaxis(x, 0, 5), AxisError, "moveaxis: axis 5 is out of bounds");
  fails(() => moveaxis(x, [0, 0], [0, 1]), AxisError, "moveaxis: axes [0, 0] name an axis twice; name each once.");
  fails(() => moveaxis(x, [0, 1], [0]), AxisError, "moveaxis: 2 source axes against 1 destinations; give as many of both.");
});

test("expandDims, squeeze, broadcastTo", () => {
  fails(() => x.expandDims(3), AxisError, "expandDims: axis 3 is out of bounds for an array of 3 axes");
  fails(() => x.expandDims([0, 0]), AxisError, "expandDims: axes [0, 0] name an axis twice; name each once.");
  fails(() => x.squeeze(0), ShapeError, "squeeze: axis 0 of an array of shape [2, 3] has length 2, not 1; name axes of length 1.");
  fails(() => x.squeeze(2), AxisError, "squeeze: axis 2 is out of bounds");
  fails(() => x.broadcastTo([3, 3]), ShapeError, "broadcastTo: shapes [2, 3] and [3, 3] do not broadcast");
  fails(
    () => x.broadcastTo([3]),
    ShapeError,
    "broadcastTo: an array of shape [2, 3] cannot be stretched to [3]; only axes of length 1 stretch.",
  );
  fails(() => x.broadcastTo([1, 3]), ShapeError, "broadcastTo: an array of shape [2, 3] cannot be stretched to [1, 3]");
});

test("concatenate and stack", () => {
  fails(() => concatenate([]), ShapeError, "concatenate: a JS array of length 0 arrives; give a list of at least one array.");
  fails(() => stack(x as never), ShapeError, "stack: an array of shape [2, 3] and dtype float64 arrives; give a list");
  fails(
    () => concatenate([x, zeros([3, 3])], 1),
    ShapeError,
    "concatenate: shapes [2, 3] and [3, 3] differ outside of axis 1; pad or slice one, or name another axis.",
  );
  fails(() => concatenate([x, zeros([3])]), ShapeError, "concatenate: shapes [2, 3] and [3] differ");
  fails(() => concatenate([1, 2]), AxisError, "concatenate: axis 0 is out of bounds for an array of 0 axes");
  fails(() => concatenate([x, x], 2), AxisError, "concatenate: axis 2 is out of bounds");
  fails(
    () => stack([x, zeros([3, 2])]),
    ShapeError,
    "stack: shapes [2, 3] and [3, 2] differ; all must be equal. Use broadcastTo, or concatenate.",
  );
  fails(() => stack([x, x], 3), AxisError, "stack: axis 3 is out of bounds for an array of 3 axes");
});

test("split, tile, repeat, roll", () => {
  fails(
    () => split(x, 2, 1),
    ShapeError,
    "split: an axis of 3 does not divide into 2 equal sections; give a divisor or a list of positions.",
  );
  fails(() => x.split(0), ShapeError, "split: an axis of 2 does not divide into 0 equal sections");
  fails(() => x.split(1.5), ShapeError, "split: sections is 1.5 (number); give a whole number.");
  fails(() => x.split([0.5]), ShapeError, "split: a position is 0.5 (number)");
  fails(() => x.tile(-1), ShapeError, "tile: the repetitions are [-1]");
  fails(() => x.repeat([1, 2], 1), ShapeError, "repeat: 2 counts are given for an axis of 3; give one, or one for each.");
  fails(() => x.repeat(-1), ShapeError, "repeat: the counts are [-1]");
  fails(() => x.roll(0.5), ShapeError, "roll: shift is 0.5 (number); give a whole number.");
  fails(() => x.roll([1, 2], [0]), AxisError, "roll: 2 shifts are given for axes [0]; give one for each.");
  fails(() => x.roll(1, 2), AxisError, "roll: axis 2 is out of bounds");
  fails(() => x.flip(2), AxisError, "flip: axis 2 is out of bounds");
});

describe("pad", () => {
  test("widths that do not fit", () => {
    fails(
      () =>
        pad(x, [
          [1, 1],
          [1, 1],
          [0, 0],
        ]),
      ShapeError,
      "pad: the widths are [a JS array of length 2, a JS array of length 2, a JS array of length 2]; give one width, a pair [before, after], or a pair for each of the 2 axes.",
    );
    fails(() => pad(x, [1] as never), ShapeError, "pad: the widths are [1]; give one width");
    fails(() => pad(x, null as never), ShapeError, "pad: the widths are null; give one width");
    fails(
      () => pad([1, 2], [[2 ** 31, 0]]),
      ShapeError,
      "pad: 2147483650 elements, of shape [2147483650], are more than an array can hold.",
    );
    fails(() => pad([1, 2], new Array(2) as never), ShapeError, "pad: the widths are [undefined, undefined]; give one width");
    fails(() => pad([1, 2], [new Array(2)] as never), ShapeError, "pad: the widths are [undefined, undefined]; give a list");
    fails(() => pad(x, "ab" as never), ShapeError, 'pad: the widths are "ab"; give one width');
    fails(() => pad(x, -1), ShapeError, "pad: the widths are [-1, -1]");
    const holed = new Array(2);
    holed[0] = [0, 1];
    fails(() => pad(x, holed as never), ShapeError, "pad: the widths are [a JS array of length 2, undefined]; give one width");
  });
  test("options", () => {
    fails(
      () => pad(x, 1, { values: 1 } as never),
      TreeError,
      'pad: there is no option "values"; did you mean "value"? The options are value.',
    );
  });
});

test("tril, triu, diag, diagonal", () => {
  const v = ones([3]);
  fails(() => v.tril(), ShapeError, "tril: an array of shape [3] is no matrix; two axes at least are needed.");
  fails(() => x.triu(0.5), ShapeError, "triu: k is 0.5 (number); give a whole number.");
  fails(() => v.diagonal(), ShapeError, "diagonal: an array of shape [3] is no matrix");
  fails(() => x.diagonal(0, 0, 0), AxisError, "diagonal: axes 0 and 0 are the same; give two.");
  fails(() => x.diagonal(0.5), ShapeError, "diagonal: offset is 0.5");
  fails(() => x.trace(0, 0, 2), AxisError, "axis 2 is out of bounds");
  fails(() => zeros([1, 1, 1]).diag(), ShapeError, "diag: an array of shape [1, 1, 1] is neither a vector nor a matrix; use diagonal.");
});
