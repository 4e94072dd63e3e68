import { expect, test } from "vitest";
import { showDeviation, showMilliseconds, showRatio } from "../src/tour/format.js";
import { decades, escape, linear, logarithmic } from "../src/tour/svg.js";

test("scales", () => {
  expect(linear([0, 10], [100, 200])(5)).toBe(150);
  expect(logarithmic([1, 100], [0, 10])(10)).toBeCloseTo(5, 12);
  expect(decades([0.3, 40])).toEqual([0.1, 1, 10, 100]);
  expect(decades([5])).toEqual([1, 10]);
});

test("text", () => {
  expect(escape('a < b & "c"')).toBe("a &#60; b &#38; &#34;c&#34;");
  expect([0.0123, 1.234, 56.78, 2345].map(showMilliseconds)).toEqual(["12.3 µs", "1.23 ms", "56.8 ms", "2.35 s"]);
  expect(showRatio(123.4)).toBe("123×");
  expect([0, 1e-7, 1.74e-9].map(showDeviation)).toEqual(["0", "1e-7", "1.7e-9"]);
});
