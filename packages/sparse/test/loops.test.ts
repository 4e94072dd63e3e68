import { arange, array, concatenate, type DType, linspace, type NDArray, ones, zeros } from "@ad/core";
import { type Graph, GraphTrace, type Observer, observed, within } from "@ad/core/internals/trace";
import { describe, expect, test } from "vitest";
import { Loops } from "../src/loops.js";

const at = array([2, 0, 2, 5], { dtype: "int32" });

function graphOf(f: (x: NDArray, y: NDArray) => readonly NDArray[], dtype: DType): Graph {
  const trace = new GraphTrace("loops");
  const like = zeros([2, 3], { dtype });
  return trace.graph(within(trace, () => f(trace.input(like), trace.input(like))));
}

const functions: Record<string, (x: NDArray, y: NDArray) => readonly NDArray[]> = {
  "elementwise operations": (x, y) => [x.add(y).mul(x.sub(y)).div(y.square().neg())],
  "constants, one number or several": (x) => [x.mul(2).add([1, 2, 3])],
  "functions of kernels": (x, y) => [x.sin().add(y.matmul(x.T).sum())],
  "views, of values and of views": (x) => [x.T.reshape([6]).slice([1, null, 2]).mul(2), x.slice(1, [1, 3]).add(x.slice(1, [0, 2]))],
  "views that are results": (x) => [x.mul(2).T, x.mul(3).reshape([6]).slice([1, 4])],
  "a result that others read": (x) => {
    const z = x.mul(2);
    return [z, z.reshape([6]).slice([1, 4]).add(1), z.square()];
  },
  "elements by their places": (x) => [x.reshape([6]).take(at).mul(2)],
  "parts beside each other": (x, y) => [concatenate([x, y.mul(2), x], 0), concatenate([x.reshape([6]), y.mul(x).reshape([6])])],
  "parts along another axis": (x, y) => [concatenate([x, y.mul(2)], 1)],
  "sums at places": (x, y) => [
    ones([8])
      .astype(x.dtype)
      .scatterAdd(at, x.mul(y).reshape([6]).slice([0, 4])),
  ],
  "sums of rows at places": (x) => [x.mul(2).scatterAdd(array([1, 1, 0], { dtype: "int32" }), x.slice([0, 1]).take([0, 0, 0], 0))],
  "whole numbers and truth values": (x) => [x.greater(0.5).where(x, x.mul(3)), x.greater(0.5).astype("int32").mul(arange(3))],
};

describe.each(["float64", "float32"] as const)("in %s, loops give what the operations give", (dtype) => {
  test.each(Object.entries(functions))("%s", (_, f) => {
    const graph = graphOf(f, dtype);
    const loops = Loops.of(graph);
    const points = [1, 2, 3].map((k) => [
      linspace(0.1, k, 6).reshape([3, 2]).T.astype(dtype),
      linspace(k, 0.3, 6).reshape([2, 3]).astype(dtype),
    ]);
    // All are run before one is looked at: a result has storage of its own.
    const found = points.map((inputs) => loops?.run(inputs));
    points.forEach((inputs, k) => {
      graph.run(inputs).forEach((expected, i) => {
        const own = found[k]?.[i];
        expect(own?.dtype).toBe(expected?.dtype);
        expect(own?.toArray()).toEqual(expected?.toArray());
      });
    });
  });
});

test("there are none for arrays that are large, nor for a result that is an argument", () => {
  expect(Loops.of(graphOf((x) => [x.mul(2), x], "float64"))).toBeUndefined();
  expect(Loops.of(graphOf((x) => [ones([5000]).mul(x.sum())], "float64"))).toBeUndefined();
});

test("they are not run where something observes operations", () => {
  const loops = Loops.of(graphOf((x) => [x.mul(2)], "float64"));
  const observer: Observer = (_, inputs, run) => run(inputs);
  const point = [ones([2, 3]), ones([2, 3])];
  expect(observed(observer, false, () => loops?.run(point))).toBeUndefined();
  expect(loops?.run(point)?.[0].toArray()).toEqual([
    [2, 2, 2],
    [2, 2, 2],
  ]);
});
