import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../kernels/build.mjs";
import { key, normal } from "../src/index.js";
import { fill } from "../src/kernel.js";
import { gaussian, gaussianOf, normal64, unit, unitOf } from "../src/threefry.js";

test("src/binary.ts is what kernels/build.mjs makes", async () => {
  expect(readFileSync(new URL("../src/binary.ts", import.meta.url), "utf8")).toBe(await compile());
});

// Lengths around those of its vectors and of its memory.
test.each([15, 16, 71, 7_680, 7_681, 50_003])("of %d numbers WebAssembly and JavaScript make the same bits", (n) => {
  const words = [-123456789, 987654321] as const;
  const normals = fill(words, new Float32Array(n), gaussianOf.float32);
  expect(normals).toEqual(Float32Array.from({ length: n }, (_, i) => gaussian(words, i, "float32")));
  const units = fill(words, new Float64Array(n), unitOf.float64);
  expect(units).toEqual(Float64Array.from({ length: n }, (_, i) => unit(words, i, "float64")));
});

test("few numbers are the first of many", () => {
  for (const dtype of ["float32", "float64"] as const)
    expect(normal(key(1), [200], { dtype }).slice([0, 10])).toEqual(normal(key(1), [10], { dtype }));
});

test("tails in float64 go as far as its numbers", () => {
  const least = 1 - 2 ** -53;
  // The quantile of 2⁻⁵⁴, by mpmath, and the point where the polynomial ends.
  expect(normal64(least)).toBeCloseTo(8.292361075813595, 13);
  expect(normal64(-least)).toBe(-normal64(least));
  const edge = Math.sqrt(-Math.expm1(-6.25));
  expect(normal64(edge + 1e-15) - normal64(edge - 1e-15)).toBeLessThan(1e-11);
});
