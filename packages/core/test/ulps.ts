import { readFileSync } from "node:fs";

/** Cases of a script in tools/expectations: arguments, the float64 nearest to the true value, and what that lacks in ulp. */
type Json = number | "nan" | "inf" | "-inf" | "-0";

const named: Record<string, number> = { nan: NaN, inf: Infinity, "-inf": -Infinity, "-0": -0 };
const decode = (x: Json): number => (typeof x === "number" ? x : named[x]);

export function readCases(file: string): Record<string, number[][]> {
  const tables = JSON.parse(readFileSync(new URL(`./expectations/${file}`, import.meta.url), "utf8")) as Record<string, Json[][]>;
  return Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, rows.map((row) => row.map(decode))]));
}

/** The distance from |x| to the next float64 above. */
export function ulp(x: number): number {
  const bits = new BigInt64Array(new Float64Array([Math.abs(x)]).buffer);
  const next = new Float64Array(new BigInt64Array([bits[0] + 1n]).buffer)[0];
  return Number.isFinite(next) ? next - Math.abs(x) : 2 ** 971;
}

/** Returns the distance of the answer from the true value, in ulp of `of`; Infinity where they are not both finite, or zeros of unlike signs. */
export function error(actual: number, expected: number, rest: number, of = expected): number {
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) return Object.is(actual, expected) ? 0 : Infinity;
  if (actual === 0 && expected === 0 && rest === 0) return Object.is(actual, expected) ? 0 : Infinity;
  return Math.abs((actual - expected) / ulp(of) - rest * (ulp(expected) / ulp(of)));
}
