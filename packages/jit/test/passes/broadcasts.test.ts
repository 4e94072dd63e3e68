import { type NDArray, zeros } from "@ad/core";
import { Graph, type Params, showGraph } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { below } from "../../src/passes/broadcasts.js";
import { checkResults, graphOf, passOf } from "./programs.js";

const belowBroadcasts = passOf(below);

const [v, m] = [zeros([3]), zeros([4, 3])];
const printed = (f: (...args: NDArray[]) => NDArray, ...like: NDArray[]): string[] =>
  showGraph(belowBroadcasts(graphOf(f, ...like)))
    .split("\n")
    .slice(1, -1)
    .map((line) => line.trim().replace(/^\w+: float64/, ""));

test("elementwise work is done before the value is stretched", () => {
  expect(printed((v) => v.broadcastTo([4, 3]).exp().mul(2), v)).toEqual([
    "[3] = exp a",
    "[3] = mul b 2",
    "[4, 3] = broadcast { shape: [4, 3], dims: [1] } c",
  ]);
  expect(printed((v, s) => v.broadcastTo([4, 3]).mul(s.sum().broadcastTo([4, 3])), v, v)).toEqual([
    "[] = sum { axes: [0] } b",
    "[3] = broadcast { shape: [3], dims: [] } c",
    "[3] = mul a d",
    "[4, 3] = broadcast { shape: [4, 3], dims: [1] } e",
  ]);
});

test("reductions over other axes, and reshapes that add axes, too", () => {
  expect(printed((m) => m.broadcastTo([5, 4, 3]).sum(1), m)).toEqual([
    "[3] = sum { axes: [0] } a",
    "[5, 3] = broadcast { shape: [5, 3], dims: [1] } b",
  ]);
  expect(printed((v) => v.broadcastTo([4, 3]).reshape([4, 1, 3]).exp(), v)).toEqual([
    "[3] = exp a",
    "[4, 1, 3] = broadcast { shape: [4, 1, 3], dims: [2] } b",
  ]);
});

test("what is not cheaper stays", () => {
  for (const f of [
    (v: NDArray, m: NDArray) => v.broadcastTo([4, 3]).mul(m),
    (v: NDArray) => v.broadcastTo([4, 3]).sum(0),
    (v: NDArray) => v.broadcastTo([4, 3]).reshape([12]),
  ])
    expect(showGraph(belowBroadcasts(graphOf(f, v, m)))).toBe(showGraph(graphOf(f, v, m)));
});

test("what is stretched loses its axes of one element, and each operand that is stretched along another axis stays", () => {
  expect(printed((v, m) => v.broadcastTo([4, 3]).mul(m.sum(1).expandDims(1).broadcastTo([4, 3])), v, m)).toEqual([
    "[4, 3] = broadcast { shape: [4, 3], dims: [1] } a",
    "[4] = sum { axes: [1] } b",
    "[4, 1] = reshape { shape: [4, 1] } d",
    "[4] = reshape { shape: [4] } e",
    "[4, 3] = broadcast { shape: [4, 3], dims: [0] } f",
    "[4, 3] = mul c g",
  ]);
});

test("random programs keep their results to the last bit", () => {
  checkResults(belowBroadcasts, true);
});

test("a pass that stretches along another axis is found out", () => {
  const broken = (graph: Graph): Graph => {
    const own = belowBroadcasts(graph);
    const equations = own.equations.map((equation) => {
      const params = equation.params as Params<"broadcast">;
      const isVector = equation.operation === "broadcast" && String(params.shape) === "3,3" && String(params.dims) === "1";
      return isVector ? { ...equation, params: { ...params, dims: [0] } } : equation;
    });
    return new Graph(own.inputs, equations, own.outputs);
  };
  expect(() => checkResults(broken, true)).toThrow("in place of");
});
