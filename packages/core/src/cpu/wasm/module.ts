import { binary } from "./binary.js";

type Pack = (to: number, from: number, along: number, across: number, n: number, k: number) => void;
type Multiply = (
  m: number,
  n: number,
  k: number,
  a: number,
  group: number,
  row: number,
  column: number,
  b: number,
  c: number,
  more: boolean,
) => void;

/** What packages/core/kernels exports. Places are in bytes. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly pack32: Pack;
  readonly pack64: Pack;
  readonly multiply32: Multiply;
  readonly multiply64: Multiply;
}

interface Loaded {
  readonly kernels: Kernels;
  /** The module's memory: what a kernel reads is copied in, what it wrote is copied out, and nothing is left there. */
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};
declare const atob: (text: string) => string;
declare const console: { warn(message: string): void };

let kernels: Kernels | null | undefined;
let loaded: Loaded | undefined;

function start(): Kernels | null {
  try {
    const bytes = Uint8Array.from(atob(binary), (c) => c.charCodeAt(0));
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { Math }).exports as Kernels;
  } catch (error) {
    console.warn(`@ad/core computes in plain JavaScript, which is slower: WebAssembly with SIMD is not to be had here (${error}).`);
    return null;
  }
}

/** The kernels with so many bytes of memory, compiled at the first call; undefined, with one warning, where they cannot be. */
export function load(bytes: number): Loaded | undefined {
  if (kernels === undefined) kernels = start();
  if (kernels === null) return undefined;
  const { memory } = kernels;
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  if (missing > 0 || loaded === undefined)
    loaded = { kernels, float32: new Float32Array(memory.buffer), float64: new Float64Array(memory.buffer) };
  return loaded;
}
