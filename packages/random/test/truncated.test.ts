import { array, grad, type NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { key, split, truncatedNormal } from "../src/index.js";

const k = key(3);

/** The quantiles at the places that the key draws, 0.865…, 0.453… and 0.238…: mpmath. */
const quantiles = [
  [-1, 1, [0.6727596477789884, -0.08016467348575405, -0.46350163327419325]],
  [10, 11, [10.196678045843624, 10.059605290330278, 10.0269503353996]],
  [-40, -39, [-39.00370435743118, -39.02027403762517, -39.03670806898748]],
  [10, Infinity, [10.196693706392953, 10.059607336444659, 10.026951111213515]],
  [-Infinity, -50, [-50.00289019445616, -50.01581941608352, -50.02864490894281]],
  [1000, 1001, [1000.0020053910984, 1000.0006036794553, 1000.0002725142808]],
  [-8, 8, [1.1048739767803064, -0.11756943795234803, -0.711014320162998]],
] as const;

describe.each(quantiles)("between %d and %d", (lower, upper, wanted) => {
  test("the numbers are those at their places", () => {
    const x = truncatedNormal(k, [3], lower, upper).toArray() as number[];
    x.forEach((value, i) => {
      expect(Math.abs(value / wanted[i] - 1)).toBeLessThan(4e-15);
    });
  });

  test("derivatives by the bounds move the probability that the place has of them", () => {
    const own = (a: NDArray, b: NDArray): NDArray => truncatedNormal(k, [3], a, b);
    const [a, b] = [array(lower), array(upper)];
    const [, byLower] = jvp(own, [a, b], [array(1), array(0)]);
    const [, byUpper] = jvp(own, [a, b], [array(0), array(1)]);
    const places = [0.8653929000279257, 0.4532044109693594, 0.2385376809645079];
    places.forEach((u, i) => {
      const x = wanted[i];
      const part = (bound: number): number => Math.exp(((x - bound) * (x + bound)) / 2);
      expect(byLower.slice(i).item()).toBeCloseTo((1 - u) * part(lower), 9);
      expect(byUpper.slice(i).item()).toBeCloseTo(u * part(upper), 9);
    });
  });
});

test("second derivatives, lanes and float32 far out", () => {
  const f = (a: NDArray): NDArray => truncatedNormal(k, [3], a, 11).sum();
  const h = 1e-4;
  const slope = (a: number): number => grad(f)(array(a)).item<number>();
  expect(grad(grad(f))(array(10)).item()).toBeCloseTo((slope(10 + h) - slope(10 - h)) / (2 * h), 6);
  const lanes = vmap((key) => truncatedNormal(key, [2], array([10, -12]), array([11, -11])))(split(k));
  [0, 1].forEach((i) => {
    expect(lanes.slice(i).toArray()).toEqual(truncatedNormal(split(k).slice(i), [2], [10, -12], [11, -11]).toArray());
  });
  const x = truncatedNormal(k, [1000], 10, 10.5, { dtype: "float32" });
  expect(new Set(x.toArray() as number[]).size).toBeGreaterThan(900);
  expect([x.min().item<number>() >= 10, x.max().item<number>() <= 10.5]).toEqual([true, true]);
  expect(truncatedNormal(k, [2], 40, 40).toArray()).toEqual([40, 40]);
});

// mpmath, at the places that the key draws.
test.each([
  [10, [0.981067667720078, 0.994186604242855, 0.997363185426959]],
  [40, [0.998751312573207, 0.99962361760016, 0.999830040061817]],
  [1000, [0.999997994616934, 0.999999396322117, 0.999999727486339]],
  [1e8, [1, 1, 1]],
])("the derivative by a bound has all of its digits at %d", (bound, wanted) => {
  const slope = (sign: number, dtype: "float64" | "float32", other = Infinity): number[] => {
    const at = (a: NDArray): NDArray =>
      sign > 0 ? truncatedNormal(k, [3], a, other, { dtype }) : truncatedNormal(k, [3], -other, a.neg(), { dtype }).neg();
    return jvp(at, [array(bound, { dtype })], [array(1, { dtype })])[1].toArray() as number[];
  };
  const places = [0.8653929000279257, 0.4532044109693594, 0.2385376809645079];
  slope(1, "float64").forEach((own, i) => expect(own / wanted[i]).toBeCloseTo(1, 13));
  // Of an interval that ends at 2·bound nothing is left beyond it.
  slope(1, "float64", 2 * bound).forEach((own, i) => expect(own / wanted[i]).toBeCloseTo(1, 13));
  // The mirrored number is at the mirrored place.
  slope(-1, "float64").forEach((own, i) => expect(own).toBeCloseTo(1 + Math.log(places[i]) / bound ** 2, bound > 10 ? 5 : 2));
  for (const own of slope(1, "float32")) expect(Math.abs(own - 1)).toBeLessThan(6 / bound ** 2 + 2e-7);
});

test.each([
  [0, Infinity],
  [-1, Infinity],
  [-Infinity, 2],
  [9, Infinity],
  [-Infinity, -12],
  [-1, 60],
  [9, 60],
])("second derivatives by both bounds are finite between %d and %d", (lower, upper) => {
  const f = (a: NDArray, b: NDArray): NDArray => truncatedNormal(k, [3], a, b).sum();
  const h = 1e-4;
  const ofLower = grad((a: NDArray) => f(a, array(upper)));
  const ofUpper = grad((b: NDArray) => f(array(lower), b));
  const ends = [
    [ofLower, lower],
    [ofUpper, upper],
  ] as const;
  for (const [slope, at] of ends) {
    const difference = Number.isFinite(at) ? (slope(at + h).item<number>() - slope(at - h).item<number>()) / (2 * h) : 0;
    expect(grad(slope)(array(at)).item()).toBeCloseTo(difference, 6);
  }
});

test("a place of 0, which one of 2²³ numbers of float32 has, is one of those that are rounded to it", () => {
  // The 45th number of this key is at it.
  const f = (b: NDArray): NDArray => truncatedNormal(key(43692), [45], -Infinity, b, { dtype: "float32" }).slice(-1);
  // mpmath: the number at 2⁻²⁴, and its derivative, 2⁻²⁴ times the quotient of the densities.
  expect(f(array(3, { dtype: "float32" })).item()).toBeCloseTo(-5.294951, 5);
  expect(grad(f)(array(3, { dtype: "float32" })).item()).toBeCloseTo(2 ** -24 * Math.exp((5.294951 ** 2 - 9) / 2), 4);
});
