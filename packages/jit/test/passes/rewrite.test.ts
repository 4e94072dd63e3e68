import { array, customVjp, linalg, type NDArray } from "@ad/core";
import { Graph } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { graphOf, operations, passOf } from "./programs.js";

const inlined = passOf();

const x = array([0.5, 1.5]);
const ruled = customVjp(
  (x: NDArray) => x.sin().mul(x),
  (x: NDArray) => [x.sin().mul(x), (ct: NDArray) => [ct]],
);
const twice = graphOf((x) => ruled(ruled(x)).neg(), x);
const valuesOf = (graph: Graph): unknown => graph.run([x]).map((out) => out?.toArray());

test("what an operation with rules is made of stands in its place, and has its values", () => {
  expect(operations(twice)).toEqual(["customVjp", "customVjp", "neg"]);
  const own = inlined(twice);
  expect(operations(own)).toEqual(["sin", "mul", "sin", "mul", "neg"]);
  expect(valuesOf(own)).toEqual(valuesOf(twice));
});

test("an operation that computes on numbers alone stays", () => {
  const matrix = array([
    [2, 1],
    [1, 3],
  ]);
  const solved = graphOf((a) => linalg.cholesky(a), matrix);
  expect(operations(inlined(solved))).toContain("cholesky");
});

test("an inlining that takes the operation's operand for its result is found", () => {
  const broken = new Graph(
    twice.inputs,
    twice.equations.map(({ inputs, outs }) => ({ operation: "neg" as const, inputs, params: {}, outs })),
    twice.outputs,
  );
  expect(valuesOf(broken)).not.toEqual(valuesOf(twice));
});
