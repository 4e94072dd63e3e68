import { array, checkpoint, grad, type NDArray } from "@ad/core";
import { hessian } from "@ad/functional";
import { expect, test } from "vitest";
import { jit } from "../src/index.js";

/** A derivative that nothing depends on is a zero that was never made: it meets no NaN on its way. */

const x = array([1, Number.NaN, 3]);
const largest = (x: NDArray): NDArray => x.max();
const slopes =
  (f: (x: NDArray) => NDArray) =>
  (x: NDArray): NDArray =>
    grad(f)(x)
      .mul(array([1, 2, 3]))
      .sum();

test("second derivatives of a maximum that is NaN are 0, with jit and with checkpoint as without", () => {
  expect(grad(slopes(largest))(x).toArray()).toEqual([0, 0, 0]);
  for (const f of [jit(largest), checkpoint(largest), jit(checkpoint(largest))]) {
    expect(grad(slopes(f))(x).toArray()).toEqual([0, 0, 0]);
    expect(hessian(f)(x).toArray()).toEqual(hessian(largest)(x).toArray());
  }
});
