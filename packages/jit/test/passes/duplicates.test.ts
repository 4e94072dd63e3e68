import { array, debugPrint, type NDArray, zeros } from "@ad/core";
import type { Graph } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { withoutDuplicates } from "../../src/passes/duplicates.js";
import { rewritten } from "../../src/passes/rewrite.js";
import { checkResults, graphOf, operations } from "./programs.js";

const x = zeros([2, 2]);
const left = (f: (x: NDArray) => NDArray): string[] => operations(withoutDuplicates(graphOf(f, x)));

test("what is computed twice is computed once", () => {
  expect(left((x) => x.exp().add(x.exp()))).toEqual(["exp", "add"]);
  expect(left((x) => x.exp().sum(0).mul(x.exp().sum(0)))).toEqual(["exp", "sum", "mul"]);
});

test("other operands and other parameters are others", () => {
  expect(left((x) => x.sum(0).add(x.sum(1)))).toEqual(["sum", "sum", "add"]);
  expect(left((x) => x.sub(1).add(array(1).sub(x)))).toEqual(["sub", "sub", "add"]);
});

test("effects are not merged", () => {
  const twice = (x: NDArray): NDArray => {
    debugPrint("x", x);
    debugPrint("x", x);
    return x;
  };
  expect(left(twice)).toHaveLength(2);
});

test("random programs keep their results to the last bit", () => {
  checkResults(withoutDuplicates, true);
});

test("a pass that looks past operands is found out", () => {
  const broken = (graph: Graph): Graph => {
    const seen = new Map<string, NDArray>();
    return rewritten(graph, ({ name, inputs, params, aval }) => {
      if (name !== "add") return undefined;
      const key = `${name} ${JSON.stringify(params)} ${aval.shape}`;
      const known = seen.get(key);
      if (known === undefined) seen.set(key, inputs[0].add(inputs[1]));
      return known ?? seen.get(key);
    });
  };
  expect(() => checkResults(broken, true)).toThrow("in place of");
});
