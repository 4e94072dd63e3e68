import { describe, expect, test } from "vitest";
import { array, cumprod, type DType, full, grad, linalg, type NDArray, prod } from "../../src/index.js";

const { det } = linalg;

const cases: Record<string, number[]> = {
  "no zero": [2, -3, 5, 7],
  "one zero": [2, 0, 5, -7],
  "a zero in front": [0, 3, 5, 7],
  "a zero at the end": [2, 3, -5, 0],
  "two zeros": [2, 0, 0, 7],
  "two zeros apart": [0, 3, 5, 0],
  "three zeros": [0, 0, 0, 7],
  "all zeros": [0, 0, 0, 0],
};

const productOf = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);
/** The derivative of a product by the elements at some places: the product of the others, 0 where a place comes twice. */
const derivative = (values: readonly number[], places: readonly number[]): number =>
  new Set(places).size < places.length ? 0 : productOf(values.filter((_, i) => !places.includes(i)));

const numbers = (x: NDArray): number[] => Array.from(x.data(), (y) => y + 0);
const at = (i: number) => (x: NDArray) => x.slice(i);
const range = [0, 1, 2, 3];

describe.each(["float64", "float32"] as DType[])("products in %s", (dtype) => {
  test.each(Object.keys(cases))("with %s, to the third order", (name) => {
    const values = cases[name];
    const x = array(values, { dtype });
    const first = grad((y: NDArray) => y.prod());
    expect(numbers(first(x))).toEqual(range.map((i) => derivative(values, [i]) + 0));
    for (const i of range) {
      const second = grad((y: NDArray) => at(i)(first(y)));
      expect(numbers(second(x))).toEqual(range.map((j) => derivative(values, [i, j]) + 0));
      const third = grad((y: NDArray) => at(1)(second(y)));
      expect(numbers(third(x))).toEqual(range.map((j) => derivative(values, [i, 1, j]) + 0));
    }
  });
  test.each(Object.keys(cases))("running, with %s, to the second order", (name) => {
    const values = cases[name];
    const x = array(values, { dtype });
    for (const k of range) {
      const upTo = (places: readonly number[]): number =>
        places.every((i) => i <= k) ? derivative(values.slice(0, k + 1), places) + 0 : 0;
      const first = grad((y: NDArray) => y.cumprod().slice(k));
      expect(numbers(first(x))).toEqual(range.map((i) => upTo([i])));
      for (const i of range) expect(numbers(grad((y: NDArray) => at(i)(first(y)))(x))).toEqual(range.map((j) => upTo([i, j])));
    }
  });
});

test("products over several axes of a matrix with zeros", () => {
  const values = [
    [2, 0, 3],
    [0, 0, 5],
    [7, 1, 2],
  ];
  const x = array(values);
  const rows = values.map((row) => row.map((_, i) => derivative(row, [i]) + 0));
  expect(grad((y: NDArray) => y.prod(1).sum())(x).toArray()).toEqual(rows);
  expect(grad((y: NDArray) => y.T.prod(0).sum())(x).toArray()).toEqual(rows);
  expect(numbers(grad((y: NDArray) => y.prod())(x))).toEqual(new Array(9).fill(0));
  expect(grad((y: NDArray) => y.reshape([3, 3, 1]).prod([1, 2]).sum())(x).toArray()).toEqual(rows);
});

/** mantissa · 2^exponent, of any size. */
type Big = readonly [mantissa: bigint, exponent: number];
const bigOf = (x: number): Big => {
  if (x === 0) return [0n, 0];
  const exponent = Math.max(-1074, Math.floor(Math.log2(Math.abs(x))) - 60);
  const high = x * 2 ** Math.min(-exponent, 1000);
  return [BigInt(high * 2 ** (-exponent - Math.min(-exponent, 1000))), exponent];
};
/** A product, to 100 bits, and rounded at the end. */
function exactly(factors: readonly number[], fround: (x: number) => number): number {
  let [mantissa, exponent]: Big = [1n, 0];
  for (const [m, e] of factors.map(bigOf)) {
    [mantissa, exponent] = [mantissa * m, exponent + e];
    for (; mantissa > 1n << 164n || mantissa < -(1n << 164n); exponent += 64) mantissa /= 1n << 64n;
  }
  let value = Number(mantissa);
  for (; exponent > 0 && Number.isFinite(value); exponent--) value *= 2;
  for (; exponent < 0 && value !== 0; exponent++) value /= 2;
  return fround(value);
}

const sizes: Record<"float64" | "float32", number[][]> = {
  float64: [
    [1e200, 1e200, 1e-200, 1e-200],
    [1e-200, 1e-200, 1e200, 1e200],
    [1e-200, 1e200, 1e-200, 1e200],
    [3e-310, 2, 1e300],
    [1e200, 1e200, 1e-300, 1e-300, 1e-300],
    [1e-200, 0, 1e200, 1e200, 1e-200],
    [1e100, 1e100, 1e100, 0, 1e-200],
    [1e200, 1e200, 1e200, 1e200, 0],
    [1e-200, 1e-200],
    [-1e100, 1e100, -1e100, 1e100, 1e-100, 1e-100, 1e-100, 1e-100],
    [...new Array(20).fill(1e-200), ...new Array(20).fill(-1e200)],
  ],
  float32: [
    [1e-30, 1e-30, 1e30, 1e30],
    [1e30, 1e30, 1e-30, 1e-30],
    [1e-30, 1e-30, 1e-30, 1e30, 1e30, 1e30],
    [0, 1e13, 1e13, 1e13, 1e13],
    [1e13, 1e13, 0, 1e13, 1e13],
    [1e13, 0, 1e13, 0, 1e13, 1e13],
    [1e-20, 1e-20, 1e20],
    [...new Array(280).fill(1.4), ...new Array(280).fill(1 / 1.4)],
  ],
};

describe.each(Object.keys(sizes) as ("float64" | "float32")[])("products whose parts leave the range of %s", (dtype) => {
  const fround = dtype === "float32" ? Math.fround : (x: number) => x;
  const [tolerance, least] = dtype === "float32" ? [1e-4, 1e-44] : [1e-13, 1e-322];
  const near = (got: NDArray, wanted: readonly number[]): void => {
    const wrong = Array.from(got.data()).flatMap((y, i) => {
      const close = y === wanted[i] || Math.abs(y - wanted[i]) <= tolerance * Math.abs(wanted[i]) + least;
      return close ? [] : [`${i}: ${y}, not ${wanted[i]}`];
    });
    expect(wrong).toEqual([]);
  };
  test.each(sizes[dtype].map((values) => [values.length > 10 ? `${values.length} elements` : `${values}`, values] as const))(
    "%s",
    (_, given) => {
      const values = given.map(fround);
      const x = array(values, { dtype });
      const n = values.length;
      const without = (places: readonly number[], end = n): number =>
        new Set(places).size < places.length || places.some((i) => i >= end)
          ? 0
          : exactly(
              values.slice(0, end).filter((_v, i) => !places.includes(i)),
              fround,
            );
      const all = values.map((_v, i) => i);
      near(prod(x), [without([])]);
      near(
        cumprod(x),
        all.map((i) => without([], i + 1)),
      );
      const first = all.map((i) => without([i]));
      near(grad((y: NDArray) => y.prod())(x), first);
      near(grad((y: NDArray) => y.cumprod().slice(-1))(x), first);
      if (n > 10) return;
      // The other products are infinite, or this one is: its derivatives may be finite.
      const ends = all.map((k) => all.map((i) => without([i], k + 1)));
      for (const k of all) near(grad((y: NDArray) => y.cumprod().slice(k))(x), ends[k]);
      near(grad((y: NDArray) => y.flip().cumprod().flip().slice(-2))(x.flip()), ends[1].toReversed());
      if (values.every((y) => y >= 0))
        near(
          grad((y: NDArray) => y.cumprod().sum())(x),
          all.map((i) => ends.reduce((sum, row) => fround(sum + row[i]), 0)),
        );
      for (const i of [0, n - 1]) {
        const second = all.map((j) => without([i, j]));
        if (values.includes(0) && second.includes(Infinity)) continue;
        near(grad((y: NDArray) => grad((z: NDArray) => z.prod())(y).slice(i))(x), second);
        near(grad((y: NDArray) => grad((z: NDArray) => z.cumprod().slice(-1))(y).slice(i))(x), second);
      }
    },
  );
});

test("a part that is denormal takes no digits from a product, whichever kernel has it", () => {
  const factors = [1e-200, 1.23456789e-120, 1e300];
  for (const [before, n, after] of [
    [1, 3, 1],
    [1, 3, 500],
    [200, 3, 1],
    [200, 40, 1],
    [1, 1000, 1],
    [60, 40, 16],
    [30, 300, 3],
  ]) {
    const elements = Array.from({ length: before * n * after }, (_, i) => {
      const [row, k] = [Math.floor(i / after / n), Math.floor(i / after) % n];
      return row === before - 1 && k % Math.floor(n / 3) === 0 && k < n - (n % 3) ? factors[k / Math.floor(n / 3)] : 1;
    });
    const product = prod(array(elements).reshape([before, n, after]), 1);
    const wrong = Array.from(product.data()).filter((y, i) => Math.abs(y - (i < (before - 1) * after ? 1 : 1.23456789e-20)) > 1e-13 * y);
    expect(wrong, `[${before}, ${n}, ${after}]`).toEqual([]);
  }
});

test("rows of every size at once", () => {
  const x = array([
    [1e200, 1e200, 1e-200],
    [2, 3, 5],
    [0, 1e300, 1e300],
  ]);
  expect(grad((y: NDArray) => y.prod(1).sum())(x).toArray()).toEqual([
    [1, 1, Infinity],
    [15, 10, 6],
    [Infinity, 0, 0],
  ]);
});

test("derivatives of running products stay finite beside an infinite one, and where it is infinite itself", () => {
  const x = array([1e200, 1e200, 3]);
  const row = (k: number) => grad((y: NDArray) => y.cumprod().slice(k))(x).toArray();
  expect(row(0)).toEqual([1, 0, 0]);
  expect(row(1)).toEqual([1e200, 1e200, 0]);
  expect(row(2)).toEqual([3e200, 3e200, Infinity]);
  expect(grad((y: NDArray) => y.cumprod().sum())(x).toArray()).toEqual([4e200, 4e200, Infinity]);
  const columns = array([
    [1e200, 2],
    [1e200, 3],
  ]);
  expect(grad((y: NDArray) => y.cumprod(0).slice(1).sum())(columns).toArray()).toEqual([
    [1e200, 3],
    [1e200, 2],
  ]);
  const small = grad((y: NDArray) => y.cumprod().slice(1))(array([1e30, 1e30, 3], { dtype: "float32" }));
  expect(small.toArray()).toEqual([Math.fround(1e30), Math.fround(1e30), 0]);
});

test.each(["float64", "float32"] as DType[])(
  "a running product of %s that leaves the range leaves nothing to the next product",
  (dtype) => {
    for (const factor of [0.3, 3]) {
      cumprod(full([1000], factor, { dtype }));
      expect(prod([2, 3]).item()).toBe(6);
      cumprod(full([1000], factor, { dtype }));
      expect(
        det([
          [2, 1],
          [1, 3],
        ]).item(),
      ).toBeCloseTo(5);
    }
  },
);
