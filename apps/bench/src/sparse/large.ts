// One way to a matrix in a process of its own, which index.ts starts: node --expose-gc large.js [way]
import type { NDArray } from "@ad/core";
import { jacobian } from "@ad/functional";
import { coloring, sparseJacobian, sparsity } from "@ad/sparse";
import { forget, highest } from "../memory/peak.js";
import { onTorus } from "./cases.js";

/** A way's first run, and the fastest of those after it. */
export interface Found {
  readonly first: number;
  readonly fastest: number;
  /** Bytes above what the process had before: the most of all runs, with what the garbage collector had not got round to. */
  readonly peak: number;
  /** The same of one run, once garbage is cleared; at least what its arrays take. */
  readonly one: number;
}

export interface Way {
  readonly name: string;
  /** The cells along each side of the Brusselator's torus; there are two unknowns in each. */
  readonly cells: number;
  readonly runs: number;
  /** Makes what is run again and again: of the function, at a point. */
  readonly make: (f: (x: NDArray) => NDArray) => (x: NDArray) => unknown;
}

const sparse: Way["make"] = (f) => {
  const J = sparseJacobian(f);
  return (x) => J(x).values.slice(0).item();
};
const found: Way["make"] = (f) => (x) => coloring(sparsity(f)(x)).count;

export const ways: readonly Way[] = [
  { name: "dense Jacobian", cells: 32, runs: 2, make: (f) => (x) => jacobian(f)(x).ravel().slice(0).item() },
  { name: "sparse Jacobian", cells: 32, runs: 100, make: sparse },
  { name: "pattern and colouring", cells: 64, runs: 10, make: found },
  { name: "pattern and colouring", cells: 224, runs: 3, make: found },
  { name: "sparse Jacobian", cells: 224, runs: 40, make: sparse },
];

/** Runs a way, and once more when `collect` has cleared garbage; before, in small, so that what is loaded at the first call is there. */
export function measure({ cells, runs, make }: Way, collect: () => void): Found {
  const at = (n: number): readonly [run: (x: NDArray) => unknown, x: NDArray] => [make(onTorus(n).f), onTorus(n).x()];
  const [small, y] = at(4);
  for (let call = 0; call < 40; call++) small(y);
  const [run, x] = at(cells);
  const before = forget();
  const times = Array.from({ length: runs }, () => {
    const begin = performance.now();
    run(x);
    return performance.now() - begin;
  });
  const peak = Math.max(0, highest() - before);
  // The first frees the arrays, the second their storage.
  collect();
  collect();
  const { arrayBuffers } = process.memoryUsage();
  const cleared = forget();
  run(x);
  const one = Math.max(highest() - cleared, process.memoryUsage().arrayBuffers - arrayBuffers);
  return { first: times[0], fastest: Math.min(...times.slice(1)), peak, one };
}

const [, file, index] = process.argv;
if (file === import.meta.filename && index !== undefined)
  console.log(JSON.stringify(measure(ways[Number(index)], (globalThis as unknown as { gc: () => void }).gc)));
