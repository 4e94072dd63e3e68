import type { NDArray } from "@ad/core";
import { type ArrayList, type Graph, showGraph } from "@ad/core/internals/trace";
import { expect } from "vitest";
import { compile } from "../../src/compile/index.js";
import { plan } from "../../src/compile/plan.js";
import type { Step } from "../../src/compile/steps.js";
import { graphOf } from "../passes/programs.js";

/** The steps that a function of arrays like these is compiled to. */
export const stepsOf = (f: (...args: NDArray[]) => NDArray | NDArray[], ...like: NDArray[]): readonly Step[] =>
  plan(graphOf(f, ...like))?.steps ?? [];

export const kindsOf = (...args: Parameters<typeof stepsOf>): string[] => stepsOf(...args).map(({ kind }) => kind);

/** Throws unless a compiled program gives what its equations give one by one; `broken` changes what is compiled. */
export function checkCompiled(graph: Graph, inputs: readonly NDArray[], label: string, broken = (own: Graph): Graph => own): void {
  const [before, after] = [graph.run(inputs), compile(broken(graph)).run(inputs) as ArrayList];
  after.forEach((x, i) => {
    const [a, b] = [before[i], x] as NDArray[];
    expect([b.shape, b.dtype], label).toEqual([a.shape, a.dtype]);
    const [p, q] = [a.data(), b.data()];
    const close = a.dtype === "float32" ? 1e-4 : 1e-9;
    for (let k = 0; k < p.length; k++)
      if (!(Math.abs(p[k] - q[k]) <= close * Math.max(1, Math.abs(p[k])) || Object.is(p[k], q[k])))
        throw new Error(`${label}: result ${i} has ${q[k]} in place of ${p[k]} at ${k}\n${showGraph(graph)}`);
  });
}

/** Whole numbers below n, the same for the same seed. */
export function below(seed: number): (n: number) => number {
  let state = seed * 2654435761;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
