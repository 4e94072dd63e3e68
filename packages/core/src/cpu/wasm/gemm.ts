import type { Data } from "../../engine/aval.js";
import { reach } from "../kernels/loops.js";
import type { Matrix } from "../operands.js";
import { bitsOf, floatsOf, keep, type Loaded, load, threadPool } from "./module.js";

/** Terms to a sum, rows and columns of the result that are in the module's memory at a time. Memory that few rows use stays in the caches. */
const deep = 256;
const tall = 1024;
const wide = (m: number): number => (m < 16 ? 256 : 1024);

/**
 * Rows of the result that one call computes: with their terms they stay in the second-level cache while all panels pass, and the
 * engine, which compiles better code only between two calls, need not be waited for.
 */
const block = 96;

/** The least numbers of products and of rows that threads share. */
const minSharedProducts = 1 << 21;
const minSharedRows = 32;

/** The least length of a line that is copied as a whole. */
const minCopiedLine = 32;

/** Bytes of a row of a panel, which is as many columns as a tile has. */
const panel = 64;

/** Copies a matrix of count lines of n elements to `to`, one line after the other. */
export function stage(memory: Data, to: number, x: Data, at: number, count: number, n: number, across: number, along: number): void {
  if (along === 1 && (across === n || count === 1)) memory.set(x.subarray(at, at + count * n), to);
  else if (along === 1 && n >= minCopiedLine) for (let l = 0; l < count; l++, at += across, to += n) memory.set(x.subarray(at, at + n), to);
  else for (let l = 0; l < count; l++, at += across) for (let i = 0, from = at; i < n; i++, from += along) memory[to++] = x[from];
}

/** Longer lines are added up in parts. */
const maxDot = 1024;

/** Bytes of lines that are in the module's memory at a time, and elements of a whole matrix. */
const maxLines = 1 << 18;
const maxStaged = 1 << 20;

/** The products of `count` lines of k elements, `across` from each other, and one line of any step; false where products are left to `multiply`. */
export function dots(
  count: number,
  k: number,
  a: Matrix,
  at: number,
  x: Data,
  from: number,
  step: number,
  out: Float32Array | Float64Array,
  o: number,
): boolean {
  const { storage, row: across } = a;
  if (a.column !== 1 || k > maxDot) return false;
  const bytes = out.BYTES_PER_ELEMENT;
  const most = Math.min(count, Math.floor(maxLines / (k * bytes)));
  const copy = (to: Data, place: number, line: number, n: number): void =>
    stage(to, place / bytes, storage, at + line * across, n, k, across, 1);
  const stays =
    a.fixed && most === count
      ? keep(a.fixed, count * k * bytes + 16, 0, (own, place) => copy(floatsOf(own, bytes), place, 0, count))
      : undefined;
  // One line, all lines and the results, each with room for a vector.
  const [line, lines] = [k * bytes + 64, most * k * bytes + 64].map((n) => n & -64);
  const loaded = load(line + lines + most * bytes);
  if (loaded === undefined) return false;
  const { kernels, start } = loaded;
  const memory = floatsOf(loaded, bytes);
  const kernel = kernels[`dots${bitsOf(bytes)}`];
  const rows = start + line;
  const sums = (rows + lines) / bytes;
  stage(memory, start / bytes, x, from, 1, k, k, step);
  for (let i = 0; i < count; i += most) {
    const n = Math.min(most, count - i);
    if (stays === undefined) copy(memory, rows, i, n);
    kernel(rows + lines, stays ?? rows, n, k, start);
    out.set(memory.subarray(sums, sums + n), o + i);
  }
  return true;
}

/**
 * For a matrix of lines of k elements that is to be multiplied by one line after the other: the products of the lines from `first` on with k
 * elements of y. The matrix stays in the module's memory until something else is computed there. Undefined where it is large.
 */
export function staged(
  x: Float64Array,
  k: number,
): ((first: number, count: number, y: Float64Array, at: number, out: Float64Array, o: number) => void) | undefined {
  const bytes = x.BYTES_PER_ELEMENT;
  const line = (k * bytes + 64) & -64;
  const loaded = k > maxDot || x.length > maxStaged ? undefined : load(2 * line + x.length * bytes);
  if (loaded === undefined) return undefined;
  const { kernels, start, float64 } = loaded;
  const [sums, rows] = [start + line, start + 2 * line];
  float64.set(x, rows / bytes);
  return (first, count, y, at, out, o) => {
    for (let i = 0; i < k; i++) float64[start / bytes + i] = y[at + i];
    kernels.dots64(sums, rows + first * k * bytes, count, k, start);
    for (let i = 0; i < count; i++) out[o + i] = float64[sums / bytes + i];
  };
}

/** Elements of either operand, and of the results, of small products that are computed in one go. */
const maxEach = 1 << 12;

/**
 * The products of `count` pairs of matrices, `sa` and `sb` apart, one behind the other: operands are brought as they lie in storage, many of
 * them at a time. False where they are large, or lie far apart.
 */
export function multiplyEach(
  count: number,
  m: number,
  n: number,
  k: number,
  a: Matrix,
  at: number,
  sa: number,
  b: Matrix,
  bt: number,
  sb: number,
  out: Float32Array | Float64Array,
  o: number,
): boolean {
  const few = Math.min(count, Math.floor(maxEach / Math.max(m * k, k * n, m * n)));
  const [low, end] = reach([few, m, k], [sa, a.row, a.column]);
  const [otherLow, otherEnd] = reach([few, k, n], [sb, b.row, b.column]);
  const unit = 9 * maxEach;
  const loaded = few > 1 && low + otherLow === 0 && Math.max(end, otherEnd) < 2 * maxEach ? load(9 * unit) : undefined;
  if (loaded === undefined) return false;
  const { kernels, start } = loaded;
  const bytes = out.BYTES_PER_ELEMENT;
  const memory = floatsOf(loaded, bytes);
  const bits = bitsOf(bytes);
  const [pack, tiles] = [kernels[`pack${bits}`], kernels[`multiply${bits}`]];
  const [right, panels, results] = [start + 2 * unit, start + 4 * unit, start + 8 * unit];
  for (let i = 0; i < count; i += few, at += few * sa, bt += few * sb) {
    memory.set(a.storage.subarray(at, at + end + 1), start / bytes);
    memory.set(b.storage.subarray(bt, bt + otherEnd + 1), right / bytes);
    const size = Math.min(few, count - i) * m * n;
    for (let l = 0, x = start, y = right; l < size; l += m * n, x += sa * bytes, y += sb * bytes) {
      pack(panels, y, b.row * bytes, b.column * bytes, n, k);
      tiles(m, n, k, x, panel * a.row, a.row * bytes, a.column * bytes, panels, results + l * bytes, false);
    }
    out.set(memory.subarray(results / bytes, results / bytes + size), o + i * m * n);
  }
  return true;
}

/**
 * The product of cpu/kernels/gemm.ts by WebAssembly, where operands and result have one floating type; false where there is no WebAssembly.
 * Sums of float32 run in float32. A matrix of which the columns are the lines in storage is copied so, and read across.
 */
export function multiply(
  m: number,
  n: number,
  k: number,
  a: Matrix,
  at: number,
  b: Matrix,
  bt: number,
  out: Float32Array | Float64Array,
  o: number,
): boolean {
  const bytes = out.BYTES_PER_ELEMENT;
  const across = wide(m);
  const [rows, columns, terms] = [Math.min(m, tall), Math.min(n, across), Math.min(k, deep)];
  const ceil = (x: number): number => Math.ceil((x * bytes) / panel) * panel;
  const aFlips = a.row === 1 && a.column !== 1;
  const bFlips = b.row === 1 && b.column !== 1;
  // Lines of either operand, panels of b, panels of a, the result in whole tiles. Packing reads as far as a panel's row beyond the lines.
  const sizes = [ceil(Math.max(rows, columns) * terms) + panel, ceil(columns) * terms, aFlips ? ceil(rows) * terms : 0] as const;
  const space = sizes[0] + sizes[1] + sizes[2] + (rows + 1) * ceil(columns);
  const common = m >= minSharedRows && m * n * k >= minSharedProducts ? threadPool?.with(space) : undefined;
  const bits = bitsOf(bytes);
  /** Columns of b in panels. */
  const packed = (own: Loaded, to: number, t: number, width: number, depth: number): void => {
    const { start } = own;
    const pack = own.kernels[`pack${bits}`];
    const memory = floatsOf(own, bytes);
    if (b.storage === memory) pack(to, t * bytes, b.row * bytes, b.column * bytes, width, depth);
    else if (bFlips) {
      stage(memory, start / bytes, b.storage, t, width, depth, b.column, 1);
      pack(to, start, bytes, depth * bytes, width, depth);
    } else {
      stage(memory, start / bytes, b.storage, t, depth, width, b.row, b.column);
      pack(to, start, width * bytes, bytes, width, depth);
    }
  };
  const staying =
    b.fixed && !common && n <= across && k <= deep
      ? keep(b.fixed, sizes[1], space, (own, place) => packed(own, place, bt, n, k))
      : undefined;
  const loaded = common ?? load(space);
  if (loaded === undefined) return false;
  const { kernels, start: lines } = loaded;
  const panels = staying ?? lines + sizes[0];
  const others = lines + sizes[0] + sizes[1];
  const memory = floatsOf(loaded, bytes);
  // Operands and a result in the module's memory are read and written there.
  const isThere = out === memory && n <= across;
  const pack = kernels[`pack${bits}`];
  const name = `multiply${bits}` as const;
  const tiles = kernels[name];
  const maxRows = common?.rows(rows) ?? block;
  let result = others + sizes[2];
  const blocks = (m: number, n: number, k: number, a: number, group: number, row: number, column: number, more: boolean): boolean => {
    // Threads share whole tiles only: the kernel assembles other tiles in one place, which all threads would write to.
    if (common) m += m & 1;
    for (let i = 0; i < m; i += maxRows) {
      const [height, from, to] = [Math.min(maxRows, m - i), a + ((i * bytes) / panel) * group, result + i * n * bytes];
      if (common) common.push(name, height, n, k, from, group, row, column, panels, to, +more);
      else tiles(height, n, k, from, group, row, column, panels, to, more);
    }
    return common === undefined || common.finish();
  };

  for (let j = 0; j < n; j += across)
    for (let i = 0; i < m; i += tall) {
      const height = Math.min(tall, m - i);
      const width = Math.min(across, n - j);
      const pitch = common ? ceil(width) / bytes : width;
      if (isThere) result = (o + i * n) * bytes;
      let done: boolean;
      for (let p = 0; p < k; p += deep) {
        const depth = Math.min(deep, k - p);
        const s = at + i * a.row + p * a.column;
        const t = bt + p * b.row + j * b.column;
        const line = depth * bytes;
        if (staying === undefined) packed(loaded, panels, t, width, depth);
        if (a.storage === memory) {
          const row = a.row * bytes;
          done = blocks(height, pitch, depth, s * bytes, (panel / bytes) * row, row, a.column * bytes, p > 0);
        } else if (aFlips) {
          stage(memory, lines / bytes, a.storage, s, depth, height, a.column, 1);
          pack(others, lines, height * bytes, bytes, height, depth);
          done = blocks(height, pitch, depth, others, panel * depth, bytes, panel, p > 0);
        } else {
          stage(memory, lines / bytes, a.storage, s, height, depth, a.row, a.column);
          done = blocks(height, pitch, depth, lines, (panel / bytes) * line, line, bytes, p > 0);
        }
        if (!done) return multiply(m, n, k, a, at, b, bt, out, o);
      }
      if (isThere) continue;
      const from = result / bytes;
      if (pitch === n) out.set(memory.subarray(from, from + height * n), o + i * n);
      else for (let l = 0; l < height; l++) out.set(memory.subarray(from + l * pitch, from + l * pitch + width), o + (i + l) * n + j);
    }
  return true;
}
