import { type NDArray, stack } from "@ad/core";
import { isFloat } from "@ad/core/internals/trace";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import type { Case } from "../src/case.js";
import { agreeAll, agreeForms } from "../src/compare.js";
import { fftNames } from "../src/operations/fft.js";
import { composed, methods } from "../src/operations/index.js";
import { linalgNames } from "../src/operations/linalg.js";
import { type Arrays, backwards, forwards, isSmooth, pullback, smoothPart, tangent } from "../src/smooth.js";
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
import { isTurn } from "../src/turns.js";
import { isDue } from "./generate.js";

/** A compiled program computes what eager code computes: in every layout the values, which come in turns, and in the dense one what transformations make of it. */

const compiled = (f: Arrays): Arrays => jit(f as (...x: NDArray[]) => NDArray[]) as Arrays;

/** Directions of the form of some arrays. */
const like = (all: readonly NDArray[]): NDArray[] =>
  all.map((x, i) =>
    x
      .mul(0.5)
      .add(0.25 * (i + 1))
      .astype(x.dtype),
  );

function checkValue(c: Case): void {
  const inputs = c.example(0);
  const expected = [...c.f(...inputs)];
  const f = compiled(((...x: NDArray[]) => [...c.f(...x)]) as Arrays);
  const actual = f(...inputs);
  agreeForms(actual, expected, "jit");
  agreeAll(actual, expected, c.precision.same, `${c.label}: jit`);
  // The second run computes it again, of other numbers.
  agreeAll(f(...c.example(1)), [...c.f(...c.example(1))], c.precision.same, `${c.label}: jit again`);
}

function checkTransformed(c: Case): void {
  const { f, x, y } = smoothPart(c);
  const own = compiled(f);
  const [t, g] = [like(x), like(y)];
  const { same } = c.precision;
  const n = x.length;
  const back = backwards(f, n);
  const forth = forwards(f, n);
  const [pulled, pushed] = [back(...x, ...g), forth(...x, ...t)];
  agreeAll(pullback(own, x, g), pulled, same, `${c.label}: vjp of jit`);
  agreeAll(compiled(back)(...x, ...g), pulled, same, `${c.label}: jit of vjp`);
  agreeAll(tangent(own, x, t), pushed, same, `${c.label}: jvp of jit`);
  agreeAll(compiled(forth)(...x, ...t), pushed, same, `${c.label}: jit of jvp`);
  const lanes = [0, 1].map((k) => smoothPart(c, 0).x.map((each) => each.add(k * 1e-3)));
  const stacked = x.map((_, i) => stack([lanes[0][i], lanes[1][i]]));
  const mapped = vmap(f)(...stacked) as NDArray[];
  agreeAll(vmap(own)(...stacked) as NDArray[], mapped, same, `${c.label}: vmap of jit`);
  agreeAll(compiled(vmap(f) as Arrays)(...stacked), mapped, same, `${c.label}: jit of vmap`);
  const twice = tangent(back, [...x, ...g], [...t, ...like(g)]);
  agreeAll(tangent(backwards(own, n), [...x, ...g], [...t, ...like(g)]), twice, c.precision.derivative, `${c.label}: jvp of vjp of jit`);
}

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
  const turns = group === "primitives" ? 1 : 2;
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
    expect(failures(checkValue, (entry) => casesOf(entry).filter((c, i) => isDue(c, entry, i + all.indexOf(entry))))).toEqual([]));
  test("jit goes through vjp, jvp, vmap and second derivatives, inside and outside", () =>
    expect(
      failures(checkTransformed, (entry) =>
        isTurn(all.indexOf(entry), turns)
          ? casesOf(entry).filter((c) => c.layout === "dense" && isSmooth(c) && c.example(0).some((x) => isFloat(x.dtype)))
          : [],
      ),
    ).toEqual([]));
});
