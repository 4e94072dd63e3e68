import type { NDArray } from "@ad/core";
import { jvp } from "@ad/forward";

/** Losses ρ of the squared residual z, as SciPy defines them. */
const losses: Record<string, (z: NDArray) => NDArray> = {
  softL1: (z) => z.add(1).sqrt().sub(1).mul(2),
  huber: (z) => z.lessEqual(1).where(z, z.maximum(1).sqrt().mul(2).sub(1)),
  cauchy: (z) => z.log1p(),
};

export const lossNames = ["linear", "softL1", "huber", "cauchy"] as const;

export type LossName = (typeof lossNames)[number];

/** ½·Σ s²·ρ((r / s)²): what is made least. */
export function costOf(loss: LossName, scale: number, r: NDArray): NDArray {
  const z = r.square();
  if (loss === "linear") return z.sum().mul(0.5);
  return losses[loss](z.div(scale * scale))
    .sum()
    .mul(0.5 * scale * scale);
}

/**
 * Residuals and columns of a Jacobian, [n, m], whose ½|r|² has the gradient of the cost and nearly its curvature (Triggs et al. 1999): √(ρ′ + 2ρ″z) scales what belongs to one residual, where
 * that is not less than √(ρ′ / 10), and ρ′ over it the residuals.
 */
export function weighted(loss: LossName, scale: number, r: NDArray, columns: NDArray): readonly [r: NDArray, columns: NDArray] {
  if (loss === "linear") return [r, columns];
  const z = r.div(scale).square();
  const one = z.filled(1, z.aval);
  const slope = (z: NDArray): NDArray => jvp(losses[loss], [z], [one])[1];
  const [first, second] = jvp(slope, [z], [one]);
  const rows = first.add(second.mul(z).mul(2)).maximum(first.mul(0.1)).sqrt();
  return [r.mul(first.div(rows)), columns.mul(rows)];
}
