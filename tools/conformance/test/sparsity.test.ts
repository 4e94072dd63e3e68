import { eye, type NDArray, ones } from "@ad/core";
import type { PrimitiveName } from "@ad/core/internals/trace";
import { isTurn } from "@ad/expect/turns";
import { dct, fft, irfft, rfft } from "@ad/fft";
import { brent, customLinearSolve, fixedPoint, leastSquares, minimize, odeSolve, quad, root } from "@ad/solve";
import { conjugateGradient, sparsity } from "@ad/sparse";
import { expect, test } from "vitest";
import { type Case, float64, makeCase } from "../src/case.js";
import { of, real } from "../src/inputs.js";
import { fftNames } from "../src/operations/fft.js";
import { methods } from "../src/operations/index.js";
import { linalgNames } from "../src/operations/linalg.js";
import { isSmooth } from "../src/smooth.js";
import { checkSparsity, idleEntries } from "../src/sparsity.js";
import {
  casesOf,
  type Entry,
  fftEntries,
  linalgEntries,
  methodEntries,
  operationEntries,
  operationNames,
  primitiveEntries,
  primitiveNames,
} from "../src/suite.js";

const timeout = 300_000;

/** The cases of some entries that can be differentiated, in the plain layout: patterns know none. */
const cases = (entries: readonly Entry[]): Case[] => entries.map((entry) => casesOf(entry)[0]).filter(isSmooth);

/** Checks the first sample of each operation, and the others in turns. */
function holds(entries: readonly Entry[]): void {
  const all = cases(entries.filter(({ label }, i) => label.includes(" 1 of ") || isTurn(i, 8)));
  expect(all.length).toBeGreaterThan(0);
  for (const c of all) {
    try {
      checkSparsity(c);
    } catch (error) {
      throw new Error(`${c.label}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}

const says = "has patterns that contain its derivatives, and sparse derivatives that are the dense ones";

test(`every sample of every primitive ${says}`, { timeout }, () => holds(primitiveNames.flatMap(primitiveEntries)));
test(`every sample of every operation ${says}`, { timeout }, () => holds(operationNames.flatMap(operationEntries)));
test(`every sample of linalg ${says}`, { timeout }, () => holds(linalgNames.flatMap(linalgEntries)));
test(`every sample of fft ${says}`, { timeout }, () => holds(fftNames.flatMap(fftEntries)));
test(`every sample of every method ${says}`, { timeout }, () =>
  holds((Object.keys(methods) as (keyof typeof methods)[]).flatMap(methodEntries)),
);

/** Primitives that choose among their elements: the choice depends on the point. */
const choosing: readonly PrimitiveName[] = ["maximum", "minimum", "clamp", "max", "min"];

test("the pattern of a primitive that does not choose has no entry too many", { timeout }, () => {
  const idle = primitiveNames.filter((name) => cases(primitiveEntries(name)).some((c) => idleEntries(c) > 0));
  expect(idle.sort()).toEqual([...choosing].sort());
});

test("the pattern of a Fourier transform has a block for each line", () => {
  // Blocks of four columns, of as many rows as a line of the results has.
  const blocks = (lines: number, rows: number): string[] =>
    Array.from({ length: lines * rows * 4 }, (_, k) => `${Math.floor(k / 4)},${Math.floor(k / (rows * 4)) * 4 + (k % 4)}`);
  const pattern = (f: (x: NDArray) => unknown): unknown => {
    const { rows, columns, dense } = sparsity(f)(ones([2, 3, 4]));
    expect(dense).toBeUndefined();
    return Array.from(rows, (row, k) => `${row},${columns[k]}`);
  };
  expect(pattern((x) => fft({ re: x, im: 1 }).im)).toEqual(blocks(6, 4));
  expect(pattern((x) => rfft(x).re)).toEqual(blocks(6, 3));
  expect(pattern((x) => irfft(x, { n: 7 }))).toEqual(blocks(6, 7));
  expect(pattern((x) => dct(x))).toEqual(blocks(6, 4));
});

/** Results that are solved for, and not computed: their derivatives are found as they are themselves. */
const solutions: Readonly<Record<string, (x: NDArray) => NDArray>> = {
  root: (x) => root((y: NDArray) => y.mul(y).mul(y).sub(x).add(y.roll(1)), x).x,
  fixedPoint: (x) => fixedPoint((y: NDArray) => y.mul(0.5).add(x.sin()), x.mul(0)).x,
  minimize: (x) => minimize((y: NDArray) => y.sub(x).square().sum().add(y.square().square().sum()), x.stopGradient()).x,
  leastSquares: (x) => leastSquares((y: NDArray) => y.sub(x).mul(y), x.stopGradient()).x,
  brent: (x) => brent((y: NDArray) => y.mul(y).sub(x), 0, 3).x,
  quad: (x) => quad((t: NDArray) => t.mul(x.slice(0)).sin(), 0, 1).value,
  odeSolve: (x) => odeSolve((y: NDArray) => y.neg().mul(x), x, [0, 0.5]).ys,
  conjugateGradient: (x) => conjugateGradient((v: NDArray) => v.mul(x), x.sin()).x,
  "a matrix of the inputs": (x) => conjugateGradient(x.expandDims(1).mul(x).add(eye(3)), x).x,
  customLinearSolve: (x) => {
    const divided = (_: unknown, b: NDArray): NDArray => b.div(2);
    return customLinearSolve((v: NDArray) => v.mul(2), x, divided, divided);
  },
};

test.each(Object.entries(solutions))(`a solution ${says}: %s`, (name, f) => {
  const one = makeCase(name, (x) => [f(x)], [of(real(0.5, 1.5), 3)], {
    layout: "dense",
    precision: float64,
    smooth: true,
    constant: false,
    wide: false,
  }) as Case;
  expect(isSmooth(one)).toBe(true);
  checkSparsity(one);
});

test("a pattern that misses an entry is found, and so is one that has too many", () => {
  const hidden = (f: (x: NDArray) => NDArray): Case =>
    makeCase("hidden", (x) => [f(x)], [of(real(0.5, 1.5), 3)], {
      layout: "dense",
      precision: float64,
      smooth: true,
      constant: false,
      wide: false,
    }) as Case;
  // Each run is another function.
  let runs = 0;
  const unsteady = hidden((x) => (runs++ % 2 === 1 ? x.flip() : x));
  expect(() => checkSparsity(unsteady)).toThrow(/misses row|is .* at element/);
  const wasteful = hidden((x) => x.add(x.flip().sub(x.flip())));
  expect(idleEntries(wasteful)).toBe(2);
});
