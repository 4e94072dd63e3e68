import { array, grad } from "@ad/core";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { type Kink, kinks } from "../src/kinks.js";

const gradientOf = (f: Kink["f"]) => grad((x: Parameters<typeof f>[0]) => f(x).sum());

/** The gradient by forward mode: one tangent after the other. */
const forward = (f: Kink["f"], at: readonly number[]): number[] =>
  at.map((_, i) => {
    const tangent = array(at.map((_x, k) => +(k === i)));
    return jvp((x) => f(x).sum(), [array(at)], [tangent])[1].item() as number;
  });

const near = (g: number): unknown => (Number.isNaN(g) ? g : expect.closeTo(g, 12));

describe.each(kinks)("$name", ({ f, at, gradient, singular }) => {
  test("reverse mode gives the documented subgradient", () => {
    expect(gradientOf(f)(array(at)).toArray()).toEqual(gradient.map(near));
  });

  test("vmap of reverse mode gives it in every lane", () => {
    const lanes = vmap(gradientOf(f))(array([at, at]));
    expect(lanes.toArray()).toEqual([gradient, gradient].map((row) => row.map(near)));
  });

  if (gradient.every(Number.isFinite)) {
    test("forward mode gives the same", () => {
      expect(forward(f, at)).toEqual(gradient.map(near));
    });
  } else {
    test("forward mode gives the same along the axis that has it", () => {
      const first = jvp(f, [array(at)], [array(at.map((_, i) => +(i === 0)))])[1].data()[0];
      expect(first).toBe(gradient[0]);
    });
  }

  test(singular ? "the second derivative is not finite" : "the second derivative is no NaN", () => {
    const [, tangent] = jvp(gradientOf(f), [array(at)], [array(at.map((_, i) => 1 + i))]);
    expect(tangent.isFinite().all().item()).toBe(!singular);
  });
});
