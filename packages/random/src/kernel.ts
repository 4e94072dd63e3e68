import { bytesOfModule } from "@ad/core/internals/backend";
import { binary } from "./binary.js";
import { far32, near32, series, type Words } from "./threefry.js";

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Standard normal numbers of float32 from `at` to `end`, bytes in the memory; the first is the key's number `count`. */
  normal(k0: number, k1: number, count: number, at: number, end: number): void;
}

let kernel: Kernel | null | undefined;

function start(): Kernel | null {
  try {
    const made = new WebAssembly.Instance(new WebAssembly.Module(bytesOfModule(binary))).exports as Kernel;
    new Float32Array(made.memory.buffer).set([...series, ...near32, ...far32]);
    return made;
  } catch {
    // Where there is none, the same numbers are made without it.
    return null;
  }
}

/** The start of the free memory, and the count of numbers that fit in. */
const at = 1 << 12;
const room = ((1 << 16) - at) / 4;

/** Fills an array of float32 with a key's standard normal numbers, as many as it pays for; tells how many. */
export function filled([k0, k1]: Words, out: Float64Array | Float32Array | Int32Array): number {
  if (!(out instanceof Float32Array) || out.length < 64) return 0;
  if (kernel === undefined) kernel = start();
  if (kernel === null) return 0;
  const numbers = new Float32Array(kernel.memory.buffer, at, room);
  for (let i = 0; i < out.length; i += room) {
    const n = Math.min(room, out.length - i);
    kernel.normal(k0, k1, i, at, at + 4 * n);
    out.set(n < room ? numbers.subarray(0, n) : numbers, i);
  }
  return out.length;
}
