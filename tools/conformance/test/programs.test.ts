import { writeSync } from "node:fs";
import { isTurn } from "@ad/expect/turns";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directions } from "../src/compare.js";
import { caseOf, checkTrial, type Trial, trial } from "../src/programs/generator.js";
import { listing, stepNames } from "../src/programs/program.js";
import { smoothPart, tangent } from "../src/smooth.js";
import { changed, type Table, tables } from "./tables.js";

const { AD_FUZZ_RUNS, AD_FUZZ_SEED } = process.env;
const runs = Number(AD_FUZZ_RUNS ?? 300);
const seed = Number(AD_FUZZ_SEED ?? 20);
const each = 50;
/** The turns of a run that is asked for nothing else. */
const turns = AD_FUZZ_RUNS || AD_FUZZ_SEED ? 1 : 6;

test(`${runs} random programs from seed ${seed} keep every identity`, { timeout: 1000 * (30 + runs) }, () => {
  expect(runs).toBeGreaterThan(0);
  const begin = performance.now();
  for (let done = 0; done < runs; done += each) {
    if (!isTurn(done / each, turns)) continue;
    const count = Math.min(each, runs - done);
    fc.assert(fc.property(trial, checkTrial), { seed: seed + done, numRuns: count });
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

describe("a program finds a rule that is off by a hundredth", () => {
  const off = (rule: unknown): unknown => changed(rule as Parameters<typeof changed>[0], (out) => out.mul(1.01));
  const { partials, transposes, bilinear, vmap } = tables;
  const second = (rules: unknown): unknown => [(rules as unknown[])[0], off((rules as unknown[])[1])];
  /** The step between two of another kind, its operands the two inputs: no seed decides whether the rule is met. */
  const around = (name: string, ...shapes: readonly number[][]): Trial => {
    const steps = ["sin", name, "cos"].map((each) => ({ op: stepNames.indexOf(each), a: 0, b: 1, p: 1, q: 0, body: undefined }));
    return { steps, kinks: false, shapes, seed, layout: "dense" };
  };
  const cases: readonly [string, Table, string, (rule: unknown) => unknown, Trial][] = [
    ["the slope of mul", partials, "mul", second, around("mul", [2, 3], [2, 3])],
    ["the transpose of broadcast", transposes, "broadcast", off, around("mul", [3], [2, 3])],
    ["a transpose of matmul", bilinear, "matmul", second, around("matmul", [2, 2], [2, 2])],
    ["the batching rule of sum", vmap, "sum", off, around("sum", [2, 3])],
  ];
  test.each(cases)("%s", (_, table, name, breaking, t) => {
    checkTrial(t);
    const rule = table[name];
    table[name] = breaking(rule);
    try {
      expect(() => checkTrial(t)).toThrow(/: element \d+ is .* instead of | against /);
    } finally {
      table[name] = rule;
    }
  });
});
