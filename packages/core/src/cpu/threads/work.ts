/** A kernel as its module exports it. All arguments are whole numbers; what a kernel does not take it does not see. */
export type Call = (...args: number[]) => number;

/** The message that starts a worker. */
export interface Job {
  readonly module: object;
  readonly memory: object;
  readonly words: Int32Array;
}

/**
 * Words that the threads share, far enough from each other to be in different lines of the caches: how many calls have been pushed,
 * begun and done since the beginning, and the workers that are there. Then `ring` calls of `size` words each: whether it is to be
 * made, what came back, the kernel's place among the exports, and ten arguments.
 */
export const at = { pushed: 0, begun: 16, done: 32, workers: 48, calls: 64 } as const;
export const ring = 64;
export const size = 16;

// The two functions below are sent to the workers as text, so they name nothing outside of themselves but what JavaScript has.

/** Makes the first call that no thread has begun, if there is one. The thread that counts a call begins it, so each call is made once. */
export function work(kernels: readonly Call[], w: Int32Array): boolean {
  for (;;) {
    const begun = Atomics.load(w, 16);
    if (begun === Atomics.load(w, 0)) return false;
    if (Atomics.compareExchange(w, 16, begun, (begun + 1) | 0) !== begun) continue;
    const i = 64 + (begun & 63) * 16;
    w[i + 1] = kernels[w[i + 2]](w[i + 3], w[i + 4], w[i + 5], w[i + 6], w[i + 7], w[i + 8], w[i + 9], w[i + 10], w[i + 11], w[i + 12]);
    Atomics.store(w, i, 0);
    Atomics.add(w, 32, 1);
    Atomics.notify(w, 32);
    return true;
  }
}

/** The life of a worker: it makes calls, looks for more for some microseconds, and sleeps until there is one. */
export function serve(job: Job, work: (kernels: readonly Call[], words: Int32Array) => boolean): void {
  // @ts-expect-error: JavaScript's own types have no WebAssembly.
  const { exports } = new WebAssembly.Instance(job.module, { "": { "": job.memory } });
  const kernels = Object.values(exports) as Call[];
  const w = job.words;
  Atomics.add(w, 48, 1);
  for (;;) {
    const pushed = Atomics.load(w, 0);
    while (work(kernels, w));
    for (let i = 0; i < 20000 && Atomics.load(w, 0) === pushed; i++);
    Atomics.wait(w, 0, pushed);
  }
}
