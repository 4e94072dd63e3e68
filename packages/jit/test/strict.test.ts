import { array, type NDArray } from "@ad/core";
import { jacobian } from "@ad/functional";
import { expect, test } from "vitest";
import { jit } from "../src/index.js";

test("strict sees through a program what each result depends on", () => {
  const f = jit((a: NDArray, b: NDArray): NDArray[] => [a.mul(2), b.mul(3)]);
  const x = array([1, 2]);
  expect(() => jacobian(f, { strict: true, argnums: [0, 1] })(x, x)).toThrow("the result at $[0] does not depend on argument 1");
  const g = jit((a: NDArray, b: NDArray): NDArray[] => [a.mul(b), b.add(a)]);
  expect(() => jacobian(g, { strict: true, argnums: [0, 1] })(x, x)).not.toThrow();
});
