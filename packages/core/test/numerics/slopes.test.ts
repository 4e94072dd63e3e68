import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as ad from "../../src/index.js";
import { array, grad, type NDArray } from "../../src/index.js";

// tools/expectations/special.py writes these cases: an argument, and the float64 nearest to the derivative there.
type Json = number | "inf" | "-inf" | "-0";
const tables = JSON.parse(readFileSync(new URL("../expectations/slopes.json", import.meta.url), "utf8")) as Record<string, Json[][]>;

const named: Record<string, number> = { inf: Infinity, "-inf": -Infinity, "-0": -0 };
const decode = (x: Json): number => (typeof x === "number" ? x : named[x]);

/** The functions that magnify the rounding of their argument: exp(-x²) and its like do so by their exponent. */
const magnified = new Set(["erf", "erfc", "gelu", "silu"]);

describe("derivatives from one end of the range to the other", () => {
  test.each(Object.keys(tables))("%s", (name) => {
    const f = (ad as unknown as Record<string, (x: NDArray) => NDArray>)[name];
    const cases = tables[name].map((row) => row.map(decode));
    const slopes = grad((x: NDArray) => f(x).sum())(array(cases.map(([x]) => x))).data();
    const wrong = cases.flatMap(([x, expected], i) => {
      const exponent = magnified.has(name) ? Math.max(1, Math.min(x * x, 745)) : 1;
      const near = Math.abs(slopes[i] - expected) <= 4e-15 * exponent * Math.abs(expected) + 1e-307;
      return near || slopes[i] === expected ? [] : [`${name}'(${x}) is ${slopes[i]}, expected ${expected}`];
    });
    expect(wrong).toEqual([]);
  });
});
