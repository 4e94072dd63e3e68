import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import * as special from "../../src/cpu/special.js";

// Values at 50 digits: tools/expectations/special.py writes them. A row is [argument, …, value].
type Row = readonly (number | string)[];
const table = JSON.parse(readFileSync(new URL("../expectations/special.json", import.meta.url), "utf8")) as Readonly<Record<string, Row[]>>;

const number = (x: number | string): number => (x === "-0" ? -0 : x === "inf" ? Infinity : x === "-inf" ? -Infinity : Number(x));

const view = new DataView(new ArrayBuffer(8));
/** The doubles in their order, counted. */
function rank(x: number): bigint {
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

/** How many doubles lie between two; 0 and −0 are one. */
function ulps(actual: number, expected: number): number {
  if (Number.isNaN(actual) || Number.isNaN(expected)) return Object.is(actual, expected) ? 0 : Infinity;
  const steps = rank(actual) - rank(expected);
  return Number(steps < 0n ? -steps : steps);
}

/** An error in units of the last place of another, larger value. */
function ulpsOf(actual: number, expected: number, size: number): number {
  if (actual === expected) return 0;
  return Math.abs(actual - expected) / 2 ** (Math.floor(Math.log2(Math.max(Math.abs(expected), size))) - 52);
}

type Call = (...args: number[]) => number;
const { log2, log10, cbrt } = Math;
const functions = { ...special, log2, log10, cbrt } as unknown as Readonly<Record<string, Call>>;

const report: string[] = [];
afterAll(() => console.log(report.join("\n")));

function worst(name: string, rows: readonly Row[], error: (actual: number, expected: number, ...args: number[]) => number = ulps) {
  let [most, at, sum] = [0, "", 0];
  for (const row of rows) {
    const args = row.slice(0, -1).map(number);
    const found = error(functions[name.split(",")[0]](...args), number(row[row.length - 1]), ...args);
    sum += found;
    if (!(found <= most)) [most, at] = [found, `(${args})`];
  }
  report.push(`${name}: ${+most.toFixed(2)} ulp at ${at}, ${(sum / rows.length).toFixed(2)} on average over ${rows.length}`);
  return most;
}

/** Where a function has zeros between terms that do not vanish, its error is measured against the size of these terms. */
const conditioned: Readonly<Record<string, readonly [name: string, (...args: number[]) => number]>> = {
  lgamma: ["x < 0", (x) => (x < 0 ? Math.max(1, special.lgamma(1 - x)) : 0)],
  digamma: ["x < 0", (x) => (x < 0 ? Math.max(1, special.digamma(1 - x)) : 0)],
  polygamma: ["n = 2, x < 0", (n, x) => (x < 0 && n === 2 ? 2 / Math.abs(x - Math.round(x)) ** 3 : 0)],
  logaddexp: ["around 0", (x, y) => (Math.max(x, y) < 0 && Math.max(x, y) > -2 ? -Math.max(x, y) : 0)],
};

describe("to 4 units in the last place", () => {
  test.each(Object.keys(table))("%s", (name) => {
    const [label, size] = conditioned[name] ?? ["", () => 0];
    const numbers = (row: Row): number[] => row.slice(0, -1).map(number);
    const hard = table[name].filter((row) => size(...numbers(row)) !== 0);
    const rest = table[name].filter((row) => size(...numbers(row)) === 0);
    const high = name === "polygamma" ? rest.filter(([n]) => (n as number) > 3) : [];
    expect(worst(name, high.length > 0 ? rest.filter((row) => !high.includes(row)) : rest)).toBeLessThanOrEqual(4);
    if (high.length > 0) expect(worst(`${name}, n = 4 … 20`, high)).toBeLessThanOrEqual(16);
    if (hard.length > 0)
      expect(worst(`${name}, ${label}`, hard, (actual, expected, ...args) => ulpsOf(actual, expected, size(...args)))).toBeLessThanOrEqual(
        4,
      );
  });
});

const same = (cases: readonly (readonly [actual: number, expected: number])[]): void => {
  expect(cases.map(([actual]) => actual)).toEqual(cases.map(([, expected]) => expected));
};
const { erf, erfc, erfInv, lgamma, digamma, polygamma, roundHalfEven, mod, pow, hypot2, logaddexp, softplus, sigmoid } = special;
const [inf, nan] = [Infinity, Number.NaN];

describe("at zeros, infinities, poles and NaN", () => {
  test("erf, erfc, erfInv", () => {
    same([
      [erf(0), 0],
      [erf(-0), -0],
      [erf(inf), 1],
      [erf(-inf), -1],
      [erf(nan), nan],
      [erfc(0), 1],
      [erfc(-0), 1],
      [erfc(inf), 0],
      [erfc(-inf), 2],
      [erfc(nan), nan],
      [erfInv(0), 0],
      [erfInv(-0), -0],
      [erfInv(1), inf],
      [erfInv(-1), -inf],
      [erfInv(1.1), nan],
      [erfInv(nan), nan],
    ]);
  });
  test("lgamma, digamma, polygamma", () => {
    same([
      [lgamma(0), inf],
      [lgamma(-0), inf],
      [lgamma(-1), inf],
      [lgamma(-1e300), inf],
      [lgamma(inf), inf],
      [lgamma(-inf), inf],
      [lgamma(nan), nan],
      [lgamma(3e305), inf],
      [lgamma(1), 0],
      [lgamma(2), 0],
      [digamma(0), -inf],
      [digamma(-0), inf],
      [digamma(-1), nan],
      [digamma(-1e300), nan],
      [digamma(inf), inf],
      [digamma(-inf), nan],
      [digamma(nan), nan],
      [polygamma(0, 0), -inf],
      [polygamma(1, 0), inf],
      [polygamma(1, -0), inf],
      [polygamma(1, -3), inf],
      [polygamma(1, inf), 0],
      [polygamma(1, -inf), nan],
      [polygamma(1, nan), nan],
      [polygamma(2, 0), -inf],
      [polygamma(2, -0), inf],
      [polygamma(2, -3), nan],
      [polygamma(2, inf), -0],
    ]);
  });
  test("roundHalfEven", () => {
    const halves = [0.5, 1.5, 2.5, 3.5, 2 ** 51 + 0.5, 2 ** 51 + 1.5].flatMap((x) => [x, -x]);
    expect(halves.map(roundHalfEven)).toEqual([0, 2, 2, 4, 2 ** 51, 2 ** 51 + 2].flatMap((x) => [x, -x]));
    same([0, -0, inf, -inf, nan, 2 ** 52 + 1, -(2 ** 53), 1e300].map((x) => [roundHalfEven(x), x] as const));
    same([
      [roundHalfEven(0.49999999999999994), 0],
      [roundHalfEven(-0.3), -0],
      [roundHalfEven(-0.7), -1],
      [roundHalfEven(1.4999999999999998), 1],
      [roundHalfEven(5e-324), 0],
    ]);
  });
  test("mod takes the divisor's sign", () => {
    same([
      [mod(7, 3), 1],
      [mod(-7, 3), 2],
      [mod(7, -3), -2],
      [mod(-7, -3), -1],
      [mod(6, 3), 0],
      [mod(-6, 3), 0],
      [mod(6, -3), -0],
      [mod(-0, 3), 0],
      [mod(0, -3), -0],
      [mod(-0.5, inf), inf],
      [mod(0.5, -inf), -inf],
      [mod(0.5, inf), 0.5],
      [mod(-0.5, -inf), -0.5],
      [mod(5, 0), nan],
      [mod(5, -0), nan],
      [mod(inf, 2), nan],
      [mod(-inf, inf), nan],
      [mod(nan, 2), nan],
      [mod(2, nan), nan],
    ]);
  });
  test("pow", () => {
    const any = [nan, inf, -inf, 0, -0, 2, -0.5];
    same([...any.map((y) => [pow(1, y), 1] as const), ...any.map((x) => [pow(x, 0), 1] as const)]);
    same([
      [pow(-1, inf), 1],
      [pow(-1, -inf), 1],
      [pow(-1, nan), nan],
      [pow(nan, 1), nan],
      [pow(nan, 2), nan],
      [pow(-2, 0.5), nan],
      [pow(0, -1), inf],
      [pow(-0, -1), -inf],
      [pow(-0, -2), inf],
      [pow(-0, 3), -0],
      [pow(-0, 2), 0],
      [pow(-0, 0.5), 0],
      [pow(-inf, 3), -inf],
      [pow(-inf, 2), inf],
      [pow(-inf, 0.5), inf],
      [pow(-inf, -3), -0],
      [pow(0.5, inf), 0],
      [pow(0.5, -inf), inf],
      [pow(-2, inf), inf],
    ]);
  });
  test("pow of whole numbers is exact where a double holds the power", () => {
    const wrong: string[] = [];
    for (let x = 2; x < 1000; x++)
      for (let y = 1; y < 1024; y++) {
        const exact = BigInt(x) ** BigInt(y);
        if (exact > 2n ** 1023n) break;
        const value = Number(exact);
        if (BigInt(value) !== exact) {
          if (x % 2 === 1) break;
          continue;
        }
        if (pow(x, y) !== value || pow(-x, y) !== (y % 2 ? -value : value)) wrong.push(`${x}^${y}`);
      }
    expect(wrong).toEqual([]);
  });
  test("hypot2", () => {
    same([
      [hypot2(0, 0), 0],
      [hypot2(-0, 0), 0],
      [hypot2(inf, nan), inf],
      [hypot2(nan, -inf), inf],
      [hypot2(1, -inf), inf],
      [hypot2(nan, 1), nan],
      [hypot2(1e308, 1e308), 1.4142135623730951e308],
      [hypot2(1.7e308, 1.7e308), inf],
      [hypot2(-3, 4), 5],
    ]);
  });
  test("logaddexp, softplus, sigmoid", () => {
    same([
      [logaddexp(-inf, -inf), -inf],
      [logaddexp(inf, inf), inf],
      [logaddexp(inf, -inf), inf],
      [logaddexp(-inf, inf), inf],
      [logaddexp(-inf, 3), 3],
      [logaddexp(3, inf), inf],
      [logaddexp(nan, -inf), nan],
      [logaddexp(inf, nan), nan],
      [logaddexp(1000, 0), 1000],
      [softplus(-inf), 0],
      [softplus(inf), inf],
      [softplus(nan), nan],
      [softplus(1e4), 1e4],
      [sigmoid(-inf), 0],
      [sigmoid(inf), 1],
      [sigmoid(nan), nan],
      [sigmoid(0), 0.5],
      [sigmoid(-745), 5e-324],
    ]);
  });
});
