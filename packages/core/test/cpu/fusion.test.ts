import ndarray from "ndarray";
import { afterEach, describe, expect, test } from "vitest";
import type { Concrete } from "../../src/cpu/concrete.js";
import { limits } from "../../src/cpu/limits.js";
import { array, type NDArray, setThreads, vjp } from "../../src/index.js";

// Outside of arenas an elementwise operation on large arrays waits for the next large operation. test/cpu/arena.test.ts has what waits under `grad`.

const usual = { ...limits };
afterEach(() => void Object.assign(limits, usual));

/** Runs it with operations that are computed at once. */
function atOnce<R>(run: () => R): R {
  limits.lazy = Number.POSITIVE_INFINITY;
  try {
    return run();
  } finally {
    limits.lazy = usual.lazy;
  }
}

/** The bits of an array's numbers: to compare them one by one would take most of the time. */
const bits = (x: NDArray): Buffer => {
  const { buffer, byteOffset, byteLength } = x.data();
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
};

/** Returns whether a result has the same bits if all of it is computed at once. */
const isAsAtOnce = (run: () => NDArray): boolean => bits(run()).equals(atOnce(() => bits(run())));

const waits = (x: NDArray): boolean => (x as Concrete).pending.data === undefined;

const numbers = (shape: readonly number[], dtype: "float64" | "float32" = "float64", seed = 1): NDArray => {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) values[i] = ((i * 37 * seed + seed) % 1009) / 500 - 1;
  return array(values, { dtype, shape });
};

const large = 40_000;

describe("an elementwise operation on large arrays", () => {
  test("waits until its numbers are read", () => {
    const x = numbers([large]);
    const y = x.mul(2);
    expect(waits(y)).toBe(true);
    expect(y.data()[3]).toBe(2 * x.data()[3]);
    expect(waits(y)).toBe(false);
  });

  test("waits for the next large operation, and no longer", () => {
    const x = numbers([large]);
    const y = x.mul(2);
    // Views of other arrays and small operations do not count.
    numbers([10]).mul(3);
    x.reshape(200, 200);
    expect(waits(y)).toBe(true);
    const z = x.add(1);
    expect(waits(y)).toBe(false);
    expect(waits(z)).toBe(true);
    x.sum();
    expect(waits(z)).toBe(false);
  });

  test("is computed together with the next one, if that one reads it, and again if it is wanted again", () => {
    const x = numbers([large]);
    const y = x.mul(2);
    const z = y.add(1);
    expect(waits(y)).toBe(true);
    const expected = atOnce(() => x.mul(2).add(1).data());
    expect(z.data()).toEqual(expected);
    expect(waits(y)).toBe(true);
    // The second time its numbers are kept.
    expect(y.square().data()).toEqual(atOnce(() => x.mul(2).square().data()));
    expect(waits(y)).toBe(false);
    expect(y.data()).toEqual(atOnce(() => x.mul(2).data()));
  });

  test("is kept at once where it is a function, which would cost more to compute again", () => {
    const x = numbers([large]);
    const y = x.exp();
    const sum = y.sum();
    expect(waits(y)).toBe(false);
    expect(sum.item()).toBe(atOnce(() => x.exp().sum().item()));
  });

  test("does not wait where a user may write to its operand", () => {
    const data = Float64Array.from({ length: large }, (_, i) => i);
    const x = array(ndarray(data, [large]));
    const y = x.mul(2);
    data[3] = 1000;
    expect(y.data()[3]).toBe(6);
    expect(x.data()[3]).toBe(1000);
    expect(array(x.ndarray()).ndarray().data).toBe(data);
  });

  test("is not changed by a user who is given an operand's storage while it waits", () => {
    const x = numbers([large]);
    const expected = 2 * x.data()[3];
    const y = x.mul(2);
    const { data } = x.ndarray();
    data[3] = 1000;
    expect(y.data()[3]).toBe(expected);
    // The user's storage is the array's from here on.
    expect(x.data()[3]).toBe(1000);
    expect(x.ndarray().data).toBe(data);
    const z = x.mul(2);
    data[3] = 1;
    expect(z.data()[3]).toBe(2000);
  });

  test("is not changed where the operand was computed after it, either", () => {
    const x = numbers([large]).mul(1);
    const y = x.mul(2);
    const z = y.add(x);
    const expected = [y, z].map((out) => atOnce(() => out.add(0).data()[3]));
    const [u, v] = [x.sub(1), x.sub(1).exp()];
    x.ndarray().data[3] = 1000;
    u.ndarray().data[3] = 1000;
    expect([y, z].map((out) => out.data()[3])).toEqual(expected);
    expect(v.data()[3]).toBe(Math.exp(expected[0] / 2 - 1));
  });

  test("is not changed by a buffer that goes to a worker", () => {
    const x = numbers([large]).add(1);
    const y = x.mul(2);
    const expected = 2 * x.data()[3];
    const { data } = x.ndarray();
    structuredClone(data, { transfer: [data.buffer as ArrayBuffer] });
    expect(y.data()[3]).toBe(expected);
  });

  test("has a row alone copied, if a row is what the user is given", () => {
    const x = numbers([400, 100]);
    const y = x.mul(2);
    const { data } = x.slice(3).ndarray();
    expect(data.length).toBe(100);
    data[0] = 1000;
    expect(y.data()[300]).toBe(2 * x.data()[300]);
  });

  test("compares by value, and cannot be cloned, like every array", () => {
    const x = numbers([large]);
    expect(x.mul(2)).toEqual(x.add(x));
    expect(() => structuredClone(x.mul(2))).toThrow("an NDArray; send x.toArray() or x.data()");
  });

  test("does not wait where there are threads, which compute it together", () => {
    setThreads(2);
    try {
      expect(waits(numbers([large]).sin())).toBe(false);
    } finally {
      setThreads(1);
    }
  });

  test("gives sums of no elements where every array is large", () => {
    Object.assign(limits, { lazy: 0, part: 2, large: 0 });
    const x = array([], { shape: [3, 0, 2] });
    expect(x.mul(2).sum(1).toArray()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(x.mul(2).sum([1, 2]).toArray()).toEqual([0, 0, 0]);
    expect(x.mul(2).max(2).shape).toEqual([3, 0]);
  });

  test("waits on a tape that has no arena, and its pullback gives the same each time", () => {
    const x = numbers([large]);
    const f = (x: NDArray): NDArray => x.mul(3).sin().mul(x).sum();
    const [value, pull] = vjp(f, x);
    const [expected, pullAtOnce] = atOnce(() => vjp(f, x));
    expect(value.item()).toBe(expected.item());
    const gradient = atOnce(() => pullAtOnce(1)[0].data());
    for (let i = 0; i < 2; i++) expect(pull(1)[0].data()).toEqual(gradient);
  });
});

/** Operands of an operation, beside an array of that shape. */
const besides = {
  "one of its shape": (x: NDArray) => numbers(x.shape, x.dtype as "float64", 2),
  "a row": (x: NDArray) => numbers(x.shape.slice(-1), x.dtype as "float64", 2),
  "a column": (x: NDArray) => numbers([...x.shape.slice(0, -1), 1], x.dtype as "float64", 2),
  "one of every other column": (x: NDArray) =>
    numbers([...x.shape.slice(0, -1), 2 * x.shape[x.ndim - 1]], x.dtype as "float64", 2).slice("...", [null, null, 2]),
  "a transpose": (x: NDArray) => numbers([...x.shape].reverse(), x.dtype as "float64", 2).transpose(),
  "a number": () => array(0.5),
} as const;

/** More elements than a part has, and no whole number of parts; many short lines, few long ones, and some that are too long for a part. */
const shapes: number[][] = [[90_001], [300, 301], [45_001, 2], [2, 45_001], [3, 70, 431], [431, 70, 3], [5, 4, 3, 1502], [2, 270_001]];

describe.each(["float64", "float32"] as const)("%s that waits is read part by part, to the bit as if it had been written", (dtype) => {
  describe.each(Object.keys(besides) as (keyof typeof besides)[])("beside %s", (beside) => {
    test.each(shapes)("sums, extremes and exponentials of shape [%s]", (...shape: number[]) => {
      const x = numbers(shape, dtype);
      const y = besides[beside](x).astype(dtype);
      const made = (): NDArray => x.sub(y).square();
      const each = [...shape.keys()].flatMap((axis) => [
        (z: NDArray) => z.sum(axis),
        (z: NDArray) => z.max(axis),
        (z: NDArray) => z.min(axis),
        (z: NDArray) => z.logsumexp(axis),
        (z: NDArray) => z.softmax(axis),
      ]);
      const all = [...each, (z: NDArray) => z.sum(), (z: NDArray) => z.sum([...shape.keys()].slice(-2)), (z: NDArray) => z.max()];
      for (const f of all)
        expect(
          isAsAtOnce(() => f(made())),
          f.toString(),
        ).toBe(true);
    });
  });

  test.each([
    [
      [700, 130],
      [130, 7],
    ],
    [
      [700, 130],
      [130, 1],
    ],
    [
      [90, 1000],
      [1000, 9],
    ],
    [
      [25, 100, 20],
      [25, 20, 20],
    ],
    [
      [25, 100, 20],
      [20, 20],
    ],
    [
      [3, 200, 131],
      [3, 131, 2],
    ],
    [
      [2, 12, 40, 50],
      [2, 1, 50, 3],
    ],
  ])("products of shapes [%s] and [%s]", (left, right) => {
    const [x, y, w] = [numbers(left, dtype), numbers(left.slice(-1), dtype, 2), numbers(right, dtype, 3)];
    for (const f of [() => x.sub(y).matmul(w), () => x.mul(2).matmul(w.mul(1)), () => x.exp().matmul(w)])
      expect(isAsAtOnce(f), f.toString()).toBe(true);
    const both = (): NDArray => {
      const z = x.sub(y);
      return z.matmul(z.swapaxes(-1, -2));
    };
    expect(isAsAtOnce(both)).toBe(true);
  });
});
