import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  array,
  avgPool,
  conv,
  convTranspose,
  maxPool,
  ones,
  type Padding,
  type PoolOptions,
  ShapeError,
  TreeError,
  zeros,
} from "../../src/index.js";

const x = zeros([2, 4, 8]);
const w = zeros([6, 2, 3]);

describe("conv", () => {
  test("refuses shapes and groups that do not fit", () => {
    fails(
      () => x.conv(w),
      ShapeError,
      "conv: x [2, 4, 8], w [6, 2, 3] and 1 groups do not fit; give x [batch, channels, ...spatial], w [outputs, channels / groups, ...kernel], and groups that divide the outputs.",
    );
    expect(x.conv(w, { groups: 2 }).shape).toEqual([2, 6, 6]);
    fails(() => x.conv(zeros([3, 2, 3]), { groups: 2 }), ShapeError, "w [3, 2, 3] and 2 groups do not fit");
    for (const groups of [0, -1, 1.5, Number.NaN]) fails(() => x.conv(w, { groups }), ShapeError, `${groups} groups do not fit`);
    fails(() => x.conv(zeros([4, 4])), ShapeError, "x [2, 4, 8], w [4, 4] and 1 groups do not fit");
    fails(() => conv(zeros([2, 3]), zeros([2, 3])), ShapeError, "x [2, 3], w [2, 3] and 1 groups do not fit");
    fails(
      () => x.conv(zeros([1, 4, 0])),
      ShapeError,
      "conv: the kernel's shape is [0]; give a whole number from 1 on, or for each of the 1 spatial axes one.",
    );
    fails(
      () => x.conv(zeros([1, 4, 5]), { dilation: 2 }),
      ShapeError,
      "conv: a window of [9] does not fit into [8], the padded spatial axes; make it smaller or pad more.",
    );
  });

  test("refuses options that mean nothing", () => {
    const v = zeros([1, 4, 3]);
    fails(
      () => x.conv(v, { stride: 0 }),
      ShapeError,
      "conv: stride is 0 (number); give a whole number from 1 on, or for each of the 1 spatial axes one.",
    );
    fails(() => x.conv(v, { stride: [1, 2] }), ShapeError, "conv: stride is [1, 2]; give a whole number from 1 on");
    fails(() => x.conv(v, { dilation: 1.5 }), ShapeError, "conv: dilation is 1.5");
    fails(
      () => x.conv(v, { padding: "SAME" as never }),
      ShapeError,
      'conv: padding is "SAME"; give a whole number from 0 on, or for each of the 1 spatial axes one or [before, after], or "same" or "valid".',
    );
    fails(() => x.conv(v, { padding: [1, 1] }), ShapeError, "conv: padding is [1, 1]");
    fails(() => x.conv(v, { padding: -1 }), ShapeError, "conv: padding is -1 (number); give");
    fails(() => x.conv(v, { strides: 2 } as never), TreeError, 'conv: there is no option "strides"; did you mean "stride"?');
  });

  test("an option that is undefined is its default", () => {
    const v = ones([1, 4, 3]);
    const given = { stride: undefined, padding: undefined, dilation: undefined, groups: undefined } as never;
    expect(x.conv(v, given).shape).toEqual([2, 1, 6]);
    expect(x.maxPool({ window: 2, stride: undefined } as never).shape).toEqual([2, 4, 4]);
  });

  test("runs along three spatial axes as well", () => {
    const volume = ones([1, 1, 3, 3, 3]);
    expect(volume.conv(ones([1, 1, 2, 2, 2])).toArray()).toEqual(
      new Array(1)
        .fill([
          [
            [8, 8],
            [8, 8],
          ],
          [
            [8, 8],
            [8, 8],
          ],
        ])
        .map((y) => [y]),
    );
  });
});

describe.each([
  ["avgPool", avgPool],
  ["maxPool", maxPool],
] as const)("%s", (op, pool) => {
  test("refuses what has no spatial axes, and options that mean nothing", () => {
    fails(
      () => pool(zeros([2, 3]), { window: 2 }),
      ShapeError,
      `${op}: an array of shape [2, 3] has no spatial axes; give [batch, channels, ...spatial].`,
    );
    fails(
      () => pool(x, undefined as never),
      ShapeError,
      `${op}: window is undefined; give a whole number from 1 on, or for each of the 1 spatial axes one.`,
    );
    fails(() => pool(x, { window: [2, 2] }), ShapeError, `${op}: window is [2, 2]`);
    fails(() => pool(x, { window: 9 }), ShapeError, `${op}: a window of [9] does not fit`);
    fails(() => pool(x, { window: 2, dilation: 2 } as unknown as PoolOptions), TreeError, `${op}: there is no option "dilation"`);
  });
});

test("padding is a width, or for each axis one or a pair", () => {
  const y = zeros([1, 1, 4, 5]);
  const padded = (padding: Padding): readonly number[] => y.conv(zeros([1, 1, 1, 1]), { padding }).shape.slice(2);
  expect(padded(1)).toEqual([6, 7]);
  expect(padded([1, 2])).toEqual([6, 9]);
  expect(padded([1, [0, 3]])).toEqual([6, 8]);
  expect(y.maxPool({ window: 1, padding: [0, 1] }).shape).toEqual([1, 1, 4, 7]);
  expect(convTranspose(y, zeros([1, 1, 3, 3]), { padding: [1, [0, 2]] }).shape).toEqual([1, 1, 4, 5]);
  fails(() => padded([[1], 1] as never), ShapeError, "conv: padding is [1, 1]; give");
  fails(() => padded([1, [1, -1]]), ShapeError, "conv: padding is [1, 1, -1]; give");
});

test("padding counts in a mean and never wins a maximum", () => {
  const y = array([[[-4, -2]]]);
  expect(y.avgPool({ window: 2, padding: 1 }).toArray()).toEqual([[[-2, -1]]]);
  expect(y.maxPool({ window: 2, padding: 1 }).toArray()).toEqual([[[-4, -2]]]);
});
