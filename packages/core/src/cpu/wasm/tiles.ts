import { type Strided, stepOf } from "../../array/views.js";
import type { Data, Shape } from "../../engine/aval.js";
import { copyLines, planes, reach } from "../kernels/loops.js";
import { limits } from "../limits.js";
import type { CpuView } from "../operands.js";
import { bitsOf, type Loaded, load } from "./module.js";

/** Bytes of an operand that are in the module's memory at a time: they stay in the nearest caches. */
export const tile = 1 << 15;

/** Bytes from the tile of one operand to that of the next: a kernel may write up to a vector more. */
export const apart = tile + 64;

/** Bytes of an operand at most that is there as a whole, because its elements are wanted in another order. */
const maxBytes = 1 << 24;

/** Lines that are longer are copied as fast by themselves. */
const maxCopiedLine = 1 << 8;

/** Computes a tile that ends there. */
export type Run = (loaded: Loaded, end: number) => void;

/** A kernel picks elements up faster than JavaScript as long as those it looks among are at most so many times the wanted ones. */
export const maxApart = 6;

/** Whether it does. */
export function isPicked({ aval: { shape, size }, storage, stride }: CpuView): boolean {
  const last = shape.length - 1;
  if (storage.BYTES_PER_ELEMENT === 1 || (stride[last] === 1 && shape[last] >= maxCopiedLine)) return false;
  const [low, high] = reach(shape, stride);
  return high - low < maxApart * size;
}

/** Row-major elements in tiles: each has as many of the last axes as fit, and as many steps along the axis before as fit then. */
export class Tiling {
  /** The first of the axes that a tile has as a whole, and their elements. */
  readonly axis: number;
  readonly #inner: number;
  /** Steps along the axis before, in all and in a tile. */
  readonly #count: number;
  readonly #block: number;

  /**
   * @param perTile the elements of a tile at most
   * @param isLine all operands are lines of storage or single numbers, which may end anywhere
   */
  constructor(
    readonly shape: Shape,
    size: number,
    readonly perTile: number,
    isLine: boolean,
  ) {
    let axis = shape.length;
    let inner = 1;
    while (!isLine && axis > 0 && inner * shape[axis - 1] <= perTile) inner *= shape[--axis];
    this.axis = axis;
    this.#inner = inner;
    this.#count = isLine || axis === 0 ? size / inner : shape[axis - 1];
    this.#block = Math.min(Math.floor(perTile / inner), this.#count);
  }

  /** The elements in the largest tile, and in the one that begins at the i-th. */
  get most(): number {
    return this.#block * this.#inner;
  }
  at(i: number): number {
    return Math.min(this.#block, this.#count - ((i / this.#inner) % this.#count)) * this.#inner;
  }

  /** The shape of so many elements of a tile, and an operand's strides along it. */
  part(n: number): Shape {
    return this.axis > 0 ? [n / this.#inner, ...this.shape.slice(this.axis)] : this.shape;
  }
  along(stride: readonly number[]): readonly number[] {
    return stride.slice(Math.max(this.axis - 1, 0));
  }
}

/** An operand that is brought into the module's memory tile by tile. */
export class Source {
  readonly #step: 0 | 1 | undefined;
  /** An operand in another order: what each tile has of it, or, where that is far apart or used again, all of it, is brought as it lies. */
  readonly #asItLies: { readonly isWhole: boolean; readonly low: number; readonly high: number } | undefined;
  /** Bytes of memory that it needs beside its tile, a multiple of 64; they keep what is brought there. */
  readonly space: number = 0;
  /** The place in storage of the elements that were brought last. */
  #last: number | undefined;

  constructor(
    readonly x: CpuView,
    readonly tiling: Tiling,
  ) {
    const { aval, stride } = x;
    this.#step = stepOf(x);
    if (this.#step !== undefined || !isPicked(x)) return;
    let [low, high] = reach(aval.shape, stride);
    const { most } = tiling;
    const [before, behind] = reach(tiling.part(most), tiling.along(stride));
    const isWhole = 2 * (high - low) < aval.size || behind - before >= maxApart * most;
    if (!isWhole) [low, high] = [before, behind];
    const need = (high - low + 1) * x.storage.BYTES_PER_ELEMENT;
    if (need > maxBytes) return;
    this.space = (need + 63) & -64;
    this.#asItLies = { isWhole, low, high };
  }

  /** The place in storage of the i-th element in row-major order. */
  #placeOf(i: number): number {
    const { aval, stride, offset } = this.x;
    if (this.#step !== undefined) return offset + this.#step * i;
    let place = offset;
    for (let d = 0; d < this.tiling.axis; d++) place += (Math.floor(i / aval.stride[d]) % aval.shape[d]) * stride[d];
    return place;
  }

  /**
   * Writes the n elements of a tile that begins at the i-th to byte `to` of the module's memory; `beside` is where its own space is. Where the
   * last tile had the same, they are there, unless something has replaced them.
   */
  bring(loaded: Loaded, i: number, n: number, to: number, beside: number, isReplaced: boolean): void {
    const at = this.#placeOf(i);
    if (at === this.#last && !isReplaced) return;
    const { aval, storage, stride, offset } = this.x;
    const { tiling } = this;
    const memory = memoryOf(loaded, storage);
    const bytes = memory.BYTES_PER_ELEMENT;
    const first = to / bytes;
    if (this.#step === 1) memory.set(storage.subarray(at, at + n), first);
    else if (this.#step === 0) memory.fill(storage[at], first, first + Math.min(aval.size, tiling.perTile));
    else {
      const own = tiling.part(n);
      const strides = tiling.along(stride);
      if (this.#asItLies) {
        const { isWhole } = this.#asItLies;
        const from = isWhole ? offset : at;
        const [low, high] = isWhole ? [this.#asItLies.low, this.#asItLies.high] : reach(own, strides);
        if (!isWhole || this.#last === undefined) memory.set(storage.subarray(from + low, from + high + 1), beside / bytes);
        pick(loaded, bytes, own, { stride: strides, offset: at - from - low }, beside, to);
      } else copyLines(own, { storage, stride: strides, offset: at }, memory, { stride: tiling.along(aval.stride), offset: first });
    }
    this.#last = at;
  }
}

/**
 * Brings operands of one shape into the module's memory, tile by tile and one tile behind the other, lets a kernel replace the first, and
 * takes that away to `out`. False where there is no WebAssembly.
 */
export function inTiles(inputs: readonly CpuView[], out: Data, o: number, run: Run): boolean {
  const { shape, size } = inputs[0].aval;
  const bytes = inputs[0].storage.BYTES_PER_ELEMENT;
  const tiling = new Tiling(
    shape,
    size,
    tile / bytes,
    inputs.every((x) => stepOf(x) !== undefined),
  );
  // Operands that need memory beside their tiles have it behind them.
  let space = inputs.length * apart;
  const sources = inputs.map((x) => {
    const source = new Source(x, tiling);
    const beside = space;
    space += source.space;
    return { source, beside };
  });
  const loaded = load(space);
  if (loaded === undefined) return false;
  const { start } = loaded;
  const result = memoryOf(loaded, out);
  const first = start / result.BYTES_PER_ELEMENT;
  for (let i = 0; i < size; ) {
    const n = tiling.at(i);
    // The result has replaced the first operand.
    for (let k = 0; k < inputs.length; k++) sources[k].source.bring(loaded, i, n, start + k * apart, start + sources[k].beside, k === 0);
    run(loaded, start + n * bytes);
    out.set(result.subarray(first, first + n), o + i);
    i += n;
  }
  return true;
}

/** The module's memory as an array like another. */
function memoryOf({ float32, float64 }: Loaded, x: Data): Data {
  if (x instanceof Float64Array) return float64;
  return x instanceof Float32Array ? float32 : new (x.constructor as Uint8ArrayConstructor)(float32.buffer as ArrayBuffer);
}

/** Copies elements within the module's memory, one behind the other. */
function pick({ kernels }: Loaded, bytes: number, shape: Shape, x: Strided, from: number, to: number): void {
  const kernel = kernels[`copy${bitsOf(bytes)}`];
  planes(shape, [x], ([m, n], [[across], [step]], [at]) => {
    kernel(to, from + at * bytes, m, n, n * bytes, bytes, across * bytes, step * bytes);
    to += m * n * bytes;
  });
}

/** The longest line in bytes that is taken by the kernel. */
const maxTaken = 1 << 8;

/**
 * Lines of `length` elements of x, of the n from position a on, in the order that `at` names them; false where JavaScript does it as fast, and where there is no
 * WebAssembly.
 */
export function takeLines(x: Data, a: number, n: number, length: number, at: Int32Array, out: Data, o: number): boolean {
  const width = x.BYTES_PER_ELEMENT;
  const bytes = length * width;
  const few = Math.floor(tile / Math.max(bytes, 4));
  if (bytes > maxTaken || n * bytes > maxBytes || n > 2 * at.length || at.length * length < 2 * limits.vectors) return false;
  const loaded = load(2 * apart + n * bytes + 16);
  if (loaded === undefined) return false;
  const { start, kernels } = loaded;
  const [memory, places] = [memoryOf(loaded, x), memoryOf(loaded, at)];
  // Results, places, lines.
  const from = start + 2 * apart;
  memory.set(x.subarray(a, a + n * length), from / width);
  for (let i = 0; i < at.length; i += few) {
    const part = at.subarray(i, i + few);
    places.set(part, (start + apart) / 4);
    kernels.take(start, from, start + apart, part.length, bytes);
    out.set(memory.subarray(start / width, start / width + part.length * length), o + i * length);
  }
  return true;
}

/** The least number of rows in a tile. */
const minRows = 8;

/**
 * Puts rows of some arrays beside each other: `widths` elements of each, `width` together; or the columns of such a result one behind the other. False where
 * JavaScript does it as fast, and where there is no WebAssembly.
 */
export function joinRows(parts: readonly Data[], widths: readonly number[], out: Data, width: number, byColumns = false): boolean {
  const bytes = out.BYTES_PER_ELEMENT;
  const most = Math.floor(tile / bytes / width);
  const loaded = bytes > 1 && most >= minRows ? load(2 * apart) : undefined;
  if (loaded === undefined) return false;
  const { start, kernels } = loaded;
  const memory = memoryOf(loaded, out);
  const copy = kernels[`copy${bitsOf(bytes)}`];
  const [from, pitch] = [start + apart, width * bytes];
  const length = out.length / width;
  for (let row = 0; row < length; row += most) {
    const rows = Math.min(most, length - row);
    // The lines of a tile, from an element of a row to the next, and from a row to the next.
    const [lines, across, down] = byColumns ? [width, rows * bytes, bytes] : [1, bytes, pitch];
    let to = start;
    for (let k = 0; k < parts.length; k++) {
      const n = widths[k];
      const line = n * bytes;
      memory.set(parts[k].subarray(row * n, (row + rows) * n), from / bytes);
      // Rows that are shorter than a vector are copied by their columns.
      if (byColumns || line < 16) copy(to, from, n, rows, across, down, bytes, line);
      else copy(to, from, rows, n, pitch, bytes, line, bytes);
      to += n * across;
    }
    const size = (rows * width) / lines;
    for (let k = 0, at = start / bytes; k < lines; k++, at += size)
      out.set(memory.subarray(at, at + size), k * length + (row * width) / lines);
  }
  return true;
}
