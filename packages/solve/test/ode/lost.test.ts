import { array, grad, type NDArray } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jvp } from "@ad/forward";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
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

describe("what was not reached has derivatives that are NaN", () => {
  const solution = (gradient: "steps" | "adjoint" | "forward", maxSteps: number) => (k: NDArray) =>
    odeSolve((_, y: NDArray) => y.mul(k).neg(), array([2]), [0, 0.001, 1], { gradient, maxSteps }).ys;
  for (const gradient of (["steps", "adjoint", "forward"] as const).filter((_, i) => isTurn(i, 3)))
    test(`the solution: ${gradient}`, () => {
      const end = (k: NDArray): NDArray => solution(gradient, 60)(k).slice(-1, 0);
      const [a, b] = vmap(grad(end))(array([1, 1000])).toArray() as number[];
      expect([a, b]).toEqual([expect.closeTo(-2 * Math.exp(-1), 4), Number.NaN]);
      expect(grad(end)(array(1000)).item()).toBeNaN();
      if (gradient === "steps") expect(jit(grad(end))(array(1000)).item()).toBeNaN();
      expect(jvp(end, [array(1000)], [array(1)])[1].item()).toBeNaN();
      // The rows that were reached have their own, in spite of those after them.
      const early = (k: NDArray): NDArray => solution(gradient, 60)(k).slice(1, 0);
      expect(grad(early)(array(1000)).item()).toBeCloseTo(-0.002 * Math.exp(-1), 6);
    });

  test("the start and the right-hand side alike, where no step is taken", () => {
    const end = (y0: NDArray, k: NDArray): NDArray => odeSolve((_, y) => y.mul(k).sqrt(), y0, [0, 1]).ys.slice(-1);
    expect(grad(end, { argnums: [0, 1] })(array(-1), array(1)).map((x) => x.item())).toEqual([Number.NaN, Number.NaN]);
  });

  test("an event that did not happen", () => {
    const at = (v: NDArray): NDArray =>
      odeSolve((_, y: NDArray) => v.mul(y.mul(0).add(1)), array([0]), [0, 1], { events: [(_, y) => y.slice(0).sub(1)] }).events[0].ts.slice(
        0,
      );
    expect(jit(grad(at))(array(2)).item()).toBeCloseTo(-0.25, 8);
    expect(jit(grad(at))(array(0.5)).item()).toBeNaN();
    expect(vmap(grad(at))(array([2, 0.5])).toArray()).toEqual([expect.closeTo(-0.25, 8), Number.NaN]);
  });
});
