import type { NDArray } from "@ad/core";

/** A loss ρ of the squared residual z, and its first two derivatives. */
interface Loss {
  readonly value: (z: NDArray) => NDArray;
  readonly slopes: (z: NDArray) => readonly [first: NDArray, second: NDArray];
}

/** As SciPy defines them. */
const losses = {
  softL1: {
    value: (z) => z.add(1).sqrt().sub(1).mul(2),
    slopes(z) {
      const root = z.add(1).rsqrt();
      return [root, root.pow(3).mul(-0.5)];
    },
  },
  huber: {
    value: (z) => z.lessEqual(1).where(z, z.maximum(1).sqrt().mul(2).sub(1)),
    slopes(z) {
      const root = z.maximum(1).rsqrt();
      return [root, z.lessEqual(1).where(0, root.pow(3).mul(-0.5))];
    },
  },
  cauchy: {
    value: (z) => z.log1p(),
    slopes(z) {
      const first = z.add(1).reciprocal();
      return [first, first.square().neg()];
    },
  },
} as const satisfies Record<string, Loss>;

export const lossNames = ["linear", "softL1", "huber", "cauchy"] as const;

export type LossName = (typeof lossNames)[number];

/** ½·Σ s²·ρ((r / s)²): what is made least. */
export function costOf(loss: LossName, scale: number, r: NDArray): NDArray {
  const z = r.square();
  if (loss === "linear") return z.sum().mul(0.5);
  return losses[loss]
    .value(z.div(scale * scale))
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
  const [first, second] = losses[loss].slopes(z);
  const rows = first.add(second.mul(z).mul(2)).maximum(first.mul(0.1)).sqrt();
  return [r.mul(first.div(rows)), columns.mul(rows)];
}
