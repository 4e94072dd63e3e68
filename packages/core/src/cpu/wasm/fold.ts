import type { Data } from "../../aval.js";
import { stage } from "./gemm.js";
import { load } from "./module.js";

/** What makes two numbers one. */
export type Fold = "add" | "mul" | "maximum" | "minimum";

const kernelNames = {
  add: ["add32", "add64"],
  mul: ["mul32", "mul64"],
  maximum: ["maximum32", "maximum64"],
  minimum: ["minimum32", "minimum64"],
} as const;

/** From so many elements on, in all and in a line, the kernels are ahead of JavaScript. */
export const many = 256;

/** Bytes that are in the module's memory at a time: of one line, and of many. */
const near = 1 << 15;
const far = 1 << 18;

/** Elements of one of many lines that are in the module's memory at a time. */
const long = 1 << 12;

/** Elements that are added at a time, and such sums, one after the other: the sums of sums are almost pairwise. */
const tile = 8;
const some = 64;

/**
 * Folds lines of n floats, `across` apart from `at` on, into n totals. Sums and products run in float64; what is no sum is folded by
 * halves, the last lines onto the first. False where there is no WebAssembly, and for whole numbers.
 */
export function foldLines(name: Fold, x: Data, at: number, lines: number, n: number, across: number, totals: Data, o: number): boolean {
  if (!(x instanceof Float64Array || x instanceof Float32Array)) return false;
  const loaded = load(2 * far);
  if (loaded === undefined) return false;
  const isSingle = x instanceof Float32Array && name !== "mul";
  const [memory, bytes] = isSingle ? [loaded.float32, 4] : [loaded.float64, 8];
  const { start, kernels, float64 } = loaded;
  const kernel = kernels[kernelNames[name][isSingle ? 0 : 1]];
  const first = start / bytes;
  const sums = start + far + 8 * tile;

  const addUp = (count: number, n: number): void => {
    const [pitch, wide] = [n * bytes, Math.ceil(n / tile) * tile * 8];
    for (let l = 0; l < count; l += some)
      kernels[isSingle ? "sum32" : "sum64"](sums + (l / some) * wide, start + l * pitch, Math.min(some, count - l), pitch, pitch);
    if (count > some) kernels.sum64(sums, sums, Math.ceil(count / some), wide, wide);
  };

  for (let from = 0; from < n; from += long) {
    const width = Math.min(long, n - from);
    const pitch = width * bytes;
    const most = Math.floor((n === 1 ? near : far) / pitch);
    for (let line = 0; line < lines; line += most) {
      let left = Math.min(most, lines - line);
      stage(memory, first, x, at + line * across + from, left, width, across, 1);
      if (name !== "add") {
        // A kernel works on whole vectors.
        const unit = pitch % 16 === 0 ? 1 : 16 / bytes;
        for (let half = left >> 1; half >= unit; half = left >> 1) {
          half -= half % unit;
          left -= half;
          kernel(start, start + half * pitch, left * pitch);
        }
        for (let l = 0; l < left; l++) into(name, totals, o + from, 1, memory, first + l * width, width);
      } else if (n === 1) {
        // One line is taken for lines of eight.
        const count = Math.ceil(left / tile);
        for (let i = left; i < count * tile; i++) memory[first + i] = 0;
        addUp(count, tile);
        into(name, totals, o, 0, float64, sums / 8, tile);
      } else {
        addUp(left, width);
        into(name, totals, o + from, 1, float64, sums / 8, width);
      }
    }
  }
  return true;
}

function into(name: Fold, totals: Data, o: number, step: number, x: Data, at: number, n: number): void {
  for (let i = 0; i < n; i++, o += step) {
    const [a, b] = [totals[o], x[at + i]];
    totals[o] = name === "add" ? a + b : name === "mul" ? a * b : name === "maximum" ? Math.max(a, b) : Math.min(a, b);
  }
}
