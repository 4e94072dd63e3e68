// Curves fitted to data by Levenberg's and Marquardt's damped Gauss–Newton steps, whose Jacobian is all that they need of the model.
import { array, concatenate, diag, diagonal, linalg, type NDArray, zeros } from "@ad/core";
import { describe, expect, test } from "vitest";
import { valueAndJacobian } from "../../src/index.js";
import { type Regression, regressions } from "./strd.js";

interface Fit {
  readonly parameters: NDArray;
  readonly residual: number;
  readonly jacobian: NDArray;
  readonly steps: number;
}

/** Minimises |r(b)|². Each parameter is damped in its own units, by the largest slope that it has had. */
function fit(residuals: (b: NDArray) => NDArray, start: NDArray): Fit {
  const at = valueAndJacobian(residuals);
  let b = start;
  let [r, J] = at(b);
  let damping = 1;
  let scale = J.square().sum(0).sqrt();
  let steps = 0;
  const none = zeros(b.shape);
  const total = (v: NDArray): number => v.square().sum().item() as number;
  while (damping < 1e16 && steps++ < 2000) {
    // The step solves [J; √λ·D]·s = [r; 0] in the sense of least squares, which squares no condition number.
    const damped = concatenate([J, diag(scale.mul(Math.sqrt(damping)))]);
    const step = linalg.lstsq(damped, concatenate([r, none]));
    const [next, slope] = at(b.sub(step));
    if (total(next) < total(r)) {
      const settled = total(step.mul(scale)) <= 1e-24 * total(b.mul(scale));
      [b, r, J] = [b.sub(step), next, slope];
      scale = scale.maximum(J.square().sum(0).sqrt());
      damping /= 2;
      if (settled) break;
    } else damping *= 2;
  }
  return { parameters: b, residual: total(r), jacobian: J, steps };
}

const digits = (value: number, certified: number): number => -Math.log10(Math.abs(value / certified - 1) + 1e-16);

describe.each(regressions)("$name", ({ model, x, y, starts, parameters, deviations, residual }: Regression) => {
  test.each(starts.map((start) => [start]))("from %j", (start) => {
    const found = fit((b) => model(b, x).sub(y), array([...start]));
    parameters.forEach((certified, i) => {
      expect(digits(found.parameters.slice(i).item() as number, certified)).toBeGreaterThan(7);
    });
    expect(digits(found.residual, residual)).toBeGreaterThan(9);
    // The standard deviations are those of (JᵀJ)⁻¹, scaled by what is left over per degree of freedom.
    const { jacobian: J } = found;
    const variance = found.residual / (y.size - parameters.length);
    const errors = diagonal(linalg.inv(J.T.matmul(J)))
      .mul(variance)
      .sqrt();
    deviations.forEach((certified, i) => {
      expect(digits(errors.slice(i).item() as number, certified)).toBeGreaterThan(5);
    });
  });
});
