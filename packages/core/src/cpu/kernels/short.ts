import type { Data } from "../../engine/aval.js";
import type { Fold } from "../wasm/fold.js";
import { foldColumns } from "./columns.js";
import type { Lines } from "./loops.js";

// Folds of lines that are so short that a call for each would cost more than its line: all lines in one loop, whatever the strides.

export type Short = (x: Data, a: number, lines: Lines, out: Data, o: number) => void;

/** The least number of elements for which kernels are ahead, which have no branch that depends on them. */
const minColumns = 256;

/** From this length on four partial sums are added side by side. */
const minParts = 8;

export const sumShort: Short = (x, a, lines, out, o) => {
  const { m, down, n, across, length, step } = lines;
  if (m * n * length >= minColumns && foldColumns("add", x, a, lines, out, o)) return;
  const whole = length < minParts ? 0 : length & -4;
  for (let l = 0; l < m; l++, a += down)
    for (let j = 0, from = a; j < n; j++, from += across) {
      let [i, k, total] = [from, 0, 0];
      if (whole > 0) {
        let [s1, s2, s3] = [0, 0, 0];
        for (; k < whole; k += 4, i += 4 * step) {
          total += x[i];
          s1 += x[i + step];
          s2 += x[i + 2 * step];
          s3 += x[i + 3 * step];
        }
        total = total + s1 + (s2 + s3);
      }
      for (; k < length; k++, i += step) total += x[i];
      out[o++] = total;
    }
};

/** One element of a line after the other. */
const short =
  (name: Fold, two: (a: number, b: number) => number): Short =>
  (x, a, lines, out, o) => {
    const { m, down, n, across, length, step } = lines;
    if (m * n * length >= minColumns && foldColumns(name, x, a, lines, out, o)) return;
    for (let l = 0; l < m; l++, a += down)
      for (let j = 0, from = a; j < n; j++, from += across) {
        let total = x[from];
        for (let k = 1, i = from + step; k < length; k++, i += step) total = two(total, x[i]);
        out[o++] = total;
      }
  };

export const maxShort = short("maximum", Math.max);
export const minShort = short("minimum", Math.min);
export const prodShort = short("mul", (a, b) => a * b);
export const sumWholeShort = short("add", (a, b) => (a + b) | 0);
export const prodWholeShort = short("mul", Math.imul);
