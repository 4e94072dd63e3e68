import { writeSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directions } from "../src/compare.js";
import { caseOf, checkTrial, trial } from "../src/programs/generator.js";
import { listing, stepNames } from "../src/programs/program.js";
import { smoothPart, tangent } from "../src/smooth.js";
import { type Table, tables } from "./tables.js";

const { AD_FUZZ_RUNS, AD_FUZZ_SEED } = process.env;
const runs = Number(AD_FUZZ_RUNS ?? 300);
const seed = Number(AD_FUZZ_SEED ?? 20);
const each = 50;

/** The error of the first failing program among so many, made as short as possible if wanted, or undefined. */
function failure(count: number, from: number, shrink: boolean): Error | undefined {
  try {
    fc.assert(fc.property(trial, checkTrial), { seed: from, numRuns: count, endOnFailure: !shrink });
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

test(`${runs} random programs from seed ${seed} keep every identity`, { timeout: 1000 * (30 + runs) }, () => {
  expect(runs).toBeGreaterThan(0);
  const begin = performance.now();
  for (let done = 0; done < runs; done += each) {
    const count = Math.min(each, runs - done);
    const error = failure(count, seed + done, true);
    if (error) throw error;
    if (AD_FUZZ_RUNS) writeSync(1, `${done + count} of ${runs} programs, ${((performance.now() - begin) / 1000).toFixed(1)} s\n`);
  }
});

test("the programs of a run use every operation and transformation, and have derivatives", () => {
  const trials = fc.sample(trial, { seed: 20, numRuns: 300 });
  const text = trials.map((t) => listing(t, caseOf(t).example(0))).join("\n");
  const used = new Set(Array.from(text.matchAll(/^ *(\w+) of \[/gm), ([, name]) => name));
  expect([...stepNames].filter((name) => !used.has(name))).toEqual([]);
  const moving = trials.filter((t) => {
    const { f, x } = smoothPart(caseOf(t));
    return tangent(f, x, directions(x, "t")).some((pushed) => pushed.data().some((value) => Math.abs(value) > 1e-3));
  });
  // The others have inputs without elements, or end in a step that forgets them, such as floor.
  expect(moving.length).toBeGreaterThan(200);
});

describe("random programs find a rule that is off by a hundredth", () => {
  type Rule = (...args: readonly unknown[]) => { mul: (factor: number) => unknown };
  const off =
    (rule: unknown): Rule =>
    (...args) =>
      (rule as Rule)(...args).mul(1.01) as ReturnType<Rule>;
  const { partials, transposes, bilinear, vmap } = tables;
  const second = (rules: unknown): unknown => [(rules as unknown[])[0], off((rules as unknown[])[1])];
  const cases: readonly [string, Table, string, (rule: unknown) => unknown][] = [
    ["the slope of mul", partials, "mul", second],
    ["the transpose of broadcast", transposes, "broadcast", off],
    ["a transpose of matmul", bilinear, "matmul", second],
    ["the batching rule of sum", vmap, "sum", off],
  ];
  test.each(cases)("%s", { timeout: 30_000 }, (_, table, name, breaking) => {
    const rule = table[name];
    table[name] = breaking(rule);
    try {
      const error = failure(300, seed, false);
      expect(error?.message).toContain("Property failed after");
    } finally {
      table[name] = rule;
    }
  });
});
