import type { Data } from "../../engine/aval.js";
import { limits } from "../limits.js";
import { type Fold, folder, foldStaged } from "../wasm/fold.js";
import { bitsOf, floatsOf, load } from "../wasm/module.js";

// Sums of exponentials start from the greatest element of a line, so that nothing overflows: top + log(1 + rest), where `rest` is the sum
// of exp(x - top) over all others, which may be too small beside the 1.

/** Bytes of lines that are in the module's memory at a time, and of one line at most. */
const tile = 1 << 15;
const maxLineBytes = 1 << 23;

/** Joins a line's greatest element with the sum over the rest. */
export type Total = (top: number, rest: number) => number;

/** The total of each of `count` lines of n elements, one after the other from `at` on. */
export function totals(x: Data, at: number, lines: number, n: number, total: Total, out: Data): void {
  if (inKernel(x, at, lines, n, total, out, true)) return;
  const scratch = new Float64Array(n);
  for (let l = 0; l < lines; l++) out[l] = total(...plain(x, at + l * n, n, scratch, 0));
}

/** Their exponentials, divided by the total. */
export function quotients(x: Data, at: number, lines: number, n: number, total: Total, out: Data): void {
  if (inKernel(x, at, lines, n, total, out, false)) return;
  for (let l = 0; l < lines * n; l += n) {
    const sum = total(...plain(x, at + l, n, out, l));
    for (let i = l; i < l + n; i++) out[i] /= sum;
  }
}

/** The position of the greatest element; that of NaN, if there is one, or behind it. */
function greatest(x: Data, from: number, n: number): number {
  let [top, place] = [x[from], from];
  for (let i = from + 1; i < from + n; i++)
    if (!(x[i] <= top)) {
      top = x[i];
      place = i;
    }
  return place;
}

/** Equal infinities are 0 apart. */
export function plain(x: Data, a: number, n: number, out: Data, o: number): [top: number, rest: number] {
  const place = greatest(x, a, n);
  const top = n > 0 ? x[place] : -Infinity;
  let rest = 0;
  for (let i = 0; i < n; i++) {
    const value = x[a + i];
    const e = value === top ? 1 : Math.exp(value - top);
    if (a + i !== place) rest += e;
    out[o + i] = e;
  }
  return [top, rest];
}

/** Either by kernels; false where JavaScript is to do it. */
function inKernel(x: Data, at: number, lines: number, n: number, total: Total, out: Data, isSum: boolean): boolean {
  const bytes = x.BYTES_PER_ELEMENT;
  if (lines * n === 0 || lines * n < 2 * limits.vectors || n * bytes > maxLineBytes) return false;
  const together = Math.max(1, Math.floor(tile / (n * bytes)));
  const region = (together * n * bytes + 63) & -64;
  const loaded = load(2 * region + region / 64 + 144 * together + 8192);
  if (loaded === undefined) return false;
  const { start, kernels, float64 } = loaded;
  const bits = bitsOf(bytes);
  const memory = floatsOf(loaded, bytes);
  const [first, other] = [start / bytes, region / bytes];
  const [sub, exp, div, copy] = [kernels[`sub${bits}`], kernels[`exp${bits}`], kernels[`div${bits}`], kernels[`copy${bits}`]];
  const folded = (name: Fold, count: number): number =>
    foldStaged(loaded, folder(name, memory, loaded), start, count, n, start + 2 * region);
  /** Writes one number of each line, from byte `from` on, to all places behind the line's elements. */
  const stretch = (from: number, count: number): void => copy(start + region, from, count, n, n * bytes, bytes, bytes, 0);
  for (let line = 0; line < lines; line += together) {
    const count = Math.min(together, lines - line);
    const stop = start + count * n * bytes;
    const source = at + line * n;
    memory.set(x.subarray(source, source + count * n), first);
    stretch(folded("greatest", count), count);
    for (let from = first; isSum && from < stop / bytes; from += n) {
      const top = memory[from + other];
      // Its own exponential is no part of the rest.
      if (Number.isFinite(top)) memory[memory.indexOf(top, from)] = -Infinity;
    }
    sub(start, stop, region);
    exp(start, stop);
    const exponentials = folded("sum", count);
    for (let l = 0, from = first, place = exponentials / 8; l < count; l++, from += n, place++) {
      const top = memory[from + other];
      if (!Number.isFinite(top)) float64[place] = total(...plain(x, source + l * n, n, memory, from));
      else if (isSum) float64[place] = total(top, float64[place]);
    }
    if (isSum) {
      out.set(float64.subarray(exponentials / 8, exponentials / 8 + count), line);
      continue;
    }
    if (bits === 32) kernels.narrow(exponentials, exponentials + 8 * count);
    stretch(exponentials, count);
    div(start, stop, region);
    out.set(memory.subarray(first, first + count * n), line * n);
  }
  return true;
}
