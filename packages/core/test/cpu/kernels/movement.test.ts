import { expect, test } from "vitest";
import { array, concatenate, type DType, flip, signbit, sort } from "../../../src/index.js";

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

// A few rows by a loop, many by a kernel, in one tile and in several; rows shorter than a vector, and none.
test.each([
  [5, [3, 1]],
  [300, [11, 3, 1]],
  [5000, [1, 2, 0, 5]],
  [3, [400, 1000]],
  [1200, [40, 8]],
  [2, [5000, 9]],
])("%d rows of %j elements beside each other, in every dtype", (rows, widths) => {
  for (const dtype of ["float64", "float32", "int32", "bool"] as const satisfies readonly DType[]) {
    const value = (part: number, row: number, column: number): number => {
      const whole = ((row * 31 + column * 7 + part) % 201) - 100;
      return dtype === "int32" ? whole * 2 ** 24 : dtype === "bool" ? +(whole > 0) : whole / 8;
    };
    const parts = widths.map((width, part) => {
      const numbers = Array.from({ length: rows * width }, (_, i) => value(part, Math.floor(i / width), i % width));
      // One of them lies across storage.
      const turned = Array.from({ length: rows * width }, (_, i) => numbers[(i % rows) * width + Math.floor(i / rows)]);
      return part === 1 ? array(turned, { dtype, shape: [width, rows] }).T : array(numbers, { dtype, shape: [rows, width] });
    });
    const expected = Array.from({ length: rows }, (_, row) =>
      widths.flatMap((width, part) => Array.from({ length: width }, (_, column) => value(part, row, column))),
    );
    const joined = concatenate(parts, 1);
    expect(joined.dtype).toBe(dtype);
    expect(Array.from(joined.data(), Number)).toEqual(expected.flat());
  }
});
