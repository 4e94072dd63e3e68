import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as ad from "../../src/index.js";
import { array, type DType, grad, type NDArray } from "../../src/index.js";

// tools/expectations/derivatives.py writes these cases: an argument, and for each order the derivative and its condition.
type Json = number | "inf" | "-inf" | "-0";
const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../expectations/${file}`, import.meta.url), "utf8")) as Record<string, Json[][]>;
const [tables, pairs] = [read("derivatives.json"), read("partials.json")];

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
        // Those of tanh are made of its value, which is all that the tape keeps: their errors count against 1.
        const size = name === "tanh" && Math.abs(at) > 1 ? 1 : Math.abs(expected) + least;
        const error = Math.abs(got[i] - expected) / size;
        if (got[i] !== rounded && !(error <= 20 * epsilon * (1 + condition)))
          wrong.push(`order ${order} at ${at}: ${got[i]}, not ${expected} (${(error / epsilon / (1 + condition)).toPrecision(2)} units)`);
      });
    }
    expect(wrong).toEqual([]);
  });
});

const words = ["x", "y", "xx", "xy", "yy", "xxx", "xxy", "xyy", "yyy"];

describe("partial derivatives up to the third", () => {
  test.each(Object.keys(pairs))("%s", (name) => {
    type F = (x: NDArray, y: NDArray) => NDArray;
    const rows = pairs[name].map((row) => row.map(decode));
    const [x, y] = [0, 1].map((k) => array(rows.map((row) => row[k])));
    const wrong = words.flatMap((word, k) => {
      let slope = (ad as unknown as Record<string, F>)[name];
      for (const letter of word) {
        const before = slope;
        slope = grad((a: NDArray, b: NDArray) => before(a, b).sum(), { argnums: "xy".indexOf(letter) });
      }
      const got = slope(x, y).data();
      return rows.flatMap(([a, b, ...values], i) => {
        const [expected, condition] = values.slice(2 * k, 2 * k + 2);
        const error = Math.abs(got[i] - expected) / (Math.abs(expected) + 1e-306) / 2 ** -52 / (1 + condition);
        return got[i] === expected || condition === Infinity || error <= 20
          ? []
          : [`by ${word} at (${a}, ${b}): ${got[i]}, not ${expected} (${error.toPrecision(2)} units)`];
      });
    });
    expect(wrong).toEqual([]);
  });
});
