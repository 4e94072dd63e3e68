import type { Data } from "../../engine/aval.js";
import { stage } from "./gemm.js";
import { type Loaded, load, type Map2, type Sum } from "./module.js";

/** Combines two numbers into one. */
export type Fold = "add" | "mul" | "maximum" | "minimum";

const kernelNames = {
  add: ["sum32", "sum64"],
  mul: ["mul32", "mul64"],
  maximum: ["maximum32", "maximum64"],
  minimum: ["minimum32", "minimum64"],
} as const;

/** The least numbers of elements, in all and in a line, for which the kernels are ahead of JavaScript. */
export const minLength = 256;

/** Bytes that are in the module's memory at a time. */
const maxBytes = 1 << 18;

/** Elements of one of many lines that are in the module's memory at a time. */
const maxLine = 1 << 12;

/** Elements that the kernel of sums adds side by side. */
const side = 4;

/** The most lines of which parts are in the module's memory together, so that what a kernel makes of them is all. */
export const maxTogether = 256;

/**
 * Folds lines of n floats, `across` apart from `at` on, into n totals, or, if they are `all` that there are, at most `maxTogether`, writes these.
 * Sums and products run in float64; what is no sum is folded by halves, the last lines onto the first. False where there is no WebAssembly,
 * and for whole numbers.
 */
export function foldLines(
  name: Fold,
  x: Data,
  at: number,
  lines: number,
  n: number,
  across: number,
  totals: Data,
  o: number,
  all = false,
): boolean {
  if (name === "add" && n === 1) return sumRows(x, at, 1, lines, lines, totals, o, 1);
  const loaded = loadFor(x);
  if (loaded === undefined) return false;
  const isSingle = x.BYTES_PER_ELEMENT === 4 && name !== "mul";
  const { start, kernels, float64 } = loaded;
  const [memory, bytes] = isSingle ? [loaded.float32, 4] : [float64, 8];
  const kernel = kernels[kernelNames[name][isSingle ? 0 : 1]] as Sum & Map2;
  const first = start / bytes;

  const width = all ? Math.min(maxLine, Math.floor(maxBytes / bytes / lines)) : maxLine;
  for (let from = 0; from < n; from += width) {
    const count = Math.min(width, n - from);
    const pitch = count * bytes;
    const maxRows = Math.floor(maxBytes / pitch);
    for (let line = 0; line < lines; line += maxRows) {
      let left = Math.min(maxRows, lines - line);
      stage(memory, first, x, at + line * across + from, left, count, across, 1);
      if (name === "add") {
        kernel(start + maxBytes, start, left, pitch, Math.ceil(count / side), side * bytes);
        const sums = (start + maxBytes) / 8;
        if (all) totals.set(float64.subarray(sums, sums + count), o + from);
        else for (let i = 0; i < count; i++) totals[o + from + i] += float64[sums + i];
        continue;
      }
      // A kernel works on whole vectors.
      const unit = pitch % 16 === 0 ? 1 : 16 / bytes;
      for (let half = left >> 1; half >= unit; half = left >> 1) {
        half -= half % unit;
        left -= half;
        kernel(start, start + half * pitch, left * pitch);
      }
      if (all) totals.set(memory.subarray(first, first + count), o + from);
      for (let l = all ? 1 : 0, i = first + l * count; l < left; l++)
        for (let t = o + from; t < o + from + count; t++, i++) {
          const [a, b] = [totals[t], memory[i]];
          totals[t] = name === "mul" ? a * b : name === "maximum" ? Math.max(a, b) : Math.min(a, b);
        }
    }
  }
  return true;
}

/**
 * Adds the sums of some rows of n floats, `across` apart from `at` on, to as many totals, `step` apart; or false as above. Rows that are
 * longer than 256 kB are added part by part.
 */
export function sumRows(x: Data, at: number, rows: number, n: number, across: number, totals: Data, o: number, step: number): boolean {
  const loaded = loadFor(x);
  if (loaded === undefined) return false;
  const { start, kernels, float64 } = loaded;
  const bytes = x.BYTES_PER_ELEMENT;
  const [kernel, memory] = bytes === 4 ? [kernels.sum32, loaded.float32] : [kernels.sum64, float64];
  const width = Math.min(n, maxBytes / bytes);
  const maxRows = Math.floor(maxBytes / (width * bytes));
  const sums = (start + maxBytes) / 8;
  for (let row = 0; row < rows; row += maxRows) {
    const count = Math.min(maxRows, rows - row);
    for (let from = 0; from < n; from += width) {
      const some = Math.min(width, n - from);
      stage(memory, start / bytes, x, at + row * across + from, count, some, across, 1);
      kernel(start + maxBytes, start, Math.floor(some / side), side * bytes, count, some * bytes);
      for (let l = 0, end = start / bytes + some; l < count; l++, end += some) {
        const at = sums + l * side;
        let total = float64[at] + float64[at + 1] + (float64[at + 2] + float64[at + 3]);
        for (let i = end - (some % side); i < end; i++) total += memory[i];
        totals[o + (row + l) * step] += total;
      }
    }
  }
  return true;
}

/** The module for floats. */
const loadFor = (x: Data): Loaded | undefined => (x instanceof Float64Array || x instanceof Float32Array ? load(2 * maxBytes) : undefined);
