import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { arange, array, type NDArray, zeros } from "@ad/core";
import { load } from "@ad/core/internals/backend";
import { expect, test, vi } from "vitest";
import { jit } from "../src/index.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Collects until nothing more goes: a finalizer needs a turn of its own. */
async function collected(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    collect();
    await turn();
  }
}

const bytes = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** A program of its own, with a constant of 80 kB, a product, tiles, a loop and a kept array; its constant is watched. */
function make(n: number, watched?: WeakRef<object>[]): (x: NDArray) => NDArray {
  const constant = array(
    Float64Array.from({ length: 10000 }, (_, i) => (i % 7) + n),
    { shape: [100, 100] },
  );
  watched?.push(new WeakRef(constant));
  const f = (x: NDArray): NDArray => x.matmul(constant).sin().mul(n).sum(0).add(x.mean()).exp();
  watched?.push(new WeakRef(f));
  return jit(f);
}

const x = zeros([200, 100]);
const memory = (): number => (load(0) as { float64: Float64Array }).float64.byteLength;

test("1000 different programs in a row stay in bounded memory", { timeout: 120_000 }, async () => {
  const run = (from: number, to: number): void => {
    for (let n = from; n < to; n++) make(n)(x).data();
  };
  run(0, 100);
  await collected();
  const [before, module] = [bytes(), memory()];
  run(100, 1100);
  await collected();
  // One program's constant and arrays alone are some 100 kB: a leak of one part of them would be 80 MB.
  expect(bytes() - before).toBeLessThan(8e6);
  expect(memory()).toBe(module);
});

const gone = (all: readonly WeakRef<object>[]): number => all.filter((each) => each.deref() === undefined).length;

test("a function that nobody holds, and clear(), let go of programs and what they captured", async () => {
  const watched: WeakRef<object>[] = [];
  (() => make(1, watched)(x).data())();
  await collected();
  expect(gone(watched)).toBe(2);

  const traced: WeakRef<object>[] = [];
  const f = jit((x: NDArray) => {
    const constant = arange(10000).reshape([100, 100]);
    traced.push(new WeakRef(constant));
    return x.matmul(constant).sin();
  });
  const use = (n: number): void => {
    f(zeros([n, 100])).data();
  };
  const before = bytes();
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  for (let n = 1; n <= 20; n++) use(n);
  warn.mockRestore();
  await collected();
  const held = bytes() - before;
  expect(held).toBeGreaterThan(20 * 80e3);
  f.clear();
  await collected();
  expect(gone(traced)).toBe(20);
  expect(bytes() - before).toBeLessThan(held / 4);
});

test("the least recently used program goes when there are more than cacheSize, with what it captured", async () => {
  const f = jit(
    (x: NDArray, k: string) => {
      const constant = zeros([100, 100]).add(k.length);
      return x.matmul(constant).sin();
    },
    { cacheSize: 2 },
  );
  const before = bytes();
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  for (let n = 1; n <= 40; n++) f(x, "a".repeat(n)).data();
  warn.mockRestore();
  await collected();
  // Two programs of some 80 kB, and not forty.
  expect(bytes() - before).toBeLessThan(8 * 80e3);
  let traced = 0;
  const g = jit(
    (x: NDArray) => {
      traced++;
      return x.neg();
    },
    { cacheSize: 2 },
  );
  for (const n of [1, 2, 1, 3, 1, 2]) g(zeros([n]));
  expect(traced).toBe(4);
});
