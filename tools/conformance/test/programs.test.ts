import { writeSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkTrial, trial } from "../src/programs/generator.js";
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

describe("random programs find a rule that is off by a hundredth", () => {
  type Rule = (...args: readonly unknown[]) => { mul: (factor: number) => unknown };
  const off =
    (rule: unknown): Rule =>
    (...args) =>
      (rule as Rule)(...args).mul(1.01) as ReturnType<Rule>;
  const { partials, transposes, weights, reverse, forward, vmap } = tables;
  const cases: readonly [string, Table, string, (rule: unknown) => unknown][] = [
    ["the slope of mul", partials, "mul", (rule) => [(rule as unknown[])[0], off((rule as unknown[])[1])]],
    ["the transpose of broadcast", transposes, "broadcast", off],
    ["the weight of logsumexp", weights, "logsumexp", off],
    ["the reverse rule of softmax", reverse, "softmax", off],
    ["the forward rule of softmax", forward, "softmax", off],
    ["the batching rule of sum", vmap, "sum", off],
  ];
  test.each(cases)("%s", { timeout: 60_000 }, (_, table, name, breaking) => {
    const rule = table[name];
    table[name] = breaking(rule);
    try {
      const error = failure(600, seed, false);
      expect(error?.message).toContain("Property failed after");
    } finally {
      table[name] = rule;
    }
  });
});
