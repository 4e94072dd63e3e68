import { array, concatenate, grad, matmul, NDArray, read, stack, where } from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jvpMany } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import { type GpuDevice, webgl } from "../src/index.js";
import { numbers } from "./same.js";

/** An operation of two earlier values, counted from the last, and numbers that choose. */
interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly p: number;
}

interface Trial {
  readonly shapes: readonly (readonly number[])[];
  readonly steps: readonly Step[];
  /** The values that are results, counted from the last. */
  readonly results: readonly number[];
  readonly transformation: number;
  readonly seed: number;
}

/** The most elements of a value. */
const most = 5000;
const sides = [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 24, 33, 40];
const sideOf = (p: number): number => sides[p % sides.length];

/** As many of x's elements as a shape has, from one on: again from the first where there are too few. */
function filling(x: NDArray, shape: readonly number[], start: number): NDArray {
  const size = shape.reduce((n, m) => n * m, 1);
  const flat = x.ravel();
  const from = flat.size > size ? start % (flat.size - size) : 0;
  const enough = flat.size < size ? flat.tile(Math.ceil(size / flat.size)) : flat;
  return enough.slice([from, from + size]).reshape([...shape]);
}

const fitting = (x: NDArray, y: NDArray): NDArray => (x.size === 0 || y.size === 0 ? y.sum() : filling(y, x.shape, 3));

const axisOf = (x: NDArray, p: number): number => p % x.ndim;

const indices = (n: number, p: number, device: NDArray["device"]): NDArray =>
  array(
    Int32Array.from({ length: 5 }, (_, i) => (i * (p + 1) + p) % n),
    { device },
  );

type Operation = (x: NDArray, y: NDArray, p: number) => NDArray;

/** With elements and axes. */
const along =
  (f: (x: NDArray, axis: number, p: number) => NDArray): Operation =>
  (x, _, p) =>
    x.size === 0 || x.ndim === 0 ? x.add(1) : f(x, axisOf(x, p), p >> 3);

const product =
  (f: (x: NDArray, y: NDArray, m: number, k: number, n: number) => NDArray): Operation =>
  (x, y, p) => {
    if (x.size === 0 || y.size === 0) return x.sin();
    const [m, k, n] = [sideOf(p), sideOf(p >> 4), sideOf(p >> 8)];
    return f(x, y, m, k, n).div(k);
  };

const operations: Readonly<Record<string, Operation>> = {
  add: (x, y) => x.add(fitting(x, y)).mul(0.7),
  mul: (x, y) => x.mul(fitting(x, y)).mul(0.6),
  chain: (x) => x.sin().mul(1.5).add(x.square().neg().exp()),
  tanh: (x) => x.tanh(),
  exp: (x) => x.sin().exp().mul(0.5),
  sigmoid: (x) => x.sigmoid().sub(0.3),
  divide: (x, y) => x.div(fitting(x, y).square().add(1)),
  leaky: (x) => where(x.greater(0), x, x.mul(0.3)),
  masked: (x, y, p) => {
    const mask = array(
      Array.from({ length: x.size }, (_, i) => (i * (p + 1)) % 3),
      { shape: x.shape, dtype: x.dtype, device: x.device },
    ).greater(0);
    return where(mask, x, fitting(x, y));
  },
  rows: along((x, axis) => x.sub(x.mean(axis, { keepdims: true }))),
  sum: along((x, axis, p) => x.sum(axis, { keepdims: p % 2 === 0 }).mul(1 / x.shape[axis])),
  total: (x) => x.sum().div(Math.max(1, x.size)),
  squares: along((x, axis) =>
    x
      .square()
      .sum(axis)
      .mul(1 / x.shape[axis]),
  ),
  max: along((x, axis) => x.max(axis)),
  softmax: along((x, axis) => x.softmax(axis)),
  cumsum: along((x, axis) => x.cumsum(axis).mul(1 / x.shape[axis])),
  matrices: product((x, y, m, k, n) => matmul(filling(x, [m, k], 1), filling(y, [k, n], 2))),
  left: product((x, y, m, k, n) => matmul(filling(x, [k, m], 1).T, filling(y, [k, n], 0))),
  right: product((x, y, m, k, n) => matmul(filling(x, [m, k], 4), filling(y, [n, k], 2).T)),
  matrixVector: product((x, y, m, k) => matmul(filling(x, [m, k], 4), filling(y, [k], 1))),
  vectorMatrix: product((x, y, _, k, n) => matmul(filling(x, [k], 0), filling(y, [k, n], 1))),
  inner: product((x, y, _, k) => matmul(filling(x, [k], 0), filling(y, [k], 1))),
  outer: product((x, y, m, _, n) => matmul(filling(x, [m, 1], 0), filling(y, [1, n], 1))),
  batched: product((x, y, m, k, n) =>
    k * n + m * n + m * k > 1600 ? x.cos() : matmul(filling(x, [3, m, k], 0), filling(y, [3, k, n], 1)),
  ),
  shared: product((x, y, m, k, n) => (m * n + m * k > 1600 ? x.cos() : matmul(filling(x, [2, m, k], 0), filling(y, [k, n], 1)))),
  sharedRight: product((x, y, m, k, n) =>
    m * n + n * k > 1600 ? x.cos() : matmul(filling(x, [m, k], 0), filling(y, [2, n, k], 1).swapaxes(-1, -2)),
  ),
  slice: along((x, axis, p) => x.moveaxis(axis, 0).slice([p % x.shape[axis], null])),
  every: along((x, axis) => x.moveaxis(axis, -1).slice("...", [null, null, -2])),
  row: along((x, axis, p) => x.moveaxis(axis, 0).slice(p % x.shape[axis])),
  concatenate: (x, y) => (x.size > most / 2 ? x.neg() : x.ndim === 0 ? stack([x, x.sin()]) : concatenate([x, fitting(x, y).add(x)], 0)),
  stack: (x, y) => (x.size > most / 2 ? x.neg() : stack([x, fitting(x, y).add(x)], x.ndim)),
  take: along((x, axis, p) => x.take(indices(x.shape[axis], p, x.device), axis)),
  transpose: (x) => x.T,
  reshape: (x, _, p) => x.reshape(x.size % 2 === 0 && x.size > 0 ? [2, -1] : p % 2 ? [-1] : [1, x.size]),
  flip: along((x, axis) => x.flip(axis)),
  pad: along((x) => (x.size > most / 2 ? x : x.pad(1, { value: 0.5 }))),
};
const names = Object.keys(operations);

function bounded(x: NDArray): NDArray {
  let own = x;
  while (own.size > most) own = own.moveaxis(own.shape.indexOf(Math.max(...own.shape)), 0).slice([0, Math.max(...own.shape) >> 1]);
  return own.ndim > 3 ? own.ravel() : own;
}

/** The function that a trial stands for; its last result is an argument, the one before it a constant. */
const toFunction =
  ({ steps, results }: Trial, log?: (line: string) => void) =>
  (...inputs: NDArray[]): NDArray[] => {
    const values = inputs.slice();
    const pick = (back: number): NDArray => values[values.length - 1 - (back % values.length)];
    for (const { op, a, b, p } of steps) {
      const name = names[op % names.length];
      const [x, y] = [pick(a), pick(b)];
      values.push(bounded(operations[name](x, y, p)));
      log?.(`${values.length - 1}: ${name} of ${values.indexOf(x)} [${x.shape}] and ${values.indexOf(y)} [${y.shape}], p ${p}`);
    }
    return [...results.map(pick), inputs[0].filled(3, inputs[0].aval), inputs[inputs.length - 1]];
  };

type Many = (...inputs: NDArray[]) => NDArray[];

/** Trees as lists. */
const flat = (tree: unknown): NDArray[] => (tree instanceof NDArray ? [tree] : (tree as unknown[]).flatMap(flat));

const isSmooth = ({ steps }: Trial): boolean => steps.every(({ op }) => !["max", "leaky"].includes(names[op % names.length]));

/** The program itself, or a transformation of it. */
function transformed(trial: Trial, small: boolean): Many {
  const f = toFunction(trial);
  const kind = trial.transformation % 6;
  if (kind === 3 && isSmooth(trial))
    return (...inputs) => {
      const loss = (all: NDArray[]): NDArray =>
        f(...all).reduce((sum, x) => sum.add(x.square().sum().div(Math.max(1, x.size))), inputs[0].sum().mul(0));
      return flat(grad(loss)(inputs));
    };
  if (kind === 4 && small)
    return (...inputs) =>
      flat(vmap((...all: NDArray[]) => f(...all) as unknown as NDArray)(...inputs.map((x) => stack([x, x.mul(0.5), x.cos()]))));
  if (kind === 5 && small && isSmooth(trial))
    return (...inputs) =>
      flat(
        jvpMany(
          f as never,
          inputs,
          inputs.map((x) => stack([x.cos(), x.sin(), x])),
        ),
      );
  return f;
}

const shape = fc.constantFrom<readonly number[]>(
  ...[[], [1], [3], [5], [16], [17], [100], [4096], [5000], [0], [0, 3]],
  ...[
    [4, 4],
    [10, 10],
    [5, 1],
    [1, 5],
    [17, 3],
    [20, 5],
    [2, 3, 5],
    [64, 64],
    [50, 100],
    [8, 16],
  ],
);
const trials: fc.Arbitrary<Trial> = fc.record({
  shapes: fc.array(shape, { minLength: 2, maxLength: 5 }),
  steps: fc.array(fc.record({ op: fc.nat(9999), a: fc.nat(6), b: fc.nat(9), p: fc.nat(0xffff) }), { minLength: 3, maxLength: 12 }),
  results: fc.array(fc.nat(8), { minLength: 1, maxLength: 4 }),
  transformation: fc.nat(999),
  seed: fc.nat(0xffff),
});

/** Relative to one plus the greatest element; a program of many steps grows what single ones round. */
const tolerance = 1e-5;

/** The results of a program, which are kept, and what they are to be. */
interface Kept {
  readonly trial: Trial;
  readonly what: string;
  readonly got: readonly NDArray[];
  readonly want: readonly NDArray[];
}

const listing = (trial: Trial): string => {
  const lines = trial.shapes.map((own, i) => `${i}: [${own}]`);
  toFunction(trial, (line) => lines.push(line))(...trial.shapes.map((own, i) => numbers(own, "float32", i + 1)));
  return `${lines.join("\n")}\nresults ${trial.results}, transformation ${trial.transformation % 6}, seed ${trial.seed}`;
};

async function compare({ trial, what, got, want }: Kept): Promise<void> {
  expect(got.length).toBe(want.length);
  for (const [k, x] of got.entries()) {
    const [own, exact] = [await read(x), want[k].data()];
    const scale = 1 + Array.from(exact).reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    const at = exact.findIndex((v, i) => !(Math.abs(v - own[i]) <= tolerance * scale));
    const isShaped = `${x.shape}` === `${want[k].shape}` && x.dtype === "float32";
    if (at >= 0 || !isShaped)
      throw new Error(
        `${what}, result ${k} [${x.shape}] of [${want[k].shape}], element ${at}: ${own[at]}, not ${exact[at]}\n${listing(trial)}`,
      );
  }
}

/** Runs some programs by turns, each three times with other numbers, and compares all that they gave at the end. */
async function check(gpu: GpuDevice, all: readonly Trial[]): Promise<void> {
  const kept: Kept[] = [];
  const programs = all.map((trial) => {
    const f = transformed(
      trial,
      trial.shapes.every((own) => own.reduce((n, m) => n * m, 1) <= 100),
    );
    return { trial, f, compiled: jit((...x: NDArray[]) => f(...x) as unknown as NDArray) as unknown as Many };
  });
  for (let round = 0; round < 3; round++)
    for (const { trial, f, compiled } of programs) {
      const given = trial.shapes.map((own, i) => numbers(own, "float32", 1 + trial.seed + 31 * round + i));
      try {
        const want = f(...given.map((x) => x.astype("float64")));
        const inputs = given.map((x) => x.to(gpu));
        if (round === 0) kept.push({ trial, what: "eagerly", got: f(...inputs), want });
        kept.push({ trial, what: `as a program, run ${round}`, got: compiled(...inputs), want });
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.stack : error}\n${listing(trial)}`, { cause: error });
      }
    }
  for (const own of kept) await compare(own);
}

const asked = inject("fuzz");
const { runs, seed } = asked ?? { runs: 24, seed: 20 };
const each = 6;

describe("random programs of jit on the device are what they are in float64", { timeout: 1000 * (60 + 5 * runs) }, () => {
  it(`${runs} programs from seed ${seed}, three by turns`, async () => {
    expect(runs).toBeGreaterThan(0);
    using gpu = await webgl();
    const several = fc.array(trials, { minLength: 3, maxLength: 3 });
    for (let done = 0; done < runs; done += each)
      if (isTurn(done / each, asked ? 1 : runs / each))
        await fc.assert(
          fc.asyncProperty(several, (all) => check(gpu, all)),
          // Smaller programs that fail too would be compiled one after another, for minutes.
          { seed: seed + done, numRuns: each / 3, endOnFailure: true },
        );
  });
});
