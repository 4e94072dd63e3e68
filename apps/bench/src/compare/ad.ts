// Our side of the bench.
import { fileURLToPath } from "node:url";
import { array, type DType, grad, type NDArray, split, valueAndGrad } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian, jacobian, jvpMany } from "@ad/functional";
import { type Program, programs } from "../programs/index.js";
import { ready } from "../programs/ready.js";
import { answer, type Task } from "./answer.js";
import { numbers } from "./numbers.js";
import type { Workload } from "./workloads.js";

const chain = (x: NDArray): NDArray => x.sin().mul(x).add(x.square().neg().exp()).tanh();

interface Layers {
  readonly weights: readonly NDArray[];
  readonly biases: readonly NDArray[];
}

const layers = [784, 256, 128, 10] as const;

/** The mean cross-entropy of softmax over ten classes. */
const loss = ({ weights: [w1, w2, w3], biases: [b1, b2, b3] }: Layers, x: NDArray, labels: NDArray): NDArray => {
  const hidden = x.matmul(w1).add(b1).tanh().matmul(w2).add(b2).tanh();
  const logits = hidden.matmul(w3).add(b3);
  return logits.logsumexp(-1).sub(logits.mul(labels).sum(-1)).mean();
};

const flat = (...all: readonly NDArray[]): number[] => all.flatMap((x) => [...x.data()]);

/** Every workload as a program in this library. */
export function prepare({ kind, dtype, n, operations }: Pick<Workload, "kind" | "dtype" | "n" | "operations">): Task {
  const make = (seed: number, shape: readonly number[], scale?: number): NDArray =>
    array(
      numbers(
        seed,
        shape.reduce((a, b) => a * b, 1),
        scale,
      ),
    )
      .reshape(...shape)
      .astype(dtype as DType);
  const task = <R>(run: () => R, read: (result: R) => ArrayLike<number>): Task => ({ run, read });
  const one = (run: () => NDArray): Task =>
    task(
      () => ready(run()),
      (x) => x.data(),
    );

  const [name, part] = kind.split(": ");
  if (name in programs) {
    const program: Program = programs[name as keyof typeof programs];
    const inputs = program.inputs(make);
    return one(() => (part === "value" ? program.value(...inputs) : program.derivative(...inputs)));
  }

  switch (kind) {
    case "matmul": {
      const [x, y] = [make(1, [n, n]), make(2, [n, n])];
      return one(() => x.matmul(y));
    }
    case "chain":
    case "chain gradient": {
      const x = make(1, [1e6], 4);
      const gradient = grad((x: NDArray) => chain(x).sum());
      return one(kind === "chain" ? () => chain(x) : () => gradient(x));
    }
    case "add": {
      const [x, y] = [make(1, [1e6]), make(2, [1e6])];
      return one(() => x.add(y));
    }
    case "sum axis 0":
    case "sum axis 1": {
      const x = make(1, [1000, 1000]);
      const axis = kind === "sum axis 0" ? 0 : 1;
      return one(() => x.sum(axis));
    }
    case "mlp": {
      const weights = [1, 2, 3].map((i) => make(i, [layers[i - 1], layers[i]], 4 / Math.sqrt(layers[i - 1])));
      const biases = [1, 2, 3].map((i) => make(i + 3, [layers[i]]));
      const x = make(7, [128, 784]);
      const labels = array(Float64Array.from({ length: 1280 }, (_, i) => +(i % 10 === Math.floor(i / 10) % 10)))
        .reshape(128, 10)
        .astype(dtype as DType);
      const step = valueAndGrad(loss);
      return task(
        () => step({ weights, biases }, x, labels),
        ([value, g]) => flat(value, ...g.weights, ...g.biases),
      );
    }
    case "tape sin":
    case "tape mul": {
      const [x, c] = [make(1, [10]), make(2, [10]).add(1.5)];
      const f = (x: NDArray): NDArray => {
        let y = x;
        for (let i = 0; i < operations; i++) y = kind === "tape sin" ? y.sin() : y.mul(c);
        return y.sum();
      };
      const gradient = grad(f);
      return one(() => gradient(x));
    }
    default: {
      const [w1, b1, w2, b2] = [make(1, [100, 50], 0.5), make(2, [100]), make(3, [50, 100], 0.5), make(4, [50])];
      const x = make(5, [50]);
      const f = (x: NDArray): NDArray => w2.matmul(w1.matmul(x).add(b1).tanh()).add(b2);
      if (kind === "jacobian" || kind === "jacobian loop") {
        const derivative = jacobian(f, { vectorize: kind === "jacobian" });
        return one(() => derivative(x));
      }
      if (kind === "hessian") {
        const derivative = hessian((x: NDArray) => f(x).square().sum());
        return one(() => derivative(x));
      }
      const tangents = make(6, [n, 50]);
      if (kind === "jvps") return one(() => jvpMany(f, [x], [tangents])[1]);
      const rows = split(tangents, n).map((row) => row.squeeze(0));
      return task(
        () => rows.map((row) => jvp(f, [x], [row])[1]),
        (all) => flat(...all),
      );
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await answer(prepare);
