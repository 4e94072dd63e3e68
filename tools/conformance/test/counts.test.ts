import { array, type NDArray } from "@ad/core";
import { jit } from "@ad/jit";
import { binomial, key, poisson } from "@ad/random";
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
