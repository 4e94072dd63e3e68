import { array, debugPrint, foriLoop, type NDArray, zeros } from "@ad/core";
import { Graph, showGraph } from "@ad/core/internals/trace";
import { hessian, jacobian } from "@ad/functional";
import { expect, test } from "vitest";
import { withoutEffects } from "../../src/passes/effects.js";
import { clean, cleanThroughout } from "../../src/passes/index.js";
import { checkResults, graphOf, operations } from "./programs.js";

test("all passes together keep the results of random programs", () => {
  checkResults(clean, false, 500);
});

test("a program that is clean stays as it is", () => {
  const f = (x: NDArray): NDArray => x.sin().mul(x).sum();
  const once = clean(graphOf(hessian(f), zeros([3])));
  expect(showGraph(clean(once))).toBe(showGraph(once));
});

test("a Jacobian's basis costs no product", () => {
  const w = array(Float64Array.from({ length: 12 }, (_, i) => i)).reshape([3, 4]);
  const f = (x: NDArray): NDArray => w.matmul(x).tanh();
  const graph = clean(graphOf(jacobian(f), zeros([4])));
  expect(operations(graph)).toEqual(["reshape", "matmul", "reshape", "tanh", "oneMinusSquare", "broadcast", "mul"]);
});

test("dead code goes, unless it has an effect", () => {
  const f = (x: NDArray): NDArray => {
    x.exp().sum();
    debugPrint("x", x.mul(2));
    return x.sin();
  };
  expect(operations(clean(graphOf(f, zeros([2]))))).toEqual(["mul", 'debugPrint "x"', "sin"]);
  expect(operations(withoutEffects(graphOf(f, zeros([2]))))).toEqual(["sin"]);
});

test("programs in programs are cleaned, and lose their effects, too", () => {
  const f = (x: NDArray): NDArray => foriLoop(0, 3, (_, s: NDArray) => debugPrint("s", s.neg().neg().mul(1)).sin(), x);
  const inner = (graph: Graph): string[] =>
    graph.equations.flatMap(({ operation }) => (typeof operation === "string" ? [] : (operation.programs?.flatMap(operations) ?? [])));
  expect(inner(graphOf(f, zeros([2])))).toEqual(["neg", "neg", "mul", 'debugPrint "s"', "sin"]);
  expect(inner(cleanThroughout(graphOf(f, zeros([2]))))).toEqual(['debugPrint "s"', "sin"]);
  expect(inner(withoutEffects(graphOf(f, zeros([2]))))).toEqual(["neg", "neg", "mul", "sin"]);
});

test("a pass that drops what is needed is found out", () => {
  const broken = (graph: Graph): Graph => {
    const own = clean(graph);
    const last = own.equations.findLastIndex(({ operation }) => operation === "neg");
    return new Graph(
      own.inputs,
      own.equations.filter((_, i) => i !== last),
      own.outputs,
    );
  };
  expect(() => checkResults(broken, false)).toThrow();
});
