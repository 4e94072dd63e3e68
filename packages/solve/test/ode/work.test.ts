import { readFileSync } from "node:fs";
import { array, type NDArray } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
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

// Each run takes two of the problems.
describe.each(Object.keys(detest).filter((_, i) => isTurn(i, 13)))("DETEST %s", (name) => {
  test.each([
    ["tsit5", 1e-4],
    ["tsit5", 1e-6],
    ["tsit5", 1e-8],
    ["dopri5", 1e-4],
    ["dopri5", 1e-6],
    ["dopri5", 1e-8],
  ] as const)("%s: the tolerance %d is reached, with SciPy's work", (method, tol) => {
    const { error, evaluations, scipyWork } = solve("detest", name, method, tol);
    expect(error).toBeLessThan(10 * tol);
    expect(evaluations).toBeLessThan(1.5 * scipyWork);
  });
});

// Each of them at two tolerances, but for those that take thousands of evaluations; each run takes one of these. A controller that does not foresee
// how the error changes takes 0.84 and 0.96 of Radau's work on van der Pol's equation and OREGO, since it tries steps that are too long.
const hard = [
  ["van der Pol", 1e-4, 0.7],
  ["Robertson", 1e-4, 1],
  ["HIRES", 1e-4, 0.7],
  ["OREGO", 1e-4, 0.85],
  ["HIRES", 1e-6, 1.25],
  ["Robertson", 1e-6, 1],
  ["HIRES", 1e-8, 1.5],
] as const;
test.each(hard.filter((_, i) => isTurn(i, hard.length)))(
  "%s by rosenbrock: the tolerance %d is reached, with so much of Radau's work: %d",
  (name, tol, share) => {
    const { error, evaluations, scipyWork } = solve("stiff", name, "rosenbrock", tol);
    expect(error).toBeLessThan(10 * tol);
    expect(evaluations).toBeLessThan(share * scipyWork);
  },
);
