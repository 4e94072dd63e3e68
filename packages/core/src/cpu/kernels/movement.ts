import { isRowMajor, type Strided, windowedStride } from "../../array/views.js";
import { type Aval, type Data, type DType, type Shape, sizeOf } from "../../engine/aval.js";
import type { Kernel } from "../../engine/kernels.js";
import type { CpuView } from "../operands.js";
import { allocate, compact, room } from "../storage.js";
import { joinRows, takeLines } from "../wasm/tiles.js";
import { copy } from "./copy.js";
import { lanes, walk } from "./loops.js";

/** A view as [before, n, after] around an axis. */
const around = (shape: Shape, axis: number) => ({
  before: sizeOf(shape.slice(0, axis)),
  n: shape[axis],
  after: sizeOf(shape.slice(axis + 1)),
});

/** The elements as another dtype: to int32 by truncation with wrap-around, to bool by "not zero". */
function cast([x]: readonly CpuView[], { dtype }: { readonly dtype: DType }, aval: Aval): Data {
  const out = room(dtype, aval.size);
  const { storage: data } = x;
  if (dtype !== "bool") copy(aval.shape, x, out, { stride: aval.stride, offset: 0 });
  else
    walk(aval.shape, [{ stride: aval.stride, offset: 0 }, x], (n, [o, a], [so, sa]) => {
      for (let i = 0; i < n; i++, o += so, a += sa) out[o] = data[a] === 0 ? 0 : 1;
    });
  return out;
}

function gain(n: number, x: Data, a: number, sa: number, out: Data, o: number, so: number): void {
  for (let i = 0; i < n; i++, a += sa, o += so) out[o] += x[a];
}

/** The most elements of a block for which a loop is ahead of a call. */
const maxMoved = 32;

/** Copies n elements from a on. */
function move(n: number, x: Data, a: number, out: Data, o: number): void {
  if (n > maxMoved) out.set(x.subarray(a, a + n), o);
  else for (let i = 0; i < n; i++) out[o + i] = x[a + i];
}

/** The least number of elements that kernels put beside each other. */
const minJoined = 1 << 8;

type Name = "reshape" | "place" | "fold" | "concatenate" | "select" | "cast" | "take" | "scatterAdd" | "argsort" | "lastWriter";

export const movement: { readonly [P in Name]: Kernel<P, Data> } = {
  reshape: ([x]) => compact(x),
  cast,

  place([x], { starts, steps }, aval) {
    const out = allocate(aval.dtype, aval.size);
    let offset = 0;
    const stride = aval.stride.map((step, i) => {
      if (x.aval.size > 0) offset += starts[i] * step;
      return step * steps[i];
    });
    copy(x.aval.shape, x, out, { stride, offset });
    return out;
  },

  fold([x], windowing, aval) {
    const out = allocate(aval.dtype, aval.size);
    const { storage: data } = x;
    // The axes of a window go outside: runs along the others are longer.
    const turned = <T>(list: readonly T[]): T[] => [...list.slice(aval.ndim), ...list.slice(0, aval.ndim)];
    const to: Strided = { stride: turned(windowedStride(aval.stride, windowing)), offset: 0 };
    walk(turned(x.aval.shape), [to, { stride: turned(x.stride), offset: x.offset }], (n, [o, a], [so, sa]) =>
      gain(n, data, a, sa, out, o, so),
    );
    return out;
  },

  concatenate(inputs, { axis }, aval) {
    const out = room(aval.dtype, aval.size);
    const widthOf = ({ shape }: Aval): number => shape[axis] * aval.stride[axis];
    const width = widthOf(aval);
    const widths = inputs.map((x) => widthOf(x.aval));
    if (width < aval.size && aval.size >= minJoined && joinRows(inputs.map(compact), widths, out, width)) return out;
    let offset = 0;
    inputs.forEach((x, k) => {
      const n = widths[k];
      if (isRowMajor(x)) for (let a = x.offset, o = offset; o < out.length; a += n, o += width) move(n, x.storage, a, out, o);
      else copy(x.aval.shape, x, out, { stride: aval.stride, offset });
      offset += n;
    });
    return out;
  },

  select(inputs, _, aval) {
    const out = room(aval.dtype, aval.size);
    const [{ storage: condition }, { storage: x }, { storage: y }] = inputs;
    walk(aval.shape, [{ stride: aval.stride, offset: 0 }, ...inputs], (n, [o, c, a, b], [, sc, sa, sb]) => {
      for (let i = 0; i < n; i++, c += sc, a += sa, b += sb) out[o + i] = condition[c] !== 0 ? x[a] : y[b];
    });
    return out;
  },

  take([x, indices], { axis }, aval) {
    const out = room(aval.dtype, aval.size);
    const from = compact(x);
    const at = compact(indices);
    const { before, n, after } = around(x.aval.shape, axis);
    let o = 0;
    for (let p = 0; p < before; p++) {
      if (takeLines(from, p * n * after, n, after, at as Int32Array, out, o)) o += at.length * after;
      else for (let j = 0; j < at.length; j++, o += after) move(after, from, (p * n + at[j]) * after, out, o);
    }
    return out;
  },

  /** Any number of updates may meet in one place, so that float32 is summed in float64. */
  scatterAdd([x, indices, updates], { axis }, aval) {
    const isSingle = aval.dtype === "float32";
    const out = allocate(isSingle ? "float64" : aval.dtype, aval.size);
    out.set(compact(x));
    const at = compact(indices);
    const add = compact(updates);
    const { before, n, after } = around(aval.shape, axis);
    let u = 0;
    for (let p = 0; p < before; p++)
      for (let j = 0; j < at.length; j++) {
        let o = (p * n + at[j]) * after;
        for (let q = 0; q < after; q++) out[o++] += add[u++];
      }
    return isSingle ? new Float32Array(out as Float64Array) : out;
  },

  /** By insertion, or by the digits of the numbers' bits from the lowest on: equal elements keep their order. */
  argsort([x], { axis }, aval) {
    const out = room("int32", aval.size);
    const n = aval.shape[axis];
    const [step, outStep] = [x.stride[axis], aval.stride[axis]];
    const keys = new Float64Array(n);
    const own = new Int32Array(n);
    lanes(aval.shape, axis, [{ stride: aval.stride, offset: 0 }, x], ([o, a]) => {
      for (let i = 0; i < n; i++) {
        const key = x.storage[a + i * step];
        // −0 is 0, and of the NaN there is one.
        keys[i] = Number.isNaN(key) ? NaN : key + 0;
        own[i] = i;
      }
      const order = n > 128 ? byDigits(keys, own) : byInsertion(keys, own);
      for (let i = 0; i < n; i++) out[o + i * outStep] = order[i];
    });
    return out;
  },

  lastWriter([indices], { size }) {
    const out = allocate("int32", size).fill(-1);
    const at = compact(indices);
    for (let i = 0; i < at.length; i++) out[at[i]] = i;
    return out;
  },
};

/** Sorts keys and what belongs to them: few are put in one after the other. */
function byInsertion(keys: Float64Array, order: Int32Array): Int32Array {
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i];
    let j = i;
    for (; j > 0 && isBefore(key, keys[j - 1]); j--) {
      keys[j] = keys[j - 1];
      order[j] = order[j - 1];
    }
    keys[j] = key;
    order[j] = i;
  }
  return order;
}

/** The places of keys in ascending order, by the digits of their bits, from the lowest on; digits that all have in common are passed over. */
function byDigits(keys: Float64Array, order: Int32Array): Int32Array {
  const n = keys.length;
  const words = new Int32Array(keys.buffer);
  const ends = new Int32Array(2048);
  let [word, nextWord, nextOrder]: Int32Array[] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)];
  for (let half = 0; half < 2; half++) {
    for (let i = 0; i < n; i++) {
      const at = 2 * order[i];
      // Of negative numbers the larger bits are further from 0.
      word[i] = words[at + 1] < 0 ? ~words[at + half] : words[at + half] ^ (half << 31);
    }
    for (let shift = 0; shift < 32; shift += 11) {
      ends.fill(0);
      for (let i = 0; i < n; i++) ends[(word[i] >>> shift) & 2047]++;
      if (ends[(word[0] >>> shift) & 2047] === n) continue;
      for (let digit = 0, end = 0; digit < 2048; digit++) ends[digit] = end += ends[digit];
      for (let i = n - 1; i >= 0; i--) {
        const to = --ends[(word[i] >>> shift) & 2047];
        nextWord[to] = word[i];
        nextOrder[to] = order[i];
      }
      [word, nextWord] = [nextWord, word];
      [order, nextOrder] = [nextOrder, order];
    }
  }
  return order;
}

/** NaN come last. */
const isBefore = (x: number, y: number): boolean => x < y || (Number.isNaN(y) && !Number.isNaN(x));
