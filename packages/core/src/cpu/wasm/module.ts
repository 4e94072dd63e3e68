import type { Data } from "../../engine/aval.js";
import { DTypeError, describe } from "../../engine/errors.js";
import { binary } from "./binary.js";

type Pack = (to: number, from: number, along: number, across: number, n: number, k: number) => void;
type Dots = (to: number, a: number, m: number, k: number, b: number) => void;
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

/** Replaces the numbers from `at` to `end` and returns end, or the place of the first 16 bytes with NaN for what it leaves to its caller. */
export type Map1 = (at: number, end: number) => number;
/** The second operand lies `apart` bytes behind the first, which is replaced. */
export type Map2 = (at: number, end: number, apart: number) => void;

/** Replaces numbers by their sines, and writes their cosines `apart` bytes behind; returns end, or the place before which it ended. */
type SinCos = (at: number, end: number, apart: number) => number;

/** Writes truth values, a byte for each, from `at` on. */
type Compare = (at: number, end: number, apart: number, which: number) => void;
/** The second operand is taken where the byte is 0. */
type Select = (at: number, end: number, apart: number, condition: number) => void;
/** m lines of n elements, from one layout to another. */
type Copy = (to: number, from: number, m: number, n: number, toAcross: number, toStep: number, across: number, step: number) => void;
/** Lines of so many bytes that count whole numbers at `at` name, one behind the other. Up to 15 bytes more are written. */
type Take = (to: number, from: number, at: number, count: number, bytes: number) => void;
/** Rounds numbers of float64 from `at` to `end` to float32, in less room. Up to 24 bytes more are read. */
type Narrow = (at: number, end: number) => void;
/**
 * Folds lines of 64 bytes of results, `pitch` apart, count times, `next` further on each time, and writes those results, with a gap between them. Of extremes
 * it is the least one, or the greatest where that is -1 and not 0. Products of floats are NaN where a part of them is 0 or denormal.
 */
export type FoldLines = (
  to: number,
  at: number,
  lines: number,
  pitch: number,
  count: number,
  next: number,
  greatest: number,
  gap?: number,
) => void;

/** The elementwise operations that have a kernel. */
export const unaries = [
  ...([
    "neg",
    "abs",
    "sign",
    "square",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "relu",
    "oneMinusSquare",
    "floor",
    "ceil",
    "trunc",
    "round",
  ] as const),
  ...(["exp", "exp2", "expm1", "sinh", "cosh", "tanh", "sigmoidSlope", "sigmoid", "softplus"] as const),
  ...(["log", "log2", "log10", "log1p", "sin", "cos", "tan"] as const),
] as const;
export const binaries = ["add", "sub", "mul", "div", "maximum", "minimum"] as const;
export type Unary = (typeof unaries)[number];
export type Binary = (typeof binaries)[number];

type Width = 32 | 64;

/** The exports of packages/core/kernels. Places are in bytes. */
export interface WasmKernels
  extends Readonly<
    Record<`${Unary}${Width}`, Map1> &
      Record<`${Binary}${Width}`, Map2> &
      Record<`${"sum" | "product" | "least"}${Width | "Int"}`, FoldLines>
  > {
  /** The start of the memory that a call may use. */
  readonly free: { readonly value: number };
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly compare32: Compare;
  readonly compare64: Compare;
  readonly select32: Select;
  readonly select64: Select;
  readonly copy32: Copy;
  readonly copy64: Copy;
  readonly take: Take;
  readonly narrow: Narrow;
  readonly sinCos32: SinCos;
  readonly sinCos64: SinCos;
  readonly dots32: Dots;
  readonly dots64: Dots;
  readonly pack32: Pack;
  readonly pack64: Pack;
  readonly multiply32: Multiply;
  readonly multiply64: Multiply;
}

export type KernelName = `${Unary | Binary | "pack" | "multiply"}${Width}`;

export interface Loaded {
  readonly kernels: WasmKernels;
  /** The start of the memory that a call may use, a multiple of 64. */
  readonly start: number;
  /** The module's memory: what a kernel reads is copied in, what it wrote is copied out, and nothing is left there. */
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

/** Threads that make calls of kernels together, on a memory of their own. docs/decisions/0017 */
export interface ThreadPool extends Loaded {
  /** The memory itself, if it has as many bytes and a worker already. */
  with(bytes: number): ThreadPool | undefined;
  /** Rows of the result that one call of a product of m rows computes. */
  rows(m: number): number;
  /** Leaves a call to a free thread; at most 64 calls may be unfinished. */
  push(name: KernelName, ...values: number[]): void;
  /** Once all calls have been made; false where one was lost: then the pool is dissolved, and everything is to be computed without it. */
  finish(): boolean;
  /** A function of the elements of x from `a` on; f computes what the kernel leaves. So many elements are done: all, none, or as far as it came. */
  map(name: Unary, f: (x: number) => number, x: Data, a: number, out: Float32Array | Float64Array): number;
}

/** Those that setThreads has called together. */
export let threadPool: ThreadPool | undefined;

let restartThreads: (() => void) | undefined;

/** For setThreads: without it, no program has the code for threads. `restart` makes another pool, with the kernels that are wanted then. */
export function setThreadPool(next: ThreadPool | undefined, restart?: () => void): void {
  threadPool = next;
  restartThreads = restart;
}

/** The bits of floats of so many bytes, which their kernels are named by, and the view of the memory for them. */
export const bitsOf = (bytes: number): Width => (8 * bytes) as Width;
export const floatsOf = ({ float32, float64 }: Loaded, bytes: number): Float32Array | Float64Array => (bytes === 4 ? float32 : float64);

declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};
declare const console: { warn(message: string): void };

let kernels: WasmKernels | null | undefined;
let loaded: Loaded | undefined;

/** A module from its text, which is core's own unless another is given. */
export function bytesOfModule(text = binary): Uint8Array {
  const bytes: number[] = [];
  // kernels/build.mjs says how a byte is written.
  let third = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 40) third = (code - 31) / 2;
    else {
      bytes.push(third * 86 + code - (code > 92 ? 45 : 44));
      third = 0;
    }
  }
  return Uint8Array.from(bytes);
}

/**
 * Makes c = c + x·y, where c is one local, one operation that rounds once: of mul, local.get c, add, local.set c the first becomes three bytes that do nothing, and
 * the third relaxed_madd. Only kernels/gemm.ts has this.
 */
export function fuse(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i + 9 < bytes.length; i++) {
    const mul = bytes[i + 1];
    if (bytes[i] !== 0xfd || (mul !== 0xf2 && mul !== 0xe6) || bytes[i + 3] !== 0x20) continue;
    if (bytes[i + 6] !== mul - 2 || bytes[i + 8] !== 0x21 || bytes[i + 9] !== bytes[i + 4]) continue;
    bytes.fill(1, i, i + 3);
    bytes.set([mul === 0xf2 ? 0x87 : 0x85, 2], i + 6);
  }
  return bytes;
}

/** Whether a product rounds once: (1 + ε)(1 − ε) − 1 is 0 otherwise. */
function isFused({ free, memory: { buffer }, multiply64 }: WasmKernels): boolean {
  const at = (free.value + 63) & -64;
  const memory = new Float64Array(buffer, at);
  memory.set([1, 1 + 2 ** -30]);
  memory.set([-1], 8);
  memory.set([1 - 2 ** -30], 16);
  multiply64(1, 8, 2, at, 0, 0, 8, at + 64, at + 192, false);
  return memory[24] === -(2 ** -60);
}

let wantsFused = true;

/** The module that computes here: its bytes, and its kernels on a memory of their own. */
export function start(): { readonly bytes: Uint8Array; readonly kernels: WasmKernels } {
  const made = (bytes: Uint8Array) => ({
    bytes,
    kernels: new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as WasmKernels,
  });
  const bytes = bytesOfModule();
  const fused = wantsFused ? fuse(bytes.slice()) : bytes;
  const first = wantsFused && WebAssembly.validate(fused) ? made(fused) : undefined;
  return first && isFused(first.kernels) ? first : made(bytes);
}

/**
 * Whether large products of float arrays are computed with a fused multiply-add, x·y + z rounded once, where the engine has it: Node 22 and Chromium 114, and
 * what else passes a test at the first large operation. On by default: a large product takes a tenth to a fifth less time. On one machine products are
 * always the same; on machines without it they differ in the last digits. `setFusedMultiplyAdd(false)` gives the same digits with it and without.
 * May be called again at any time.
 *
 * @param on `false` for a product and a sum that are each rounded
 * @throws DTypeError where `on` is no boolean
 * @example
 * setFusedMultiplyAdd(false);
 * const x = ones([64, 64]);
 * x.matmul(x).sum().item(); // 262144
 * setFusedMultiplyAdd(true);
 */
export function setFusedMultiplyAdd(on: boolean): void {
  if (typeof on !== "boolean") throw new DTypeError(`setFusedMultiplyAdd: on is ${describe(on)}; give true or false.`);
  if (on === wantsFused) return;
  wantsFused = on;
  if (kernels === null) return;
  kernels = loaded = undefined;
  [kept, end] = [new WeakMap(), 0];
  restartThreads?.();
}

/** Bytes for what stays in the module's memory, once there is anything. */
const keptBytes = 1 << 20;
let reserved = 0;
let end = 0;
let kept = new WeakMap<object, number>();

/**
 * Sets so many bytes, a multiple of 64, of the module's memory apart from what a call may use, behind those for {@link keep}, and returns where they begin; undefined where
 * they are not to be had.
 */
export function reserve(bytes: number): number | undefined {
  const before = reserved;
  if (keptBytes + bytes > reserved) [reserved, loaded] = [keptBytes + bytes, undefined];
  const own = load(0);
  if (own) return own.start - reserved + keptBytes;
  reserved = before;
  return undefined;
}

/**
 * The place where numbers that never change stay in the module's memory, before what a call may use; `fill` writes them there, with so much space. Undefined where they
 * need more than their share. Once there is no room left, everything is forgotten: a place holds for one call.
 */
export function keep(owner: object, bytes: number, space: number, fill: (loaded: Loaded, at: number) => void): number | undefined {
  const known = kept.get(owner);
  if (known !== undefined || bytes > keptBytes / 4) return known;
  const first = reserve(0);
  const own = load(space);
  if (first === undefined || own === undefined) return undefined;
  if (end + bytes > keptBytes) [kept, end] = [new WeakMap(), 0];
  const at = first - keptBytes + end;
  end += (bytes + 63) & -64;
  kept.set(owner, at);
  fill(own, at);
  return at;
}

/**
 * The kernels with that many bytes of free memory, compiled at the first call; undefined, with one warning, where they cannot be,
 * and where memory is short.
 */
export function load(bytes: number): Loaded | undefined {
  if (kernels === undefined) {
    try {
      kernels = start().kernels;
    } catch (error) {
      console.warn(`@ad/core computes in plain JavaScript, which is slower: there is no WebAssembly with SIMD (${error}).`);
      kernels = null;
    }
  }
  if (kernels === null) return undefined;
  const { memory, free } = kernels;
  if (loaded === undefined || loaded.start + bytes > memory.buffer.byteLength) {
    const first = ((free.value + 63) & -64) + reserved;
    const missing = first + bytes - memory.buffer.byteLength;
    try {
      memory.grow(Math.max(0, Math.ceil(missing / 65536)));
    } catch {
      return undefined;
    }
    loaded = { kernels, start: first, float32: new Float32Array(memory.buffer), float64: new Float64Array(memory.buffer) };
  }
  return loaded;
}
