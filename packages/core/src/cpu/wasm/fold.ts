import type { Data } from "../../engine/aval.js";
import { stage } from "./gemm.js";
import { bitsOf, type FoldLines, type Loaded, load } from "./module.js";

/** Combines two numbers into one. */
export type Fold = "sum" | "product" | "greatest" | "least";

export interface Folder {
  /** The kernel, and the one for its results: sums and products of floats run in float64. */
  readonly kernel: FoldLines;
  readonly again: FoldLines;
  /** An argument of both. */
  readonly greatest: number;
  /** The memory that the kernel reads, and the one that it writes. */
  readonly memory: Data;
  readonly results: Data;
  /** The elements of a line that the kernel folds side by side. */
  readonly side: number;
}

/** Bytes of the results that a kernel writes at a time. */
export const unit = 64;

/** The kernel that folds numbers of this type, and all that a call of it needs. */
export function folder(name: Fold, x: Data, { kernels, float32, float64 }: Loaded): Folder {
  // Of numbers whose bits are turned over, the least one is the greatest.
  const kind = name === "greatest" ? "least" : name;
  const bits = x instanceof Float64Array ? 64 : x instanceof Float32Array ? 32 : "Int";
  const memory = bits === 64 ? float64 : bits === 32 ? float32 : new Int32Array(float32.buffer as ArrayBuffer);
  const kernel = kernels[`${kind}${bits}`];
  const isWide = bits === 32 && kind !== "least";
  const [again, results] = isWide ? [kernels[`${kind}64`], float64] : [kernel, memory];
  return { kernel, again, greatest: name === kind ? 0 : -1, memory, results, side: unit / results.BYTES_PER_ELEMENT };
}

/** Writes `count` results, which the module's memory has from byte `at` on, to `out` from `o` on. */
export function deliver({ kernels, float32 }: Loaded, { results }: Folder, at: number, count: number, out: Data, o: number): void {
  const isWide = 2 * out.BYTES_PER_ELEMENT === results.BYTES_PER_ELEMENT;
  // An array that takes numbers from one of another type needs seven times as long.
  if (isWide) kernels.narrow(at, at + 8 * count);
  const from = isWide ? float32 : results;
  const first = at / from.BYTES_PER_ELEMENT;
  out.set(from.subarray(first, first + count), o);
}

/** With fewer lines there is more to what is left of them than to themselves. */
const minHeight = 4;

/** No more are added one after the other, so that a sum's digits are nearly those of a pairwise one. */
const maxHeight = 1 << 7;

/**
 * Folds `count` lines of n elements that lie one behind the other in the module's memory, with space from `to` on: 144 bytes a line, 8 kB, and the 64th part of what the
 * lines have. Returns the byte of the first result. What the kernel makes of each of them is laid out in panels, and folded as lines; so are the elements that it left.
 */
export function foldStaged({ kernels }: Loaded, own: Folder, at: number, count: number, n: number, to: number): number {
  const { kernel, again, greatest, memory, results, side } = own;
  const [bytes, wide] = [memory.BYTES_PER_ELEMENT, results.BYTES_PER_ELEMENT];
  const times = Math.ceil(count / side);
  const [height, rest] = [Math.floor(n / side), n % side];
  const ends = to + times * unit;
  const parts = ends + times * unit;
  const panels = parts + (1 + Math.floor(height / maxHeight)) * count * unit;
  const pack = kernels[`pack${bitsOf(wide)}`];
  if (wide === bytes && height < minHeight) {
    pack(parts, at, bytes, n * bytes, count, n);
    kernel(to, parts, n, unit, times, n * unit, greatest);
    return to;
  }
  let blocks = 0;
  for (let done = 0; done <= height; done += maxHeight, blocks++)
    kernel(
      parts + blocks * count * unit,
      at + done * side * bytes,
      Math.min(maxHeight, height - done),
      side * bytes,
      count,
      n * bytes,
      greatest,
    );
  if (blocks > 1) again(parts, parts, blocks, count * unit, count, unit, greatest);
  pack(panels, parts, wide, unit, count, side);
  again(to, panels, side, unit, times, side * unit, greatest);
  if (rest > 0) {
    const copy = kernels[`copy${bitsOf(bytes)}`];
    copy(parts, at + (n - rest) * bytes, rest, count, count * bytes, bytes, bytes, n * bytes);
    kernel(ends, parts, rest, count * bytes, times, side * bytes, greatest);
    again(to, to, 2, times * unit, times, unit, greatest);
  }
  return to;
}

/** The least numbers of elements, in all and in a line, for which the kernels are ahead of JavaScript. */
export const minLength = 256;

/** Bytes that are in the module's memory at a time, and of those, if there are many short lines, the ones that stay in the nearest cache. */
const maxBytes = 1 << 18;
const near = 1 << 14;

/** Lines of which parts are in the module's memory together even so, and elements of each of them: 2¹² would lie in the same places of the cache. */
const together = 1 << 8;
const maxLine = (1 << 12) - 64;

/** Lines of at most so many elements leave lanes of a kernel unused; without gaps between them, some are one line of about so many. */
const narrow = 8;
const wideLine = 32;

/** Lines, `across` apart from `at` on. */
export interface Side {
  readonly at: number;
  readonly lines: number;
  readonly across: number;
}

/** Folds lines of n elements into one that is written from `o` on. False where there is no WebAssembly. */
export function foldLines(name: Fold, x: Data, sides: readonly Side[], n: number, out: Data, o: number): boolean {
  const loaded = load(3 * maxBytes);
  if (loaded === undefined) return false;
  const { start } = loaded;
  const own = folder(name, x, loaded);
  const { kernel, again, greatest, memory, results, side } = own;
  const [{ at, lines, across }] = sides;
  const joined = Math.floor(wideLine / n);
  if (n <= narrow && across === n && sides.length === 1 && lines >= 4 * joined) {
    const [width, rest] = [joined * n, lines % joined];
    const line = results.slice(0, width + rest * n);
    foldLines(name, x, [{ at, lines: (lines - rest) / joined, across: width }], width, line, 0);
    line.set(x.subarray(at + (lines - rest) * n, at + lines * n), width);
    return foldLines(name, line, [{ at: 0, lines: joined + rest, across: n }], n, out, o);
  }
  const [bytes, wide] = [memory.BYTES_PER_ELEMENT, results.BYTES_PER_ELEMENT];
  const to = start + maxBytes;
  for (let from = 0; from < n; from += maxLine) {
    const count = Math.min(maxLine, n - from);
    const pitch = count * bytes;
    const most = Math.floor(Math.min(maxBytes, Math.max(near, together * pitch)) / pitch);
    const times = Math.ceil(count / side);
    let isFirst = true;
    for (const { at, lines, across } of sides)
      for (let line = 0; line < lines; line += most) {
        const some = Math.min(most, lines - line);
        stage(memory, start / bytes, x, at + line * across + from, some, count, across, 1);
        kernel(isFirst ? to : to + count * wide, start, some, pitch, times, side * bytes, greatest);
        if (!isFirst) again(to, to, 2, count * wide, times, unit, greatest);
        isFirst = false;
      }
    deliver(loaded, own, to, count, out, o + from);
  }
  return true;
}

/** Writes the folds of some rows of n elements, `across` apart from `at` on, one behind the other; or false as above. Rows have at most 256 kB. */
export function foldRows(name: Fold, x: Data, at: number, rows: number, n: number, across: number, out: Data, o: number): boolean {
  const loaded = load(4 * maxBytes);
  if (loaded === undefined) return false;
  const { start } = loaded;
  const own = folder(name, x, loaded);
  const bytes = own.memory.BYTES_PER_ELEMENT;
  const most = Math.floor(maxBytes / Math.max(n * bytes, unit));
  for (let row = 0; row < rows; row += most) {
    const count = Math.min(most, rows - row);
    const first = at + row * across;
    // Rows in the module's memory are folded where they lie.
    const isThere = x === own.memory && across === n;
    if (!isThere) stage(own.memory, start / bytes, x, first, count, n, across, 1);
    deliver(loaded, own, foldStaged(loaded, own, isThere ? first * bytes : start, count, n, start + maxBytes), count, out, o + row);
  }
  return true;
}

export const isFloats = (x: Data): x is Float64Array | Float32Array => x instanceof Float64Array || x instanceof Float32Array;
