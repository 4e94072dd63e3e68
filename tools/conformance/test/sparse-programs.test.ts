import { writeSync } from "node:fs";
import { isTurn } from "@ad/expect/turns";
import fc from "fast-check";
import { expect, test } from "vitest";
import { caseOf, type Trial, trial } from "../src/programs/generator.js";
import { listing } from "../src/programs/program.js";
import { isSmooth } from "../src/smooth.js";
import { checkCompiledSparsity, checkSparsity } from "../src/sparsity.js";

const { AD_FUZZ_RUNS, AD_FUZZ_SEED } = process.env;
const runs = Number(AD_FUZZ_RUNS ?? 100);
const seed = Number(AD_FUZZ_SEED ?? 20);
const each = 25;
/** The turns of a run that is asked for nothing else. */
const turns = AD_FUZZ_RUNS || AD_FUZZ_SEED ? 1 : 4;

/** jit stands at random places inside of the programs. */
function check(plain: Trial): void {
  const t = { ...plain, jit: true };
  const c = caseOf(t);
  if (!isSmooth(c)) return;
  try {
    checkSparsity(c);
    checkCompiledSparsity(c);
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : error}\n${c.layout}, shapes ${JSON.stringify(t.shapes)}\n${listing(t, c.example(0))}`,
      { cause: error },
    );
  }
}

test(`the patterns of ${runs} random programs from seed ${seed} contain their derivatives, which are the dense ones`, {
  timeout: 1000 * (30 + runs),
}, () => {
  expect(runs).toBeGreaterThan(0);
  const begin = performance.now();
  for (let done = 0; done < runs; done += each) {
    if (!isTurn(done / each, turns)) continue;
    const count = Math.min(each, runs - done);
    fc.assert(fc.property(trial, check), { seed: seed + done, numRuns: count });
    if (AD_FUZZ_RUNS) writeSync(1, `${done + count} of ${runs} programs, ${((performance.now() - begin) / 1000).toFixed(1)} s\n`);
  }
});
