import { arange, array, grad, type NDArray, ones, TransformError, TreeError } from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { vmap } from "../src/index.js";

const x = arange(10).reshape(5, 2);

describe("chunkSize", () => {
  test.each([
    [1, [1, 1, 1, 1, 1]],
    [2, [2, 2, 1]],
    [4, [4, 1]],
    [5, [5]],
    [100, [5]],
  ])("%i at a time, the same values", (chunkSize, sizes) => {
    const seen: number[] = [];
    const f = (y: NDArray, z: { w: NDArray }): { a: NDArray; b: NDArray[]; c: NDArray } => ({
      a: y.mul(z.w),
      b: [y.sum().greater(3), y.argmax()],
      c: array([7, 8]),
    });
    const counted = (y: NDArray, z: { w: NDArray }) => {
      seen.push((y as unknown as { below: NDArray }).below.shape[0]);
      return f(y, z);
    };
    const options = { inAxes: [0, { w: 1 }], outAxes: { a: -1, b: 0, c: 1 } };
    const args = [x, { w: x.T }] as const;
    const [whole, parts] = [vmap(f, options)(...args), vmap(counted, { ...options, chunkSize })(...args)];
    expect(seen).toEqual(sizes);
    for (const [one, other] of [
      [whole.a, parts.a],
      [whole.b[0], parts.b[0]],
      [whole.b[1], parts.b[1]],
      [whole.c, parts.c],
    ])
      expect([other.shape, other.dtype, other.toArray()]).toEqual([one.shape, one.dtype, one.toArray()]);
  });
  test("results that do not depend on the batch", () => {
    expect(vmap((_: NDArray) => array([7, 8]), { chunkSize: 2, outAxes: null })(x).toArray()).toEqual([7, 8]);
  });
  test("no lanes at all", () => expect(vmap((y) => y.sum(), { chunkSize: 2 })(ones([0, 3])).shape).toEqual([0]));
  test("inside and outside of derivatives and batches", () => {
    const f = (y: NDArray): NDArray => y.square().sum();
    const options = { chunkSize: 2 };
    expectClose(vmap(grad(f), options)(x), x.mul(2).toArray() as number[][]);
    expectClose(grad((y) => vmap(f, options)(y).square().sum())(x), grad((y) => vmap(f)(y).square().sum())(x).toArray() as number[][]);
    const cube = arange(12).reshape(2, 3, 2);
    for (const nested of [vmap(vmap(f, options)), vmap(vmap(f), { chunkSize: 1 })])
      expect(nested(cube).toArray()).toEqual(cube.square().sum(2).toArray());
  });
  test.each([0, -1, 1.5, Number.NaN, "2"])("refuses %s", (chunkSize) => {
    fails(() => vmap((y) => y, { chunkSize: chunkSize as number }), TransformError, "vmap: chunkSize is");
  });
  test("refuses axisName beside it, and a name that is none", () => {
    fails(() => vmap((y) => y, { chunkSize: 2, axisName: "i" }), TransformError, "vmap: axisName and chunkSize exclude each other");
    fails(() => vmap((y) => y, { axisName: 1 as never }), TransformError, "vmap: axisName is 1 (number); give a string.");
    fails(() => vmap((y) => y, { chunksize: 2 } as never), TreeError, 'did you mean "chunkSize"?');
  });
  test("refuses results of another form", () => {
    let calls = 0;
    fails(() => vmap((y: NDArray) => (calls++ === 0 ? [y] : [y, y]), { chunkSize: 3 })(x), TreeError, "differ in form from one chunk");
  });
});
