import { type Aval, type Data, isFloat } from "../../aval.js";
import type { Kernel } from "../../backend.js";
import { stepOf } from "../../views.js";
import { limits } from "../limits.js";
import { copy, walk } from "../loops.js";
import { type CpuView, room } from "../storage.js";
import { type Binary, binaries, type Loaded, load, type Map1, team, type Unary, unaries } from "./module.js";

type Name = Unary | Binary;
type Kernels = { readonly [P in Name]: Kernel<P, Data> };
type Compute = (inputs: readonly CpuView[], aval: Aval, loaded: Loaded) => Data | undefined;

/** Bytes of an operand that are in the module's memory at a time: they stay in the nearest caches. */
const tile = 1 << 15;

/** For what a kernel leaves to its caller; those that do are functions of Math. */
const scalar = Math as unknown as Readonly<Record<Unary, (x: number) => number>>;

/** What the kernel has left at `stop` is computed by f, then the kernel goes on behind; x is `ahead` of memory. */
export function mend(kernel: Map1, f: (x: number) => number, stop: number, end: number, memory: Data, x: Data, ahead: number): void {
  const shift = memory.BYTES_PER_ELEMENT === 4 ? 2 : 3;
  for (; stop < end; stop = kernel(stop + 16, end))
    for (let j = stop >> shift; j < (stop + 16) >> shift; j++) if (Number.isNaN(memory[j])) memory[j] = f(x[j + ahead]);
}

const unary = (name: Unary): Compute => {
  const [narrow, wide] = [`${name}32`, `${name}64`] as const;
  const f = scalar[name];
  return ([view], aval, { kernels, start, float32, float64 }) => {
    const out = room(aval.dtype, aval.size);
    let { storage: x, offset: a } = view;
    if (stepOf(view) !== 1) {
      copy(aval.shape, view, out, { stride: aval.stride, offset: 0 });
      [x, a] = [out, 0];
    }
    const bytes = out.BYTES_PER_ELEMENT;
    const memory = bytes === 4 ? float32 : float64;
    const kernel = kernels[bytes === 4 ? narrow : wide];
    const from = start / bytes;
    for (let i = team?.map(name, f, x, a, out as Float32Array) ?? 0; i < aval.size; i += tile / bytes) {
      const n = Math.min(aval.size - i, tile / bytes);
      const end = start + n * bytes;
      memory.set(x.subarray(a + i, a + i + n), from);
      mend(kernel, f, kernel(start, end), end, memory, x, a + i - from);
      out.set(memory.subarray(from, from + n), i);
    }
    return out;
  };
};

const binary = (name: Binary): Compute => {
  const [narrow, wide] = [`${name}32`, `${name}64`] as const;
  return ([x, y], aval, { kernels, start, float32, float64 }) => {
    const [sx, sy] = [stepOf(x), stepOf(y)];
    const line = sx !== undefined && sy !== undefined;
    if (!line && !(aval.shape[aval.ndim - 1] >= limits.vectors && hasLines(x) && hasLines(y))) return undefined;
    const out = room(aval.dtype, aval.size);
    const bytes = out.BYTES_PER_ELEMENT;
    const memory = bytes === 4 ? float32 : float64;
    const kernel = kernels[bytes === 4 ? narrow : wide];
    const [first, second] = [start / bytes, (start + tile) / bytes];
    const bring = (to: number, { storage }: CpuView, at: number, step: number, i: number, n: number): void => {
      if (step === 1) memory.set(storage.subarray(at + i, at + i + n), to);
      else memory.fill(storage[at], to, to + n);
    };
    const run = (count: number, [o, a, b]: readonly number[], [, sa, sb]: readonly number[]): void => {
      for (let i = 0; i < count; i += tile / bytes) {
        const n = Math.min(count - i, tile / bytes);
        bring(first, x, a, sa, i, n);
        if (sb === 1 || i === 0) bring(second, y, b, sb, i, n);
        kernel(start, start + n * bytes, tile);
        out.set(memory.subarray(first, first + n), o + i);
      }
    };
    if (line) run(aval.size, [0, x.offset, y.offset], [1, sx, sy]);
    else walk(aval.shape, [{ stride: aval.stride, offset: 0 }, x, y], run);
    return out;
  };
};

/** Whether the last axis runs along storage, or stands still. */
const hasLines = ({ stride }: CpuView): boolean => {
  const step = stride[stride.length - 1];
  return step === 0 || step === 1;
};

/** Kernels that leave large arrays of floats to WebAssembly, and all else to the plain ones. */
export function vectorised(plain: Kernels): Kernels {
  const kernel = (name: Name, compute: Compute): [Name, Kernel<Name, Data>] => {
    const each = plain[name] as Kernel<Name, Data>;
    return [
      name,
      (inputs, params, aval) => {
        const loaded = aval.size >= limits.vectors && isFloat(aval.dtype) ? load(2 * tile) : undefined;
        return (loaded && compute(inputs, aval, loaded)) ?? each(inputs, params, aval);
      },
    ];
  };
  const kernels = [...unaries.map((name) => kernel(name, unary(name))), ...binaries.map((name) => kernel(name, binary(name)))];
  return Object.fromEntries(kernels) as Kernels;
}
