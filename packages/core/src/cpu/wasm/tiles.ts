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

/**
 * Brings operands of one shape into the module's memory, tile by tile and one tile behind the other, lets a kernel replace the first, and
 * takes that away to `out`. False where there is no WebAssembly.
 */
export function inTiles(inputs: readonly CpuView[], out: Data, o: number, run: Run): boolean {
  const { shape, size } = inputs[0].aval;
  const steps = inputs.map(stepOf);
  const isLine = !steps.includes(undefined);
  const bytes = inputs[0].storage.BYTES_PER_ELEMENT;

  // A tile has as many of the last axes as fit, and as many steps along the one before as fit then.
  const perTile = tile / bytes;
  let axis = shape.length;
  let inner = 1;
  while (!isLine && axis > 0 && inner * shape[axis - 1] <= perTile) inner *= shape[--axis];
  const count = isLine || axis === 0 ? size / inner : shape[axis - 1];
  const block = Math.min(Math.floor(perTile / inner), count);
  /** So many steps along the axis before `axis`, with all axes behind it. */
  const part = (steps: number): Shape => (axis > 0 ? [steps, ...shape.slice(axis)] : shape);
  const along = (stride: readonly number[]): readonly number[] => stride.slice(Math.max(axis - 1, 0));

  // An operand in another order lies behind the tiles: what each tile has of it or, where that is far apart or used again, all of it.
  let space = inputs.length * apart;
  const sources = inputs.map((x, k) => {
    if (steps[k] !== undefined || !isPicked(x)) return undefined;
    let [low, high] = reach(shape, x.stride);
    const [before, behind] = reach(part(block), along(x.stride));
    const isWhole = 2 * (high - low) < size || behind - before >= maxApart * block * inner;
    if (!isWhole) [low, high] = [before, behind];
    const need = (high - low + 1) * bytes;
    if (need > maxBytes) return undefined;
    const at = space;
    space += (need + 63) & -64;
    return { at, isWhole };
  });
  const loaded = load(space);
  if (loaded === undefined) return false;
  const { start } = loaded;
  const result = memoryOf(loaded, out);
  const first = start / result.BYTES_PER_ELEMENT;

  /** The places of the operands' elements in the last tile. */
  const places: number[] = [];

  /** The place of an operand's elements from the i-th in row-major order on. */
  const placeOf = (k: number, i: number): number => {
    const step = steps[k];
    let { aval, stride, offset } = inputs[k];
    if (step !== undefined) return offset + step * i;
    for (let d = 0; d < axis; d++) offset += (Math.floor(i / aval.stride[d]) % shape[d]) * stride[d];
    return offset;
  };

  /** A tile's elements of an operand. */
  const gather = (k: number, at: number, steps: number, memory: Data, to: number): void => {
    const { aval, storage, stride, offset } = inputs[k];
    const source = sources[k];
    const [own, strides] = [part(steps), along(stride)];
    if (source === undefined) {
      copyLines(own, { storage, stride: strides, offset: at }, memory, { stride: along(aval.stride), offset: to });
      return;
    }
    const { isWhole } = source;
    const from = isWhole ? offset : at;
    const [low, high] = isWhole ? reach(shape, stride) : reach(own, strides);
    if (!isWhole || places[k] === undefined) memory.set(storage.subarray(from + low, from + high + 1), (start + source.at) / bytes);
    pick(loaded, bytes, own, { stride: strides, offset: at - from - low }, start + source.at, start + k * apart);
  };

  for (let i = 0; i < size; ) {
    const n = Math.min(block, count - ((i / inner) % count)) * inner;
    for (let k = 0; k < inputs.length; k++) {
      const { storage } = inputs[k];
      const at = placeOf(k, i);
      // An operand of which the last tile had the same is there, unless the result has replaced it.
      if (k > 0 && places[k] === at) continue;
      const memory = memoryOf(loaded, storage);
      const to = (start + k * apart) / memory.BYTES_PER_ELEMENT;
      if (steps[k] === 1) memory.set(storage.subarray(at, at + n), to);
      else if (steps[k] === undefined) gather(k, at, n / inner, memory, to);
      else memory.fill(storage[at], to, to + Math.min(size, perTile));
      places[k] = at;
    }
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

/** The least number of elements that kernels put beside each other, and of rows in a tile. */
const minJoined = 1 << 8;
const minRows = 8;

/**
 * Puts rows of some arrays beside each other: `widths` elements of each, `width` together. False where JavaScript does it as fast, and where there is no WebAssembly.
 */
export function joinRows(parts: readonly Data[], widths: readonly number[], out: Data, width: number): boolean {
  const bytes = out.BYTES_PER_ELEMENT;
  const most = Math.floor(tile / bytes / width);
  const loaded = bytes > 1 && most >= minRows && out.length >= minJoined ? load(2 * apart) : undefined;
  if (loaded === undefined) return false;
  const { start, kernels } = loaded;
  const memory = memoryOf(loaded, out);
  const copy = kernels[`copy${bitsOf(bytes)}`];
  const [from, pitch] = [start + apart, width * bytes];
  for (let row = 0; row * width < out.length; row += most) {
    const rows = Math.min(most, out.length / width - row);
    let to = start;
    for (let k = 0; k < parts.length; k++) {
      const n = widths[k];
      const line = n * bytes;
      memory.set(parts[k].subarray(row * n, (row + rows) * n), from / bytes);
      // Rows that are shorter than a vector are copied by their columns.
      if (line < 16) copy(to, from, n, rows, bytes, pitch, bytes, line);
      else copy(to, from, rows, n, pitch, bytes, line, bytes);
      to += line;
    }
    out.set(memory.subarray(start / bytes, start / bytes + rows * width), row * width);
  }
  return true;
}
