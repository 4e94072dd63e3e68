import type { NDArray } from "@ad/core";
import { digamma as psi, polygamma as psiOf } from "@ad/core";
import { Concrete, special } from "@ad/core/internals/backend";
import { call, type Operation, recordPullback } from "@ad/core/internals/trace";

/**
 * The derivative of a gamma number by its shape α, where its place u in the distribution stays: implicit differentiation (Figurnov, Mohamed and
 * Mnih, "Implicit reparameterization gradients", 2018).
 *
 * In y = log x the distribution function is F(α, y) = P(α, eʸ) and the density q(α, y) = exp(α y − eʸ) / Γ(α). From F(α, y(α)) = u follows
 * dy/dα = −F_α / q. Here Rₙ = ∂ⁿF/∂αⁿ / q and rₙ = ∂ⁿq/∂αⁿ / q, so that dy/dα = −R₁, and
 *
 *   r₁ = y − ψ(α),   rₙ₊₁ = ∂rₙ/∂α + rₙ r₁,   ∂Rₙ/∂α = Rₙ₊₁ − Rₙ r₁,   ∂Rₙ/∂y = rₙ − Rₙ (α − eʸ).
 */
const ratio = (n: number): Operation => {
  const own: Operation = {
    name: "gammaRatio",
    record: recordPullback,
    shape: ([alpha]) => [alpha],
    forward([alpha, y]) {
      const [as, ys] = [alpha.data(), y.data()];
      return [
        new Concrete(
          alpha.aval,
          as.map((a: number, i: number) => integral(n, a, ys[i])),
          alpha.aval.stride,
          0,
        ),
      ];
    },
    vmap: (inputs, mapped, size) =>
      call(
        own,
        inputs.map((x, i) => (mapped[i] ? x : x.broadcastTo([size, ...x.shape]))),
      ),
    jvp([alpha, y], [da, dy]) {
      const [out] = call(own, [alpha, y]);
      const [next] = da ? call(ratio(n + 1), [alpha, y]) : [out];
      const byAlpha = da?.mul(next.sub(out.mul(y.sub(psi(alpha)))));
      const byY = dy?.mul(scores(n, alpha, y).sub(out.mul(alpha.sub(y.exp()))));
      return [[out], [byAlpha && byY ? byAlpha.add(byY) : (byAlpha ?? byY)]];
    },
  };
  return own;
};

const first = ratio(1);

/** dy/dα of y = log x, of the shape of both. */
export const logSlope = (alpha: NDArray, y: NDArray): NDArray => call(first, [alpha, y])[0].neg();

/** n over k. */
const binomial = (n: number, k: number): number => (k === 0 ? 1 : (binomial(n, k - 1) * (n - k + 1)) / k);

/** rₙ, in array operations: Bell's polynomials in the derivatives of log q. */
function scores(n: number, alpha: NDArray, y: NDArray): NDArray {
  const steps = Array.from({ length: n }, (_, k) => (k === 0 ? y.sub(psi(alpha)) : psiOf(k, alpha).neg()));
  return ofSteps(steps, (sum, r, step, times) => sum.add(r.mul(step).mul(times)));
}

/** The last of Bell's polynomials: R_m = s_m + Σₖ (m over k + 1)·R_k·s_(m − 1 − k), of the steps s. */
function ofSteps<T>(steps: readonly T[], add: (sum: T, r: T, step: T, times: number) => T): T {
  const all: T[] = [];
  steps.forEach((step, m) => {
    all.push(all.reduce((sum, r, k) => add(sum, r, steps[m - 1 - k], binomial(m, k + 1)), step));
  });
  return all[all.length - 1];
}

/** rₙ in numbers, where `steps` are ψ(α), −ψ′(α), −ψ″(α), … */
const score = (n: number, y: number, steps: readonly number[]): number =>
  n === 1 ? y - steps[0] : ofSteps([y - steps[0], ...steps.slice(1)], (sum, r, step, times) => sum + r * step * times);

const stepsOf = (n: number, alpha: number): number[] =>
  Array.from({ length: n }, (_, k) => (k === 0 ? special.digamma(alpha) : -special.polygamma(k, alpha)));

/** Nodes and weights for functions on u > 0 that fall off exponentially: the trapezoidal rule in s, where u = exp(s − exp(−s)). */
const rule = /* @__PURE__ */ Array.from({ length: 8 * 14 + 1 }, (_, i) => {
  const s = -4 + i / 14;
  const u = Math.exp(s - Math.exp(-s));
  return [u, (u * (1 + Math.exp(-s))) / 14] as const;
});

/**
 * Rₙ = ∫ rₙ(s) q(s) ds / q(y), from −∞ to y or, with the opposite sign, from y to ∞: that side on which r₁ has one sign, so that nothing
 * cancels. Where α is small and y between, q falls off too late for the rule; there P(α, x) = P(α + 1, x) + q / α leads to larger α.
 */
function integral(n: number, alpha: number, y: number): number {
  const x = Math.exp(y);
  // Of a large α only rounding is left of α − x: then dx/dα = 1 + (x − α) / 2α + O(1 / α) where numbers are drawn.
  if (n === 1 && alpha > 1e14) return -(1 / x + 1 / alpha) / 2;
  const steps = stepsOf(n, alpha);
  const sign = y > steps[0] ? 1 : -1;
  if (sign > 0 && y < 0) {
    const next = stepsOf(n, alpha + 1);
    return (x * integral(n, alpha + 1, y) + score(n, y, next)) / alpha;
  }
  const scale = 1 / (Math.abs(alpha - x) + Math.sqrt(x));
  let sum = 0;
  for (const [node, weight] of rule) {
    const u = sign * node * scale;
    sum += weight * score(n, y + u, steps) * Math.exp(alpha * u - x * Math.expm1(u));
  }
  return -sign * sum * scale;
}
