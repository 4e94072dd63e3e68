import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import { arange, array, concatenate, grad, type NDArray, stack, zeros } from "../../src/index.js";

describe("a few long columns", () => {
  const n = 7_000;
  const wave = (...shape: number[]): NDArray =>
    arange(shape.reduce((a, b) => a * b))
      .reshape(shape)
      .mul(0.37)
      .sin();
  const stridesOf = (x: NDArray): readonly number[] => x.ndarray().stride;
  const columns = [1, n];
  const [a, b, c] = [0, 1, 2].map((i) => wave(n).add(i));
  const table = (): NDArray => stack([a, b, c], 1);
  const rows = array(table().data()).reshape(n, 3);

  test("are put together as they lie, and operations on them leave them so", () => {
    for (const [name, f] of Object.entries<(x: NDArray) => NDArray>({
      nothing: (x) => x,
      "a column": (x) => x.mul(a.expandDims(1)),
      "a row": (x) => x.sub([1, 2, 3]),
      "a column and a row": (x) => x.sum(1, { keepdims: true }).mul(array([1, 2, 3])),
      "columns of rows with gaps": (x) => wave(n, 7).slice(":", [2, 5]).add(x),
      "other columns": (x) => x.mul(x.slice(":", [null, null, -1])),
      "one column more": (x) => concatenate([x, b.expandDims(1)], 1),
      "columns and what is the same in all": (x) => stack([x, x.neg(), zeros([n, 3])], 1),
      "some of them, in another order": (x) => x.take(arange(n, 0, -3).sub(1).astype("int32")),
      "a condition": (x) => x.greater(0.5).where(x, a.expandDims(1)),
    })) {
      const own = f(table());
      expect(stridesOf(own).at(0), name).toBe(1);
      expect(own.data(), name).toEqual(f(rows).data());
    }
  });

  test("have the sums of rows, of a few with the same digits", () => {
    for (const dtype of ["float64", "float32"] as const)
      for (const count of [2, 5, 8, 16]) {
        const parts = Array.from({ length: count }, (_, i) => wave(n).add(i).astype(dtype));
        const own = stack(parts, 1).sum(1);
        const wanted = stack(parts)
          .T.add(zeros([n, count], dtype))
          .sum(1);
        if (count <= 8) expect(own.data(), `${count} ${dtype}`).toEqual(wanted.data());
        else expect(own.sub(wanted).abs().max().item()).toBeLessThan(dtype === "float64" ? 1e-12 : 1e-4);
      }
    expect(table().sum().item()).toBeCloseTo(rows.sum().item(), 8);
    expect(table().max().item()).toBe(rows.max().item());
  });

  describe("of a concatenation of rows", () => {
    const [left, right] = [wave(n, 3), wave(n, 2)];
    const joined = (): NDArray => concatenate([left, right], 1);
    const data = joined().data();

    test("lie one behind the other where columns are read first", () => {
      const x = joined();
      const first = x.slice(":", [1, 4]);
      expect([stridesOf(first), stridesOf(x)]).toEqual([columns, columns]);
      expect(first.slice([0, 2]).toArray()).toEqual([0, 1].map((i) => [...data.slice(5 * i + 1, 5 * i + 4)]));
      expect(x.data()).toEqual(data);
    });
    test("and else in rows", () => {
      const reads: readonly ((x: NDArray) => unknown)[] = [(x) => x.data(), (x) => x.slice([5, 9]), (x) => x.T.slice(0), (x) => x.mul(2)];
      for (const read of reads) {
        const x = joined();
        read(x);
        x.slice(":", 0);
        expect(stridesOf(x), `${read}`).toEqual([5, 1]);
        expect(x.data()).toEqual(data);
      }
    });
    test("do not change with an operand that a user writes to", () => {
      const own = new Float64Array(data.slice(0, 3 * n));
      for (const lend of [false, true]) {
        const operand = lend ? array(own.slice()) : array(ndarray(own, [3 * n]));
        const x = concatenate([operand.reshape(n, 3), right], 1);
        const wanted = own.slice(0, 3);
        (lend ? operand.ndarray().data : own).fill(7);
        expect(x.slice([0, 1], [0, 3]).data()).toEqual(wanted);
        expect(x.slice(":", [0, 3]).slice(0).data()).toEqual(wanted);
      }
    });
    test("outlive the gradient that reads them first", () => {
      const x = joined();
      const f = (y: NDArray): NDArray => x.slice(":", 3).mul(y).sin().mul(y.exp()).sum();
      grad(f)(a);
      grad((y: NDArray) => y.exp().sin().mul(y).sum())(b);
      expect(stridesOf(x)).toEqual(columns);
      expect(x.data()).toEqual(data);
    });
  });
});
