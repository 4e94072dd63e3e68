import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as ad from "../../src/index.js";
import { array, type DType, grad, type NDArray } from "../../src/index.js";

// tools/expectations/derivatives.py writes these cases: an argument, and for each order the derivative and its condition.
type Json = number | "inf" | "-inf" | "-0";
const tables = JSON.parse(readFileSync(new URL("../expectations/derivatives.json", import.meta.url), "utf8")) as Record<string, Json[][]>;

const named: Record<string, number> = { inf: Infinity, "-inf": -Infinity, "-0": -0 };
const decode = (x: Json): number => (typeof x === "number" ? x : named[x]);

describe("derivatives up to the third, from one end of the range to the other", () => {
  test.each(Object.keys(tables))("%s", (title) => {
    const dtype: DType = title.endsWith(" in float32") ? "float32" : "float64";
    const [name, approximate] = title.replace(" in float32", "").split(" ");
    const [epsilon, least] = dtype === "float32" ? [2 ** -23, 1e-37] : [2 ** -52, 1e-306];
    const f = (ad as unknown as Record<string, (x: NDArray, options?: object) => NDArray>)[name];
    let slope = (x: NDArray): NDArray => f(x, ...(approximate ? [{ approximate: true }] : []));
    const rows = tables[title].map((row) => row.map(decode));
    const x = array(
      rows.map(([at]) => at),
      { dtype },
    );
    const wrong: string[] = [];
    for (let order = 1; order <= 3; order++) {
      const before = slope;
      slope = (y) => grad((z: NDArray) => before(z).sum())(y);
      const got = slope(x).data();
      rows.forEach(([at, ...pairs], i) => {
        const [expected, condition] = pairs.slice(2 * order - 2, 2 * order);
        const rounded = dtype === "float32" ? Math.fround(expected) : expected;
        const error = Math.abs(got[i] - expected) / (Math.abs(expected) + least);
        if (got[i] !== rounded && !(error <= 20 * epsilon * (1 + condition)))
          wrong.push(`order ${order} at ${at}: ${got[i]}, not ${expected} (${(error / epsilon / (1 + condition)).toPrecision(2)} units)`);
      });
    }
    expect(wrong).toEqual([]);
  });
});
