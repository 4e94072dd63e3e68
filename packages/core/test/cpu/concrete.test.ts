import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { array, full, type NDArray, ravel, ShapeError, transpose, vjp, zeros } from "../../src/index.js";

describe("reading", () => {
  const x = array([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  test("item", () => {
    expect(array(2.5).item()).toBe(2.5);
    expect(array([[7]]).item()).toBe(7);
    expect(array([true]).item()).toBe(true);
    expect(x.slice(1, 2).item()).toBe(6);
    fails(() => x.item(), ShapeError, "item: an array of shape [2, 3] has 6 elements, not one; use toArray or data");
    fails(() => zeros([0]).item(), ShapeError, "item: an array of shape [0] has 0 elements");
  });

  test("toArray nests by shape, and gives booleans of bool", () => {
    expect(x.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.T.toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(x.sum().toArray()).toBe(21);
    expect(zeros([2, 0]).toArray()).toEqual([[], []]);
    expect(zeros([0, 2]).toArray()).toEqual([]);
    expect(x.greater(3).toArray()).toEqual([
      [false, false, false],
      [true, true, true],
    ]);
  });

  test("data is row-major, in the dtype's own type, and a copy", () => {
    expect(x.T.data()).toEqual(Float64Array.of(1, 4, 2, 5, 3, 6));
    expect(x.astype("float32").data()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(x.astype("int32").data()).toEqual(Int32Array.of(1, 2, 3, 4, 5, 6));
    expect(x.greater(3).data()).toEqual(Uint8Array.of(0, 0, 0, 1, 1, 1));
    for (const y of [x, x.T, x.slice(0), zeros([3]), x.sum()]) {
      const before = y.toArray();
      y.data().fill(99);
      expect(y.toArray()).toEqual(before);
    }
    expect(x.data().length).toBe(6);
    expect(x.slice(1).data()).toEqual(Float64Array.of(4, 5, 6));
    expect(x.slice(1).data().buffer.byteLength).toBe(24);
  });

  test("shape, ndim, size, dtype, device", () => {
    expect([x.shape, x.ndim, x.size, x.dtype, x.device.name]).toEqual([[2, 3], 2, 6, "float64", "cpu"]);
    expect([array(1).shape, array(1).ndim, array(1).size]).toEqual([[], 0, 1]);
    expect(zeros([3, 0]).size).toBe(0);
  });
});

describe("arrays do not change", () => {
  const given = () => Float64Array.of(1, 2);
  test.each<[name: string, make: (values: Float64Array) => NDArray]>([
    ["array", (values) => array(values)],
    ["a view", (values) => ravel(values)],
    ["an operation that has nothing to do", (values) => transpose(values)],
    ["a factory", (values) => full([2], values as never)],
    ["a primal", (values) => vjp((x: NDArray) => x, values)[0]],
  ])("when the typed array behind %s does", (_, make) => {
    const values = given();
    const x = make(values);
    values[0] = 99;
    expect(x.toArray()).toEqual([1, 2]);
  });
  test("nor do gradients", () => {
    const values = given();
    const [, pull] = vjp((x: NDArray) => x.square(), values);
    const [, other] = vjp((x: NDArray) => x.mul(values), array([1, 1]));
    values[0] = 99;
    expect(pull(array([1, 1]))[0].toArray()).toEqual([2, 4]);
    expect(other(array([1, 1]))[0].toArray()).toEqual([1, 2]);
  });
  test("when the list of its shape does", () => {
    const shape = [2, 3];
    const x = zeros(shape).reshape(shape);
    shape[0] = 7;
    expect(x.add(1).shape).toEqual([2, 3]);
  });
});
