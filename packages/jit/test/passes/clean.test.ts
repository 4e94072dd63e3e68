import { array, debugPrint, eye, foriLoop, type NDArray, zeros } from "@ad/core";
import { Concrete } from "@ad/core/internals/backend";
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

const numbersIn = ({ equations }: Graph): number[] =>
  equations.flatMap(({ inputs }) => inputs).flatMap((x) => (x instanceof Concrete ? [x.storage.length] : []));

test("constants that are stretched stay so through elementwise work", () => {
  const basis = eye(3).expandDims(1).broadcastTo([3, 1000, 3]);
  const f = (x: NDArray): NDArray =>
    basis
      .neg()
      .mul(2)
      .add(eye(3).expandDims(1).broadcastTo([3, 1000, 3]))
      .mul(x);
  const graph = graphOf(f, zeros([3, 1000, 3]));
  expect(Math.max(...numbersIn(graph))).toBeLessThan(10);
  const x = array(Float64Array.from({ length: 9000 }, (_, i) => Math.sin(i))).reshape([3, 1000, 3]);
  for (const own of [graph, clean(graph)]) expect(own.run([x])[0]?.toArray()).toEqual(f(x).toArray());
});

test("the Hessian of a function of many samples computes what is the same for all of them once", () => {
  const samples = array(Float64Array.from({ length: 300 }, (_, i) => Math.sin(i))).reshape([100, 3]);
  const own = (means: NDArray, roots: NDArray): NDArray =>
    samples.sub(means.expandDims(1)).matmul(roots.swapaxes(1, 2)).square().sum(2).logsumexp(0).sum();
  const second = (means: NDArray, roots: NDArray): NDArray => hessian((m: NDArray) => own(m, roots))(means);
  const graph = clean(graphOf(second as (...args: NDArray[]) => NDArray, zeros([2, 3]), zeros([2, 3, 3])));
  // One product of all samples, for the values; of the tangents, which are 6 for each, none.
  const products = graph.equations.filter(({ operation }) => operation === "matmul").map(({ outs }) => outs[0].size);
  expect(products.filter((size) => size >= 600)).toEqual([600]);
  expect(Math.max(...numbersIn(graph))).toBe(300);
  const means = array([
    [0.1, 0.2, 0.3],
    [-0.3, 0.1, 0.5],
  ]);
  const roots = array([eye(3).add(0.1), eye(3).mul(2).sub(0.2)] as never);
  const all = [second(means, roots), graph.run([means, roots])[0] as NDArray];
  const [wanted, found] = all.map((h) => h.ravel().toArray() as number[]);
  found.forEach((y, i) => expect(Math.abs(y - wanted[i])).toBeLessThan(1e-9 * Math.max(1, Math.abs(wanted[i]))));
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
