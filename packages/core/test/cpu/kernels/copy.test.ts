import { expect, test } from "vitest";
import { copy } from "../../../src/cpu/kernels/copy.js";
import { copyLines } from "../../../src/cpu/kernels/loops.js";
import { type Loaded, load } from "../../../src/cpu/wasm/module.js";
import { Aval, type Data } from "../../../src/engine/aval.js";

const storages = [Float64Array, Float32Array, Int32Array, Uint8Array];
const layouts: readonly [shape: number[], stride: number[], offset: number][] = [
  [[300, 7], [1, 300], 0],
  [[7, 300], [1, 7], 3],
  [[70, 90], [-90, -1], 6299],
  [[5, 6, 7, 8], [8, 280, 40, 1], 2],
  [[3, 3, 40, 31], [34, 1, 34, 1], 5],
  [[2, 1, 9, 1, 200], [3, 0, 400, 0, 2], 0],
  [[30, 30], [0, 1], 4],
  [[30, 30], [1, 0], 4],
  [[6000, 2], [2, 1], 9],
  [[2, 6000], [1, 2], 9],
  [[1, 9000], [0, -1], 9000],
  [[4, 300], [2000, 6], 0],
];

test.each(layouts)("%j by strides %j from %i is what loops copy", (shape, stride, offset) => {
  for (const Storage of storages) {
    const storage = new Storage(Array.from({ length: 15000 }, (_, i) => (i * 7919) % 251)) as Data;
    storage[offset] = Storage === Int32Array ? 0x7ff80001 : Storage === Uint8Array ? 255 : Number.NaN;
    const { size, stride: dense } = new Aval(shape, "float64");
    const [actual, wanted] = [new Storage(size + 4).fill(9), new Storage(size + 4).fill(9)] as [Data, Data];
    copy(shape, { storage, stride, offset }, actual, { stride: dense, offset: 2 });
    copyLines(shape, { storage, stride, offset }, wanted, { stride: dense, offset: 2 });
    expect(actual).toEqual(wanted);
  }
});

test.each([
  [5, 1, [1, 0], [3, 0]],
  [1, 1, [0, 0], [0, 0]],
  [4, 7, [7, 1], [0, 1]],
  [4, 7, [7, 1], [1, 0]],
  [3, 2, [2, 1], [5, 1]],
  [3, 2, [1, 3], [-5, 2]],
])("%i lines of %i elements, %j apart there and %j here, are copied by the kernel", (m, n, there, here) => {
  const loaded = load(1 << 12);
  if (!loaded) throw new Error("there are no kernels");
  for (const [bytes, memory, kernel] of [
    [4, loaded.float32, loaded.kernels.copy32],
    [8, loaded.float64, loaded.kernels.copy64],
  ] as const) {
    // Before the start the kernels keep their constants.
    const to = loaded.start / bytes + 10;
    const from = to + 200;
    memory.fill(-1, to - 10, to + 400);
    for (let i = -50; i < 100; i++) memory[from + i] = i;
    const wanted = memory.slice(to, to + 100);
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) wanted[i * there[0] + j * there[1]] = i * here[0] + j * here[1];
    kernel(to * bytes, from * bytes, m, n, ...([...there, ...here].map((step) => step * bytes) as [number, number, number, number]));
    expect(memory.slice(to, to + 100)).toEqual(wanted);
  }
});

test.each(["32", "64"] as const)("elements that are stretched to lines over themselves keep their values, of %s bits", (bits) => {
  const loaded = load(1024) as Loaded;
  const memory = bits === "32" ? loaded.float32 : loaded.float64;
  const bytes = memory.BYTES_PER_ELEMENT;
  const first = loaded.start / bytes;
  const [m, n] = [4, 5];
  // They wait at the end of the last line.
  const from = first + m * n - m;
  for (let i = 0; i < m; i++) memory[from + i] = i + 1;
  loaded.kernels[`copy${bits}`](first * bytes, from * bytes, m, n, n * bytes, bytes, bytes, 0);
  expect(Array.from(memory.subarray(first, first + m * n))).toEqual(Array.from({ length: m * n }, (_, k) => Math.floor(k / n) + 1));
});

test.each(["32", "64"] as const)("lines side by side are turned, of %s bits: squares, and what is beside them", (bits) => {
  const loaded = load(1 << 16) as Loaded;
  const memory = bits === "32" ? loaded.float32 : loaded.float64;
  const bytes = memory.BYTES_PER_ELEMENT;
  const [to, from] = [loaded.start / bytes, loaded.start / bytes + 2048];
  for (const m of [1, 2, 3, 4, 5, 9])
    for (const n of [1, 2, 3, 4, 7, 10]) {
      memory.fill(-1, to, to + 2048);
      for (let i = 0; i < 20 * n; i++) memory[from + i] = i;
      loaded.kernels[`copy${bits}`](to * bytes, from * bytes, m, n, 12 * bytes, bytes, bytes, 20 * bytes);
      const expected = Array.from({ length: 12 * m }, (_, k) => (k % 12 < n ? 20 * (k % 12) + Math.floor(k / 12) : -1));
      expect(Array.from(memory.subarray(to, to + 12 * m)), `${m} × ${n}`).toEqual(expected);
    }
});
