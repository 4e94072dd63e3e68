import { array, concatenate, type NDArray, stack } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jacfwd } from "@ad/functional";
import { describe, expect, test } from "vitest";
import { odeSolve } from "../../src/index.js";
import { within } from "../../src/ode/integrate.js";
import type { Method, System } from "../../src/ode/method.js";
import { rosenbrock } from "../../src/ode/rosenbrock.js";
import { dopri5, tsit5 } from "../../src/ode/runge-kutta.js";

/** Neither linear nor autonomous, so that every coefficient counts. */
const f = (t: NDArray, [a, b]: NDArray): NDArray => array([a.mul(b).neg().add(t.cos()), a.sub(b.square()).mul(t.sin().add(1))]);
const system: System = {
  f,
  slope: (t, y) => {
    const [ft, j] = [jacfwd((t: NDArray) => f(t, y))(t) as NDArray, jacfwd((y: NDArray) => f(t, y))(y) as NDArray];
    return concatenate([stack([f(t, y), ft], 1), j], 1);
  },
};
const y0 = array([1, 0.5]);
const start = array(0.3);

/** After n steps: the solution, the last step's estimate of its error, and the last step itself. */
function steps(method: Method, n: number, end = 2) {
  let [t, y, k] = [start, y0, f(start, y0)];
  const h = array(end / n);
  let error = y;
  for (let i = 0; i < n; i++) {
    const step = method.step(system, t, y, k, h);
    [[y, k], error] = [step.next, step.error];
    t = t.add(h);
  }
  return { y, error };
}

const order = (errors: readonly NDArray[]): number => {
  const [a, b] = errors.slice(-2).map((x) => x.norm().item() as number);
  return Math.log2(a / b);
};

describe.each(Object.entries({ tsit5, dopri5, rosenbrock }))("%s", (name, method) => {
  const falls = "the error falls with the fifth power of the step, and so does its estimate in one step";
  test.each([falls].filter(() => name !== "rosenbrock" || isTurn(0, 3)))("%s", () => {
    const exact = steps(method, 128).y;
    expect(order([16, 32].map((n) => steps(method, n).y.sub(exact)))).toBeGreaterThan(4.6);
    const estimate = order([32, 64].map((n) => steps(method, n).error));
    expect(estimate).toBeGreaterThan(4.8);
    expect(estimate).toBeLessThan(5.3);
  });

  test.each([0.2, 0.37, 0.5, 0.9].filter((_, i) => isTurn(i, 4)))(
    "within a step, at %d, of order 4: the error of one step falls with the fifth power",
    (theta) => {
      const errors = [0.2, 0.1, 0.05].map((h) => {
        const { next } = method.step(system, start, y0, f(start, y0), array(h));
        return within(next, array(theta)).sub(steps(method, 16, h * theta).y);
      });
      expect(order(errors)).toBeGreaterThan(4.6);
    },
  );

  test("a step of no length leaves the solution where it is", () => {
    const [y, , before, ...dense] = method.step(system, start, y0, f(start, y0), array(0)).next;
    expect([y.toArray(), before.toArray()]).toEqual([y0.toArray(), y0.toArray()]);
    expect(dense.every((c) => c.abs().max().item() === 0)).toBe(true);
  });
});

test("rk4 is of order 4", () => {
  const at = (substeps: number): NDArray => odeSolve(f, y0, [0.3, 2.3], { method: "rk4", substeps }).ys.slice(-1);
  expect(order([32, 64].map((n) => at(n).sub(at(256))))).toBeGreaterThan(3.9);
});

test("rosenbrock damps what is infinitely stiff in one step", () => {
  const { ys, iterations } = odeSolve((t, y) => y.sub(t.cos()).mul(-1e9), array([1.5]), [0, 1], { method: "rosenbrock" });
  expect(ys.slice(-1, 0).item()).toBeCloseTo(Math.cos(1), 6);
  expect(iterations).toBeLessThan(100);
});
