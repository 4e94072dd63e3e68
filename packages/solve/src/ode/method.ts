import type { NDArray } from "@ad/core";
import type { ArrayList } from "@ad/core/internals/trace";

/** The right-hand side of y′ = f(t, y), on vectors. */
export interface System {
  readonly f: (t: NDArray, y: NDArray) => NDArray;
  /** Columns of shape [n, 2 + n], which come together: f, its derivative by t, and those by y. */
  readonly slope: (t: NDArray, y: NDArray) => NDArray;
}

/** A system whose functions are called in a certain way. */
export const around = ({ f, slope }: System, way: (call: () => NDArray) => NDArray, shift?: NDArray): System => {
  const of =
    (own: System["f"]): System["f"] =>
    (t, y) =>
      way(() => own(shift ? t.add(shift) : t, y));
  return { f: of(f), slope: of(slope) };
};

/**
 * The state of an integration that has derivatives: the solution y, the right-hand side k there, where the method takes it over, and the step that led
 * here: where it started, and the solution within it, start + Σⱼ denseⱼ · θʲ⁺¹ from θ = 0 to 1, of degree 4.
 */
export type Smooth = readonly [y: NDArray, k: NDArray, start: NDArray, ...dense: readonly NDArray[]];

/** One step of a method. */
export interface Step {
  readonly next: Smooth;
  /** The estimate of the error of y. */
  readonly error: NDArray;
}

/** An embedded one-step method. */
export interface Method {
  /** The local error falls as the step to this power. */
  readonly order: number;
  /** The part of the tolerance that the error of a step may take. */
  readonly share: number;
  /** The weight of the last step's error for the length of the next one. */
  readonly memory: number;
  /** The number of times that a step evaluates the right-hand side. */
  readonly evaluations: number;
  /** From the system, (t, y), the right-hand side there, and the length of the step. */
  step(system: System, t: NDArray, y: NDArray, k: NDArray, h: NDArray): Step;
}

/** Σⱼ cⱼ · xⱼ over the coefficients that are not 0, of which there is one. */
export const combination = (c: readonly number[], xs: ArrayList): NDArray =>
  c.flatMap((factor, j) => (factor === 0 ? [] : xs[j].mul(factor))).reduce((sum, term) => sum.add(term));
