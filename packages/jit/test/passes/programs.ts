import { array, eye, type NDArray } from "@ad/core";
import { type Graph, nameOf, showGraph } from "@ad/core/internals/trace";
import { expect } from "vitest";
import { staging } from "../../src/control/index.js";
import { rewritten } from "../../src/passes/rewrite.js";
import type { Rule } from "../../src/passes/site.js";
import { setControl, stage } from "../../src/staging.js";

setControl(staging);

export type Pass = (graph: Graph) => Graph;

/** A pass of these rules alone. */
export const passOf =
  (...rules: readonly Rule[]): Pass =>
  (graph) =>
    rewritten(graph, ...rules);

/** The graph of a function of arrays like these. */
export const graphOf = (f: (...args: NDArray[]) => NDArray | NDArray[], ...like: NDArray[]): Graph =>
  stage("test", (own) => [f(...own)].flat() as NDArray[], like).graph;

/** The names of the operations. */
export const operations = (graph: Graph): string[] => graph.equations.map(nameOf);

const vector = array([0.5, -0, 2]);
const matrix = array([
  [1.5, -2, 0.25],
  [0, 3, -1],
  [-0.5, 1, 2],
]);
const batch = array([matrix.toArray(), matrix.mul(-0.75).add(0.1).toArray()] as number[][][]);
const shapes = [[3], [1, 3], [3, 1], [3, 3], [2, 3, 3], [2, 1, 3]];

/** A function of [3], [3, 3] and [2, 3, 3] that is full of what the passes look for; each seed has its own. */
function randomFunction(seed: number): (...inputs: NDArray[]) => NDArray[] {
  return (...inputs) => {
    let state = seed * 2654435761;
    const below = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const pool = [...inputs];
    const any = (): NDArray => pool[below(pool.length)];
    const square = (): NDArray => {
      const x = any();
      return x.ndim > 1 && x.shape.at(-1) === 3 && x.shape.at(-2) === 3 ? x : below(2) ? inputs[1] : eye(3).mul(any().sum());
    };
    const binary = (a: NDArray, b: NDArray): NDArray => [a.add(b), a.sub(b), a.mul(b), a.maximum(b)][below(4)];
    const steps: (() => NDArray)[] = [
      () => any().neg(),
      () => any().neg().neg(),
      () => any().mul(0).add(0),
      () => inputs[0].add(0),
      () => any().tanh(),
      () => any().square(),
      () => binary(any(), any()),
      () => binary(any(), any()),
      () => binary(any(), array([1, 0, -0, 2, -1][below(5)])),
      () => any().div([1, 2][below(2)]),
      () => any().pow([1, 2][below(2)]),
      () => square().matmul(square()),
      () => square().matmul(inputs[1].broadcastTo([2, 3, 3])),
      () => inputs[1].broadcastTo([2, 3, 3]).matmul(square()),
      () => eye(3).mul(inputs[0]).matmul(square()),
      () => square().matmul(eye(3).mul(inputs[0].expandDims(1)).neg()),
      () => square().swapaxes(-1, -2),
      () => square().swapaxes(-1, -2).swapaxes(-1, -2),
      () => {
        const x = any();
        return x.reshape([x.size]).reshape(x.shape);
      },
      () => {
        const x = any();
        return x.ndim === 1 ? x.expandDims(below(2)) : x;
      },
      () => {
        const x = any();
        const wider = shapes.filter((shape) => shape.length >= x.ndim && x.shape.every((n, i) => n === 1 || n === shape.at(i - x.ndim)));
        return wider.length > 0 ? x.broadcastTo(wider[below(wider.length)]) : x;
      },
      () => {
        const x = any();
        return x.ndim > 1 ? x.sum(0) : x.max();
      },
      () => {
        const x = any();
        return x.greater(0).where(x, x);
      },
      () => any().greater(0).where(any(), any()),
      () => any().astype("float32").astype("float64"),
      () => any().astype("int32").astype("float64").astype("int32").astype("float64"),
      () => any().stopGradient(),
      () => any().slice(),
    ];
    while (pool.length < 16) pool.push(steps[below(steps.length)]());
    return pool.slice(-6);
  };
}

/**
 * Throws unless a pass keeps the results of random programs: to the last bit and the sign of zero, or closely where it says that it
 * reorders sums.
 */
export function checkResults(pass: Pass, exact: boolean, count = 200): void {
  for (let seed = 1; seed <= count; seed++) {
    const inputs = [vector, matrix, batch];
    const graph = graphOf(randomFunction(seed), ...inputs);
    const [before, after] = [graph.run(inputs), pass(graph).run(inputs)];
    after.forEach((x, i) => {
      const [a, b] = [before[i], x] as NDArray[];
      expect(b.aval, `seed ${seed}`).toEqual(a.aval);
      const [p, q] = [a.data(), b.data()];
      for (let k = 0; k < p.length; k++) {
        const isSame = exact ? Object.is(p[k], q[k]) : Math.abs(p[k] - q[k]) <= 1e-9 * Math.max(1, Math.abs(p[k]));
        if (!isSame && !(Number.isNaN(p[k]) && Number.isNaN(q[k])))
          throw new Error(`seed ${seed}: result ${i} has ${q[k]} in place of ${p[k]}\n${showGraph(graph)}\n${showGraph(pass(graph))}`);
      }
    });
  }
}
