// Newton's method: value, gradient and Hessian come from one run of the function.
import { array, linalg, type NDArray, zeros } from "@ad/core";
import { describe, expect, test } from "vitest";
import { valueGradHessian } from "../../src/index.js";

/** Rosenbrock's valley in n dimensions: least, 0, where all are 1. */
const rosenbrock = (x: NDArray): NDArray => {
  const [left, right] = [x.slice([null, -1]), x.slice([1, null])];
  return right.sub(left.square()).square().mul(100).add(left.neg().add(1).square()).sum();
};

/** The lengths of the gradient on the way, with a line search that halves the step until the value falls. */
function minimise(f: (x: NDArray) => NDArray, start: NDArray): { x: NDArray; slopes: number[] } {
  const at = valueGradHessian(f);
  const slopes: number[] = [];
  let x = start;
  for (let k = 0; k < 100; k++) {
    const [value, gradient, H] = at(x);
    slopes.push(linalg.norm(gradient).item() as number);
    if (slopes[k] < 1e-9) break;
    const step = linalg.solve(H, gradient);
    const descends = (step.dot(gradient).item() as number) > 0;
    const direction = descends ? step : gradient;
    let t = 1;
    while ((f(x.sub(direction.mul(t))).item() as number) > (value.item() as number) && t > 1e-12) t /= 2;
    x = x.sub(direction.mul(t));
  }
  return { x, slopes };
}

describe("Newton's method", () => {
  test.each([2, 4, 10])("finds the end of Rosenbrock's valley in %i dimensions", (n) => {
    const { x, slopes } = minimise(rosenbrock, zeros([n]).sub(0.5));
    expect(x.sub(1).abs().max().item()).toBeLessThan(1e-9);
    // At the end the number of right digits doubles.
    const [before, last] = slopes.slice(-2);
    expect(last).toBeLessThan(Math.max(1e-12, before ** 1.5));
  });

  test("on a quadratic form is done in one step", () => {
    const A = array([
      [4, 1],
      [1, 3],
    ]);
    const b = array([1, 2]);
    const { x, slopes } = minimise((y) => y.dot(A.matmul(y)).mul(0.5).sub(b.dot(y)), zeros([2]));
    expect(slopes).toHaveLength(2);
    expect(A.matmul(x).sub(b).abs().max().item()).toBeLessThan(1e-14);
  });
});
