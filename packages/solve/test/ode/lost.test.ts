import { array, type NDArray } from "@ad/core";
import { jit } from "@ad/jit";
import { expect, test } from "vitest";
import { odeSolve } from "../../src/index.js";

test.each([[[0, 2, 1]], [[0, 1, 0]], [[0, 0.5, 0.4, 1]]])(
  "times %j turn around: inside of jit, where they are not known, they are NaN and so is the solution",
  (ts) => {
    const { ys, converged } = jit((ts: NDArray) => {
      const { ys, converged } = odeSolve((_, y: NDArray) => y.neg(), array([1]), ts, { maxSteps: 50 });
      return { ys, converged: converged as unknown as NDArray };
    })(array(ts));
    expect(ys.ravel().toArray()).toEqual([1, ...ts.slice(1).map(() => Number.NaN)]);
    expect(converged.item()).toBe(false);
  },
);
