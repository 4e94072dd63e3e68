import { afterEach, expect, test } from "vitest";
import { quotients, totals } from "../../../src/cpu/kernels/anchored.js";
import { limits } from "../../../src/cpu/limits.js";
import { ulp } from "../../ulps.js";

const storages = { float32: Float32Array, float64: Float64Array };
const before = { ...limits };
afterEach(() => {
  Object.assign(limits, before);
});

const total = (top: number, rest: number): number => top + Math.log1p(rest);
const share = (top: number, rest: number): number => (Number.isFinite(top) ? 1 + rest : Number.NaN);

/** Both functions, by kernels and by JavaScript. */
function bothWays(x: Float32Array | Float64Array, at: number, lines: number, n: number) {
  const Storage = x.constructor as Float64ArrayConstructor;
  return [1, Infinity].map((vectors) => {
    limits.vectors = vectors;
    const [sums, shares] = [new Storage(lines), new Storage(lines * n)];
    totals(x, at, lines, n, total, sums);
    quotients(x, at, lines, n, share, shares);
    return { sums, shares };
  });
}

/** Within so many units of the larger in its dtype; special values are the same. */
function expectNear(actual: Float32Array | Float64Array, wanted: Float32Array | Float64Array, ulps: number): void {
  const unit = (y: number): number => (actual instanceof Float32Array ? Math.max(Math.abs(y) * 2 ** -23, 1.5e-45) : ulp(y));
  const isFar = (y: number, i: number): boolean => !Object.is(y, wanted[i]) && !(Math.abs(y - wanted[i]) <= ulps * unit(wanted[i]));
  expect(
    Array.from(actual)
      .flatMap((y, i) => (isFar(y, i) ? [[i, y, wanted[i]]] : []))
      .slice(0, 9),
  ).toEqual([]);
}

test.each(["float32", "float64"] as const)("exponentials of %s lines are the same by kernels and by JavaScript", (dtype) => {
  for (const [lines, n] of [
    [1, 1],
    [400, 1],
    [1, 5000],
    [3, 9001],
    [7, 1000],
    [100, 10],
    [1000, 7],
    [5, 8],
    [33, 129],
  ]) {
    const x = new storages[dtype](Array.from({ length: 2 + lines * n }, (_, i) => ((i * 7919) % 1009) / 50 - 10));
    const [kernels, plain] = bothWays(x, 2, lines, n);
    expectNear(kernels.sums, plain.sums, 4);
    // The rest without the greatest is rounded, by up to half a unit of 20.
    expectNear(kernels.shares, plain.shares, 32);
  }
});

test.each(["float32", "float64"] as const)("%s lines with NaN, infinities, far elements and equal ones", (dtype) => {
  const { NaN: none, POSITIVE_INFINITY: inf } = Number;
  const kinds = [[none], [inf], [-inf], [inf, none], [inf, inf], [-inf, -inf, 3], [1e30, -1e30], [-700, 700], [-0, 0], [88, 88, 88]];
  for (const n of [8, 20, 300])
    for (const fill of [1, -inf, inf]) {
      const x = new storages[dtype](kinds.length * n).fill(fill);
      kinds.forEach((kind, l) => x.set(kind, l * n + (l % 5)));
      const [kernels, plain] = bothWays(x, 0, kinds.length, n);
      // JavaScript adds one after the other, with more rounding.
      expectNear(kernels.sums, plain.sums, n / 4 + 2);
      expectNear(kernels.shares, plain.shares, n / 4 + 2);
    }
});

test("a rest that is small beside the greatest counts", () => {
  const x = new Float64Array(1000).fill(-60);
  x[77] = 0;
  const sums = new Float64Array(1);
  totals(x, 0, 1, 1000, total, sums);
  expect(Math.abs(sums[0] / (999 * Math.exp(-60)) - 1)).toBeLessThan(1e-15);
});

test.each(["float32", "float64"] as const)("the longest line of %s that kernels take", (dtype) => {
  const n = (1 << 23) / storages[dtype].BYTES_PER_ELEMENT;
  const [x, sums, shares] = [new storages[dtype](n), new storages[dtype](1), new storages[dtype](n)];
  totals(x, 0, 1, n, total, sums);
  quotients(x, 0, 1, n, share, shares);
  expect(sums[0] / Math.log(n)).toBeCloseTo(1, 6);
  expect(shares.every((y) => y === 1 / n)).toBe(true);
});
