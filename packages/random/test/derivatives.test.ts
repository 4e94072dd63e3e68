import { array, full, grad, type NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { logSlope } from "../src/implicit.js";
import {
  beta,
  choice,
  dirichlet,
  gamma,
  key,
  multivariateNormal,
  normal,
  permutation,
  poisson,
  randint,
  split,
  studentT,
  truncatedNormal,
  uniform,
} from "../src/index.js";

const k = key(11);
type Sampler = (theta: NDArray) => NDArray;

/** Samplers by a parameter, and where. */
const smooth: Readonly<Record<string, readonly [Sampler, number]>> = {
  "uniform by min": [(min) => uniform(k, [4], { min, max: 3 }), 0.5],
  "uniform by max": [(max) => uniform(k, [4], { max }), 2],
  "truncatedNormal by lower": [(a) => truncatedNormal(k, [4], a, 1), -0.7],
  "truncatedNormal by upper": [(b) => truncatedNormal(k, [4], -1, b), 0.8],
  "multivariateNormal by both": [
    (a) =>
      multivariateNormal(
        k,
        [3],
        array([1, 2]).mul(a),
        array([
          [2, 1],
          [1, 2],
        ]).mul(a),
      ),
    1.5,
  ],
  "choice by a": [(a) => choice(k, [5], array([1, 2, 3]).mul(a)), 2],
  "permutation by x": [(a) => permutation(k, array([1, 2, 3]).mul(a.square())), 2],
};

test("Student's numbers of infinitely many degrees are normal ones", () => {
  const k = key(5);
  const df = array([Infinity, 4]);
  const [limit, own] = studentT(k, [2], df).toArray() as number[];
  expect(limit).toBe((normal(split(k).slice(0), [2]).toArray() as number[])[0]);
  expect(own).toBe((studentT(k, [2], 4).toArray() as number[])[1]);
  const slopes = grad((df: NDArray) => studentT(k, [2], df).sum())(df).toArray() as number[];
  expect(slopes[0]).toBe(0);
  expect(slopes[1]).toBe((grad((df: NDArray) => studentT(k, [2], df).sum())(array([4, 4])).toArray() as number[])[1]);
});

describe("a draw moves with its parameter as differences say", () => {
  test.each(Object.entries(smooth))("%s", (_, [f, at]) => {
    const theta = array(at);
    const h = 1e-6;
    const difference = f(array(at + h))
      .sub(f(array(at - h)))
      .div(2 * h);
    const [, forward] = jvp(f, [theta], [array(1)]);
    expect(forward.sub(difference).abs().max().item()).toBeLessThan(1e-7);
    const weights = normal(key(1), forward.shape);
    expect(
      grad((t: NDArray) => f(t).mul(weights).sum())(theta)
        .sub(forward.mul(weights).sum())
        .abs()
        .item(),
    ).toBeLessThan(1e-12);
  });
});

const implicit: Readonly<Record<string, readonly [Sampler, number]>> = {
  gamma: [(a) => gamma(k, [5], a), 2.5],
  "gamma below 1": [(a) => gamma(k, [5], a), 0.4],
  "beta by a": [(a) => beta(k, [5], a, 2), 1.5],
  "beta by b": [(b) => beta(k, [5], 0.5, b), 1.5],
  dirichlet: [(a) => dirichlet(k, [2], array([1, 2, 3]).mul(a)), 0.7],
  studentT: [(df) => studentT(k, [5], df), 6],
};

describe("what moves by implicit differentiation", () => {
  test.each(Object.entries(implicit))("%s: both modes, batches and second derivatives agree", (_, [f, at]) => {
    const theta = array(at);
    const push = (t: NDArray): NDArray => jvp(f, [t], [array(1)])[1];
    const forward = push(theta);
    const weights = normal(key(1), forward.shape);
    const pull = grad((t: NDArray) => f(t).mul(weights).sum());
    expect(pull(theta).sub(forward.mul(weights).sum()).abs().item()).toBeLessThan(1e-12);
    const many = array([at, at * 1.1, at * 2]);
    const lanes = vmap(pull)(many).toArray() as number[];
    lanes.forEach((value, i) => expect(value).toBeCloseTo(pull(many.slice(i)).item(), 12));
    const second = grad(pull)(theta).item();
    expect(second).toBeCloseTo(
      jvp(push, [theta], [array(1)])[1]
        .mul(weights)
        .sum()
        .item(),
      9,
    );
    // The derivative's derivative is that along the draw that moves, in keeping with the first one.
    expect(Number.isFinite(second)).toBe(true);
  });

  test("a gamma number moves as its quantile does, to second order", () => {
    for (const at of [0.4, 3]) {
      const alpha = full([50], at);
      const x = gamma(k, [50], alpha);
      const slope = (a: NDArray): NDArray => grad((b: NDArray) => gamma(k, [50], b).sum())(a);
      const expected = x.mul(logSlope(alpha, x.log()));
      expect(slope(alpha).sub(expected).div(x).abs().max().item()).toBeLessThan(1e-14);
      // Along the quantile both derivatives are held to mpmath in implicit.test.ts: d²x = x (dy² + d²y).
      const second = grad((a: NDArray) => slope(a).sum())(alpha);
      const [, turn] = jvp(logSlope, [alpha, x.log()], [full([50], 1), logSlope(alpha, x.log())]);
      expect(
        second
          .sub(x.mul(logSlope(alpha, x.log()).square().add(turn)))
          .div(x)
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-12);
    }
  });

  // E over the draws of the derivative is the derivative of the mean, or of the mean of a square.
  const n = 40_000;
  const mean = (f: Sampler, at: number): number => grad((t: NDArray) => f(t).mean())(array(at)).item();
  test.each<[string, Sampler, number, number]>([
    ["gamma", (a) => gamma(k, [n], a), 0.3, 1],
    ["gamma in float32", (a) => gamma(k, [n], a, { dtype: "float32" }), 2, 1],
    ["log gamma's exp, squared", (a) => gamma(k, [n], a).square(), 2, 5],
    ["beta by a", (a) => beta(k, [n], a, 2), 1, 2 / 9],
    ["beta by b", (b) => beta(k, [n], 0.5, b), 1, -0.5 / 2.25],
    [
      "dirichlet",
      (a) =>
        dirichlet(
          k,
          [n],
          array([1, 0, 0])
            .mul(a)
            .add(array([0, 1, 2])),
        ).slice(":", 0),
      1,
      3 / 16,
    ],
    ["studentT, squared", (df) => studentT(k, [n], df).square(), 9, -2 / 49],
  ])("%s: the mean of derivatives is the derivative of the mean", (_, f, at, expected) => {
    expect(Math.abs(mean(f, at) / expected - 1)).toBeLessThan(0.05);
  });

  test("a gamma number that is 0 in its dtype has the derivative 0", () => {
    const x = gamma(k, [20], 1e-3, { dtype: "float32" });
    expect(x.data().some((each: number) => each === 0)).toBe(true);
    const slope = grad((a: NDArray) => gamma(k, [20], a, { dtype: "float32" }).sum())(array(1e-3));
    expect(Number.isFinite(slope.item())).toBe(true);
  });
});

test("what is discrete has no derivative", () => {
  const f = (a: NDArray): NDArray => poisson(k, [3], a, { dtype: "float64" }).sum().add(a);
  expect(grad(f)(4).item()).toBe(1);
  expect(jvp(f, [array(4)], [array(1)])[1].item()).toBe(1);
  expect(randint(split(k)[Symbol.iterator]().next().value as NDArray, [2], 0, 5).dtype).toBe("int32");
});
