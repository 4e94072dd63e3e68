import { type Strided, stepOf } from "../../array/views.js";
import type { Data, Shape } from "../../engine/aval.js";
import { copyLines, joined, turn } from "../kernels/loops.js";
import { limits } from "../limits.js";
import type { CpuView } from "../operands.js";
import { type Loaded, load } from "./module.js";

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

/** Between which places of storage an operand's elements lie, where a kernel picks them up faster than JavaScript. */
export function sourceOf({ aval: { shape, size }, storage, stride, offset }: CpuView): readonly [low: number, high: number] | undefined {
  const bytes = storage.BYTES_PER_ELEMENT;
  const last = shape.length - 1;
  if (bytes === 1 || (stride[last] === 1 && shape[last] >= maxCopiedLine)) return undefined;
  let [low, high] = [offset, offset + 1];
  shape.forEach((n, axis) => {
    const reach = (n - 1) * stride[axis];
    if (reach < 0) low += reach;
    else high += reach;
  });
  return high - low <= 2 * size && (high - low) * bytes <= maxBytes ? [low, high] : undefined;
}

/**
 * Brings operands of one shape into the module's memory, tile by tile and one tile behind the other, lets a kernel replace the first, and
 * takes that away to `out`. False where there is no WebAssembly.
 */
export function inTiles(inputs: readonly CpuView[], out: Data, o: number, run: Run): boolean {
  const { shape, size } = inputs[0].aval;
  const steps = inputs.map(stepOf);
  const isLine = !steps.includes(undefined);
  // An operand in another order lies behind the tiles as a whole.
  let space = inputs.length * apart;
  const sources = isLine
    ? undefined
    : inputs.map((x, k) => {
        const span = steps[k] === undefined ? sourceOf(x) : undefined;
        if (span === undefined) return undefined;
        const [low, high] = span;
        const at = space;
        space += ((high - low) * x.storage.BYTES_PER_ELEMENT + 63) & -64;
        return { low, high, at };
      });
  const loaded = load(space);
  if (loaded === undefined) return false;
  const { start } = loaded;
  sources?.forEach((source, k) => {
    const { storage } = inputs[k];
    if (source) memoryOf(loaded, storage).set(storage.subarray(source.low, source.high), (start + source.at) / storage.BYTES_PER_ELEMENT);
  });
  const result = memoryOf(loaded, out);
  const first = start / result.BYTES_PER_ELEMENT;
  const bytes = inputs[0].storage.BYTES_PER_ELEMENT;

  // A tile has as many of the last axes as fit, and as many steps along the one before as fit then.
  const perTile = tile / bytes;
  let axis = shape.length;
  let inner = 1;
  while (!isLine && axis > 0 && inner * shape[axis - 1] <= perTile) inner *= shape[--axis];
  const count = isLine || axis === 0 ? size / inner : shape[axis - 1];
  const block = Math.floor(perTile / inner);

  /** The elements of an operand from the i-th on, in row-major order: `count` steps along the axis before `axis`, with all axes behind it. */
  const gather = (k: number, i: number, count: number, memory: Data, to: number): void => {
    const { aval, storage, stride, offset } = inputs[k];
    const source = sources?.[k];
    let at = offset;
    for (let d = 0; d < axis; d++) at += (Math.floor(i / aval.stride[d]) % shape[d]) * stride[d];
    const from = Math.max(axis - 1, 0);
    const part = axis > 0 ? [count, ...shape.slice(axis)] : shape;
    const along = stride.slice(from);
    if (source) pick(loaded, bytes, part, { stride: along, offset: at - source.low }, start + source.at, start + k * apart);
    else copyLines(part, { storage, stride: along, offset: at }, memory, { stride: aval.stride.slice(from), offset: to });
  };

  // An operand that is the same in every tile stays in its place, unless the result replaces it.
  const stays = inputs.map(({ stride }, k) => k > 0 && steps[k] !== 1 && stride.every((step, d) => step === 0 || d >= axis));
  for (let i = 0; i < size; ) {
    const n = Math.min(block, count - ((i / inner) % count)) * inner;
    for (let k = 0; k < inputs.length; k++) {
      const { storage, offset } = inputs[k];
      const memory = memoryOf(loaded, storage);
      const to = (start + k * apart) / memory.BYTES_PER_ELEMENT;
      if (stays[k] && i > 0) continue;
      if (steps[k] === 1) memory.set(storage.subarray(offset + i, offset + i + n), to);
      else if (steps[k] === undefined) gather(k, i, n / inner, memory, to);
      else memory.fill(storage[offset], to, to + Math.min(size, perTile));
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
  const axes = joined(shape, [x]);
  if (axes === undefined) return;
  const { sizes, strides } = axes;
  while (sizes.length < 2) {
    sizes.unshift(1);
    strides.unshift([0]);
  }
  const depth = sizes.length - 2;
  const [m, n] = sizes.slice(depth);
  const [[across], [step]] = strides.slice(depth);
  const kernel = kernels[bytes === 4 ? "copy32" : "copy64"];
  const at = [x.offset];
  turn(sizes, strides, depth, at, () => {
    kernel(to, from + at[0] * bytes, m, n, across * bytes, step * bytes);
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
