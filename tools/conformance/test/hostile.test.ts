import { array } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { expect, test } from "vitest";
import { attack, type Finding, fault, misspelling } from "../src/hostile/attack.js";

const { AD_HOSTILE_RUNS, AD_HOSTILE_SEED } = process.env;
const runs = Number(AD_HOSTILE_RUNS ?? 20000);
const from = Number(AD_HOSTILE_SEED ?? 0);
/** The turns of a run that is asked for nothing else. */
const turns = AD_HOSTILE_RUNS || AD_HOSTILE_SEED ? 1 : 4;

test(`${runs} calls with arguments that are wrong end in an error of the library or in a whole result`, {
  timeout: 60_000 + runs * 10,
}, async () => {
  const findings: Finding[] = [];
  for (let seed = from; seed < from + runs && findings.length < 400; seed++) {
    if (!isTurn(seed, turns)) continue;
    const finding = await attack(seed);
    if (finding) findings.push(finding);
  }
  expect(findings).toEqual([]);
});

test("an option that there is not is named before anything is returned", () => expect(misspelling()).toEqual([]));

test("both ends are met often", async () => {
  const ends = { thrown: 0, returned: 0 };
  for (let seed = from; seed < from + 2000; seed++) await attack(seed, (end) => ends[end]++);
  expect(ends.thrown).toBeGreaterThan(500);
  expect(ends.returned).toBeGreaterThan(200);
});

test("a result that is not whole is found", () => {
  expect(fault(array([1, 2]))).toBe(undefined);
  expect(fault({ a: [Object.create(array([1, 2]), { shape: { value: [3] } })] })).toBe("2 elements in a result of shape [3]");
  expect(fault([Object.create(array(1), { dtype: { value: "float16" } })])).toBe("a result of dtype float16");
});
