import { afterAll, describe, expect, test } from "vitest";
import * as ad from "../../src/index.js";
import * as special from "../../src/primitives/special.js";
import { error, readCases } from "../ulps.js";

// tools/expectations/special.py writes these cases.
const tables = readCases("special.json");

type F = (...args: number[]) => number;
const own = special as unknown as Readonly<Record<string, F | undefined>>;

/** A function of primitives/special.ts, or else the operation of that name, on all cases at once. */
function answers(name: string, columns: readonly number[][]): ArrayLike<number> {
  const f = own[name];
  if (f) return columns[0].map((_, i) => f(...columns.map((column) => column[i])));
  const op = (ad as unknown as Record<string, (...args: Float64Array[]) => ad.NDArray>)[name];
  return op(...columns.map((column) => Float64Array.from(column))).data();
}

// The promises of comments in primitives/special.ts that are less than 4 ulp of the value, in ulp of `scale`.
interface Looser {
  readonly where: (...args: number[]) => boolean;
  readonly ulps: number | F;
  readonly scale: F;
}
const looser: Record<string, Looser> = {
  lgamma: { where: (x) => x < 0, ulps: 5, scale: (x) => Math.max(1, Math.abs(special.lgamma(1 - x))) },
  digamma: {
    where: (x) => x < 0,
    ulps: 5,
    scale: (x) => Math.max(1, Math.abs(special.digamma(1 - x)), Math.abs(Math.PI / Math.tan(Math.PI * (x - Math.round(x))))),
  },
  polygamma: {
    where: (n, x) => n > 50 || (x < 0 && n % 2 === 0),
    ulps: (n) => (n > 50 ? 16 : 4),
    scale: (n, x) => (x < 0 && n % 2 === 0 ? special.polygamma(n, Math.abs(x - Math.round(x))) : special.polygamma(n, x)),
  },
  // A product with a factor that is subnormal, and has lost digits.
  gelu: { where: (x) => x < -37.4, ulps: (x) => -x, scale: () => Number.MIN_VALUE },
  silu: { where: (x) => x < -708, ulps: (x) => -x, scale: () => Number.MIN_VALUE },
  logaddexp: { where: () => true, ulps: 4, scale: (x, y) => Math.max(Math.abs(special.logaddexp(x, y)), Math.abs(Math.max(x, y))) },
};

const report: string[] = [];
afterAll(() => console.log(report.join("\n")));

describe.each(Object.keys(tables))("%s", (name) => {
  const cases = tables[name];

  test("is within 4 ulp of the true value, or as near as it says", () => {
    const wrong: string[] = [];
    let worst = 0;
    let worstAt: number[] = [];
    const arity = cases[0].length - 2;
    const actuals = answers(
      name,
      Array.from({ length: arity }, (_, k) => cases.map((row) => row[k])),
    );
    for (const [i, row] of cases.entries()) {
      const args = row.slice(0, arity);
      const [expected, rest] = row.slice(arity);
      const actual = actuals[i];
      const e = error(actual, expected, rest);
      if (e <= 4) {
        if (e > worst) [worst, worstAt] = [e, args];
        continue;
      }
      const loose = looser[name];
      if (loose?.where(...args)) {
        const allowed = typeof loose.ulps === "number" ? loose.ulps : loose.ulps(...args);
        if (error(actual, expected, rest, loose.scale(...args)) <= allowed) continue;
      }
      wrong.push(`${name}(${args}) is ${actual}, expected ${expected}: ${e} ulp`);
    }
    report.push(`${name}: ${worst.toFixed(2)} ulp at (${worstAt}), ${cases.length} cases`);
    expect(wrong.length + "\n" + wrong.slice(0, 30).join("\n")).toEqual("0\n");
  });
});
