import { stepOf } from "../../array/views.js";
import { type Aval, type Data, isFloat } from "../../engine/aval.js";
import type { Kernel } from "../../engine/kernels.js";
import { elementwise as rows } from "../../primitives/elementwise.js";
import { copy } from "../kernels/copy.js";
import { limits } from "../limits.js";
import type { CpuView } from "../operands.js";
import { room } from "../storage.js";
import { type Binary, binaries, floatsOf, load, type Map1, threadPool, type Unary, unaries } from "./module.js";
import { apart, inTiles, type Run, tile } from "./tiles.js";

type Other = "less" | "lessEqual" | "equal" | "notEqual" | "isNaN" | "isFinite" | "clamp" | "select";
type Name = Unary | Binary | Other;
type DirectKernels = { readonly [P in Name]: Kernel<P, Data> };
type Compute = (inputs: readonly CpuView[], aval: Aval) => Data | undefined;

/** f computes the elements that the kernel left at `stop`, then the kernel goes on behind them; x is `ahead` of memory. */
export function mend(kernel: Map1, f: (x: number) => number, stop: number, end: number, memory: Data, x: Data, ahead: number): void {
  const shift = memory.BYTES_PER_ELEMENT === 4 ? 2 : 3;
  for (; stop < end; stop = kernel(stop + 16, end))
    for (let j = stop >> shift; j < (stop + 16) >> shift; j++) if (Number.isNaN(memory[j])) memory[j] = f(x[j + ahead]);
}

/** A kernel's name for the dtype of an operand. */
const named = <N extends string>(name: N) => {
  const names = [`${name}32`, `${name}64`] as const;
  return ({ aval }: CpuView) => names[aval.dtype === "float32" ? 0 : 1];
};

const unary = (name: Unary): Compute => {
  const nameFor = named(name);
  // For what a kernel leaves to its caller.
  const { value: f } = rows[name];
  return ([view], aval) => {
    const out = room(aval.dtype, aval.size);
    let { storage: x, offset: a } = view;
    if (stepOf(view) !== 1) {
      copy(aval.shape, view, out, { stride: aval.stride, offset: 0 });
      [x, a] = [out, 0];
    }
    const loaded = load(tile);
    if (loaded === undefined) return undefined;
    const { kernels, start } = loaded;
    const bytes = out.BYTES_PER_ELEMENT;
    const memory = floatsOf(loaded, bytes);
    const kernel = kernels[nameFor(view)];
    const from = start / bytes;
    for (let i = threadPool?.map(name, f, x, a, out as Float32Array) ?? 0; i < aval.size; i += tile / bytes) {
      const n = Math.min(aval.size - i, tile / bytes);
      const end = start + n * bytes;
      memory.set(x.subarray(a + i, a + i + n), from);
      mend(kernel, f, kernel(start, end), end, memory, x, a + i - from);
      out.set(memory.subarray(from, from + n), i);
    }
    return out;
  };
};

/** Operands in tiles, and what is done to each; none where there is no WebAssembly. */
function tiled(inputs: readonly CpuView[], aval: Aval, run: Run): Data | undefined {
  const out = room(aval.dtype, aval.size);
  return inTiles(inputs, out, 0, run) ? out : undefined;
}

function binary(name: Binary): Compute {
  const nameFor = named(name);
  return (inputs, aval) => {
    const kernel = nameFor(inputs[0]);
    return tiled(inputs, aval, ({ kernels, start }, end) => kernels[kernel](start, end, apart));
  };
}

const [compare, choose, difference, above, below] = [
  named("compare"),
  named("select"),
  named("sub"),
  named("maximum"),
  named("minimum"),
] as const;

function comparison(which: number, distance = apart): Compute {
  return (inputs, aval) => {
    const kernel = compare(inputs[0]);
    return tiled(inputs, aval, ({ kernels, start }, end) => kernels[kernel](start, end, distance, which));
  };
}

const others: { readonly [P in Other]: Compute } = {
  less: comparison(0),
  lessEqual: comparison(1),
  equal: comparison(2),
  notEqual: comparison(3),
  /** A NaN differs from itself. */
  isNaN: comparison(3, 0),
  /** For finite x alone, x - x is zero. */
  isFinite(inputs, aval) {
    const less = difference(inputs[0]);
    const same = compare(inputs[0]);
    return tiled(inputs, aval, ({ kernels, start }, end) => {
      kernels[less](start, end, 0);
      kernels[same](start, end, 0, 2);
    });
  },
  clamp(inputs, aval) {
    const low = above(inputs[0]);
    const high = below(inputs[0]);
    return tiled(inputs, aval, ({ kernels, start }, end) => {
      kernels[low](start, end, apart);
      kernels[high](start, end, 2 * apart);
    });
  },
  select([condition, x, y], aval) {
    const kernel = choose(x);
    return tiled([x, y, condition], aval, ({ kernels, start }, end) => kernels[kernel](start, end, apart, start + 2 * apart));
  },
};

/** Kernels that leave large arrays of floats to WebAssembly, and all else to the plain ones. */
export function vectorised(plain: DirectKernels): DirectKernels {
  const kernel = (name: Name, compute: Compute): [Name, Kernel<Name, Data>] => {
    const each = plain[name] as Kernel<Name, Data>;
    return [
      name,
      (inputs, params, aval) => {
        const last = inputs[inputs.length - 1];
        const isLarge = aval.size >= limits.vectors && isFloat(last.aval.dtype);
        return (isLarge ? compute(inputs, aval) : undefined) ?? each(inputs, params, aval);
      },
    ];
  };
  const kernels = [
    ...unaries.map((name) => kernel(name, unary(name))),
    ...binaries.map((name) => kernel(name, binary(name))),
    ...Object.entries(others).map(([name, compute]) => kernel(name as Other, compute)),
  ];
  return Object.fromEntries(kernels) as DirectKernels;
}
