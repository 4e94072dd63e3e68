import type { Data, Shape } from "../../aval.js";
import { type Strided, stepOf } from "../../views.js";
import { copyLines, joined, turn } from "../loops.js";
import type { CpuView } from "../storage.js";
import { type Loaded, load } from "./module.js";

/** Bytes of an operand that are in the module's memory at a time: they stay in the nearest caches. */
export const tile = 1 << 15;

/** Bytes from the tile of one operand to that of the next: a kernel may write up to a vector more. */
export const apart = tile + 64;

/** Bytes of an operand at most that is there as a whole, because its elements are wanted in another order. */
const most = 1 << 24;

/** Lines that are longer are copied as fast by themselves. */
const long = 1 << 8;

/** What is done to a tile that ends there. */
export type Run = (loaded: Loaded, end: number) => void;

interface Source {
  readonly low: number;
  readonly high: number;
}

/** Between which places of storage an operand's elements lie, where a kernel picks them up faster than JavaScript. */
export function sourceOf({ aval: { shape, size }, storage, stride, offset }: CpuView): Source | undefined {
  const bytes = storage.BYTES_PER_ELEMENT;
  const last = shape.length - 1;
  if (bytes === 1 || (stride[last] === 1 && shape[last] >= long)) return undefined;
  let [low, high] = [offset, offset + 1];
  shape.forEach((n, axis) => {
    const reach = (n - 1) * stride[axis];
    if (reach < 0) low += reach;
    else high += reach;
  });
  return high - low <= 2 * size && (high - low) * bytes <= most ? { low, high } : undefined;
}

/**
 * Brings operands of one shape into the module's memory, tile by tile and one tile behind the other, lets a kernel replace the first, and
 * takes that away to `out`. False where there is no WebAssembly.
 */
export function inTiles(inputs: readonly CpuView[], out: Data, o: number, run: Run): boolean {
  const { shape, size } = inputs[0].aval;
  const steps = inputs.map(stepOf);
  if (!steps.includes(undefined)) return inLines(inputs, steps, out, o, run);
  const sources = inputs.map((x, k) => (steps[k] === undefined ? sourceOf(x) : undefined));
  let space = inputs.length * apart;
  const starts = sources.map((source, k) => {
    const from = space;
    if (source) space += ((source.high - source.low) * inputs[k].storage.BYTES_PER_ELEMENT + 63) & -64;
    return from;
  });
  const loaded = load(space);
  if (loaded === undefined) return false;
  const { start } = loaded;
  const memories = inputs.map(({ storage }) => memoryOf(loaded, storage));
  sources.forEach((source, k) => {
    if (source) memories[k].set(inputs[k].storage.subarray(source.low, source.high), (start + starts[k]) / memories[k].BYTES_PER_ELEMENT);
  });
  const result = memoryOf(loaded, out);
  const first = start / result.BYTES_PER_ELEMENT;
  const bytes = memories[0].BYTES_PER_ELEMENT;

  // As many of the last axes as fit into a tile, and so many steps along the one before.
  const most = tile / bytes;
  let axis = shape.length;
  let inner = 1;
  while (axis > 0 && inner * shape[axis - 1] <= most) inner *= shape[--axis];
  const count = axis === 0 ? size / inner : shape[axis - 1];
  const block = Math.floor(most / inner);
  const from = Math.max(axis - 1, 0);

  /** The elements of an operand from the i-th on, in row-major order: so many steps along the axis before `axis`, with all behind. */
  const gather = (k: number, i: number, count: number, to: number): void => {
    const { aval, storage } = inputs[k];
    const [source, memory] = [sources[k], memories[k]];
    let { offset } = inputs[k];
    const { stride } = inputs[k];
    for (let d = 0; d < axis; d++) offset += (Math.floor(i / aval.stride[d]) % shape[d]) * stride[d];
    const part = axis > 0 ? [count, ...shape.slice(axis)] : shape;
    const steps = stride.slice(from);
    if (source === undefined) copyLines(part, { storage, stride: steps, offset }, memory, { stride: aval.stride.slice(from), offset: to });
    else pick(loaded, memory.BYTES_PER_ELEMENT, part, { stride: steps, offset: offset - source.low }, start + starts[k], start + k * apart);
  };

  for (let i = 0; i < size; ) {
    const n = Math.min(block, count - ((i / inner) % count)) * inner;
    for (let k = 0; k < inputs.length; k++) {
      const [{ storage, offset }, memory, step] = [inputs[k], memories[k], steps[k]];
      const to = (start + k * apart) / memory.BYTES_PER_ELEMENT;
      if (step === 1) memory.set(storage.subarray(offset + i, offset + i + n), to);
      else if (step === undefined) gather(k, i, n / inner, to);
      // What is one number stays where it is, unless it is replaced.
      else if (k === 0 || i === 0) memory.fill(storage[offset], to, to + most);
    }
    run(loaded, start + n * bytes);
    out.set(result.subarray(first, first + n), o + i);
    i += n;
  }
  return true;
}

/** The same for lines, and for what is one number everywhere. */
function inLines(inputs: readonly CpuView[], steps: readonly (number | undefined)[], out: Data, o: number, run: Run): boolean {
  const loaded = load(inputs.length * apart);
  if (loaded === undefined) return false;
  const { start } = loaded;
  const { size } = inputs[0].aval;
  const bytes = inputs[0].storage.BYTES_PER_ELEMENT;
  const result = memoryOf(loaded, out);
  const first = start / result.BYTES_PER_ELEMENT;
  const most = tile / bytes;
  for (let i = 0; i < size; i += most) {
    const n = Math.min(most, size - i);
    for (let k = 0; k < inputs.length; k++) {
      const { storage, offset } = inputs[k];
      const memory = memoryOf(loaded, storage);
      const to = (start + k * apart) / memory.BYTES_PER_ELEMENT;
      if (steps[k] === 1) memory.set(storage.subarray(offset + i, offset + i + n), to);
      // What is one number stays where it is, unless it is replaced.
      else if (k === 0 || i === 0) memory.fill(storage[offset], to, to + n);
    }
    run(loaded, start + n * bytes);
    out.set(result.subarray(first, first + n), o + i);
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
