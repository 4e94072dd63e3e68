import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cheap, type SharedThreadPool } from "../../../src/cpu/threads/pool.js";
import { at } from "../../../src/cpu/threads/work.js";
import { threadPool, unaries } from "../../../src/cpu/wasm/module.js";
import { none } from "../../../src/engine/primitive.js";
import { bind } from "../../../src/engine/trace.js";
import { array, matmul, type NDArray, setThreads } from "../../../src/index.js";

const dtypes = ["float32", "float64"] as const;
type Float = (typeof dtypes)[number];

let seed = 3;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

/** Values that kernels leave to Math now and then: large, tiny, negative, infinite and NaN. */
const odd = [Number.NaN, Infinity, -Infinity, 1e30, -1e30, 1e7, 1e-310, -1e-40, 0, -0, 1e300, -2];
const values = {
  even: () => 2 * random() - 1,
  mixed: () => (random() < 0.01 ? odd[Math.floor(random() * odd.length)] : 200 * (random() - 0.5)),
};

/** Every computation starts from one seed, so that many ask for the same numbers: they are made once. */
const made = new Map<string, { readonly x: NDArray; readonly next: number }>();

const filled = (dtype: Float, kind: keyof typeof values, shape: number[]): NDArray => {
  const key = [dtype, kind, seed, ...shape].join(" ");
  let found = made.get(key);
  if (found) seed = found.next;
  else {
    const size = shape.reduce((n, length) => n * length, 1);
    const x = array(Float64Array.from({ length: size }, values[kind]), { shape }).astype(dtype);
    found = { x, next: seed };
    made.set(key, found);
  }
  return found.x;
};
const numbers = (dtype: Float, ...shape: number[]) => filled(dtype, "even", shape);
const mixed = (dtype: Float, size: number) => filled(dtype, "mixed", [size]);

/** Bits, where all NaNs are the same. */
const bits = (x: NDArray): BigUint64Array | Uint32Array => {
  const data = x.data().slice();
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) data[i] = Number.NaN;
  return x.dtype === "float32" ? new Uint32Array(data.buffer) : new BigUint64Array(data.buffer);
};

const wordsOf = () => (threadPool as SharedThreadPool).words;

/** The products: rows, terms, columns; with parts of tiles, several blocks of each, and lines that lie the other way. */
const products: [title: string, (dtype: Float) => NDArray][] = [
  ...[
    [256, 256, 256],
    [129, 130, 131],
    [1025, 300, 17],
    [33, 257, 1100],
    [1151, 100, 1030],
    [32, 2100, 33],
  ].map(([m, k, n]): (typeof products)[number] => [`${m} × ${k} × ${n}`, (dtype) => matmul(numbers(dtype, m, k), numbers(dtype, k, n))]),
  ["transposed, left", (dtype) => matmul(numbers(dtype, 300, 201).T, numbers(dtype, 300, 303))],
  ["transposed, right", (dtype) => matmul(numbers(dtype, 201, 300), numbers(dtype, 303, 300).T)],
  ["transposed, both", (dtype) => matmul(numbers(dtype, 300, 201).T, numbers(dtype, 303, 300).T)],
  ["strided", (dtype) => matmul(numbers(dtype, 402, 300).slice([null, null, 2]), numbers(dtype, 300, 303).flip(1))],
  ["batched", (dtype) => matmul(numbers(dtype, 3, 201, 130), numbers(dtype, 3, 130, 129))],
  ["batched, one for all", (dtype) => matmul(numbers(dtype, 2, 201, 130), numbers(dtype, 129, 130).T)],
  ["with NaN and infinities", (dtype) => matmul(mixed(dtype, 200 * 200).reshape(200, 200), mixed(dtype, 200 * 200).reshape(200, 200))],
];

const functions = unaries
  .filter((name) => !cheap.has(name))
  .flatMap((name): typeof products => {
    return [
      [name, (dtype) => bind(name, [mixed(dtype, 300_001)], none)],
      [`${name} of every second`, (dtype) => bind(name, [mixed(dtype, 300_002).slice([null, null, 2])], none)],
    ];
  });

const computed = (dtype: Float) =>
  [...products, ...functions].map(([, compute]) => {
    seed = 3;
    return bits(compute(dtype));
  });

const alone = { float32: [] as ReturnType<typeof bits>[], float64: [] as ReturnType<typeof bits>[] };
beforeAll(() => {
  for (const dtype of dtypes) alone[dtype] = computed(dtype);
});
afterAll(() => setThreads(1));

describe.each([2, 3, 5])("%i threads", (n) => {
  beforeAll(async () => {
    setThreads(n);
    await vi.waitFor(() => expect(Atomics.load(wordsOf(), at.workers)).toBe(n - 1), 20_000);
  });

  test("workers work", async () => {
    const crew = threadPool as SharedThreadPool;
    crew.float64[crew.start / 8] = 4;
    crew.push("sqrt64", crew.start, crew.start + 16);
    // Nobody here makes the call.
    await vi.waitFor(() => expect(Atomics.load(crew.words, at.done)).toBe(1));
    expect(crew.float64[crew.start / 8]).toBe(2);
    expect(crew.finish()).toBe(true);
  });

  describe.each(dtypes)("%s", (dtype) => {
    test.each([...products, ...functions].map(([title, compute], i) => [title, compute, i] as const))(
      "%s: the same bits",
      (_, compute, i) => {
        const before = Atomics.load(wordsOf(), at.done);
        seed = 3;
        const result = bits(compute(dtype));
        expect(Atomics.load(wordsOf(), at.done), "it was shared").toBeGreaterThan(before);
        // One comparison: a matcher looks at every element by itself.
        expect(Buffer.compare(Buffer.from(result.buffer), Buffer.from(alone[dtype][i].buffer))).toBe(0);
      },
    );
  });
});
