import type { NDArray } from "@ad/core";

/**
 * The step of the five-point stencil. Its truncation error is h⁴/30·|f⁽⁵⁾|, its rounding error about 1.5·ε·|f|/h; for functions of unit
 * scale both are least together at h = ε^(1/5) ≈ 7e-4.
 */
const h = 1e-3;

/** d/dε f(x + ε·t) at ε = 0 by central differences of fourth order: no derivative rule takes part in it. */
export function differences(f: (...x: NDArray[]) => readonly NDArray[], x: readonly NDArray[], t: readonly NDArray[]): NDArray[] {
  const at = (s: number): readonly NDArray[] => f(...x.map((point, i) => point.add(t[i].mul(s * h))));
  const [p2, p1, m1, m2] = [at(2), at(1), at(-1), at(-2)];
  return p1.map((y, i) =>
    y
      .sub(m1[i])
      .mul(8)
      .sub(p2[i].sub(m2[i]))
      .div(12 * h),
  );
}
