import { array, eye, linalg, type NDArray, setFusedMultiplyAdd, whileLoop } from "@ad/core";
import { load } from "@ad/core/internals/backend";
import { vmap } from "@ad/vmap";
import { afterAll, expect, test } from "vitest";
import { compile } from "../../src/compile/index.js";
import { plan } from "../../src/compile/plan.js";
import { jit } from "../../src/index.js";
import { graphOf } from "../passes/programs.js";
import { checkCompiled, kindsOf } from "./programs.js";

const filled = (seed: number, ...shape: number[]): NDArray =>
  array(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7919 + seed * 104729) % 97) / 48 - 1),
    { shape },
  );

/** Counts the values of a program that lie in the kernels' memory, after its results were compared with those of its equations. */
function inside(f: (...inputs: NDArray[]) => NDArray | NDArray[], ...inputs: NDArray[]): number {
  const graph = graphOf(f, ...inputs);
  checkCompiled(graph, inputs, "in memory");
  return plan(graph)?.buffers.filter(({ kind }) => kind === "memory").length ?? 0;
}

const [x, y] = [filled(1, 60, 50), filled(2, 50, 40)];

test("what products, tiles and loops alone read lies in the kernels' memory", () => {
  expect(inside((x, y) => x.matmul(y).tanh().matmul(y.T), x, y)).toBe(2);
  expect(inside((x, y) => x.astype("float32").matmul(y.astype("float32")).tanh().T.matmul(x.astype("float32")), x, y)).toBeGreaterThan(1);
  expect(inside((x) => x.exp().matmul(x.exp().T).sum(0).sub(1).slice([0, 60, 7]), x)).toBeGreaterThan(1);
  // Batches, matrices that lie the other way, and rows and columns out of memory.
  const batch = filled(3, 4, 30, 20);
  expect(inside((x) => x.exp().matmul(x.swapaxes(1, 2).neg()).square().swapaxes(1, 2).matmul(x.sin()), batch)).toBeGreaterThan(2);
  expect(
    inside(
      (x, y) =>
        x
          .matmul(y)
          .mul(x.exp().sum(1, { keepdims: true }))
          .add(y.exp().sum(0))
          .sqrt()
          .matmul(y.T),
      x,
      y,
    ),
  ).toBeGreaterThan(1);
});

test("what others read, results, and what is large do not", () => {
  expect(inside((x, y) => x.matmul(y), x, y)).toBe(0);
  const product = (x: NDArray, y: NDArray): NDArray[] => {
    const product = x.matmul(y);
    return [product.exp(), product];
  };
  expect(inside(product, x, y)).toBe(0);
  expect(inside((x, y) => x.matmul(y).exp().sort(), x, y)).toBe(1);
  expect(inside((x) => x.exp().matmul(x.slice(":", 0).exp()), filled(1, 50, 50))).toBe(0);
  // A product of this size is shared among threads.
  expect(inside((x) => x.exp().matmul(x), filled(1, 130, 130))).toBe(0);
});

test("an operation in a program may run another one, and use that memory", () => {
  const rows = filled(1, 5, 30, 30);
  const f = (x: NDArray): NDArray => {
    const a = x.matmul(x).tanh();
    return a.matmul(a).add(linalg.inv(x).exp().matmul(a).tanh());
  };
  expect(inside(f, filled(4, 30, 30).add(0))).toBe(0);
  expect(inside((x) => x.matmul(x.exp()).tanh().matmul(x).sum(1), rows)).toBe(3);
});

test("one program's values are not another's", () => {
  const [f, g] = [
    jit((x: NDArray) => x.exp().matmul(x.T).tanh().matmul(x)),
    jit((x: NDArray) => x.sin().matmul(x.T).square().matmul(x).mul(2)),
  ];
  const [a, b] = [f(x).toArray(), g(x).toArray()];
  for (let i = 0; i < 3; i++) expect([f(x).toArray(), g(x).toArray()]).toEqual([a, b]);
});

test("memory that grows, and kernels that are made anew, leave programs right", () => {
  const f = jit((x: NDArray, y: NDArray) => x.matmul(y).tanh().matmul(y.T).sum());
  const before = f(x, y).item();
  const bytes = load(0)?.float64.byteLength as number;
  load(bytes);
  expect(f(x, y).item()).toBe(before);
  setFusedMultiplyAdd(false);
  expect(f(x, y).item()).toBeCloseTo(before, 9);
  setFusedMultiplyAdd(true);
  expect(f(x, y).item()).toBe(before);
});
afterAll(() => setFusedMultiplyAdd(true));

test("the test of a loop in lanes is compiled like that of one: no step of it is core's", () => {
  const loop = (x: NDArray): NDArray =>
    whileLoop(
      (y: NDArray) => y.less(10),
      (y: NDArray) => y.mul(2),
      x,
    );
  const kinds = (f: (x: NDArray) => NDArray, like: NDArray): string[] => {
    const [{ operation }] = graphOf(f, like).equations.slice(-1);
    const [test] = (typeof operation !== "string" && operation.programs) || [];
    return plan(test)?.steps.map(({ kind }) => kind) ?? [];
  };
  expect(kinds(loop, array(1))).toEqual(["loop"]);
  expect(new Set(kinds(vmap(loop), array([1, 2, 3])))).toEqual(new Set(["loop"]));
  expect(jit(vmap(loop))(array([1, 3, 20])).toArray()).toEqual([16, 12, 20]);
});

test("a program whose results are small writes them to the caller's places, so that a loop runs it on typed arrays", () => {
  const solve = (n: number) => compile(graphOf((a, b) => linalg.solve(a, b), eye(n), filled(1, n, 2)));
  expect(solve(4).bare?.outs).toHaveLength(1);
  expect(solve(700).bare).toBeUndefined();
  // Nor are the inputs copied for it.
  expect(solve(4).bare?.keeps).toBe(false);
});

test("cheap work on a few hundred numbers is a loop, where no function is beside it that vectors compute", () => {
  const f = (x: NDArray): NDArray => x.mul(2).add(x);
  const few = filled(7, 256);
  expect(kindsOf(f, few)).toEqual(["loop"]);
  expect(kindsOf(f, few.astype("float32"))).toEqual(["tiles"]);
  expect(kindsOf((x) => f(x).exp(), few)).toEqual(["tiles"]);
  expect(kindsOf(f, filled(7, 1024))).toEqual(["tiles"]);
});
