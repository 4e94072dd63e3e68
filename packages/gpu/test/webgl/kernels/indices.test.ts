import { arange, array, grad, type NDArray, read } from "@ad/core";
import { describe, expect, it } from "vitest";
import { webgl } from "../../../src/index.js";
import { numbers, same } from "../../same.js";

const gpu = await webgl();

const below = (n: number, count: number): Int32Array => Int32Array.from({ length: count }, (_, j) => (j * 7919 + (j >> 3)) % n);

describe("an index out of range", () => {
  const x = array([1, 2, 3]).astype("float32").to(gpu);
  const ints = (...values: number[]): NDArray => array(values, { dtype: "int32", device: gpu });

  it("throws where the host knows it", () => {
    for (const indices of [[0, 3], Int32Array.of(-4), ints(3)]) {
      expect(() => x.take(indices)).toThrow(/take.*3/);
      expect(() => x.scatterAdd(indices, 1)).toThrow(/scatterAdd.*3/);
    }
    expect(() => x.slice(ints(3))).toThrow(/slice.*3/);
    expect(() => x.slice(3)).toThrow(/out of bounds/);
  });

  it("is the nearest one where the GPU has computed it", async () => {
    const computed = ints(-5, -3, 1, 3).mul(2);
    expect([...(await read(x.take(computed)))]).toEqual([1, 1, 3, 3]);
    expect([...(await read(x.scatterAdd(computed, 10)))]).toEqual([21, 2, 23]);
  });
});

describe("many updates", () => {
  const count = 200_000;
  const rows: Record<string, Int32Array> = {
    spread: below(1000, count),
    "all of one row": new Int32Array(count).fill(3),
    "of few rows": below(4, count),
  };
  for (const [name, at] of Object.entries(rows)) {
    it(`${name}, known on the host`, async () => {
      await same(gpu, (x, u) => [x.scatterAdd(at, u)], [numbers([1000]), numbers([count], "float32", 2)]);
      await same(gpu, (x, u) => [x.scatterAdd(at, u)], [numbers([1000], "int32"), numbers([count], "int32", 2)]);
    });
  }
  it("computed", async () => {
    const computed = (x: NDArray, n: number, size: number): NDArray =>
      arange(0, size, 1, { dtype: "int32", device: x.device }).mul(7).mod(n);
    await same(gpu, (x, u) => [x.scatterAdd(computed(x, 100, 20_000), u)], [numbers([100]), numbers([20_000], "float32", 2)]);
    await same(gpu, (x, u) => [x.scatterAdd(computed(x, 1000, count), u)], [numbers([1000]), numbers([count], "float32", 2)]);
  });
  it("of lines, along each axis", async () => {
    const at = below(5, 3000);
    await same(gpu, (x, u) => [x.scatterAdd(at, u), x.T.scatterAdd(at, u.T, 1), x.scatterAdd(at, u.slice(":", [0, 1]))], [
      numbers([5, 8]),
      numbers([3000, 8], "float32", 2),
    ]);
    await same(gpu, (x) => grad((v: NDArray) => v.take(at, 1).square().sum())(x), [numbers([3, 5, 2])]);
  });
});

it("a product of many terms, of whole numbers and of many small matrices", async () => {
  await same(gpu, (x, y) => [x.dot(y)], [numbers([100_001], "int32"), numbers([100_001], "int32", 2)]);
  await same(gpu, (x, y) => [x.matmul(y)], [numbers([17, 1, 70_000]), numbers([17, 70_000, 1], "float32", 2)]);
});
