import fc from "fast-check";
import { expect, test } from "vitest";
import { checkTrial, trial } from "../src/programs/generator.js";

const runs = Number(process.env["AD_FUZZ_RUNS"] ?? 300);
const seed = Number(process.env["AD_FUZZ_SEED"] ?? 20);
const each = 50;

test(`${runs} random programs from seed ${seed} keep every identity`, { timeout: 1000 * (30 + runs) }, async () => {
  expect(runs).toBeGreaterThan(0);
  const begin = performance.now();
  for (let done = 0; done < runs; ) {
    const numRuns = Math.min(each, runs - done);
    fc.assert(fc.property(trial, checkTrial), { seed: seed + done, numRuns });
    done += numRuns;
    if (process.env["AD_FUZZ_RUNS"] !== undefined)
      console.log(`${done} of ${runs} programs, ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    // Lets the line out before the next ones.
    await new Promise((next) => setTimeout(next));
  }
});
