import { readFileSync } from "node:fs";
import { array, linalg, type NDArray } from "@ad/core";
import { describe, expect, test } from "vitest";
import * as random from "../src/index.js";

// SciPy's distributions: tools/expectations/distributions.py writes the file.
type Case = readonly [
  op: string,
  args: readonly unknown[],
  edges: readonly number[],
  probabilities: readonly number[],
  mean: number | null,
  deviation: number | null,
];
const cases: readonly Case[] = JSON.parse(readFileSync(new URL("./expectations/distributions.json", import.meta.url), "utf8"));
const sampler = random as unknown as Readonly<Record<string, (...args: readonly unknown[]) => NDArray>>;

const n = 100_000;
const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);

/** χ² of counts, and how many deviations of its own it is above its mean. */
function surprise(counts: readonly number[], wanted: readonly number[]): number {
  const freedom = counts.length - 1;
  return (sum(counts.map((count, i) => (count - wanted[i]) ** 2 / wanted[i])) - freedom) / Math.sqrt(2 * freedom);
}

describe("100 000 draws are distributed as SciPy says, tails and moments too", () => {
  test.each(cases)("%s %j", (op, args, edges, probabilities, mean, deviation) => {
    const draws = Array.from(sampler[op](random.key(7), [n], ...args).data(), Number);
    const counts = new Array<number>(edges.length + 1).fill(0);
    for (const x of draws) {
      let at = 0;
      while (at < edges.length && x > edges[at]) at++;
      counts[at]++;
    }
    expect(
      surprise(
        counts,
        probabilities.map((p) => p * n),
      ),
    ).toBeLessThan(4);
    if (mean === null || deviation === null) return;
    const centre = sum(draws) / n;
    expect(Math.abs(centre - mean)).toBeLessThan((4 * deviation) / Math.sqrt(n));
    expect(Math.sqrt(sum(draws.map((x) => (x - centre) ** 2)) / n) / deviation).toBeCloseTo(1, 1);
  });
});

describe("vectors", () => {
  const covarianceOf = (x: NDArray): NDArray => {
    const centred = x.sub(x.mean(0));
    return centred.T.matmul(centred).div(x.shape[0]);
  };
  const far = (a: NDArray, b: unknown): number =>
    a
      .sub(array(b as number[]))
      .abs()
      .max()
      .item();

  test("multivariateNormal has its mean and its covariance", () => {
    const x = random.multivariateNormal(
      random.key(1),
      [n],
      [1, -2],
      [
        [2, 0.6],
        [0.6, 1],
      ],
    );
    expect(far(x.mean(0), [1, -2])).toBeLessThan(0.02);
    expect(
      far(covarianceOf(x), [
        [2, 0.6],
        [0.6, 1],
      ]),
    ).toBeLessThan(0.03);
  });
  test("dirichlet lies on the simplex, and has its mean", () => {
    const x = random.dirichlet(random.key(2), [n], [0.3, 1, 2.7]);
    expect(far(x.sum(1), 1)).toBeLessThan(1e-14);
    expect(far(x.mean(0), [0.075, 0.25, 0.675])).toBeLessThan(0.004);
  });
  test("orthogonal matrices are orthogonal, and turn no direction into a preferred one", () => {
    const q = random.orthogonal(random.key(3), [2000], 4);
    expect(
      far(q.matmul(q.swapaxes(-1, -2)), [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
      ]),
    ).toBeLessThan(1e-14);
    expect(q.mean(0).abs().max().item()).toBeLessThan(0.05);
    expect(q.square().mean(0).sub(0.25).abs().max().item()).toBeLessThan(0.03);
    // Half of them are reflections.
    expect(Math.abs(linalg.det(q).mean().item())).toBeLessThan(0.1);
  });
  test.each([1, 2, 5, Infinity])("points of the ball of exponent %d fill it evenly", (p) => {
    const sizes = random.ball(random.key(4), [n], 3, { p }).abs();
    const radii =
      p === Infinity
        ? sizes.max(1)
        : sizes
            .pow(p)
            .sum(1)
            .pow(1 / p);
    expect(radii.max().item()).toBeLessThanOrEqual(1);
    // The part of the volume inside of a radius is its third power.
    const volumes = Array.from(radii.data(), (r) => Math.floor(r ** 3 * 20));
    const counts = Array.from({ length: 20 }, (_, i) => volumes.filter((v) => v === i).length);
    expect(
      surprise(
        counts,
        counts.map(() => n / 20),
      ),
    ).toBeLessThan(4);
  });
  test.each(["float32", "float64"] as const)("the ball of a large exponent is nearly a cube, in %s", (dtype) => {
    const x = random.ball(random.key(4), [1000], 3, { p: 1e6, dtype }).abs();
    expect(x.mean().item()).toBeCloseTo(0.5, 1);
    expect(x.min().item()).toBeGreaterThan(0);
    expect(x.max().item()).toBeLessThanOrEqual(1);
  });

  test("the ball of exponent Infinity is a cube, whose coordinates are independent of each other", () => {
    const x = random.ball(random.key(4), [n], 3, { p: Infinity });
    const [a, b] = [x.slice([null, null], 0), x.slice([null, null], 1)].map((each) =>
      Array.from(each.data(), (v) => Math.floor((v + 1) * 4)),
    );
    const counts = Array.from({ length: 64 }, (_, i) => a.filter((v, k) => v * 8 + b[k] === i).length);
    expect(
      surprise(
        counts,
        counts.map(() => n / 64),
      ),
    ).toBeLessThan(4);
    const narrow = random.ball(random.key(4), [2], 3, { p: 1e39, dtype: "float32" });
    expect([narrow.dtype, narrow.shape, narrow.abs().max().item() <= 1]).toEqual(["float32", [2, 3], true]);
  });
  test("rademacher numbers are 1 and −1", () => {
    const x = random.rademacher(random.key(5), [n]);
    expect([...new Set(x.data())].sort()).toEqual([-1, 1]);
    expect(Math.abs(x.sum().item())).toBeLessThan(4 * Math.sqrt(n));
  });
  test("each order of three is as frequent as the others", () => {
    const x = random.shuffle(random.key(6), array([0, 1, 2]).expandDims(1).broadcastTo([3, n]), 0);
    const codes = Array.from(x.slice(0).mul(3).add(x.slice(1)).data());
    const counts = [1, 2, 3, 5, 6, 7].map((code) => codes.filter((c) => c === code).length);
    expect(
      surprise(
        counts,
        counts.map(() => n / 6),
      ),
    ).toBeLessThan(4);
  });
  test("words of a key are evenly spread", () => {
    const x = random.bits(random.key(8), [n]).data();
    const each = Array.from({ length: 32 }, (_, bit) => sum(Array.from(x, (word) => (word >>> bit) & 1)));
    for (const ones of each) expect(Math.abs(ones - n / 2)).toBeLessThan(4 * Math.sqrt(n / 4));
  });
});
