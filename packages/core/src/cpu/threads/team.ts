import type { Data } from "../../aval.js";
import { mend } from "../wasm/elementwise.js";
import type { KernelName, Kernels, Team, Unary } from "../wasm/module.js";
import { at, type Call, call, ring, work } from "./work.js";

declare const performance: { now(): number };

/** Looks at the count of calls before this thread sleeps: some ten microseconds. */
const awake = 20_000;

/** Bytes of a call of an elementwise kernel. */
const tile = 1 << 15;

/** From so many elements on, functions are shared. */
const many = 1 << 15;

/** Whether this thread may sleep: the main thread of a page must not. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, at.done, words[at.done], 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * This thread and its workers, on one memory. Calls are pushed, and made by whoever comes first; this thread too makes calls until none
 * is left, so nothing waits for a worker that has not begun.
 */
export class SharedTeam implements Team {
  readonly words = new Int32Array(new SharedArrayBuffer((at.calls + ring * call) * 4));
  readonly start: number;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly #calls: readonly Call[];
  readonly #place: Readonly<Record<string, number>>;
  readonly #sleeps = maySleep(this.words);
  #pushed = 0;

  /**
   * @param lost is told when a worker has not come back
   * @param patience for so many milliseconds in which no call was done
   */
  constructor(
    readonly kernels: Kernels,
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

  with(bytes: number): Team | undefined {
    const fits = this.start + bytes <= this.float32.byteLength;
    return fits && Atomics.load(this.words, at.workers) > 0 ? this : undefined;
  }

  rows(m: number): number {
    return Math.min(96, Math.max(1024 / ring, Math.ceil(m / (4 * this.threads) / 16) * 16));
  }

  push(name: KernelName, ...values: number[]): void {
    const { words } = this;
    const to = at.calls + (this.#pushed & (ring - 1)) * call;
    words[to + 1] = this.#place[name];
    words.set(values, to + 2);
    this.#pushed = (this.#pushed + 1) | 0;
    Atomics.store(words, at.pushed, this.#pushed);
    Atomics.notify(words, at.pushed);
  }

  finish(): boolean {
    const { words } = this;
    work(this.#calls, words);
    // The rest is under way: to wait awake is faster than to be woken.
    for (let i = 0; i < awake && Atomics.load(words, at.done) !== this.#pushed; i++);
    let since = performance.now();
    let before = -1;
    for (;;) {
      const done = Atomics.load(words, at.done);
      if (done === this.#pushed) return true;
      if (done !== before) [before, since] = [done, performance.now()];
      else if (performance.now() - since > this.patience) break;
      if (this.#sleeps) Atomics.wait(words, at.done, done, this.patience);
    }
    this.lost();
    return false;
  }

  map(name: Unary, f: (x: number) => number, x: Data, a: number, out: Float32Array | Float64Array): number {
    const bytes = out.BYTES_PER_ELEMENT;
    if (out.length < many || !this.with(ring * tile)) return 0;
    const memory = bytes === 4 ? this.float32 : this.float64;
    const kernel = bytes === 4 ? (`${name}32` as const) : (`${name}64` as const);
    const [from, step] = [this.start / bytes, tile / bytes];
    for (let i = 0; i < out.length; i += ring * step) {
      const n = Math.min(out.length - i, ring * step);
      const first = this.#pushed;
      for (let j = 0; j < n; j += step) {
        memory.set(x.subarray(a + i + j, a + i + Math.min(n, j + step)), from + j);
        this.push(kernel, this.start + j * bytes, this.start + Math.min(n, j + step) * bytes);
      }
      if (!this.finish()) return i;
      for (let j = 0; j < n; j += step) {
        const stop = this.words[at.calls + ((first + j / step) & (ring - 1)) * call];
        mend(this.kernels[kernel], f, stop, this.start + Math.min(n, j + step) * bytes, memory, x, a + i - from);
      }
      out.set(memory.subarray(from, from + n), i);
    }
    return out.length;
  }
}
