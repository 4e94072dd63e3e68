import { array, type NDArray } from "@ad/core";
import { jit } from "@ad/jit";
import { binomial, categorical, choice, key, poisson, randint, uniform } from "@ad/random";
import { vmap } from "@ad/vmap";
import { expect, test } from "vitest";

// A program cannot refuse the parameters of a count: where they are none, it says so.
test("inside of jit a count without parameters is −1, or NaN of a floating dtype", () => {
  const k = key(0);
  const rates = array([Number.NaN, -1, 3, 2 ** 40, Number.POSITIVE_INFINITY]);
  const counts = (dtype: "int32" | "float32") => jit((rate: NDArray) => poisson(k, [5], rate, { dtype }))(rates).toArray() as number[];
  const [none, negative, some, large, infinite] = counts("int32");
  expect([none, negative, large, infinite]).toEqual([-1, -1, -1, -1]);
  expect(some).toBeGreaterThanOrEqual(0);
  expect(counts("float32").map(Number.isNaN)).toEqual([true, true, false, true, true]);
  const trials = jit((n: NDArray, p: NDArray) => binomial(k, [5], n, p));
  const [, , ...broken] = trials(array([0, 3, Number.NaN, -1, 10]), array([0.5, 1, 0.5, 0.5, 2])).toArray() as number[];
  expect(broken).toEqual([-1, -1, -1]);
});

test("inside of jit a choice by what are no probabilities is −1, or NaN of a floating dtype, in its lane alone", () => {
  const k = key(0);
  const weights = array([
    [0, 0, 0],
    [1, -1, 1],
    [1, Number.NaN, 1],
    [1, Number.POSITIVE_INFINITY, 1],
    [0, 0, 1],
  ]);
  const lanes = (f: (p: NDArray) => NDArray): unknown => jit(vmap(f))(weights).toArray();
  expect(lanes((p) => choice(k, [2], 3, { p }))).toEqual([...Array(4).fill([-1, -1]), [2, 2]]);
  expect(lanes((p) => choice(k, [1], [0.5, 1.5, 2.5], { p, replace: false }))).toEqual([...Array(4).fill([Number.NaN]), [2.5]]);
  // One weight is above 0, and two elements are wanted.
  expect(lanes((p) => choice(k, [2], 3, { p, replace: false }))).toEqual(Array(5).fill([-1, -1]));
  expect(lanes((p) => categorical(k, [2], p.log()))).toEqual([...Array(4).fill([-1, -1]), [2, 2]]);
});

test("inside of jit ends in the wrong order give the least whole number, as in JAX, and those too far apart no finite number", () => {
  const k = key(0);
  const whole = jit((max: NDArray) => randint(k, [3], 5, max));
  const ends = [6, 5, 2].map((max) => array(max, { dtype: "int32" }));
  expect(ends.map((max) => whole(max).toArray())).toEqual(Array(3).fill([5, 5, 5]));
  const wide = jit((max: NDArray) => uniform(k, [3], { min: max.neg(), max }))(array(1.7e308));
  expect(wide.isFinite().any().item()).toBe(false);
});
