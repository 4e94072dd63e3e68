// The program in the browser: our sides, and the clock for all. The peers add their own (peers/tfjs-webgl.mjs, peers/jax-js-webgl.mjs).
import { array, grad, type NDArray, read, split, valueAndGrad } from "@ad/core";
import { jvp } from "@ad/forward";
import { jvpMany } from "@ad/functional";
import { webgl } from "@ad/gpu";
import { jit } from "@ad/jit";
import { digest, numbers } from "../compare/numbers.js";
import type { Kind, Side } from "./workloads.js";

/** A workload, ready to be run: `run` ends with what it computes reduced and read, `all` gives the elements. */
export interface Task {
  readonly run: () => Promise<unknown>;
  readonly all: () => Promise<ArrayLike<number>>;
  /** A call that submits work to the GPU; a run is some calls, and the reading of the last one's result. */
  readonly submit?: () => NDArray;
  readonly calls?: number;
}

export interface Page {
  readonly sides: Partial<Record<Side, (kind: Kind, n: number) => Task>>;
  readonly numbers: typeof numbers;
  readonly layers: readonly number[];
  /** Prepares a workload on a side and says what comes out. */
  readonly prepare: (side: Side, kind: Kind, n: number) => Promise<number[]>;
  /** Milliseconds of single runs, one after the other for about so long. */
  readonly time: (side: Side, milliseconds: number) => Promise<number[]>;
  /** The same up to the last draw: what the GPU has still to do is waited for between the samples. */
  readonly submit: (side: Side, milliseconds: number) => Promise<number[]>;
}

const layers = [784, 256, 128, 10];
const gpu = await webgl();

const chain = (x: NDArray): NDArray => x.sin().mul(x).add(x.square().neg().exp()).tanh();

interface Weights {
  readonly weights: readonly NDArray[];
  readonly biases: readonly NDArray[];
}

/** The mean cross-entropy of softmax over ten classes. */
const loss = ({ weights: [w1, w2, w3], biases: [b1, b2, b3] }: Weights, x: NDArray, labels: NDArray): NDArray => {
  const logits = x.matmul(w1).add(b1).tanh().matmul(w2).add(b2).tanh().matmul(w3).add(b3);
  return logits.logsumexp(-1).sub(logits.mul(labels).sum(-1)).mean();
};

interface Layer extends Readonly<Record<string, NDArray>> {
  readonly w1: NDArray;
  readonly b1: NDArray;
  readonly w2: NDArray;
  readonly b2: NDArray;
}

/** A step of gradient descent on the squares of the errors. */
const step = (layer: Layer, x: NDArray, y: NDArray): [loss: NDArray, next: Layer] => {
  const errors = ({ w1, b1, w2, b2 }: Layer): NDArray => x.matmul(w1).add(b1).tanh().matmul(w2).add(b2).sub(y).square().mean();
  const [loss, slope] = valueAndGrad(errors)(layer);
  return [loss, Object.fromEntries(Object.entries(layer).map(([name, p]) => [name, p.sub(slope[name].mul(0.01))])) as unknown as Layer];
};

/** Calls in a row, of which the last one's result is read: a training reads rarely. Where a call takes long, its reading is little among fewer. */
const calling = (submit: () => NDArray, calls: number): Pick<Task, "run" | "submit" | "calls"> => ({
  run() {
    for (let i = 1; i < calls; i++) submit();
    return read(submit());
  },
  submit,
  calls,
});
const callsOf = (width: number): number => (width < 100 ? 16 : 4);

/** Results as a task: their sum is what is read. */
const task = (compute: () => readonly NDArray[]): Task => ({
  run: () =>
    read(
      compute()
        .map((x) => x.sum())
        .reduce((a, b) => a.add(b)),
    ),
  all: async () => (await Promise.all(compute().map(read))).flatMap((data) => [...data]),
});

const ours =
  (device: "cpu" | typeof gpu, way?: "loop" | "jit") =>
  (kind: Kind, n: number): Task => {
    const make = (seed: number, shape: readonly number[], scale?: number): NDArray => {
      const data = numbers(
        seed,
        shape.reduce((a, b) => a * b, 1),
        scale,
      );
      return array(Float32Array.from(data), { shape }).to(device);
    };
    switch (kind) {
      case "matmul": {
        const [x, y] = [make(1, [n, n]), make(2, [n, n])];
        return task(() => [x.matmul(y)]);
      }
      case "chain":
      case "chain gradient": {
        const x = make(1, [n], 4);
        const gradient = grad((x: NDArray) => chain(x).sum());
        return task(() => [kind === "chain" ? chain(x) : gradient(x)]);
      }
      case "mlp": {
        const weights = [1, 2, 3].map((i) => make(i, [layers[i - 1], layers[i]], 4 / Math.sqrt(layers[i - 1])));
        const biases = [1, 2, 3].map((i) => make(i + 3, [layers[i]]));
        const x = make(7, [n, 784]);
        const labels = array(
          Float32Array.from({ length: 10 * n }, (_, i) => +(i % 10 === Math.floor(i / 10) % 10)),
          { shape: [n, 10] },
        ).to(device);
        const step = valueAndGrad(loss);
        return task(() => {
          const [value, g] = step({ weights, biases }, x, labels);
          return [value, ...g.weights, ...g.biases];
        });
      }
      case "jvps": {
        const [w1, b1, w2, b2] = [make(1, [100, 50], 0.5), make(2, [100]), make(3, [50, 100], 0.5), make(4, [50])];
        const x = make(5, [50]);
        const f = (x: NDArray): NDArray => w2.matmul(w1.matmul(x).add(b1).tanh()).add(b2);
        const tangents = make(6, [n, 50]);
        if (way !== "loop") return task(() => [jvpMany(f, [x], [tangents])[1]]);
        const rows = split(tangents, n).map((row) => row.squeeze(0));
        return task(() => rows.map((row) => jvp(f, [x], [row])[1]));
      }
      case "step": {
        const samples = n < 100 ? 8 : 128;
        const first: Layer = {
          w1: make(1, [n, n], 1 / Math.sqrt(n)),
          b1: make(2, [n]),
          w2: make(3, [n, 10], 1 / Math.sqrt(n)),
          b2: make(4, [10]),
        };
        const [x, y] = [make(5, [samples, n]), make(6, [samples, 10])];
        const once = way === "jit" ? (jit(step) as unknown as typeof step) : step;
        let state = first;
        const submit = (): NDArray => {
          const [loss, next] = once(state, x, y);
          state = next;
          return loss;
        };
        const all = async (): Promise<number[]> => {
          const [loss, next] = once(first, x, y);
          return (await Promise.all([loss, next.w1, next.b1, next.w2, next.b2].map(read))).flatMap((data) => [...data]);
        };
        return { ...calling(submit, callsOf(n)), all };
      }
      case "directions": {
        const layer: Layer = { w1: make(1, [2 * n, n], 1 / n), b1: make(2, [2 * n]), w2: make(3, [n, 2 * n], 1 / n), b2: make(4, [n]) };
        const f = (x: NDArray, { w1, b1, w2, b2 }: Layer): NDArray => w2.matmul(w1.matmul(x).add(b1).tanh()).add(b2);
        const sums = (x: NDArray, directions: NDArray, layer: Layer): NDArray =>
          (jvpMany((x: NDArray) => f(x, layer), [x], [directions])[1] as NDArray).square().sum(0);
        const own = way === "jit" ? (jit(sums) as unknown as typeof sums) : sums;
        const [x, directions] = [make(5, [n]), make(6, [256, n])];
        const submit = (): NDArray => own(x, directions, layer);
        return { ...calling(submit, callsOf(n)), all: () => read(submit()) };
      }
      case "upload": {
        const data = Float32Array.from(numbers(1, n));
        return task(() => [array(data).to(device)]);
      }
      case "read": {
        const x = make(1, [n]);
        const run = () => read(x.add(1));
        return { run, all: run };
      }
    }
  };

const ready = new Map<Side, Task>();

const page: Page = {
  sides: { cpu: ours("cpu"), gpu: ours(gpu), jit: ours(gpu, "jit"), loop: ours(gpu, "loop") },
  numbers,
  layers,
  async prepare(side, kind, n) {
    const own = page.sides[side]?.(kind, n);
    if (!own) throw new Error(`there is no side ${side}`);
    ready.set(side, own);
    const values = digest(await own.all());
    await own.run();
    return values;
  },
  async time(side, milliseconds) {
    const { run, calls = 1 } = ready.get(side) as Task;
    const begin = performance.now();
    const samples: number[] = [];
    // The page's clock is coarse: what is short is run several times.
    for (let count = 1; performance.now() - begin < milliseconds || samples.length < 1; ) {
      const start = performance.now();
      for (let i = 0; i < count; i++) await run();
      const elapsed = performance.now() - start;
      if (elapsed < 4 && count < 4096) count *= 2;
      else samples.push(elapsed / count / calls);
    }
    return samples;
  },
  async submit(side, milliseconds) {
    const { submit, calls = 1 } = ready.get(side) as Task;
    if (!submit) throw new Error(`${side} does not submit without reading`);
    const begin = performance.now();
    const samples: number[] = [];
    while (performance.now() - begin < milliseconds || samples.length < 1) {
      let last: NDArray | undefined;
      const start = performance.now();
      for (let i = 0; i < calls; i++) last = submit();
      samples.push((performance.now() - start) / calls);
      await read(last as NDArray);
    }
    return samples;
  },
};
(globalThis as { bench?: Page }).bench = page;
