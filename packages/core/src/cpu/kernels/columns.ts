import type { Data } from "../../engine/aval.js";
import { type Fold, folder } from "../wasm/fold.js";
import { type Loaded, load } from "../wasm/module.js";
import { plain, type Total } from "./anchored.js";
import type { Lines } from "./loops.js";

// Sums of exponentials of many short lines, or of lines that lie across storage: tiles of lines are put side by side, so that each kernel
// works on one element of all of them at once.

/** The bytes of a tile, and the least number of lines in one. */
const tile = 1 << 16;
const minTile = 32;

/** The most elements of a line for which enough lines fit into a tile. */
export const maxColumn = (bytes: number): number => tile / bytes / minTile;

/** The lines in a tile of elements of so many bytes: kernels work on whole vectors, and sums on four elements. */
const widthOf = ({ m, n, length }: Lines, bytes: number): number => Math.ceil(Math.min(m * n, tile / bytes / length) / 4) * 4;

/** The place of the exponentials: as {@link Lines}, with the strides of the result. */
export type Places = Pick<Lines, "down" | "across" | "step">;

/**
 * The totals of lines, one behind the other in `sums` from `s` on, or their exponentials divided by the totals in `out`, from `o` on. False
 * where there is no WebAssembly.
 */
export function columns(
  x: Data,
  a: number,
  lines: Lines,
  total: Total,
  sums: Data | undefined,
  s: number,
  out?: Data,
  o = 0,
  to?: Places,
): boolean {
  const { m, n, length } = lines;
  const bytes = x.BYTES_PER_ELEMENT;
  const width = widthOf(lines, bytes);
  const loaded = load((length + 4) * width * bytes + 128 + maxSpan);
  if (loaded === undefined) return false;
  const { start, kernels } = loaded;
  const bits = bytes === 4 ? 32 : 64;
  const memory = bytes === 4 ? loaded.float32 : loaded.float64;
  const [maximum, sub, exp, div] = [kernels[`maximum${bits}`], kernels[`sub${bits}`], kernels[`exp${bits}`], kernels[`div${bits}`]];
  const first = start / bytes;
  const pitch = width * bytes;
  const end = start + length * pitch;
  const tops = first + length * width;
  const [spare, rests] = [end + pitch, end + 2 * pitch];
  // The exponentials of a line are summed: all of them, or all but the greatest's, which is 1.
  const own = out ? 1 : 0;
  const summed = start + (1 - own) * pitch;
  const scratch = new Float64Array(2 * length);
  for (let line = 0; line < m * n; line += width) {
    const count = Math.min(width, m * n - line);
    gather(loaded, x, a, lines, memory, first, width, line, count);
    memory.copyWithin(tops, first, first + width);
    for (let at = start + pitch; at < end; at += pitch) {
      if (own === 1) {
        maximum(end, end + pitch, at - end);
        continue;
      }
      // The less of an element and the greatest before it stays: those are all elements but the greatest.
      memory.copyWithin(spare / bytes, at / bytes, at / bytes + width);
      kernels[`minimum${bits}`](at, at + pitch, end - at);
      maximum(end, end + pitch, spare - end);
    }
    for (let at = summed; at < end; at += pitch) sub(at, at + pitch, end - at);
    exp(summed, end);
    kernels[`sum${bits}`](rests, summed, length - 1 + own, pitch, width / 4, 4 * bytes);
    for (let t = 0; t < count; t++) {
      const top = memory[tops + t];
      if (!Number.isFinite(top)) {
        // Infinities that are equal are 0 apart, which a difference does not say.
        const [i, j] = [Math.floor((line + t) / n), (line + t) % n];
        for (let k = 0; k < length; k++) scratch[k] = x[a + i * lines.down + j * lines.across + k * lines.step];
        const sum = total(...plain(scratch, 0, length, scratch, length));
        for (let k = 0; k < length; k++) memory[first + k * width + t] = scratch[length + k];
        memory[tops + t] = sum;
        if (sums) sums[s + line + t] = sum;
        continue;
      }
      const sum = total(top, loaded.float64[rests / 8 + t] - own);
      memory[tops + t] = sum;
      if (sums) sums[s + line + t] = sum;
    }
    if (out === undefined || to === undefined) continue;
    for (let k = 0; k < length; k++) div(start + k * pitch, start + (k + 1) * pitch, end - start - k * pitch);
    scatter(out, o, { ...lines, ...to }, memory, first, width, line, count);
  }
  return true;
}

/** Folds each line, one behind the other from o on; false where JavaScript is to do it. */
export function foldColumns(name: Fold, x: Data, a: number, lines: Lines, out: Data, o: number): boolean {
  const { m, n, length } = lines;
  const width = widthOf(lines, 8);
  const loaded = load(((length + 1) * width + 8) * 8 + maxSpan);
  if (loaded === undefined) return false;
  const { start } = loaded;
  const { memory, kernel } = folder(name, x, loaded);
  const bytes = memory.BYTES_PER_ELEMENT;
  const [first, pitch] = [start / bytes, width * bytes];
  for (let line = 0; line < m * n; line += width) {
    const count = Math.min(width, m * n - line);
    gather(loaded, x, a, lines, memory, first, width, line, count);
    for (let k = 1; k < length; k++) kernel(start, start + pitch, k * pitch);
    out.set(memory.subarray(first, first + count), o + line);
  }
  return true;
}

/** Bytes of storage with lines that a kernel lays side by side. */
const maxSpan = 1 << 18;

/** Copies lines from the `line`-th on into a tile, whose rows are `width` apart. */
function gather(
  { kernels }: Loaded,
  x: Data,
  a: number,
  lines: Lines,
  tile: Data,
  first: number,
  width: number,
  line: number,
  count: number,
): void {
  const { down, n, across, length, step } = lines;
  const bytes = tile.BYTES_PER_ELEMENT;
  const copy = bytes === 4 ? kernels.copy32 : kernels.copy64;
  const behind = first + length * width + width + 8;
  for (let t = 0, i = Math.floor(line / n), j = line % n; t < count; i++, j = 0) {
    const some = Math.min(count - t, n - j);
    let from = a + i * down + j * across;
    if (across === 1 && some > minTile)
      for (let k = 0, to = first + t; k < length; k++, from += step, to += width) tile.set(x.subarray(from, from + some), to);
    else if (some > minTile && step > 0 && across >= step * length && some * across * bytes <= maxSpan) {
      tile.set(x.subarray(from, from + some * across), behind);
      for (let k = 0, at = behind, to = first + t; k < length; k++, at += step, to += width)
        copy(to * bytes, at * bytes, 1, some, 0, across * bytes);
    } else
      for (let k = 0, to = first + t; k < length; k++, from += step, to += width)
        for (let p = to, q = from, end = to + some; p < end; p++, q += across) tile[p] = x[q];
    t += some;
  }
}

/** Copies them back. */
function scatter(out: Data, o: number, lines: Lines, tile: Data, first: number, width: number, line: number, count: number): void {
  const { down, n, across, length, step } = lines;
  for (let t = 0, i = Math.floor(line / n), j = line % n; t < count; i++, j = 0) {
    const some = Math.min(count - t, n - j);
    let to = o + i * down + j * across;
    if (across === 1 && some > minTile)
      for (let k = 0, from = first + t; k < length; k++, to += step, from += width) out.set(tile.subarray(from, from + some), to);
    else
      for (let from = first + t, end = from + some; from < end; from++, to += across)
        for (let k = 0, p = from, q = to; k < length; k++, p += width, q += step) out[q] = tile[p];
    t += some;
  }
}
