import { array, eye, type NDArray, ones, zeros } from "@ad/core";
import { Graph, type Params } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { scaled } from "../../src/passes/diagonals.js";
import { checkResults, graphOf, operations, passOf } from "./programs.js";

const withoutDiagonals = passOf(scaled);

const [v, m] = [zeros([3]), zeros([3, 3])];
const left = (f: (...args: NDArray[]) => NDArray, ...like: NDArray[]): string[] => operations(withoutDiagonals(graphOf(f, ...like)));

test("a product with the identity is no product", () => {
  expect(left((m) => eye(3).matmul(m), m)).toEqual([]);
  expect(left((m) => m.matmul(eye(3)), m)).toEqual([]);
});

test("a product with a diagonal scales rows or columns", () => {
  const products: ((m: NDArray, v: NDArray) => NDArray)[] = [
    (m, v) => eye(3).mul(v).matmul(m),
    (m, v) => m.matmul(eye(3).mul(v.expandDims(1)).neg()),
    (m, v) => v.mul(eye(3)).transpose().matmul(m),
    (m) => m.matmul(array([[2, 0, 0], [0, 3, 0], [0, 0, 4]])), // biome-ignore format: a matrix
    (m, v) => eye(3).mul(v).mul(eye(3).mul(2)).matmul(m),
  ];
  const values = [array([[1, 2, 3], [4, 5, 6], [7, 8, 10]]), array([2, -1, 0.5])]; // biome-ignore format: a matrix
  for (const f of products) {
    const graph = graphOf(f, m, v);
    const own = withoutDiagonals(graph);
    expect(operations(own), String(f)).not.toContain("matmul");
    expect(own.run(values)[0]?.toArray()).toEqual(graph.run(values)[0]?.toArray());
  }
});

test("other products stay", () => {
  expect(left((m) => m.matmul(ones([3, 3])), m)).toEqual(["matmul"]);
  expect(left((m, v) => eye(3).mul(v).add(1).matmul(m), m, v)).toContain("matmul");
  expect(left((m) => eye(3).mul(m).matmul(m), m)).toContain("matmul");
});

test("0 · NaN is 0 where the zero is beside a diagonal", () => {
  const graph = graphOf((m) => eye(2).matmul(m), zeros([2, 2]));
  const x = array([
    [Number.NaN, 1],
    [2, 3],
  ]);
  expect(graph.run([x])[0]?.toArray()).toEqual([
    [Number.NaN, 1],
    [Number.NaN, 3],
  ]);
  expect(withoutDiagonals(graph).run([x])[0]?.toArray()).toEqual(x.toArray());
});

test("random programs keep their results", () => {
  checkResults(withoutDiagonals, false);
});

test("a pass that takes rows for columns is found out", () => {
  const broken = (graph: Graph): Graph => {
    const own = withoutDiagonals(graph);
    const equations = own.equations.map((equation) => {
      const params = equation.params as Params<"broadcast">;
      const isRows = equation.operation === "broadcast" && String(params.dims) === "0";
      return isRows && params.shape.length === 2 ? { ...equation, params: { ...params, dims: [1] } } : equation;
    });
    return new Graph(own.inputs, equations, own.outputs);
  };
  expect(() => checkResults(broken, false)).toThrow("in place of");
});
