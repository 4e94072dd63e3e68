import { readFileSync } from "node:fs";
import { array, grad, type NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";
import { logSlope } from "../src/implicit.js";
import { gamma, key } from "../src/index.js";

// [α, y, dy/dα, d²y/dα²] where P(α, exp(y)) stays: tools/expectations/quantiles.py writes the file.
const cases: readonly (readonly [number, number, number, number])[] = JSON.parse(
  readFileSync(new URL("./expectations/quantiles.json", import.meta.url), "utf8"),
);
const [alphas, ys, firsts, seconds] = [0, 1, 2, 3].map((i) => array(cases.map((each) => each[i])));

const worst = (actual: NDArray, wanted: NDArray): number => actual.sub(wanted).div(wanted.abs()).abs().max().item();

test("the derivative of a gamma number by its shape is that of the quantile", () => {
  expect(worst(logSlope(alphas, ys), firsts)).toBeLessThan(1e-13);
});

test("a shape so large that its number differs from it by less than rounding moves it by as much", () => {
  for (const alpha of [1e10, 1e15, 1e20, 1e30, 1e300]) {
    const own = gamma(key(1), [], alpha).item<number>();
    const slope = grad((a: NDArray) => gamma(key(1), [], a))(array(alpha)).item<number>();
    expect(Math.abs(slope - 1 - (own / alpha - 1) / 2)).toBeLessThan(1e-9);
  }
});

/** The total derivative of the slope along the quantile. */
const second = (a: NDArray, y: NDArray): NDArray => jvp(logSlope, [a, y], [array(1), logSlope(a, y)])[1];

test("so is the second derivative, in forward mode, in reverse mode, and in a batch", () => {
  const forward = vmap(second)(alphas, ys);
  expect(worst(forward, seconds)).toBeLessThan(1e-9);
  const reverse = vmap((a: NDArray, y: NDArray) => {
    const [byA, byY] = grad(logSlope, { argnums: [0, 1] })(a, y);
    return byA.add(byY.mul(logSlope(a, y)));
  })(alphas, ys);
  expect(worst(reverse, forward)).toBeLessThan(1e-12);
});
