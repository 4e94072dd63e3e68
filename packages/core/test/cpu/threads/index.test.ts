import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const warn = vi.spyOn(console, "warn").mockImplementation(() => {});

beforeEach(() => {
  vi.resetModules();
  warn.mockClear();
});
const noNode = { ...process, getBuiltinModule: undefined };
afterEach(() => vi.unstubAllGlobals());

/** The library afresh, and the thread pool that setThreads made. */
async function start() {
  const [core, module, { at }] = await Promise.all([
    import("../../../src/index.js"),
    import("../../../src/cpu/wasm/module.js"),
    import("../../../src/cpu/threads/work.js"),
  ]);
  const threadPool = () => module.threadPool as import("../../../src/cpu/threads/pool.js").SharedThreadPool | undefined;
  const workers = () => Atomics.load(threadPool()?.words ?? new Int32Array(at.workers + 1), at.workers);
  return { ...core, threadPool, workers, setThreadPool: module.setThreadPool };
}

test.each([-1, 1.5, Number.NaN, Infinity, "2", null, undefined, true, {}, 2n])("%s threads are none", async (n) => {
  const { setThreads, DTypeError, threadPool } = await start();
  setThreads(2);
  const before = threadPool();
  const wrong = () => setThreads(n as number);
  expect(wrong).toThrow(DTypeError);
  expect(wrong).toThrow(/^setThreads: n is .*; give a whole number, 1 for no workers\.$/);
  expect(threadPool()).toBe(before);
  setThreads(0);
});

test("again and again, with other numbers", async () => {
  const { setThreads, threadPool, workers, ones } = await start();
  const x = ones([200, 200]);
  for (let round = 0; round < 3; round++)
    for (const n of [2, 1, 3, 0, 5, 2, 2]) {
      setThreads(n);
      expect(threadPool()?.threads).toBe(n > 1 ? n : undefined);
      // Half of the times no worker has come up yet.
      if (round % 2 === 0 && n > 1) await vi.waitFor(() => expect(workers()).toBe(n - 1), 20_000);
      expect(x.matmul(x).sum().item()).toBe(200 ** 3);
    }
  setThreads(1);
  expect(warn).not.toHaveBeenCalled();
});

test("the same number changes nothing; a large one is sixteen", async () => {
  const { setThreads, threadPool } = await start();
  setThreads(2);
  const before = threadPool();
  setThreads(2);
  expect(threadPool()).toBe(before);
  setThreads(1e9);
  expect(threadPool()?.threads).toBe(16);
  setThreads(0);
  expect(threadPool()).toBeUndefined();
});

test("workers come up while the program computes", async () => {
  const { setThreads, workers, ones } = await start();
  setThreads(3);
  const x = ones([200, 200]);
  const end = Date.now() + 20_000;
  while (workers() < 2 && Date.now() < end) expect(x.matmul(x).sum().item()).toBe(200 ** 3);
  expect(workers()).toBe(2);
  setThreads(1);
});

describe("one thread and one warning", () => {
  const compute = async ({ setThreads, ones, threadPool }: Awaited<ReturnType<typeof start>>) => {
    for (let i = 0; i < 3; i++) {
      setThreads(2);
      // Errors of workers arrive as events.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const x = ones([200, 200]);
      expect(x.matmul(x).sum().item()).toBe(200 ** 3);
      expect(threadPool()).toBeUndefined();
    }
    expect(warn).toHaveBeenCalledTimes(1);
    return warn.mock.calls[0][0];
  };

  test("without shared memory", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(await compute(await start())).toMatch(/^setThreads: @ad\/core computes on one thread \(.* not cross-origin isolated\)\.$/);
  });

  test("in a page that is not isolated, whatever it has", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    expect(await compute(await start())).toMatch(/not cross-origin isolated/);
  });

  test("without WebAssembly", async () => {
    vi.stubGlobal("WebAssembly", undefined);
    const core = await start();
    core.setThreads(2);
    expect(core.threadPool()).toBeUndefined();
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test("in a Node that cannot be asked for its workers", async () => {
    vi.stubGlobal("process", noNode);
    expect(await compute(await start())).toMatch(/there is no Worker here; Node has what it takes from 20\.16 on/);
  });

  test("where workers are refused at once", async () => {
    vi.stubGlobal("process", noNode);
    vi.stubGlobal(
      "Worker",
      class {
        constructor() {
          throw new Error("Refused to create a worker");
        }
      },
    );
    expect(await compute(await start())).toMatch(/\(Refused to create a worker\)\.$/);
  });

  test.each([
    ["with a message", { message: "it broke" }, /\(it broke\)\.$/],
    ["without one", {}, /\(a worker could not be started; a content security policy may say who can\)\.$/],
  ])("where they are refused later, %s", async (_, event, expected) => {
    const terminate = vi.fn();
    vi.stubGlobal("process", noNode);
    vi.stubGlobal(
      "Worker",
      class {
        onerror: ((event: object) => void) | null = null;
        terminate = terminate;
        constructor() {
          setTimeout(() => this.onerror?.(event));
        }
        postMessage() {}
      },
    );
    expect(await compute(await start())).toMatch(expected);
    expect(terminate).toHaveBeenCalledTimes(3);
  });
});

describe("a worker that takes a call and never comes back", () => {
  async function withThief(calls: number) {
    const core = await start();
    const { SharedThreadPool } = await import("../../../src/cpu/threads/pool.js");
    const { at } = await import("../../../src/cpu/threads/work.js");
    core.setThreads(2);
    const { kernels, float64 } = core.threadPool() as InstanceType<typeof SharedThreadPool>;
    const lost = vi.fn(() => core.setThreadPool(undefined));
    let left = calls;
    class Thief extends SharedThreadPool {
      override push(...args: Parameters<InstanceType<typeof SharedThreadPool>["push"]>): void {
        super.push(...args);
        if (left-- === 0) Atomics.add(this.words, at.begun, 1);
      }
    }
    const threadPool = new Thief(kernels, float64, 2, lost, 20);
    Atomics.store(threadPool.words, at.workers, 1);
    core.setThreads(1);
    const shared = <T>(f: () => T): T => {
      core.setThreadPool(threadPool);
      const result = f();
      expect(lost).toHaveBeenCalledTimes(1);
      expect(core.threadPool()).toBeUndefined();
      return result;
    };
    return { ...core, shared };
  }

  test.each([0, 3, 20])("a product is computed again, after %i calls", async (calls) => {
    const { shared, arange } = await withThief(calls);
    const x = arange(1000 * 300)
      .reshape(1000, 300)
      .mod(7)
      .sub(3);
    expect(shared(() => x.matmul(x.T)).toArray()).toEqual(x.matmul(x.T).toArray());
  });

  test.each([0, 3, 100])("a function goes on from where it was, after %i calls", async (calls) => {
    const { shared, linspace } = await withThief(calls);
    for (const x of [linspace(-9, 9, 700_000)])
      expect(
        shared(() => x.exp())
          .equal(x.exp())
          .all()
          .item(),
      ).toBe(true);
  });

  test("so it does for what is gathered into the result first", async () => {
    const { shared, linspace } = await withThief(100);
    const x = linspace(-9, 9, 1_400_000).slice([null, null, -2]);
    expect(
      shared(() => x.exp())
        .equal(x.exp())
        .all()
        .item(),
    ).toBe(true);
  });

  test("setThreads starts others", async () => {
    const { setThreads, threadPool, workers, ones } = await start();
    const { at } = await import("../../../src/cpu/threads/work.js");
    setThreads(2);
    const first = threadPool();
    Object.defineProperty(first, "patience", { value: 20 });
    await vi.waitFor(() => expect(workers()).toBe(1), 20_000);
    // As if it had begun the next call and slept over it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    Atomics.add(first?.words ?? new Int32Array(), at.begun, 1);
    const x = ones([200, 200]);
    expect(x.matmul(x).sum().item()).toBe(200 ** 3);
    expect(threadPool()).toBeUndefined();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/\(a worker did not come back\)\.$/)]]);
    setThreads(2);
    expect(threadPool()?.float64.buffer).not.toBe(first?.float64.buffer);
    await vi.waitFor(() => expect(workers()).toBe(1), 20_000);
    expect(x.matmul(x).sum().item()).toBe(200 ** 3);
    setThreads(0);
  });
});
