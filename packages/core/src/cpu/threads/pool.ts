import type { Data } from "../../engine/aval.js";
import { mend } from "../wasm/elementwise.js";
import type { KernelName, ThreadPool, Unary, WasmKernels } from "../wasm/module.js";
import { at, type Call, ring, size, work } from "./work.js";

declare const performance: { now(): number };

/** Looks at a call under way before this thread sleeps: some ten microseconds, in which it is not woken late. */
const awake = 20_000;

/** Bytes of an operand that one call replaces. */
const tile = 1 << 15;

/** The least size in bytes of a function that is shared among threads. */
const large = 1 << 18;

/** Takes no longer than to copy what it is of. */
export const cheap: ReadonlySet<Unary> = new Set<Unary>([
  ...(["neg", "abs", "square", "sqrt", "rsqrt", "reciprocal", "relu", "oneMinusSquare"] as const),
  ...(["floor", "ceil", "trunc", "round"] as const),
]);

/** Returns whether this thread may sleep: the main thread of a page must not. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, at.done, words[at.done], 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * This thread and its workers, on one memory. Calls are queued, and the first free thread makes each; this thread too makes calls until none
 * is left, so nothing waits for a worker that has not begun.
 */
export class SharedThreadPool implements ThreadPool {
  readonly words = new Int32Array(new SharedArrayBuffer((at.calls + ring * size) * 4));
  readonly start: number;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly #calls: readonly Call[];
  readonly #place: Readonly<Record<string, number>>;
  readonly #sleeps = maySleep(this.words);
  #pushed = 0;
  #finished = 0;

  /**
   * @param lost is told when a worker has not come back
   * @param patience the milliseconds to wait in which no call was done
   */
  constructor(
    readonly kernels: WasmKernels,
    memory: { readonly buffer: ArrayBufferLike },
    readonly threads: number,
    readonly lost: () => void,
    readonly patience = 10_000,
  ) {
    this.start = (kernels.free.value + 63) & -64;
    this.float32 = new Float32Array(memory.buffer);
    this.float64 = new Float64Array(memory.buffer);
    this.#calls = Object.values(kernels) as Call[];
    this.#place = Object.fromEntries(Object.keys(kernels).map((name, i) => [name, i]));
  }

  with(bytes: number): ThreadPool | undefined {
    const fits = this.start + bytes <= this.float32.byteLength;
    return fits && Atomics.load(this.words, at.workers) > 0 ? this : undefined;
  }

  rows(m: number): number {
    return m > 16 * 4 * this.threads ? 32 : 16;
  }

  push(name: KernelName, ...values: number[]): void {
    const { words } = this;
    const to = this.#slot(this.#pushed);
    words[to] = 1;
    words[to + 2] = this.#place[name];
    words.set(values, to + 3);
    this.#pushed = (this.#pushed + 1) | 0;
    Atomics.store(words, at.pushed, this.#pushed);
    Atomics.notify(words, at.pushed);
  }

  finish(): boolean {
    while (this.#finished !== this.#pushed) if (this.#first() === undefined) return false;
    return true;
  }

  map(name: Unary, f: (x: number) => number, x: Data, a: number, out: Float32Array | Float64Array): number {
    const bytes = out.BYTES_PER_ELEMENT;
    const window = Math.min(ring, 8 * this.threads);
    if (out.byteLength < large || cheap.has(name) || !this.with(window * tile)) return 0;
    const memory = bytes === 4 ? this.float32 : this.float64;
    const kernel = bytes === 4 ? (`${name}32` as const) : (`${name}64` as const);
    const [from, n] = [this.start / bytes, tile / bytes];
    const place = (i: number): number => from + (i % (window * n));
    // Elements are brought as far as i, and fetched as far as o.
    for (let i = 0, o = 0; o < out.length; ) {
      if (i < out.length && i < o + window * n) {
        const part = x.subarray(a + i, a + Math.min(out.length, i + n));
        memory.set(part, place(i));
        this.push(kernel, place(i) * bytes, (place(i) + part.length) * bytes);
        i += n;
        continue;
      }
      const stop = this.#first();
      if (stop === undefined) return o;
      const [here, count] = [place(o), Math.min(n, out.length - o)];
      mend(this.kernels[kernel], f, stop, (here + count) * bytes, memory, x, a + o - here);
      out.set(memory.subarray(here, here + count), o);
      o += n;
    }
    return out.length;
  }

  #slot(call: number): number {
    return at.calls + (call & (ring - 1)) * size;
  }

  /** The result of the first call that is not finished; undefined if it was lost. This thread makes other calls until the result is there. */
  #first(): number | undefined {
    const { words } = this;
    const slot = this.#slot(this.#finished);
    let since = 0;
    let before = -1;
    for (let looks = 0; Atomics.load(words, slot) !== 0; looks++) {
      if (work(this.#calls, words)) looks = 0;
      if (looks < awake) continue;
      const done = Atomics.load(words, at.done);
      if (done !== before) [before, since] = [done, performance.now()];
      else if (performance.now() - since > this.patience) {
        this.lost();
        return undefined;
      }
      if (this.#sleeps && Atomics.load(words, slot) !== 0) Atomics.wait(words, at.done, done, this.patience);
    }
    this.#finished = (this.#finished + 1) | 0;
    return words[slot + 1];
  }
}
