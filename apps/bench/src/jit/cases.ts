import { array, grad, type NDArray, scan } from "@ad/core";
import { hessian, jacobian, jvpMany } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { numbers } from "../compare/numbers.js";
import type { DType } from "../compare/workloads.js";
import { ofObservations, type Program, programs } from "../programs/index.js";
import { classifier } from "../programs/models.js";

/** A function and what it is called with. `peers/jax_jit.py` has the same by the same name. */
export interface Case {
  readonly name: string;
  /** Only in this type, where it says so. */
  readonly dtype?: DType;
  readonly make: (dtype: DType) => { readonly f: (...args: NDArray[]) => NDArray; readonly args: readonly NDArray[] };
}

const filled = (dtype: DType, seed: number, shape: readonly number[], scale?: number): NDArray => {
  const size = shape.reduce((a, b) => a * b, 1);
  return array(numbers(seed, size, scale), { shape }).astype(dtype);
};

const chain = (x: NDArray): NDArray => x.sin().mul(x).add(x.square().neg().exp()).tanh().sum();

const ofNumbers = (name: string, size: number, f: (x: NDArray) => NDArray): Case => ({
  name,
  make: (dtype) => ({ f, args: [filled(dtype, 1, [size], 4)] }),
});

/** A case of a tanh network 50 → 100 → 50. */
const ofNetwork = (name: string, shapes: readonly (readonly number[])[], from: (f: (x: NDArray) => NDArray) => Made["f"]): Case => ({
  name,
  make: (dtype) => {
    const [w1, w2] = [filled(dtype, 1, [100, 50], 0.5), filled(dtype, 2, [50, 100], 0.5)];
    const network = (x: NDArray): NDArray => w2.matmul(w1.matmul(x).tanh()).tanh();
    return { f: from(network), args: shapes.map((shape, i) => filled(dtype, 3 + i, shape)) };
  },
});
type Made = ReturnType<Case["make"]>;

const squares =
  (f: (x: NDArray) => NDArray) =>
  (x: NDArray): NDArray =>
    f(x).square().sum();

/** A case of a state of four numbers, which is carried through a hundred steps. */
const ofLoop = (name: string, from: (f: (s: NDArray) => NDArray) => Made["f"]): Case => ({
  name,
  make: (dtype) => {
    const [w, rows] = [filled(dtype, 1, [4, 4]), filled(dtype, 2, [100, 4])];
    const run = (s: NDArray): NDArray => scan((s: NDArray, x: NDArray) => [w.matmul(s).add(x).tanh(), null], s, rows)[0].sum();
    return { f: from(run), args: [filled(dtype, 3, [4])] };
  },
});

/** The derivative of a program that the bench beside the peers has too. */
const ofProgram = (name: string, { inputs, derivative }: Program): Case => ({
  name,
  dtype: "float64",
  make: (dtype) => ({ f: derivative, args: inputs((seed, shape, scale) => filled(dtype, seed, shape, scale)) }),
});

export const cases: readonly Case[] = [
  ofNumbers(
    "sin and its gradient, 10",
    10,
    grad((x: NDArray) => x.sin().sum()),
  ),
  ofNumbers("chain, 1000: value", 1000, chain),
  ofNumbers("chain, 1000: gradient", 1000, grad(chain)),
  ofNumbers("chain, 1e6: value", 1e6, chain),
  ofNumbers("chain, 1e6: gradient", 1e6, grad(chain)),
  ofNetwork("network: value", [[50]], (f) => f),
  ofNetwork("network: Jacobian", [[50]], (f) => jacobian(f)),
  ofNetwork("network: Hessian of |f|²", [[50]], (f) => hessian(squares(f))),
  ofNetwork("network: 256 JVPs", [[50], [256, 50]], (f) => (x, vs) => jvpMany(f, [x], [vs])[1]),
  ofNetwork("network: 256 gradients, vmap(grad)", [[256, 50]], (f) => vmap(grad(squares(f)))),
  ofLoop("scan of 100 steps: value", (f) => f),
  ofLoop("scan of 100 steps: gradient", (f) => grad(f)),
  {
    name: "network 784-256-128-10: value and gradient",
    make: (dtype) => {
      const layers = [784, 256, 128, 10];
      const weights = [1, 2, 3].flatMap((i) => [
        filled(dtype, i, [layers[i - 1], layers[i]], 4 / Math.sqrt(layers[i - 1])),
        filled(dtype, i + 3, [layers[i]]),
      ]);
      const labels = array(
        Float64Array.from({ length: 1280 }, (_, i) => +(i % 10 === Math.floor(i / 10) % 10)),
        { shape: [128, 10] },
      );
      return { f: classifier, args: [...weights, filled(dtype, 7, [128, 784]), labels.astype(dtype)] };
    },
  },
  ofProgram("Gaussian mixture, 1000 × 10, 25 parts: gradient", programs["mixture 1k 10 25"]),
  ofProgram("bundle adjustment, 1000 observations: Jacobians", ofObservations(1000, 21, 400)),
  ofProgram("bundle adjustment, 31843 observations: Jacobians", programs["bundle 31843"]),
  ofProgram("LSTM, 2 layers, 1024 characters: gradient", programs["lstm 2 1024"]),
];
