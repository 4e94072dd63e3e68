import { expectClose, fails } from "@ad/expect";
import { expect, test } from "vitest";
import {
  array,
  conv,
  convTranspose,
  crossEntropy,
  DTypeError,
  dotProductAttention,
  grad,
  layerNorm,
  logSoftmax,
  type NDArray,
  nllLoss,
  oneHot,
  ones,
  ShapeError,
  TreeError,
  vjp,
  zeros,
} from "../../src/index.js";

test("the gradient of a cross entropy is what the probabilities lack", () => {
  const x = array([
    [1, 2, 0.5],
    [0.3, -1, 2],
  ]);
  expectClose(
    grad((s: NDArray) => crossEntropy(s, [2, 0], { reduction: "sum" }))(x),
    x
      .softmax()
      .sub(oneHot([2, 0], 3))
      .toArray() as number[][],
  );
});

test("a class that is impossible and not asked for contributes nothing", () => {
  const x = array([
    [1, -Infinity],
    [2, 3],
  ]);
  expect(nllLoss(logSoftmax(x), [0, 1]).isFinite().item()).toBe(true);
  expect(grad((s: NDArray) => crossEntropy(s, [0, -100]))(x).toArray()).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test("a query that may look nowhere gets zeros, and passes no NaN back", () => {
  const [q, k, v] = [ones([2, 2]), ones([3, 2]), array([[1], [2], [3]])];
  const mask = array([
    [false, false, false],
    [true, true, false],
  ]);
  expect(dotProductAttention(q, k, v, { mask }).toArray()).toEqual([[0], [1.5]]);
  const all = grad((...x: NDArray[]) => dotProductAttention(x[0], x[1], x[2], { mask }).sum(), { argnums: [0, 1, 2] })(q, k, v);
  expect(all.map((g) => g.isFinite().all().item())).toEqual([true, true, true]);
});

test.each([
  { stride: 1, padding: 0, dilation: 1, groups: 1 },
  { stride: 2, padding: 1, dilation: 1, groups: 2 },
  { stride: 1, padding: 1, dilation: 2, groups: 1 },
])("convTranspose is the transpose of conv: %o", (options) => {
  const w = array(
    Array.from({ length: 4 * (2 / options.groups) * 3 }, (_, i) => Math.sin(i)),
    { shape: [4, 2 / options.groups, 3] },
  );
  const x = zeros([2, 2, 7]);
  const [out, pull] = vjp((y: NDArray) => conv(y, w, options), x);
  const cotangent = array(
    Array.from({ length: out.size }, (_, i) => Math.cos(i)),
    { shape: out.shape },
  );
  const [expected] = pull(cotangent);
  const same = convTranspose(cotangent, w, options);
  expectClose(same, expected.slice(":", ":", [0, same.shape[2]]).toArray() as number[][][]);
});

test("nothing comes of nothing", () => {
  expect(convTranspose(zeros([0, 2, 3]), ones([2, 1, 2])).shape).toEqual([0, 1, 4]);
  expect(crossEntropy(zeros([0, 3]), zeros([0], "int32"), { reduction: "sum" }).item()).toBe(0);
});

test("errors name the function", () => {
  fails(() => oneHot([0, 3], 3), ShapeError, "oneHot: index 3 is out of bounds for an axis of 3; use 0 to 2.");
  fails(() => oneHot([0.5], 3), DTypeError, "oneHot: the indices are float64 or no whole numbers; give whole numbers");
  fails(() => nllLoss(ones([2, 3]), [0, -1]), ShapeError, "nllLoss: index -1 is out of bounds for an axis of 3; use 0 to 2.");
  fails(
    () => nllLoss(ones([2, 3]), [0]),
    ShapeError,
    "nllLoss: targets of shape [1] for scores of shape [2, 3]; give the class of each example, [2].",
  );
  fails(
    () => crossEntropy(ones([2, 3]), [0, 1], { reduction: "avg" as never }),
    TreeError,
    'crossEntropy: reduction is "avg"; give "mean", "sum" or "none".',
  );
  fails(
    () => crossEntropy(ones([2, 3]), [0, 1], { weights: [1, 2] }),
    ShapeError,
    "crossEntropy: weights of shape [2] for 3 classes; give a vector with one for each.",
  );
  fails(
    () => crossEntropy(ones([3]), 1, { labelSmoothing: 2 }),
    DTypeError,
    "crossEntropy: labelSmoothing is 2; give a number from 0 to 1.",
  );
  fails(() => oneHot([1], undefined as never), ShapeError, "oneHot: numClasses is undefined; give a whole number from 0 on.");
  fails(() => layerNorm([1], []), ShapeError, "layerNorm: the shape is []; give the lengths of the last axes of x, at least one.");
  fails(
    () => layerNorm([1], 1, { eps: array([1]) }),
    DTypeError,
    "layerNorm: eps is an array of shape [1] and dtype float64; give a number.",
  );
  fails(
    () => layerNorm(ones([2, 3]), 2),
    ShapeError,
    "layerNorm: shape [3] stands where [2] is named; x ends with it, weight and bias have it.",
  );
  fails(
    () => dotProductAttention(ones([2]), ones([2, 2]), ones([2, 2])),
    ShapeError,
    "dotProductAttention: shapes [2], [2, 2], [2, 2] do not fit",
  );
  fails(
    () => dotProductAttention(ones([2, 2]), ones([3, 2]), ones([3, 1]), { mask: ones([3, 3]) }),
    ShapeError,
    "dotProductAttention: shapes [3, 3] and [2, 3] do not broadcast",
  );
  fails(
    () => convTranspose(ones([1, 2, 3]), ones([1, 2, 3])),
    ShapeError,
    "convTranspose: x [1, 2, 3], w [1, 2, 3] and 1 groups do not fit",
  );
  fails(
    () => convTranspose(ones([1, 1, 1]), ones([1, 1, 1]), { padding: 1 }),
    ShapeError,
    "convTranspose: of [1] places [-1] are left; make the padding smaller.",
  );
  fails(
    () => convTranspose(ones([1, 1, 4]), ones([1, 1, 2]), { padding: [[0.5, 0]] }),
    ShapeError,
    "convTranspose: padding is [0.5, 0]; give a whole number from 0 on, or for each of the 1 spatial axes one or [before, after].",
  );
  fails(
    () => convTranspose(ones([1, 1, 4]), ones([1, 1, 2]), { stride: 2, outputPadding: 2 }),
    ShapeError,
    "convTranspose: outputPadding is [2] for strides [2] and dilations [1]; give less than one of them, and use pad for more.",
  );
  expect(convTranspose(ones([1, 1, 4]), ones([1, 1, 2]), { dilation: 3, outputPadding: 2 }).shape).toEqual([1, 1, 9]);
});
