import { expect, test } from "vitest";
import { array, type DType, flip, signbit, sort } from "../../../src/index.js";

/** The places in ascending order, of equal elements the first one first, NaN last. */
const places = (values: readonly number[]): number[] =>
  values
    .map((_, i) => i)
    .sort((i, j) => {
      const last = +Number.isNaN(values[i]) - +Number.isNaN(values[j]);
      return last || (values[i] < values[j] ? -1 : values[i] > values[j] ? 1 : i - j);
    });

const special = [NaN, 0, -0, Infinity, -Infinity, 5e-324, -5e-324, 1e308, -1e308, 1, -1];

// Lines that are put in one after the other, and longer ones that are sorted by their digits.
test.each([0, 1, 2, 11, 128, 129, 5000])("argsort of %d elements keeps the order of equal ones, and NaN come last", (n) => {
  const value = (i: number): number => (i % 3 === 0 ? special[i % special.length] : ((7919 * i) % 1009) / 7 - 70);
  for (const dtype of ["float64", "float32", "int32", "bool"] as const satisfies readonly DType[]) {
    const whole = (i: number): number => (i % 5 === 0 ? [-(2 ** 31), 2 ** 31 - 1][i % 2] : Math.trunc(value(3 * i + 1)));
    const x = array(
      Array.from({ length: n }, (_, i) => (dtype === "int32" ? whole(i) : value(i))),
      { dtype, shape: [n] },
    );
    const numbers = Array.from(x.data());
    expect(Array.from(x.argsort().data())).toEqual(places(numbers));
    // Of several lines each, and of lines that run backwards.
    const lines = array([x, flip(x)]);
    expect(Array.from(lines.argsort().slice(1).data())).toEqual(places(numbers.slice().reverse()));
    expect(Array.from(lines.T.argsort(0).slice(":", 0).data())).toEqual(places(numbers));
    expect(Array.from(sort(x).data())).toEqual(places(numbers).map((i) => numbers[i]));
  }
});

test("signbit sees the sign of 0 and none of NaN, in every dtype and layout", () => {
  const of = (x: number): boolean => x < 0 || Object.is(x, -0);
  for (const dtype of ["float64", "float32"] as const) {
    const x = array(special, { dtype });
    for (const y of [x, flip(x), x.slice([1, null, 2])]) expect(signbit(y).toArray()).toEqual(Array.from(y.data(), of));
  }
  expect(signbit(array([-3, 0, 2], { dtype: "int32" })).toArray()).toEqual([true, false, false]);
  expect(signbit([true, false]).toArray()).toEqual([false, false]);
});
