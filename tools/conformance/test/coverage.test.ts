import { readFileSync } from "node:fs";
import * as core from "@ad/core";
import { isFloat, type PrimitiveName } from "@ad/core/internals/trace";
import * as fft from "@ad/fft";
import { describe, expect, test } from "vitest";
import { example, of, real, truth, whole } from "../src/inputs.js";
import { layouts } from "../src/layouts.js";
import { fftNames } from "../src/operations/fft.js";
import { linalgNames } from "../src/operations/linalg.js";
import { casesOf, linalgEntries, operationEntries, operationNames, primitiveEntries, primitiveNames } from "../src/suite.js";

/** Primitives that work along an axis have no meaning without one. */
const needsAxis: readonly PrimitiveName[] = [
  "concatenate",
  "argsort",
  "lastWriter",
  "argmax",
  "argmin",
  "softmax",
  "logsumexp",
  "cumsum",
  "cumprod",
  "linearScan",
  "matmul",
];

describe.each(primitiveNames)("%s is sampled", (name) => {
  const entries = primitiveEntries(name);
  const some = (has: (shape: readonly number[]) => boolean): boolean =>
    entries.some(({ operands }) => operands.some(({ shape }) => has(shape)));

  test("with no elements", () => expect(some((shape) => shape.includes(0))).toBe(true));
  if (!needsAxis.includes(name)) test("at rank 0", () => expect(some((shape) => shape.length === 0)).toBe(true));
  test("in every layout", () => {
    const seen = new Set(entries.flatMap(casesOf).map((c) => c.layout));
    expect([...seen].sort()).toEqual(
      Object.keys(layouts)
        .filter((layout) => name !== "lastWriter" || layout !== "transposed")
        .sort(),
    );
  });
});

test("the table of the documentation has a row for every function of core and fft, or says why not", () => {
  const page = readFileSync(new URL("../../../apps/docs/reference/operations.md", import.meta.url), "utf8");
  const rows = new Set<string>([...operationNames, ...fftNames, "linalg", "complex"]);
  const without = [...Object.keys(core), ...Object.keys(fft)].filter((name) => /^[a-z]/.test(name) && !rows.has(name));
  expect(without.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("every operation has samples, and those of real functions are differentiated", () => {
  for (const name of operationNames) {
    const entries = operationEntries(name);
    expect(entries.length, name).toBeGreaterThan(0);
    const takesFloats = entries.some(({ operands }) => operands.some(({ dtype }) => isFloat(dtype)));
    expect(takesFloats || ["logicalAnd", "logicalOr", "logicalXor"].includes(name), name).toBe(true);
  }
});

test.each(linalgNames)("linalg.%s is sampled with no elements, and differentiated", (name) => {
  const operands = linalgEntries(name).flatMap((each) => each.operands);
  expect(operands.some(({ shape }) => shape.includes(0))).toBe(true);
  expect(operands.some(({ shape }) => shape.length > 2)).toBe(true);
  expect(operands.some(({ dtype }) => isFloat(dtype))).toBe(true);
});

describe.each([real(-1, 1), whole(-3, 3), truth])("layouts of $dtype", (from) => {
  const shape = [2, 3];
  const x = example(of(from, ...shape), "layouts", 0);
  const strides = { dense: [3, 1], transposed: [1, 2], flipped: [-3, -1], offset: [14, 2], broadcast: [0, 1] };
  test.each(Object.keys(layouts) as (keyof typeof layouts)[])("%s lies as it says", (layout) => {
    const laid = layouts[layout](x, x.device, -1);
    expect(laid.ndarray().stride).toEqual(strides[layout]);
    expect(laid.dtype).toBe(x.dtype);
    if (layout === "broadcast") expect(laid.slice(1).toArray()).toEqual(x.slice(0).toArray());
    else expect(laid.toArray()).toEqual(x.toArray());
  });
});
