import { afterEach, expect, test } from "vitest";
import { foldColumns } from "../../../src/cpu/kernels/columns.js";
import type { Lines } from "../../../src/cpu/kernels/loops.js";
import { limits } from "../../../src/cpu/limits.js";
import type { Fold } from "../../../src/cpu/wasm/fold.js";
import { array, type NDArray } from "../../../src/index.js";
import { ulp } from "../../ulps.js";

const before = { ...limits };
afterEach(() => {
  Object.assign(limits, before);
});

const { NaN: none, POSITIVE_INFINITY: inf } = Number;
const specials = [none, inf, -inf, 700, -700, 0, -0, 1e300];

/** Numbers between -10 and 10; each 97th is a special one. */
const numbers = (size: number): number[] =>
  Array.from({ length: size }, (_, i) => (i % 97 === 96 ? specials[i % 8] : (((i * 7919) % 1009) - 500) / 50));

/** Returns the results of a function by tiles of lines, and line by line in JavaScript. */
function bothWays(f: (x: NDArray) => NDArray, x: NDArray): readonly [number[], number[]] {
  const [tiles, plain] = [1, Infinity].map((vectors) => {
    limits.vectors = vectors;
    return [...f(x).data()];
  });
  return [tiles, plain];
}

const shapes: readonly [shape: readonly number[], axis: number][] = [
  [[900, 3, 3], 1],
  [[900, 3, 3], 0],
  [[700, 3], 1],
  [[2, 5001], 0],
  [[31, 200], 0],
  [[200, 31], 1],
  [[4, 7, 5, 6], 1],
  [[128, 65], 0],
];

test.each(["float64", "float32"] as const)("exponentials of %s lines that are short or lie across are the same by tiles", (dtype) => {
  for (const [shape, axis] of shapes) {
    const whole = array(numbers(shape.reduce((a, b) => a * b)), { dtype }).reshape(shape);
    const backwards = whole.flip();
    for (const x of [whole, backwards, whole.slice(...shape.map((n) => [1, n] as const))])
      for (const f of [(x: NDArray) => x.logsumexp(axis), (x: NDArray) => x.softmax(axis)]) {
        const [tiles, plain] = bothWays(f, x);
        const unit = (y: number): number => (dtype === "float32" ? Math.max(Math.abs(y) * 2 ** -23, 1.5e-45) : ulp(y));
        const far = tiles.flatMap((y, i) =>
          Object.is(y, plain[i]) || Math.abs(y - plain[i]) <= 32 * unit(plain[i]) ? [] : [[i, y, plain[i]]],
        );
        expect(far.slice(0, 5), `[${shape}] along ${axis}`).toEqual([]);
      }
  }
});

test("a rest that is small beside the greatest counts in a tile too", () => {
  const x = array(Array.from({ length: 1000 }, () => [-60, 0, -60]));
  for (const y of x.logsumexp(1).data()) expect(Math.abs(y / (2 * Math.exp(-60)) - 1)).toBeLessThan(1e-15);
});

const folds: readonly [name: Fold, initial: number, two: (a: number, b: number) => number][] = [
  ["sum", 0, (a, b) => a + b],
  ["greatest", -Infinity, Math.max],
  ["least", Infinity, Math.min],
];

test.each(folds)("%s over short lines is that of one element after the other, whatever the strides", (name, initial, two) => {
  for (const length of [1, 2, 3, 7, 8, 9, 17, 100])
    for (const [m, down, n, across, step] of [
      [5, 3 * length, 3, 1, 3],
      [1, 0, 9, length, 1],
      [4, 1, 3, 4, 12],
      [3, -2 * length, 2, length, -1],
    ]) {
      const x = Float64Array.from({ length: 4000 }, (_, i) =>
        name !== "sum" && i % 11 === 0 ? [none, inf, -inf, 0, -0][(i / 11) % 5] : ((i * 7919) % 1013) - 500,
      );
      const lines: Lines = { m, down, n, across, length, step };
      const out = new Float64Array(m * n + 2).fill(7);
      expect(foldColumns(name, x, 2000, lines, out, 1)).toBe(true);
      const wanted = [7];
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let total = initial;
          for (let k = 0; k < length; k++) total = two(total, x[2000 + i * down + j * across + k * step]);
          wanted.push(total);
        }
      expect(out, `${length} elements`).toEqual(Float64Array.from([...wanted, 7]));
    }
});

const wholes: readonly [name: Fold, two: (a: number, b: number) => number][] = [
  ["sum", (a, b) => (a + b) | 0],
  ["product", Math.imul],
  ["greatest", Math.max],
  ["least", Math.min],
];

test.each(wholes)("%s over short lines of whole numbers, which wrap around", (name, two) => {
  for (const length of [1, 2, 3, 8, 17, 100, 255])
    for (const [m, n, between] of [
      [1, 3, 0],
      [1, 300, 0],
      [1, 300, 2],
      [5, 77, 1],
    ])
      for (const step of [1, 2, 3]) {
        const across = length * step + between;
        const x = Int32Array.from({ length: m * n * across + 1 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
        const out = new Int32Array(m * n);
        foldColumns(name, x, 1, { m, down: n * across, n, across, length, step }, out, 0);
        const wanted = out.map((_, l) => {
          let total = x[1 + l * across];
          for (let k = 1; k < length; k++) total = two(total, x[1 + l * across + k * step]);
          return total;
        });
        expect(out, `${length} elements, ${step} apart`).toEqual(wanted);
      }
});

test("products of float32 run in float64, and are rounded once", () => {
  for (const [n, length] of [
    [20, 4],
    [3000, 4],
    [400, 100],
  ]) {
    const x = Float32Array.from({ length: n * length }, (_, i) => (i % 4 < 2 ? 1e30 : 1e-30) * (1 + (i % 7) / 8));
    const out = new Float32Array(n);
    foldColumns("product", x, 0, { m: 1, down: 0, n, across: length, length, step: 1 }, out, 0);
    const wanted = out.map((_, l) => x.subarray(l * length, (l + 1) * length).reduce((total, y) => total * y, 1));
    expect(out).toEqual(wanted);
  }
});

test.each(wholes)("%s across blocks that lie one behind the other", (name, two) => {
  const start = name === "sum" ? 0 : name === "product" ? 1 : name === "greatest" ? -Infinity : Infinity;
  for (const Type of [Float64Array, Float32Array, Int32Array])
    for (const [m, length, n] of [
      [2, 4, 4],
      [301, 3, 11],
      [37, 100, 16],
      [50, 9, 17],
      [5, 255, 16],
      [7, 2, 33],
      [9, 40, 100],
      [3, 30, 1],
    ]) {
      // Products of ones and signs, so that floats have them all exactly.
      const number = (i: number): number => (name === "product" ? [1, -1][((i * 7) % 5) & 1] : ((i * 7919) % 1013) - 500);
      const x = new Type(Array.from({ length: 2 + m * length * n }, (_, i) => number(i)));
      const out = new Type(m * n + 2).fill(7);
      const wanted = out.slice();
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let total = start;
          for (let k = 0; k < length; k++) total = two(total, x[2 + (i * length + k) * n + j]);
          wanted[1 + i * n + j] = total;
        }
      expect(foldColumns(name, x, 2, { m, down: length * n, n, across: 1, length, step: n }, out, 1)).toBe(true);
      expect(out, `${m} blocks of ${length} × ${n}`).toEqual(wanted);
    }
});
