import type { Data } from "../../engine/aval.js";
import { mend } from "../wasm/elementwise.js";
import { deliver, type Fold, folder, unit } from "../wasm/fold.js";
import { bitsOf, floatsOf, type Loaded, load } from "../wasm/module.js";
import { maxApart } from "../wasm/tiles.js";
import { plain, type Total } from "./anchored.js";
import { type Lines, reach } from "./loops.js";

// Sums of exponentials of many short lines, or of lines that lie across storage: tiles of lines are put side by side, so that each kernel
// works on one element of all of them at once.

/** The bytes of a tile, and the least number of lines in one. */
const tile = 1 << 16;
const minTile = 32;

/** The most elements of a line for which enough lines fit into a tile. */
export const maxColumn = (bytes: number): number => tile / bytes / minTile;

/** The lines in a tile of elements of so many bytes: kernels work on whole vectors, and sums on four elements. */
const widthOf = ({ m, n, length }: Lines, bytes: number): number => Math.ceil(Math.min(m * n, tile / bytes / length) / 16) * 16;

/** The place of the exponentials: as {@link Lines}, with the strides of the result. */
export type Places = Pick<Lines, "down" | "across" | "step">;

/**
 * The exponentials of lines divided by their sums, where those are no numbers by the `total`, in `out` from `o` on; or without a total the logarithms of the sums, one
 * behind the other. False where there is no WebAssembly.
 */
export function columns(x: Data, a: number, lines: Lines, out: Data, o: number, to: Places, total?: Total): boolean {
  const { n, down, across, length, step } = lines;
  const bytes = x.BYTES_PER_ELEMENT;
  const width = widthOf(lines, bytes);
  const loaded = load((length + 4) * width * bytes + 128 + maxSpan);
  if (loaded === undefined) return false;
  const { start, kernels, float64 } = loaded;
  const bits = bitsOf(bytes);
  const memory = floatsOf(loaded, bytes);
  const [maximum, sub, exp, div] = [kernels[`maximum${bits}`], kernels[`sub${bits}`], kernels[`exp${bits}`], kernels[`div${bits}`]];
  const first = start / bytes;
  const pitch = width * bytes;
  const end = start + length * pitch;
  const tops = first + length * width;
  const [spare, rests] = [end + pitch, end + 2 * pitch];
  // The exponentials of a line that are summed: all of them, or all but the greatest's, which is 1.
  const summed = total ? start : start + pitch;
  const scratch = new Float64Array(2 * length);
  inParts(lines, width, (part, i, j) => {
    const at = a + i * down + j * across;
    transfer(loaded, x, at, part, memory, first, width);
    memory.copyWithin(tops, first, first + width);
    for (let row = start + pitch; row < end; row += pitch) {
      if (total) {
        maximum(end, end + pitch, row - end);
        continue;
      }
      // The less of an element and the greatest before it stays: those are all elements but the greatest.
      memory.copyWithin(spare / bytes, row / bytes, row / bytes + width);
      kernels[`minimum${bits}`](row, row + pitch, end - row);
      maximum(end, end + pitch, spare - end);
    }
    for (let row = summed; row < end; row += pitch) sub(row, row + pitch, end - row);
    exp(summed, end);
    kernels[`sum${bits}`](rests, summed, (end - summed) / pitch, pitch, Math.ceil(width / 8), 8 * bytes, 0);
    const count = part.m * part.n;
    if (total === undefined) {
      const line = o + i * n + j;
      const stop = rests + 8 * count;
      // Of infinities and NaN, whose differences are NaN, the greatest is the result.
      mend(kernels.log1p64, () => 0, kernels.log1p64(rests, stop), stop, float64, float64, 0);
      if (bits === 64) {
        kernels.add64(rests, stop, end - rests);
        out.set(float64.subarray(rests / 8, stop / 8), line);
      } else for (let t = 0; t < count; t++) out[line + t] = memory[tops + t] + float64[rests / 8 + t];
      return;
    }
    for (let t = 0; t < count; t++) {
      if (!Number.isNaN(float64[rests / 8 + t])) continue;
      // Infinities that are equal are 0 apart, which a difference does not say.
      const from = at + Math.floor(t / part.n) * down + (t % part.n) * across;
      for (let k = 0; k < length; k++) scratch[k] = x[from + k * step];
      float64[rests / 8 + t] = total(...plain(scratch, 0, length, scratch, length));
      for (let k = 0; k < length; k++) memory[first + k * width + t] = scratch[length + k];
    }
    if (bits === 32) kernels.narrow(rests, rests + 8 * count);
    for (let row = start; row < end; row += pitch) div(row, row + pitch, rests - row);
    transfer(loaded, out, o + i * to.down + j * to.across, { ...part, ...to }, memory, first, width, true);
  });
  return true;
}

/** Bytes of a block at most, and at least: fewer are laid side by side faster. */
const maxBlock = 1 << 15;
const minBlock = 1 << 7;

/** Whether each row of lines is a block without gaps, of elements that lie side by side and are folded across: a kernel takes many blocks as they lie. */
export function areBlocks({ m, down, n, across, length, step }: Lines, { BYTES_PER_ELEMENT }: Data): boolean {
  const bytes = down * BYTES_PER_ELEMENT;
  return m > 1 && down === length * n && across === 1 && step === n && bytes >= minBlock && bytes <= maxBlock;
}

/** Folds each line, one behind the other from o on; false where JavaScript is to do it. */
export function foldColumns(name: Fold, x: Data, a: number, lines: Lines, out: Data, o: number): boolean {
  const { n, down, across, length } = lines;
  const asBlocks = areBlocks(lines, x);
  const width = asBlocks ? n * Math.ceil(tile / down / x.BYTES_PER_ELEMENT) : widthOf(lines, 8);
  const loaded = load(((length + 1) * width + 8) * 8 + maxSpan);
  if (loaded === undefined) return false;
  const { start } = loaded;
  const own = folder(name, x, loaded);
  const { kernel, greatest, memory, results, side } = own;
  const bytes = memory.BYTES_PER_ELEMENT;
  const to = start + length * width * bytes;
  inParts(lines, width, (part, i, j) => {
    const at = a + i * down + j * across;
    if (asBlocks) {
      memory.set(x.subarray(at, at + part.m * down), start / bytes);
      // The same columns of all blocks at a time, the last ones first: what they leave behind a block's results, the first ones of the next block replace.
      for (let k = Math.ceil(n / side) - 1; k >= 0; k--) {
        const first = start + k * side * bytes;
        kernel(to + k * unit, first, length, n * bytes, part.m, down * bytes, greatest, n * results.BYTES_PER_ELEMENT - unit);
      }
    } else {
      transfer(loaded, x, at, part, memory, start / bytes, width);
      kernel(to, start, length, width * bytes, Math.ceil(width / side), side * bytes, greatest);
    }
    deliver(loaded, own, to, part.m * part.n, out, o + i * n + j);
  });
  return true;
}

/** The lines in parts that fit into a tile: whole rows of them, or as many of one row; `run(part, the row and the line in it that are its first)`. */
function inParts(lines: Lines, width: number, run: (part: Lines, i: number, j: number) => void): void {
  const { m, n } = lines;
  const rows = Math.max(1, Math.floor(width / n));
  for (let i = 0; i < m; i += rows)
    for (let j = 0; j < n; j += width) run({ ...lines, m: Math.min(rows, m - i), n: Math.min(width, n - j) }, i, j);
}

/** Bytes of storage with lines that a kernel lays side by side. */
const maxSpan = 1 << 18;

/**
 * Copies lines into a tile, whose rows are `width` apart, or from there back to where they leave no gaps: row by row where the elements of a row are a line
 * themselves, or lines are far apart; else all at once.
 */
function transfer(loaded: Loaded, x: Data, a: number, lines: Lines, tile: Data, first: number, width: number, isBack = false): void {
  const { m, down, n, across, length, step } = lines;
  const bytes = tile.BYTES_PER_ELEMENT;
  const copy = loaded.kernels[`copy${bitsOf(bytes)}`];
  const place = first + length * width + width + 8;
  const isRow = across === 1 && (m === 1 || down === n) && (isBack || m * n > minTile);
  let depth = isRow ? 1 : length;
  let [low, high] = reach([m, n, depth], [down, across, step]);
  if (!isBack && high - low >= maxApart * m * n * depth) {
    depth = 1;
    [low, high] = reach([m, n], [down, across]);
  }
  const isNear = isBack || (high - low) * bytes < maxSpan;
  for (let k = 0, t = first; k < length; k += depth, a += depth * step) {
    const at = isRow ? t : place;
    if (isNear && !isBack) tile.set(x.subarray(a + low, a + high + 1), at);
    if (m === 1 && isNear && !isRow) {
      // A transpose of all that is there.
      const [here, there, pitch] = [t * bytes, (at - low) * bytes, width * bytes];
      if (isBack) copy(there, here, n, depth, across * bytes, step * bytes, bytes, pitch);
      else copy(here, there, depth, n, pitch, bytes, step * bytes, across * bytes);
      t += depth * width;
    } else
      for (let l = 0, q = at - low; l < depth; l++, t += width, q += step)
        if (isRow) continue;
        else if (isBack) copy(q * bytes, t * bytes, m, n, down * bytes, across * bytes, n * bytes, bytes);
        else if (isNear) copy(t * bytes, q * bytes, m, n, n * bytes, bytes, down * bytes, across * bytes);
        else
          for (let i = 0, p = t, line = a + l * step; i < m; i++, line += down)
            for (let j = 0, r = line; j < n; j++, r += across) tile[p++] = x[r];
    if (isBack) x.set(tile.subarray(at, at + high - low + 1), a + low);
  }
}
