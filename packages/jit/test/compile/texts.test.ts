import { array, cumsum, linalg, type NDArray } from "@ad/core";
import { expect, test } from "vitest";
import { compile } from "../../src/compile/index.js";
import { plan } from "../../src/compile/plan.js";
import type { Loop } from "../../src/compile/steps.js";
import { graphOf } from "../passes/programs.js";
import { checkCompiled } from "./programs.js";

const filled = (...shape: number[]): NDArray =>
  array(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    { shape },
  );

/** The texts of a program's functions, without the one around. */
function functionsOf(f: (...inputs: NDArray[]) => NDArray | NDArray[], ...inputs: NDArray[]): string[] {
  const graph = graphOf(f, ...inputs);
  checkCompiled(graph, inputs, "as text");
  return compile(graph).text?.split("(() => {").slice(1) ?? [];
}

/** Layers of a network, with all that makes storage in a run: products, sorts, operations, and results that others read in another order. */
const layers =
  (count: number) =>
  (x: NDArray, w: NDArray): NDArray[] => {
    let y = x;
    for (let i = 0; i < count; i++) {
      y = y.matmul(w).tanh().add(y.sort(1));
      y = cumsum(y.T.matmul(y).sin(), 0)
        .slice([0, 40])
        .mul(linalg.solve(w.square().add(i + 40), w).sum());
    }
    return [y, y.sum(0), y.T];
  };

test("each step of a long program is a function of its own, which the engine compiles", () => {
  const [x, w] = [filled(40, 40), filled(40, 40).mul(0.1)];
  expect(functionsOf(layers(1), x, w)).toEqual([]);
  const long = functionsOf(layers(20), x, w);
  expect(long.length).toBeGreaterThan(100);
  const total = long.join("").length;
  for (const text of long) expect(text.length).toBeLessThan(total / 5);
});

test("a loop of very many operations is cut into several", () => {
  const f = (x: NDArray): NDArray => {
    let y = x;
    for (let i = 1; i < 600; i++)
      y = y
        .mul(x)
        .add(1 / i)
        .div(y.square().add(2));
    return y;
  };
  const x = filled(10);
  const loops = plan(graphOf(f, x))?.steps.filter((step): step is Loop => step.kind === "loop") ?? [];
  expect(loops.length).toBeGreaterThan(1);
  for (const { elements } of loops) expect(elements.length).toBeLessThan(2000);
  functionsOf(f, x);
});

test("loops of few turns are written out, and others are not", () => {
  const isLoop = (f: (...inputs: NDArray[]) => NDArray, ...inputs: NDArray[]): boolean => {
    const graph = graphOf(f, ...inputs);
    checkCompiled(graph, inputs, "as text");
    return /\bfor\b/.test(compile(graph).text as string);
  };
  const shifted = (x: NDArray): NDArray => x.sin().add(1);
  expect(isLoop(shifted, filled(4))).toBe(false);
  expect(isLoop(shifted, filled(5))).toBe(true);
  // A turn of a long text.
  expect(isLoop((x) => Array.from({ length: 9 }).reduce<NDArray>(shifted, x), filled(4))).toBe(true);
  expect(isLoop((x, y) => x.matmul(y), filled(4, 4), filled(4, 1))).toBe(false);
  expect(isLoop((x, y) => x.matmul(y), filled(5, 4), filled(4, 3))).toBe(true);
  expect(isLoop((x, y) => x.matmul(y), filled(3, 0), filled(0, 3))).toBe(false);
});
