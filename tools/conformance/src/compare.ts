import type { NDArray } from "@ad/core";
import { showShape } from "@ad/core/internals/checks";
import { compact } from "./inputs.js";
import { seeded } from "./random.js";

export class Mismatch extends Error {}

const list = (x: NDArray): string => {
  const text = Array.from(x.data(), (v) => v.toPrecision(9)).join(", ");
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

/** Throws unless shape and dtype agree. */
export function agreeForm(actual: NDArray, expected: NDArray, what: string): void {
  if (actual.ndim !== expected.ndim || actual.shape.some((n, i) => n !== expected.shape[i]))
    throw new Mismatch(`${what}: the shape is ${showShape(actual.shape)} instead of ${showShape(expected.shape)}`);
  if (actual.dtype !== expected.dtype) throw new Mismatch(`${what}: the dtype is ${actual.dtype} instead of ${expected.dtype}`);
}

export const agreeForms = (actual: readonly NDArray[], expected: readonly NDArray[], what: string): void => {
  if (actual.length !== expected.length) throw new Mismatch(`${what}: ${actual.length} results instead of ${expected.length}`);
  actual.forEach((x, i) => {
    agreeForm(x, expected[i], `${what}, result ${i}`);
  });
};

/**
 * Throws unless shape, dtype and values agree: |actual − expected| ≤ tolerance · (1 + max |expected|).
 * Values that are not finite must be the same on both sides.
 */
export function agree(actual: NDArray, expected: NDArray, tolerance: number, what: string): void {
  agreeForm(actual, expected, what);
  const [a, e] = [actual.data(), expected.data()];
  let scale = 1;
  for (const value of e) if (Number.isFinite(value)) scale = Math.max(scale, 1 + Math.abs(value));
  for (let i = 0; i < e.length; i++)
    if (!(Object.is(a[i], e[i]) || Math.abs(a[i] - e[i]) <= tolerance * scale))
      throw new Mismatch(
        `${what}: element ${i} is ${a[i]} instead of ${e[i]} (tolerance ${tolerance * scale})\n  actual   ${list(actual)}\n  expected ${list(expected)}`,
      );
}

export function agreeAll(actual: readonly NDArray[], expected: readonly NDArray[], tolerance: number, what: string): void {
  if (actual.length !== expected.length) throw new Mismatch(`${what}: ${actual.length} results instead of ${expected.length}`);
  actual.forEach((x, i) => {
    agree(x, expected[i], tolerance, `${what}, result ${i}`);
  });
}

/** Throws unless every element is exactly zero, in the shape and dtype of `like`. */
export const agreeZero = (actual: NDArray, like: NDArray, what: string): void =>
  agree(actual, compact(new Float64Array(like.size), like.shape, like.dtype), 0, what);

/** ⟨a, b⟩ over all leaves, with the sum of the terms' absolute values: the scale of its rounding. */
export function inner(a: readonly NDArray[], b: readonly NDArray[]): { value: number; scale: number } {
  let [value, scale] = [0, 1];
  a.forEach((x, k) => {
    const [p, q] = [x.data(), b[k].data()];
    for (let i = 0; i < p.length; i++) {
      value += p[i] * q[i];
      scale += Math.abs(p[i] * q[i]);
    }
  });
  return { value, scale };
}

export function agreeInner(
  left: readonly [NDArray[], NDArray[]],
  right: readonly [NDArray[], NDArray[]],
  tolerance: number,
  what: string,
  /** At a kink there may be no second derivative, in either. */
  kink = false,
): void {
  const [l, r] = [inner(...left), inner(...right)];
  if (kink && Number.isNaN(l.value) && Number.isNaN(r.value)) return;
  if (!(Math.abs(l.value - r.value) <= tolerance * (l.scale + r.scale))) throw new Mismatch(`${what}: ${l.value} against ${r.value}`);
}

/** Seeded directions in [-1, 1] of the shapes and dtypes of some arrays, on their devices: tangents and cotangents. */
export function directions(like: readonly NDArray[], seed: string): NDArray[] {
  const random = seeded(seed);
  return like.map((x) =>
    compact(
      Float64Array.from({ length: x.size }, () => 2 * random() - 1),
      x.shape,
      x.dtype,
    ).to(x.device),
  );
}
