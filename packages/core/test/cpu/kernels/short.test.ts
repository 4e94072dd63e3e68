import { expect, test } from "vitest";
import type { Lines } from "../../../src/cpu/kernels/loops.js";
import { maxShort, minShort, type Short, sumShort } from "../../../src/cpu/kernels/short.js";

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
