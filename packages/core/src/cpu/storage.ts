import { isRowMajor } from "../array/views.js";
import type { Data, DType } from "../engine/aval.js";
import { ShapeError } from "../engine/errors.js";
import { largeBuffer } from "./arena.js";
import { copy } from "./kernels/copy.js";
import { limits } from "./limits.js";
import type { CpuView } from "./operands.js";

export const constructors = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Small, because one array that is kept keeps its whole slab. */
const slabBytes = 1 << 13;
let slab = new ArrayBuffer(0);
let used = 0;

/** Zeros for a result. */
export const allocate = (dtype: DType, size: number): Data => storage(dtype, size, true);

/** For a result of which every element will be written: there may be other numbers in it. */
export const room = (dtype: DType, size: number): Data => storage(dtype, size, false);

/**
 * Small ones are windows on a shared slab: a typed array of its own costs up to a microsecond.
 * A slab is never handed out twice, so the garbage collector owns it like any other array.
 */
function storage(dtype: DType, size: number, zero: boolean): Data {
  const Constructor = constructors[dtype];
  const bytes = size * Constructor.BYTES_PER_ELEMENT;
  if (bytes > limits.slab) return large(Constructor, size, bytes, zero);
  if (used + bytes > slab.byteLength) {
    slab = new ArrayBuffer(slabBytes);
    used = 0;
  }
  const at = used;
  used += (bytes + 7) & ~7;
  // A constructor by its name costs a tenth of an operation less than one from the table.
  if (dtype === "float64") return new Float64Array(slab, at, size);
  if (dtype === "float32") return new Float32Array(slab, at, size);
  return new Constructor(slab, at, size);
}

type Of<T> = new (size: number | ArrayBuffer) => T;

function large(Constructor: Of<Data>, size: number, bytes: number, zero: boolean): Data {
  try {
    if (bytes < limits.large) return new Constructor(size);
    const { buffer, used } = largeBuffer(bytes, zero);
    const data = new Constructor(buffer);
    return used && zero ? (data.fill(0) as Data) : data;
  } catch {
    throw new ShapeError(`An array of ${size} elements does not fit in memory; use smaller shapes, or chunkSize where there is one.`);
  }
}

/** Buffers that others may read or write later than an operation's call: a user (true), or an operation that waits (false). */
const others = new WeakMap<ArrayBufferLike, boolean>();

/** A user has the storage from here on, and may write to it: no operation on it waits. */
export const share = ({ buffer }: Data): unknown => others.set(buffer, true);
export const isShared = ({ buffer }: Data): boolean => others.get(buffer) === true;

/** An operation that waits reads the storage: no user gets it from here on. */
export function lend({ buffer }: Data): void {
  if (!others.has(buffer)) others.set(buffer, false);
}
export const isLent = ({ buffer }: Data): boolean => others.get(buffer) === false;

/** The elements in row-major order from position 0: the storage itself where it is so, otherwise a copy. */
export function compact(x: CpuView): Data {
  const { aval, storage: data, offset } = x;
  if (isRowMajor(x)) return offset === 0 && data.length === aval.size ? data : (data.subarray(offset, offset + aval.size) as Data);
  const out = room(aval.dtype, aval.size);
  copy(aval.shape, x, out, { stride: aval.stride, offset: 0 });
  return out;
}
