import { readFileSync } from "node:fs";
import { array, type NDArray } from "@ad/core";
import { describe, expect, test } from "vitest";
import { type OdeOptions, odeSolve } from "../../src/index.js";
import { detest, stiff } from "./problems.js";

/** Of SciPy's solver, for one tolerance after the other: the error, and how often it evaluated the right-hand side. */
type Curve = readonly (readonly [error: number, evaluations: number])[];

interface Expected {
  readonly end: number;
  readonly scale?: number;
  readonly y: readonly number[];
  /** From the tolerance 1e-2 on, each a tenth of the one before. */
  readonly scipy: Curve;
}

const expected = JSON.parse(readFileSync(new URL("./expectations.json", import.meta.url), "utf8")) as Record<
  "detest" | "stiff",
  Record<string, Expected>
>;

/**
 * SciPy's work for an error, which it has at the tightest tolerance where the curve crosses it: between two tolerances on a straight line of the
 * logarithms; beyond the list, that of its end.
 */
function workFor(error: number, curve: Curve): number {
  let work: number | undefined;
  curve.slice(1).forEach(([e1, n1], i) => {
    const [e0, n0] = curve[i];
    if ((e0 - error) * (e1 - error) > 0) return;
    const part = Math.log(e0 / error) / Math.log(e0 / e1);
    work = n0 * (n1 / n0) ** part;
  });
  const ends = curve.toSorted(([a], [b]) => a - b);
  return work ?? (error < ends[0][0] ? ends[0][1] : ends[ends.length - 1][1]);
}

function solve(set: "detest" | "stiff", name: string, method: "tsit5" | "dopri5" | "rosenbrock", tol: number) {
  const { f, y0 } = { detest, stiff }[set][name];
  const { end, y, scale = 1, scipy } = expected[set][name];
  const options: OdeOptions<NDArray, undefined> = { method, rtol: tol, atol: tol * scale };
  const { ys, evaluations, converged } = odeSolve(f, y0, [0, end], options);
  expect(converged).toBe(true);
  const exact = array(y);
  const error = ys.slice(-1).sub(exact).abs().div(exact.abs().add(scale)).max().item() as number;
  return { error, evaluations, scipyWork: workFor(error, scipy) };
}

const tol = 1e-6;

describe.each(Object.keys(detest))("DETEST %s", (name) => {
  test.each([1e-4, tol])("tsit5: the tolerance %d is reached, with SciPy's work", (tol) => {
    const { error, evaluations, scipyWork } = solve("detest", name, "tsit5", tol);
    expect(error).toBeLessThan(10 * tol);
    expect(evaluations).toBeLessThan(1.5 * scipyWork);
  });

  test("dopri5: with SciPy's work, whose method it is", () => {
    const { evaluations, scipyWork } = solve("detest", name, "dopri5", tol);
    expect(evaluations).toBeLessThan(1.25 * scipyWork);
  });
});

// Each of them at two tolerances, but for those that take thousands of evaluations.
test.each([
  ["van der Pol", 1e-4],
  ["OREGO", 1e-4],
  ["Robertson", 1e-4],
  ["Robertson", 1e-6],
  ["HIRES", 1e-4],
  ["HIRES", 1e-6],
])("%s by rosenbrock: the tolerance %d is reached, with Radau's work", (name, tol) => {
  const { error, evaluations, scipyWork } = solve("stiff", name, "rosenbrock", tol);
  expect(error).toBeLessThan(10 * tol);
  expect(evaluations).toBeLessThan(1.5 * scipyWork);
});
