import { readFileSync } from "node:fs";
import { array, type DType, NDArray } from "@ad/core";
import { expect, test } from "vitest";
import type { Complex } from "../src/index.js";
import * as library from "../src/index.js";

// Answers of NumPy and SciPy: tools/expectations/fft.py writes the file, and says what the arguments are.
type Case = readonly [op: string, shape: readonly number[], isReal: boolean, options: Readonly<Record<string, unknown>>, result: Expected];
interface Expected {
  readonly shape: readonly number[];
  readonly re: readonly number[];
  readonly im?: readonly number[];
  /** The places of the elements that are written down; all, where it is missing. */
  readonly at?: readonly number[];
  /** The largest absolute value. */
  readonly scale?: number;
}

const cases: readonly Case[] = JSON.parse(readFileSync(new URL("./expectations/numpy.json", import.meta.url), "utf8"));

type Transform = (x: unknown, options: unknown) => NDArray | Complex;
const transforms = library as unknown as Readonly<Record<string, Transform>>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const numbers = (shape: readonly number[], step: number, first: number, by: number, dtype: DType): NDArray =>
  array(
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => ((step * i + first) % by) / by - 0.5),
    { shape },
  ).astype(dtype);

/** The largest error of a result, as a part of its largest element. */
function errorOf(actual: NDArray | Complex, expected: Expected): number {
  const parts = actual instanceof NDArray ? [actual] : [actual.re, actual.im];
  const wanted = [expected.re, expected.im].filter((part) => part !== undefined);
  expect(parts.length).toBe(wanted.length);
  const scale = expected.scale ?? Math.max(...wanted[0].map((re, i) => Math.hypot(re, wanted[1]?.[i] ?? 0)), 1e-300);
  let worst = 0;
  parts.forEach((part, p) => {
    expect(part.shape).toEqual(expected.shape);
    const data = part.data();
    wanted[p].forEach((value, i) => {
      worst = Math.max(worst, Math.abs(data[expected.at?.[i] ?? i] - value) / scale);
    });
  });
  return worst;
}

function worstOf(op: string, dtype: DType): number {
  const errors = cases
    .filter(([name]) => name === op)
    .map(([, shape, isReal, options, expected]) => {
      const re = numbers(shape, 7919, 13, 1009, dtype);
      const x = isReal ? re : { re, im: numbers(shape, 6007, 101, 997, dtype) };
      const out = transforms[op](x, options);
      expect(out instanceof NDArray ? out.dtype : out.im.dtype).toBe(dtype);
      return errorOf(out, expected);
    });
  expect(errors.length).toBeGreaterThan(0);
  return Math.max(...errors);
}

const names = [...new Set(cases.map(([op]) => op))];

test.each(names)("%s gives NumPy's values", (op) => {
  expect(worstOf(op, "float64")).toBeLessThan(2e-15);
});

test.each(names)("%s of float32 gives them to within rounding", (op) => {
  expect(worstOf(op, "float32")).toBeLessThan(2.5e-7);
});
