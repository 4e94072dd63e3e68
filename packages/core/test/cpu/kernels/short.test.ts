import { expect, test } from "vitest";
import type { Lines } from "../../../src/cpu/kernels/loops.js";
import { maxShort, minShort, prodShort, prodWholeShort, type Short, sumShort, sumWholeShort } from "../../../src/cpu/kernels/short.js";

const folds: readonly [name: string, short: Short, initial: number, two: (a: number, b: number) => number][] = [
  ["sum", sumShort, 0, (a, b) => a + b],
  ["max", maxShort, -Infinity, Math.max],
  ["min", minShort, Infinity, Math.min],
];
const specials = [Number.NaN, Infinity, -Infinity, 0, -0];

test.each(folds)("%s of short lines is that of one element after the other, whatever the strides", (name, short, initial, two) => {
  for (const length of [1, 2, 3, 7, 8, 9, 17, 100])
    for (const [m, down, n, across, step] of [
      [5, 3 * length, 3, 1, 3],
      [1, 0, 9, length, 1],
      [4, 1, 3, 4, 12],
      [3, -2 * length, 2, length, -1],
    ]) {
      const x = Float64Array.from({ length: 4000 }, (_, i) =>
        name !== "sum" && i % 11 === 0 ? specials[(i / 11) % 5] : ((i * 7919) % 1013) - 500,
      );
      const lines: Lines = { m, down, n, across, length, step };
      const out = new Float64Array(m * n + 2).fill(7);
      short(x, 2000, lines, out, 1);
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

const wholes: readonly [name: string, short: Short, two: (a: number, b: number) => number][] = [
  ["sum", sumWholeShort, (a, b) => (a + b) | 0],
  ["product", prodWholeShort, Math.imul],
  ["max", maxShort, Math.max],
  ["min", minShort, Math.min],
];

test.each(wholes)("%s of short lines of whole numbers, which wrap around", (_, short, two) => {
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
        short(x, 1, { m, down: n * across, n, across, length, step }, out, 0);
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
    prodShort(x, 0, { m: 1, down: 0, n, across: length, length, step: 1 }, out, 0);
    const wanted = out.map((_, l) => x.subarray(l * length, (l + 1) * length).reduce((total, y) => total * y, 1));
    expect(out).toEqual(wanted);
  }
});
