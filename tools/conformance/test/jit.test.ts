import { isFloat } from "@ad/core/internals/trace";
import { isTurn } from "@ad/expect/turns";
import { describe, expect, test } from "vitest";
import type { Case } from "../src/case.js";
import { checkCompiled, checkCompiledTransformed } from "../src/compiled.js";
import { fftNames } from "../src/operations/fft.js";
import { composed, methods } from "../src/operations/index.js";
import { linalgNames } from "../src/operations/linalg.js";
import { isSmooth } from "../src/smooth.js";
import {
  casesOf,
  type Entry,
  fftEntries,
  linalgEntries,
  methodEntries,
  operationEntries,
  operationNames,
  primitiveEntries,
  primitiveNames,
} from "../src/suite.js";
import { isDue } from "./generate.js";

const groups: Readonly<Record<string, () => Entry[]>> = {
  primitives: () => primitiveNames.flatMap(primitiveEntries),
  operations: () => operationNames.filter((name) => !(name in composed)).flatMap(operationEntries),
  compositions: () => operationNames.filter((name) => name in composed).flatMap(operationEntries),
  linalg: () => linalgNames.flatMap(linalgEntries),
  fft: () => fftNames.flatMap(fftEntries),
  methods: () => (Object.keys(methods) as (keyof typeof methods)[]).flatMap(methodEntries),
};

describe.each(Object.entries(groups))("%s", (group, entries) => {
  const all = entries();
  const isPrimitive = group === "primitives";
  /** The first sample of a primitive goes through the transformations in every run. */
  const hasTurn = (entry: Entry, i: number): boolean => (isPrimitive && entry.label.includes(" 1 of ")) || isTurn(i, 16);
  const failures = (check: (c: Case) => void, of: (entry: Entry) => Case[]): string[] =>
    all.flatMap((entry) =>
      of(entry).flatMap((c) => {
        try {
          check(c);
          return [];
        } catch (error) {
          return [`${c.label} ${c.layout}: ${error instanceof Error ? error.message : error}`];
        }
      }),
    );
  test("jit has the values of eager code in every layout", () =>
    expect(failures(checkCompiled, (entry) => casesOf(entry).filter((c, i) => isDue(c, entry, i + all.indexOf(entry))))).toEqual([]));
  test("jit goes through vjp, jvp, vmap and second derivatives, inside and outside", () =>
    expect(
      failures(checkCompiledTransformed, (entry) =>
        hasTurn(entry, all.indexOf(entry))
          ? casesOf(entry).filter((c) => c.layout === "dense" && isSmooth(c) && c.example(0).some((x) => isFloat(x.dtype)))
          : [],
      ),
    ).toEqual([]));
});
