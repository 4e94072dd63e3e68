import { array, checkpoint, foriLoop, full, grad, linalg, type NDArray, stack, vjp, zeros } from "@ad/core";
import { hvp, jacrev } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { forget, highest } from "./peak.js";

/** A program by whose peak one sees what each of its steps leaves in memory. */
export interface Program {
  readonly group: string;
  /** The name by which our side and the peers know it. */
  readonly name: string;
  readonly steps: number;
  /** The argument has n · n elements of float64, or n where it is a vector. */
  readonly n: number;
  readonly bytes: number;
  /** The most that may be held: arrays for each step, bytes in the process, or times what another program has in the process. */
  readonly held?: number;
  readonly peak?: number;
  readonly against?: { readonly name: string; readonly times: number };
}

/** The peak of one side, in bytes above the start. */
export interface Peak {
  /** The most that the process had. */
  readonly peak: number;
  readonly seconds: number;
  /** The sum of the result, by which sides are compared. */
  readonly digest: number;
}

/** The finding of a side, or the reason for which there is none. */
export type Found = Peak | { readonly missing: string };

const square = (n: number): Pick<Program, "n" | "bytes"> => ({ n, bytes: 8 * n * n });
const vector = (n: number): Pick<Program, "n" | "bytes"> => ({ n, bytes: 8 * n });

const products = "x ↦ Σ x · (Z + 1), 40 steps, each with a Z of its own, [1000, 1000]";
const blocks = "s ↦ s + g(x) of three functions, 40 steps, with checkpoints 160, [1000, 1000]: gradient";
const loops = "foriLoop of s ↦ s − 10⁻⁴ s², a state of 1 MB: gradient";
const determinants = "y ↦ sin(y) · x, 40 steps, [1000, 1000]: gradient";
const stacks = "stack of many scalars";

export const programs: readonly Program[] = [
  { group: products, name: "products, plain", steps: 40, ...square(1000), held: 0.25 },
  ...["vjp", "grad", "vmap(grad)", "jacrev", "hvp"].map((transform) => ({
    group: products,
    name: `products, ${transform}`,
    steps: 40,
    ...square(1000),
    // One for each step, and for all of them together the argument's and what grad has to be used again.
    held: 1.3,
  })),
  { group: blocks, name: "block", steps: 40, ...square(1000) },
  // Cotangents that wait to be added hold a few arrays, however many steps there are.
  { group: blocks, name: "checkpoint(block)", steps: 160, ...square(1000), held: 0.1 },
  { group: loops, name: "loop", steps: 1000, ...vector(131_072), held: 1.1 },
  { group: loops, name: "loop, true", steps: 1000, ...vector(131_072), held: 1.1 },
  { group: loops, name: "loop, sqrt", steps: 10_000, ...vector(131_072) },
  { group: loops, name: "loop, log", steps: 10_000, ...vector(131_072), peak: 3e8 },
  { group: determinants, name: "sines", steps: 40, ...square(1000) },
  { group: determinants, name: "sines and det", steps: 40, ...square(1000), against: { name: "sines", times: 1.1 } },
  { group: stacks, name: "stack", steps: 16_000, ...vector(1) },
  { group: stacks, name: "stack, second", steps: 16_000, ...vector(1) },
];

/** Our side: from the number of steps, the size, and who looks at memory at each step, to the result. */
type Run = (steps: number, n: number, look: () => void) => NDArray;

const half = (n: number): NDArray => full([n, n], 0.5);

const sumOfProducts =
  (steps: number, n: number, look: () => void) =>
  (x: NDArray): NDArray => {
    let total = array(0);
    for (let i = 0; i < steps; i++) {
      total = total.add(x.mul(zeros([n, n]).add(i).add(1)).sum());
      look();
    }
    return total;
  };

const sumOf =
  (g: (x: NDArray) => NDArray): Run =>
  (steps, n, look) =>
    grad((x: NDArray) => {
      let s = x.mul(0);
      for (let i = 0; i < steps; i++) {
        s = s.add(g(x));
        look();
      }
      return s.sum();
    })(half(n));
const block = (y: NDArray): NDArray => y.sin().exp().tanh();

const loop =
  (kept: false | true | "sqrt" | "log"): Run =>
  (steps, n, look) => {
    const body = (_: NDArray, s: NDArray): NDArray => {
      look();
      return s.add(s.square().mul(-1e-4));
    };
    return grad((x: NDArray) => foriLoop(0, steps, body, x, { checkpoint: kept }).sum())(full([n], 0.5));
  };

const sines =
  (call: (x: NDArray) => NDArray): Run =>
  (steps, n, look) =>
    grad((x: NDArray) => {
      let y = x;
      for (let i = 0; i < steps; i++) {
        y = y.sin().mul(x);
        look();
      }
      return y.sum().add(call(x.slice([0, 2], [0, 2])));
    })(half(n));

const stacked =
  (steps: number) =>
  (x: NDArray): NDArray =>
    stack(Array.from({ length: steps }, (_, i) => x.mul(i / steps)))
      .sin()
      .sum();

const runs: Readonly<Record<string, Run>> = {
  "products, plain": (steps, n, look) => sumOfProducts(steps, n, look)(half(n)),
  "products, vjp": (steps, n, look) => vjp(sumOfProducts(steps, n, look), half(n))[1](1)[0],
  "products, grad": (steps, n, look) => grad(sumOfProducts(steps, n, look))(half(n)),
  "products, vmap(grad)": (steps, n, look) => vmap(grad(sumOfProducts(steps, n, look)))(half(n).reshape(1, n, n)),
  "products, jacrev": (steps, n, look) => jacrev(sumOfProducts(steps, n, look))(half(n)),
  "products, hvp": (steps, n, look) => hvp(sumOfProducts(steps, n, look), [half(n)], [half(n)])[1][0],
  block: sumOf(block),
  "checkpoint(block)": sumOf(checkpoint(block)),
  loop: loop(false),
  "loop, true": loop(true),
  "loop, sqrt": loop("sqrt"),
  "loop, log": loop("log"),
  sines: sines(() => array(0)),
  "sines and det": sines((x) => linalg.det(x)),
  stack: (steps) => grad(stacked(steps))(array(0.5)),
  "stack, second": (steps) => grad(grad(stacked(steps)))(array(0.5)),
};

/** Runs a program in a process of its own; before, in small, so that what is loaded at the first call is there. */
export function peakOf({ name, steps, n }: Pick<Program, "name" | "steps" | "n">): Peak {
  const run = runs[name];
  run(4, 8, () => {});
  const before = forget();
  const begin = performance.now();
  const digest = run(steps, n, () => {})
    .sum()
    .item<number>();
  return { peak: Math.max(0, highest() - before), seconds: (performance.now() - begin) / 1000, digest };
}

/** The most bytes that arrays held at a time, looked at in some steps once `collect` has cleared garbage. */
export function heldBy({ name, steps, n }: Pick<Program, "name" | "steps" | "n">, collect: () => void): number {
  const run = runs[name];
  run(4, 8, () => {});
  const arrays = (): number => {
    // The first frees the arrays, the second their storage.
    collect();
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const before = arrays();
  let [most, looks] = [0, 0];
  const every = Math.ceil(steps / 40);
  run(steps, n, () => {
    if (++looks % every === 0) most = Math.max(most, arrays() - before);
  });
  return most;
}
