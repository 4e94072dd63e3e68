import { array, grad, linspace, type NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { type OdeOptions, odeSolve } from "../../src/index.js";

/** x″ = −p·x from (1, 0): x = cos(√p·t). */
const oscillator = (p: NDArray, options?: OdeOptions<NDArray>) =>
  odeSolve((_, [x, v]) => array([v, x.mul(p).neg()]), array([1, 0]), linspace(0, 10, 11), options as OdeOptions<NDArray, undefined>);

const last = (options?: OdeOptions<NDArray>) => (p: NDArray) => oscillator(p, options).ys.slice(-1, 0);

const slope = (p: number): number => (-5 / Math.sqrt(p)) * Math.sin(10 * Math.sqrt(p));
const curvature = (p: number): number => (2.5 / p) * (Math.sin(10 * Math.sqrt(p)) / Math.sqrt(p) - 10 * Math.cos(10 * Math.sqrt(p)));

describe("the oscillator", () => {
  test.each(["tsit5", "dopri5", "rosenbrock"] as const)("%s: values at all times", (method) => {
    const { ys, converged, status } = oscillator(array(1), { method });
    expect([converged, status]).toEqual([true, "converged: the last time is reached"]);
    const wrong = ys
      .slice(":", 0)
      .sub(linspace(0, 10, 11).cos())
      .abs()
      .max();
    expect(wrong.item()).toBeLessThan(5e-6);
  });

  const tight = { rtol: 1e-10, atol: 1e-10 };
  test.each([
    { ...tight, method: "tsit5" },
    { ...tight, method: "dopri5" },
    { ...tight, method: "tsit5", checkpoint: "sqrt" },
    { ...tight, method: "tsit5", checkpoint: "log", maxSteps: 1000 },
    { rtol: 1e-8, atol: 1e-8, method: "rosenbrock" },
    { ...tight, gradient: "adjoint" },
    { ...tight, gradient: "forward" },
    { method: "rk4", substeps: 60 },
  ] as const)("derivatives: %j", (options) => {
    const f = last(options);
    expect(grad(f)(array(1)).item()).toBeCloseTo(slope(1), 5);
    expect(jvp(f, [array(1)], [array(1)])[1].item()).toBeCloseTo(slope(1), 5);
    expect(jit(grad(f))(array(1)).item()).toBeCloseTo(slope(1), 5);
  });

  test.each(["steps", "adjoint", "forward"] as const)("derivatives in lanes and of second order: %s", (gradient) => {
    const f = last({ ...tight, gradient });
    expect(
      vmap(grad(f))(array([1, 4]))
        .sub(array([slope(1), slope(4)]))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-7);
    expect(grad(grad(f))(array(1)).item()).toBeCloseTo(curvature(1), 5);
  });
});
