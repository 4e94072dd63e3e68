import { type NDArray, onesLike } from "@ad/core";
import { type PrimitiveName, primitives } from "@ad/core/internals/trace";
import { describe, expect, test } from "vitest";
import { Mismatch } from "../src/compare.js";
import { pullback, smoothPart, tangent } from "../src/smooth.js";
import { casesOf, checkPrimitive, primitiveEntries } from "../src/suite.js";
import { changed, type Table, tables } from "./tables.js";

/** The error at the bottom. */
const root = (error: unknown): unknown => (error instanceof Error && error.cause !== undefined ? root(error.cause) : error);

/** Puts another rule into a table, expects the primitive's own samples to find a wrong value, and puts the rule back. */
function expectCaught(table: Table, name: string, broken: unknown): void {
  const rule = table[name];
  let error: unknown;
  table[name] = broken;
  try {
    checkPrimitive(name as PrimitiveName);
  } catch (thrown) {
    error = root(thrown);
  } finally {
    table[name] = rule;
  }
  expect(error).toBeInstanceOf(Mismatch);
}

/** Slopes of what is not floating are never asked for. */
const isTruth = (name: string): boolean => /^(isNaN|isFinite|not|wrapIndex|and|or|xor|equal|notEqual|less|lessEqual)$/.test(name);

/** One part in a thousand. */
const off = 1.001;

describe.each(["partials", "reverse"] as const)("%s: a slope that is off by a thousandth, or 1 in place of 0", (which) => {
  const table: Record<string, (typeof tables.partials)[string]> = tables[which];
  for (const [name, slopes] of Object.entries(table))
    if (!isTruth(name))
      test.each(slopes.map((_, i) => i))(`${name} %i`, (i) => {
        const slope = slopes[i];
        const broken = typeof slope === "number" ? (slope === 0 ? 1 : slope * off) : changed(slope, (out) => out.mul(off));
        expectCaught(
          table,
          name,
          slopes.map((other, j) => (i === j ? broken : other)),
        );
      });
});

describe("a bilinear transpose that is off by a thousandth", () => {
  for (const [name, rules] of Object.entries(tables.bilinear))
    test.each([0, 1])(`${name} %i`, (i) =>
      expectCaught(
        tables.bilinear,
        name,
        rules.map((rule, j) => (i === j ? (...args: readonly unknown[]) => rule(...args).mul(off) : rule)),
      ),
    );
});

describe.each(["transposes", "weights", "forward"] as const)("%s: a rule that is off by a thousandth", (which) => {
  const table = tables[which];
  test.each(Object.keys(table))("%s", (name) => {
    expectCaught(
      table,
      name,
      changed(table[name], (out) => out.mul(off)),
    );
  });
});

describe("vmap: a rule that mixes up the lanes", () => {
  const table = tables.vmap;
  test.each(Object.keys(table))("%s", (name) => {
    const rule = table[name];
    expectCaught(table, name, (...args: readonly unknown[]) => rule(...args).roll(1, 0));
  });
});

describe("views: strides that run the other way", () => {
  const table = tables.views;
  test.each(Object.keys(table))("%s", (name) => {
    const rule = table[name];
    expectCaught(table, name, (...args: Parameters<typeof rule>) => {
      const view = rule(...args);
      const { shape } = args[2];
      if (view === undefined || shape.length === 0) return view;
      const [n, step] = [shape[shape.length - 1], view.stride[shape.length - 1]];
      return { stride: [...view.stride.slice(0, -1), -step], offset: view.offset + Math.max(0, n - 1) * step };
    });
  });
});

describe("kernels: a first element that is off", () => {
  const table = tables.kernels;
  test.each(Object.keys(table))("%s", (name) => {
    const kernel = table[name];
    expectCaught(table, name, (...args: readonly unknown[]) => {
      const out = kernel(...args).slice();
      out[0] = out instanceof Float64Array ? out[0] * off + 1e-3 : out[0] + 1;
      return out;
    });
  });
});

test("no primitive is left out of the tables that are broken here", () => {
  const { partials, bilinear, transposes, weights, reverse, kernels, views, vmap } = tables;
  const derived = [partials, bilinear, transposes, weights, reverse].flatMap((table) => Object.keys(table));
  const all = Object.keys(primitives);
  const differentiable = all.filter((name) => primitives[name as PrimitiveName].kind !== "discrete");
  expect(derived.sort()).toEqual(differentiable.sort());
  expect([...new Set([...Object.keys(kernels), ...Object.keys(views)])].sort()).toEqual(all.sort());
  expect([...Object.keys(vmap), ...Object.keys(partials)].sort()).toEqual(all.sort());
});

describe("a slope that is broken is broken in both modes: neither keeps one that it looked up before", () => {
  for (const [name, slopes] of Object.entries(tables.partials))
    if (slopes.some((slope) => typeof slope === "object"))
      test(name, () => {
        const entry = primitiveEntries(name as PrimitiveName)[0];
        const [c] = casesOf(entry);
        const { f, x, y } = smoothPart(c);
        const derivatives = (): NDArray[][] => [
          pullback(
            f,
            x,
            y.map((each) => onesLike(each)),
          ),
          tangent(
            f,
            x,
            x.map((each, i) => onesLike(each).mul(i + 1.25)),
          ),
        ];
        const sums = (all: readonly NDArray[]): number => all.reduce((sum, each) => sum + (each.abs().sum().item() as number), 0);
        const before = derivatives().map(sums);
        tables.partials[name] = slopes.map((slope) =>
          typeof slope === "number" ? slope * 1.5 : changed(slope, (out) => out.mul(1.5)),
        ) as typeof slopes;
        try {
          derivatives()
            .map(sums)
            .forEach((sum, mode) => expect(sum / before[mode]).toBeCloseTo(1.5, 5));
        } finally {
          tables.partials[name] = slopes;
        }
      });
});
