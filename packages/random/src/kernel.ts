import { bytesOfModule } from "@ad/core/internals/backend";
import { binary } from "./binary.js";
import { far32, gaussianOf, near32, numberOf, type OfWords, series, type Words } from "./threefry.js";

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** The exports of packages/random/kernels. Places are in bytes. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** The words of the key's counters from `count` on: the first ones from `at` to `end`, the second ones as far from the room's middle on. */
  words(k0: number, k1: number, count: number, at: number, end: number): void;
  /** Standard normal numbers of float32 in the place of words. */
  normal(at: number, end: number): void;
}

let kernels: Kernels | false | undefined;

function start(): Kernels | false {
  try {
    const made = new WebAssembly.Instance(new WebAssembly.Module(bytesOfModule(binary))).exports as Kernels;
    new Float32Array(made.memory.buffer).set([...series, ...near32, ...far32]);
    return made;
  } catch {
    // Where there is none, the same numbers are made without it.
    return false;
  }
}

/** The start of the room, which is what the coefficients leave of 64 KiB, the number of counters whose words it takes, and from how many on they pay. */
const at = 4096;
const room = 7680;
const least = 16;

/** Fills an array with a key's numbers: each is made of the two words of its counter. */
export function fill<T extends Float64Array | Float32Array | Int32Array>(key: Words, out: T, number: OfWords): T {
  kernels ??= start();
  for (let from = 0; from < out.length; from += room) {
    const n = Math.min(room, out.length - from);
    if (!kernels || n < least) for (let i = from; i < from + n; i++) out[i] = numberOf(key, i, number);
    else {
      const end = at + 4 * n;
      kernels.words(...key, from, at, end);
      if (number === gaussianOf.float32) {
        kernels.normal(at, end);
        out.set(new Float32Array(kernels.memory.buffer, at, n), from);
      } else {
        const words = new Int32Array(kernels.memory.buffer, at);
        for (let i = 0; i < n; i++) out[from + i] = number(words[i], words[room + i]);
      }
    }
  }
  return out;
}
