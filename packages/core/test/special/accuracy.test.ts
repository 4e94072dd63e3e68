import { expect, test } from "vitest";
import * as ad from "../../src/index.js";
import { error, readCases } from "../ulps.js";

// tools/expectations/special-functions.py writes these cases.
const tables = readCases("special-functions.json");

test.each(["erfInv", "besselI0", "besselI1"] as const)("%s is within 4 ulp of the true value", (name) => {
  const cases = tables[name];
  const actual = ad[name](Float64Array.from(cases, ([x]) => x)).data();
  const errors = cases.map(([x, expected, rest], i) => ({ x, actual: actual[i], expected, ulps: error(actual[i], expected, rest) }));
  const [worst] = errors.toSorted((a, b) => b.ulps - a.ulps);
  console.log(`${name}: ${worst.ulps.toFixed(2)} ulp at ${worst.x}, ${cases.length} cases`);
  expect(errors.filter(({ ulps }) => !(ulps <= 4))).toEqual([]);
});
