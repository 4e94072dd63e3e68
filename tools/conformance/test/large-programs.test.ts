import { writeSync } from "node:fs";
import { type NDArray, vjp } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jit } from "@ad/jit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { agreeAll } from "../src/compare.js";
import { layouts } from "../src/layouts.js";
import { caseOf, largeTrial, type Trial } from "../src/programs/generator.js";
import { listing, toFunction } from "../src/programs/program.js";

const { AD_FUZZ_RUNS, AD_FUZZ_SEED } = process.env;
const runs = Number(AD_FUZZ_RUNS ?? 200);
const seed = Number(AD_FUZZ_SEED ?? 20);
const each = 25;
/** The turns of a run that is asked for nothing else. */
const turns = AD_FUZZ_RUNS || AD_FUZZ_SEED ? 1 : 4;

type Many = (...inputs: NDArray[]) => NDArray[];

/** The values, and the pullback of as many ones. */
const both =
  (f: Many): Many =>
  (...inputs) => {
    const [outs, pull] = vjp(f, ...inputs) as [NDArray[], (cotangents: NDArray[]) => NDArray[]];
    return [...outs, ...pull(outs.map((out) => out.filled(1, out.aval)))];
  };

/** The order in which elements lie, and jit, change no more than rounding; half of the programs have an input of float32 beside float64. */
function check(t: Trial): void {
  const own = caseOf({ ...t, layout: "dense" });
  const isMixed = t.seed % 2 === 1;
  const dense = own.example(0).map((x, i) => (isMixed && i === 0 ? x.astype("float32") : x));
  const laid = dense.map((x) => layouts[t.layout](x, x.device, -1));
  // A layout that repeats elements changes them.
  const plain = t.layout === "broadcast" ? laid.map((x) => layouts.dense(x.mul(1), x.device)) : dense;
  const f = toFunction(t) as Many;
  const tolerance = isMixed ? 1e-2 : 1e-8;
  try {
    for (const g of [f, both(f)]) {
      const expected = g(...plain);
      agreeAll(g(...laid), expected, tolerance, "in another order");
      const compiled = jit(g) as Many;
      agreeAll(compiled(...plain), expected, tolerance, "under jit");
      agreeAll(compiled(...laid), expected, tolerance, "under jit, in another order");
    }
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : error}\n${t.layout}, shapes ${JSON.stringify(t.shapes)}, mixed: ${isMixed}\n${listing(t, dense)}`,
      { cause: error },
    );
  }
}

test(`${runs} random programs of large arrays from seed ${seed} are the same in every order of elements, and under jit`, {
  timeout: 1000 * (30 + runs),
}, () => {
  expect(runs).toBeGreaterThan(0);
  const begin = performance.now();
  for (let done = 0; done < runs; done += each) {
    if (!isTurn(done / each, turns)) continue;
    const count = Math.min(each, runs - done);
    fc.assert(fc.property(largeTrial, check), { seed: seed + done, numRuns: count });
    if (AD_FUZZ_RUNS) writeSync(1, `${done + count} of ${runs} programs, ${((performance.now() - begin) / 1000).toFixed(1)} s\n`);
  }
});
