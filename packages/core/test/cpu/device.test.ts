import { describe, expect, test } from "vitest";
import { arange, array, type NDArray, ones, split } from "../../src/index.js";

describe("what is small does not keep what is large", () => {
  const bytesOf = (x: NDArray): number => (x.ndarray().data as Float64Array).buffer.byteLength;
  const large = ones([1000, 1000]).add(1);
  test.each<[name: string, x: NDArray]>([
    ["an element", large.slice(3, 4)],
    ["one of a vector", large.ravel().slice(-1)],
    ["a few of a row", large.slice(0, [0, 50])],
    ["a corner", large.slice([0, 8], [0, 8])],
    ["with steps", large.slice([null, null, 250], [null, null, -250])],
    ["by iteration", [...large.slice(0)][5]],
    ["by split", split(large.slice(0), 100)[3]],
    ["in bool", large.greater(0).slice(1, [0, 3])],
  ])("%s", (_, x) => {
    expect(bytesOf(x)).toBeLessThanOrEqual(8192);
    expect(x.toArray()).toEqual(x.add(0).astype(x.dtype).toArray());
    expect(new Set(x.ravel().toArray() as number[])).toEqual(new Set([x.dtype === "bool" ? true : 2]));
  });
  test("what is not small beside it stays a view", () => {
    expect(large.slice([0, 500]).ndarray().data).toBe(large.ndarray().data);
    const small = arange(100);
    expect(small.slice(3).ndarray().data).toBe(small.ndarray().data);
  });
  test("the order stays", () => {
    const x = arange(1e6).reshape(1000, 1000);
    expect(x.T.slice([null, 3], [5, null, -2]).toArray()).toEqual([0, 1, 2].map((j) => [5, 3, 1].map((i) => i * 1000 + j)));
  });
});

test("operations leave their operands as they were", () => {
  const x = array([
    [3, 1],
    [2, 0],
  ]);
  const ops = ["neg", "sort", "cumsum", "T", "flip", "square", "sum", "ravel"] as const;
  for (const op of ops) if (op !== "T") x[op]();
  x.set([0, 0], 100);
  x.addAt([0], 5);
  x.scatterAdd([0], 5);
  expect(x.toArray()).toEqual([
    [3, 1],
    [2, 0],
  ]);
});

describe("elementwise operations on one layout", () => {
  const x = arange(600).reshape(10, 5, 12);
  const y = x.mul(0.5);
  const turned = (z: NDArray): NDArray => z.transpose([2, 0, 1]);
  test("go along storage, and their results lie as they do", () => {
    for (const [f, name] of [
      [(a: NDArray, b: NDArray) => a.mul(2).add(b), "add"],
      [(a: NDArray, b: NDArray) => a.div(3).sin().greater(b), "greater"],
      [(a: NDArray, b: NDArray) => a.clip(10, 300).sub(b), "clip"],
      [(a: NDArray, b: NDArray) => a.astype("int32").mul(b.astype("int32")), "whole numbers"],
    ] as const) {
      const [own, rows] = [f(turned(x), turned(y)), turned(f(x, y))];
      expect(own.toArray(), name).toEqual(rows.toArray());
      expect(own.shape).toEqual([12, 10, 5]);
      expect(own.data()).toEqual(rows.data());
    }
    expect(turned(x).mul(2).ndarray().stride).toEqual(turned(x).ndarray().stride);
  });
  test("others are brought into rows", () => {
    const square = arange(400).reshape(20, 20);
    for (const [own, wanted] of [
      [square.T.add(square), square.add(square.T)],
      [square.T.add(square.slice(0)), square.add(square.slice(0).reshape(20, 1)).T],
      [square.T.flip(0).mul(2), square.mul(2).T.flip(0)],
      [square.slice(":", [0, 20, 2]).T.mul(2), square.mul(2).T.slice([0, 20, 2])],
      [turned(x).add(x.reshape(12, 10, 5)), x.reshape(12, 10, 5).add(turned(x))],
    ])
      expect(own.toArray()).toEqual(wanted.toArray());
  });
});
