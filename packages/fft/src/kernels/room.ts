import { bytesOfModule } from "@ad/core/internals/backend";
import { binary } from "../binary.js";
import { complex, type Parts } from "./lines.js";

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** The exports of packages/fft/kernels. Places and sizes are in bytes; parts are given by the places of the real ones. */
interface Exports
  extends Readonly<Record<"two" | "three" | "four" | "five", (x: number, y: number, m: number, s: number, turn: number) => void>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly turn: (x: number, y: number, rows: number, columns: number) => void;
  readonly twiddle: (x: number, n: number, s: number) => void;
}

/** The most elements that go through the passes together, and some that nobody reads. */
const size = 8192 + 24;
/** The longest line. */
export const longest = 1024;

/** Room for the passes, which go from here to there and back. */
export interface Room {
  readonly here: Parts;
  readonly there: Parts;
  /** The functions that compute on it, where WebAssembly is not forbidden. */
  readonly wasm?: Exports;
  /** The real and the imaginary parts of the roots of unity, of what {@link Exports.twiddle} begins with, and of its steps: a line for each. */
  readonly tables: Float64Array;
}

function make(): Room {
  try {
    const wasm = new WebAssembly.Instance(new WebAssembly.Module(bytesOfModule(binary))).exports as Exports;
    const { buffer } = wasm.memory;
    const part = (i: number): Float64Array => new Float64Array(buffer, 2 ** 16 + 8 * size * i, size);
    const parts = (i: number): Parts => ({ re: part(i), im: part(i + 1) });
    return { here: parts(0), there: parts(2), wasm, tables: new Float64Array(buffer, 2 ** 14, 6 * longest) };
  } catch {
    // Where there is none, everything is computed in JavaScript.
    return { here: complex(size), there: complex(size), tables: new Float64Array(0) };
  }
}

let made: Room | undefined;

/** The room, which whoever asks for it has to himself until he returns. */
export const room = (): Room => (made ??= make());
