import { array, grad, type NDArray, setThreads } from "@ad/core";
import { threadPool } from "@ad/core/internals/backend";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { jit } from "../src/index.js";

/** The words that all threads see: how many calls are done, and how many workers are there. */
const words = (): Int32Array => (threadPool as unknown as { readonly words: Int32Array }).words;
const [done, workers] = [32, 48];

const dtypes = ["float64", "float32"] as const;
type Float = (typeof dtypes)[number];

const filled = (dtype: Float, seed: number, ...shape: number[]): NDArray =>
  array(
    Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i * 7919 + seed * 104729) % 1009) / 504 - 1),
    { shape },
  ).astype(dtype);

type Run = (...inputs: NDArray[]) => NDArray;
const chain: Run = (x) => x.sin().mul(x).add(x.square().neg().exp()).tanh();

/** Functions of a program, by what is shared in it, and what they are called with. */
const programs: readonly (readonly [title: string, f: Run, shapes: readonly number[][]])[] = [
  [
    "a product",
    (x, y) => x.matmul(y),
    [
      [160, 130],
      [130, 120],
    ],
  ],
  [
    "the products of a gradient",
    grad((x, y) => x.matmul(y).tanh().sum()),
    [
      [160, 130],
      [130, 120],
    ],
  ],
  [
    "a product of constants' size and a batch",
    (x, y) => x.matmul(y.T).add(1),
    [
      [3, 150, 150],
      [140, 150],
    ],
  ],
  ["functions of a long line", chain, [[200_003]]],
  ["the gradient of functions of a long line", grad((x) => chain(x).sum()), [[200_003]]],
  ["functions of rows, and sums", (x, y) => x.mul(y).exp().sum(1), [[700, 300], [300]]],
  [
    "functions of columns, and sums of these",
    (x, y) => x.sub(y).sin().sum(0),
    [
      [700, 300],
      [700, 1],
    ],
  ],
  ["sines that kernels leave to Math", (x) => x.mul(1e9).sin(), [[200_003]]],
  ["a sine and a cosine of one operand", (x) => x.sin().mul(x.cos()), [[200_003]]],
];

/** Each program twice, so that the second time values lie where others were. */
const computed = (dtype: Float) =>
  programs.map(([, f, shapes]) => {
    const own = jit(f);
    const inputs = shapes.map((shape, i) => filled(dtype, i + 1, ...shape));
    return {
      run: () =>
        own(...inputs)
          .data()
          .slice(),
      alone: own(...inputs)
        .data()
        .slice(),
    };
  });

const all = { float64: [] as ReturnType<typeof computed>, float32: [] as ReturnType<typeof computed> };

beforeAll(async () => {
  for (const dtype of dtypes) all[dtype] = computed(dtype);
  setThreads(3);
  await vi.waitFor(() => expect(Atomics.load(words(), workers)).toBe(2), 20_000);
});
afterAll(() => setThreads(1));

describe.each(dtypes)("threads share, in a program of %s", (dtype) => {
  test.each(programs.map(([title], i) => [title, i] as const))("%s: the same numbers", (_, i) => {
    const { run, alone } = all[dtype][i];
    const before = Atomics.load(words(), done);
    const shared = run();
    expect(Atomics.load(words(), done), "it was shared").toBeGreaterThan(before);
    expect(Buffer.compare(Buffer.from(shared.buffer), Buffer.from(alone.buffer))).toBe(0);
  });
});

test("what is small is not shared", () => {
  const before = Atomics.load(words(), done);
  jit(chain)(filled("float64", 1, 2000)).data();
  expect(Atomics.load(words(), done)).toBe(before);
});
