// A stiff reaction by an implicit method, whose Newton iterations take their Jacobian from the right-hand side as it is written.
import { array, linalg, type NDArray, stack, zeros } from "@ad/core";
import { expect, test } from "vitest";
import { jacobian, valueAndJacobian } from "../../src/index.js";

/** Robertson's three species: rates of 0.04, 1e4 and 3e7. */
function reaction(y: NDArray): NDArray {
  const [a, b, c] = [0, 1, 2].map((i) => y.slice(i));
  const [slow, back, fast] = [a.mul(0.04), b.mul(c).mul(1e4), b.square().mul(3e7)];
  return stack([back.sub(slow), slow.sub(back).sub(fast), fast]);
}

/** Radau IIA of two stages, of order three: Hairer and Wanner, Solving Ordinary Differential Equations II, section IV.5. */
const stages = array([
  [5 / 12, -1 / 12],
  [3 / 4, 1 / 4],
]);

function step(f: (y: NDArray) => NDArray, y: NDArray, h: number): NDArray {
  // The increments z of both stages: z = h·A·f(y + z).
  const defect = valueAndJacobian((z: NDArray) => {
    const slopes = stack([f(y.add(z.slice(0))), f(y.add(z.slice(1)))]);
    return z.sub(stages.matmul(slopes).mul(h));
  });
  let z = zeros([2, 3]);
  for (let k = 0; k < 10; k++) {
    const [value, J] = defect(z);
    const change = linalg.solve(J.reshape(6, 6), value.ravel()).reshape(2, 3);
    z = z.sub(change);
    if ((change.abs().max().item() as number) < 1e-13) break;
  }
  return y.add(z.slice(1));
}

test("Robertson's reaction, over seven orders of magnitude in time", () => {
  let y = array([1, 0, 0]);
  let [t, h] = [0, 1e-5];
  while (t < 40) {
    h = Math.min(h * 1.05, 40 - t);
    y = step(reaction, y, h);
    t += h;
  }
  // SciPy's Radau with a relative tolerance of 1e-12.
  const expected = [0.7158270687194, 9.185534764558e-6, 0.28416374574582];
  expected.forEach((value, i) => {
    expect(Math.abs((y.slice(i).item() as number) / value - 1)).toBeLessThan(1e-5);
  });
  expect(y.sum().item()).toBeCloseTo(1, 12);
});

test("how stiff it is: its time scales are the Jacobian's", () => {
  const J = jacobian(reaction)(array([0.7158270687194, 9.185534764558e-6, 0.28416374574582]));
  // Mass is kept, so each column sums to zero.
  expect(J.sum(0).abs().max().item()).toBeLessThan(1e-11);
  expect(linalg.norm(J).item() as number).toBeGreaterThan(3000);
});
