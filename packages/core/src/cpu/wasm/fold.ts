import type { Data } from "../../engine/aval.js";
import { stage } from "./gemm.js";
import { type Loaded, load, type Map2 } from "./module.js";

/** Combines two numbers into one. */
export type Fold = "add" | "mul" | "maximum" | "minimum";

const floats: Readonly<Record<Fold, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  maximum: Math.max,
  minimum: Math.min,
};
const wholes: typeof floats = { ...floats, add: (a, b) => (a + b) | 0, mul: Math.imul };

/** Where numbers of this type are folded, the kernel that puts what lies behind onto what is there, and the same for two numbers. Products of floats run in float64. */
export function folder(
  name: Fold,
  x: Data,
  { kernels, float32, float64 }: Loaded,
): { memory: Data; kernel: Map2; two: (a: number, b: number) => number } {
  if (!isFloats(x)) return { memory: new Int32Array(float32.buffer as ArrayBuffer), kernel: kernels[`${name}Int`], two: wholes[name] };
  const isSingle = x instanceof Float32Array && name !== "mul";
  return { memory: isSingle ? float32 : float64, kernel: kernels[`${name}${isSingle ? 32 : 64}`], two: floats[name] };
}

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
 * Folds lines of n elements, `across` apart from `at` on, into n totals, or, if they are `all` that there are, at most `maxTogether`, writes these.
 * Sums and products of floats run in float64; what is no sum of floats is folded by halves, the last lines onto the first. False where there
 * is no WebAssembly.
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
  const isSum = name === "add" && isFloats(x);
  if (isSum && n === 1) return sumRows(x, at, 1, lines, lines, totals, o, 1);
  const loaded = load(2 * maxBytes);
  if (loaded === undefined) return false;
  const { start, kernels, float64 } = loaded;
  const { memory, kernel, two } = folder(name, x, loaded);
  const bytes = memory.BYTES_PER_ELEMENT;
  const first = start / bytes;

  const width = all ? Math.min(maxLine, Math.floor(maxBytes / bytes / lines)) : maxLine;
  const lanes = 16 / bytes;
  for (let from = 0, count = 0; from < n; from += count) {
    count = Math.min(width, n - from);
    // Lines of whole vectors are folded down to one.
    if (count > lanes) count -= count % lanes;
    const pitch = count * bytes;
    const maxRows = Math.floor(maxBytes / pitch);
    for (let line = 0; line < lines; line += maxRows) {
      let left = Math.min(maxRows, lines - line);
      stage(memory, first, x, at + line * across + from, left, count, across, 1);
      if (isSum) {
        kernels[bytes === 4 ? "sum32" : "sum64"](start + maxBytes, start, left, pitch, Math.ceil(count / side), side * bytes);
        const sums = (start + maxBytes) / 8;
        if (all) totals.set(float64.subarray(sums, sums + count), o + from);
        else for (let i = 0; i < count; i++) totals[o + from + i] += float64[sums + i];
        continue;
      }
      const unit = pitch % 16 === 0 ? 1 : lanes;
      for (let half = left >> 1; half >= unit; half = left >> 1) {
        half -= half % unit;
        left -= half;
        kernel(start, start + half * pitch, left * pitch);
      }
      if (all) totals.set(memory.subarray(first, first + count), o + from);
      for (let l = all ? 1 : 0, i = first + l * count; l < left; l++)
        for (let t = o + from; t < o + from + count; t++, i++) totals[t] = two(totals[t], memory[i]);
    }
  }
  return true;
}

/**
 * Adds the sums of some rows of n floats, `across` apart from `at` on, to as many totals, `step` apart; or false as above. Rows that are
 * longer than 256 kB are added part by part.
 */
export function sumRows(x: Data, at: number, rows: number, n: number, across: number, totals: Data, o: number, step: number): boolean {
  const loaded = isFloats(x) ? load(2 * maxBytes) : undefined;
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

export const isFloats = (x: Data): x is Float64Array | Float32Array => x instanceof Float64Array || x instanceof Float32Array;
