import { type Aval, type Data, isFloat } from "../../aval.js";
import type { Kernel } from "../../backend.js";
import { stepOf } from "../../views.js";
import { limits } from "../limits.js";
import { copy } from "../loops.js";
import { type CpuView, room } from "../storage.js";
import { type Binary, binaries, type Loaded, load, type Map1, team, type Unary, unaries } from "./module.js";

type Other = "less" | "lessEqual" | "equal" | "notEqual" | "isNaN" | "isFinite" | "clamp" | "select";
type Name = Unary | Binary | Other;
type Kernels = { readonly [P in Name]: Kernel<P, Data> };
type Compute = (inputs: readonly CpuView[], aval: Aval, loaded: Loaded) => Data;

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

/**
 * Brings operands into the module's memory, tile by tile and one tile behind the other, lets a kernel replace the first, and takes that
 * into a new array.
 */
function inTiles(inputs: readonly CpuView[], aval: Aval, { start, float32, float64 }: Loaded, run: (end: number) => void): Data {
  const { shape, size } = aval;
  const out = room(aval.dtype, size);
  const memoryOf = (x: Data): Data => {
    if (x instanceof Uint8Array) return new Uint8Array(float32.buffer as ArrayBuffer);
    return x instanceof Float32Array ? float32 : float64;
  };
  const memories = inputs.map(({ storage }) => memoryOf(storage));
  const steps = inputs.map(stepOf);
  const result = memoryOf(out);
  const first = start / result.BYTES_PER_ELEMENT;
  const bytes = memories[0].BYTES_PER_ELEMENT;
  const most = tile / bytes;
  // As many of the last axes as fit into a tile, and so many steps along the one before.
  const isLine = !steps.includes(undefined);
  let axis = shape.length;
  let inner = 1;
  while (!isLine && axis > 0 && inner * shape[axis - 1] <= most) inner *= shape[--axis];
  const count = isLine || axis === 0 ? size / inner : shape[axis - 1];
  const block = Math.floor(most / inner);

  for (let i = 0; i < size; ) {
    const n = Math.min(block, count - ((i / inner) % count)) * inner;
    inputs.forEach((x, k) => {
      const [memory, step] = [memories[k], steps[k]];
      const to = (start + k * tile) / memory.BYTES_PER_ELEMENT;
      if (step === 1) memory.set(x.storage.subarray(x.offset + i, x.offset + i + n), to);
      else if (step === undefined) gather(x, axis, i, n / inner, memory, to);
      // What is one number stays where it is, unless it is replaced.
      else if (k === 0 || i === 0) memory.fill(x.storage[x.offset], to, to + most);
    });
    run(start + n * bytes);
    out.set(result.subarray(first, first + n), i);
    i += n;
  }
  return out;
}

/** The elements from the i-th on, in row-major order: so many steps along the axis before `axis`, with all behind. */
function gather({ aval, storage, stride, offset }: CpuView, axis: number, i: number, steps: number, memory: Data, to: number): void {
  const { shape, stride: places } = aval;
  for (let k = 0; k < axis; k++) offset += (Math.floor(i / places[k]) % shape[k]) * stride[k];
  const from = Math.max(axis - 1, 0);
  const lead = axis > 0 ? [steps] : [];
  copy([...lead, ...shape.slice(axis)], { storage, stride: stride.slice(from), offset }, memory, {
    stride: places.slice(from),
    offset: to,
  });
}

const widthOf = ({ aval }: CpuView): 32 | 64 => (aval.dtype === "float32" ? 32 : 64);

const binary =
  (name: Binary): Compute =>
  (inputs, aval, loaded) => {
    const kernel = loaded.kernels[`${name}${widthOf(inputs[0])}`];
    return inTiles(inputs, aval, loaded, (end) => kernel(loaded.start, end, tile));
  };

const comparison =
  (which: number): Compute =>
  (inputs, aval, loaded) => {
    const kernel = loaded.kernels[`compare${widthOf(inputs[0])}`];
    return inTiles(inputs, aval, loaded, (end) => kernel(loaded.start, end, tile, which));
  };

const others: { readonly [P in Other]: Compute } = {
  less: comparison(0),
  lessEqual: comparison(1),
  equal: comparison(2),
  notEqual: comparison(3),
  /** What is not itself. */
  isNaN([x], aval, loaded) {
    const kernel = loaded.kernels[`compare${widthOf(x)}`];
    return inTiles([x], aval, loaded, (end) => kernel(loaded.start, end, 0, 3));
  },
  /** What is nothing without itself. */
  isFinite([x], aval, loaded) {
    const [less, kernel] = [loaded.kernels[`sub${widthOf(x)}`], loaded.kernels[`compare${widthOf(x)}`]];
    return inTiles([x], aval, loaded, (end) => {
      less(loaded.start, end, 0);
      kernel(loaded.start, end, 0, 2);
    });
  },
  clamp(inputs, aval, loaded) {
    const width = widthOf(inputs[0]);
    const [above, below] = [loaded.kernels[`maximum${width}`], loaded.kernels[`minimum${width}`]];
    return inTiles(inputs, aval, loaded, (end) => {
      above(loaded.start, end, tile);
      below(loaded.start, end, 2 * tile);
    });
  },
  select([condition, x, y], aval, loaded) {
    const kernel = loaded.kernels[`select${widthOf(x)}`];
    return inTiles([x, y, condition], aval, loaded, (end) => kernel(loaded.start, end, tile, loaded.start + 2 * tile));
  },
};

/** Kernels that leave large arrays of floats to WebAssembly, and all else to the plain ones. */
export function vectorised(plain: Kernels): Kernels {
  const kernel = (name: Name, compute: Compute): [Name, Kernel<Name, Data>] => {
    const each = plain[name] as Kernel<Name, Data>;
    return [
      name,
      (inputs, params, aval) => {
        const last = inputs[inputs.length - 1];
        const loaded = aval.size >= limits.vectors && isFloat(last.aval.dtype) ? load(3 * tile) : undefined;
        return loaded ? compute(inputs, aval, loaded) : each(inputs, params, aval);
      },
    ];
  };
  const kernels = [
    ...unaries.map((name) => kernel(name, unary(name))),
    ...binaries.map((name) => kernel(name, binary(name))),
    ...Object.entries(others).map(([name, compute]) => kernel(name as Other, compute)),
  ];
  return Object.fromEntries(kernels) as Kernels;
}
