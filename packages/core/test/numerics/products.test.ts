import { describe, expect, test } from "vitest";
import { array, type DType, grad, type NDArray } from "../../src/index.js";

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
