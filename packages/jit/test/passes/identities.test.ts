import { array, eye, grad, type NDArray, zeros } from "@ad/core";
import { expect, test } from "vitest";
import { below } from "../../src/passes/broadcasts.js";
import { numberOf } from "../../src/passes/constants.js";
import { identity } from "../../src/passes/identities.js";
import { rewritten } from "../../src/passes/rewrite.js";
import { checkResults, graphOf, operations, passOf } from "./programs.js";

const withoutIdentities = passOf(identity);

const x = zeros([2, 3]);
const left = (f: (...args: NDArray[]) => NDArray, ...like: NDArray[]): string[] => operations(withoutIdentities(graphOf(f, ...like)));

test("what changes nothing is left out", () => {
  const same: ((x: NDArray) => NDArray)[] = [
    (x) => x.mul(1),
    (x) => array(1).mul(x),
    (x) => x.div(1),
    (x) => x.sub(0),
    (x) => x.add(-0),
    (x) => x.pow(array(1)),
    (x) => x.neg().neg(),
    (x) => x.greater(0).where(x, x),
    (x) => array(true).where(x, x.exp()),
    (x) => array(false).where(x.exp(), x),
    (x) => x.greater(0).logicalAnd(false).where(x.exp(), x),
    (x) => x.mul(array([1, 1, 1])),
    (x) => x.stopGradient(),
    (x) => x.sum([]),
    (x) => x.transpose().transpose(),
    (x) => x.reshape([6]).reshape([3, 2]).reshape([2, 3]),
    (x) => x.expandDims(1).swapaxes(1, 2).reshape([2, 3]),
    (x) => x.broadcastTo([1, 2, 3]).reshape([2, 3]),
    (x) => x.slice([0, 2], [0, 3]),
  ];
  for (const f of same) expect(left(f, x), String(f)).toEqual([]);
  expect(left((x) => x.add(0), zeros([2], "int32"))).toEqual([]);
  const truth: ((x: NDArray) => NDArray)[] = [
    (x) => x.logicalAnd(true),
    (x) => array(false).logicalOr(x),
    (x) => x.logicalAnd(zeros([2, 3], "bool")),
    (x) => array([[true], [true]]).logicalOr(x.broadcastTo([2, 3])),
  ];
  for (const f of truth) expect(left(f, zeros([2, 3], "bool")), String(f)).toEqual([]);
  expect(left((x) => x.astype("float64").astype("int32"), zeros([2], "int32"))).toEqual([]);
});

test("a number beside what is stretched is multiplied by it before it is stretched", () => {
  const sizes = (f: (x: NDArray, y: NDArray) => NDArray): number[] => {
    const like = [array([[1, -2, 3]]).mul(array([[1], [2]])), array([0.5, 4, -1])];
    const graph = passOf(identity, below)(graphOf(f, ...like));
    expect(graph.run(like)[0]?.toArray()).toEqual(f(like[0], like[1]).toArray());
    return graph.equations.flatMap(({ operation, outs }) => (operation === "mul" ? [outs[0].size] : []));
  };
  expect(sizes((x, y) => x.mul(2).mul(y))).toEqual([3, 6]);
  expect(sizes((x, y) => y.mul(x.mul(-1)))).toEqual([3, 6]);
  expect(sizes((x, y) => x.mul(y).mul(2))).toEqual([6, 6]);
  expect(sizes((x, y) => x.mul(x).mul(y))).toEqual([6, 6]);
  expect(sizes((x) => x.mul(2).mul(-3))).toEqual([6]);
  // Together they would be 0.
  expect(sizes((x) => x.mul(1e-200).mul(1e-200))).toEqual([6, 6]);
  expect(sizes((x, y) => x.mul(1e-200).mul(y))).toEqual([6, 6]);
});

test("what changes something stays", () => {
  const other: [(x: NDArray) => NDArray, string[]][] = [
    // 0 of -0
    [(x) => x.add(0), ["add"]],
    [(x) => x.sub(-0), ["sub"]],
    [(x) => array(1).div(x), ["div"]],
    [(x) => array(0).sub(x), ["sub"]],
    [(x) => x.astype("float32").astype("float64"), ["cast", "cast"]],
    [(x) => x.astype("int32").astype("float64"), ["cast", "cast"]],
    [(x) => x.slice([0, 1]), ["slice"]],
    [(x) => x.mul(array([1, 1, 2])), ["mul"]],
    [(x) => x.sub(array([0, -0, 0])), ["sub"]],
  ];
  for (const [f, names] of other) expect(left(f, x), String(f)).toEqual(names);
});

test("a power of one exponent has a derivative without a choice", () => {
  expect(
    left(
      grad((x: NDArray) => x.pow(-3).sum()),
      x,
    ),
  ).toEqual(["pow", "mul"]);
});

test("a constant of equal numbers is one number, however it was made", () => {
  const ones = array([1, 2, 1]).take(array([0, 2, 0], { dtype: "int32" }));
  expect(left((x) => x.mul(ones), x)).toEqual([]);
  const { equations } = withoutIdentities(
    graphOf(
      (x) =>
        x
          .mul(2)
          .add(x.mul(array([2, 2, 2])))
          .add(x.mul(array([2, 2, 2]))),
      x,
    ),
  );
  expect(equations.filter(({ operation }) => operation === "mul")).toHaveLength(1);
});

test("views of views are one", () => {
  expect(left((x) => x.transpose([1, 0, 2]).transpose([2, 0, 1]), zeros([2, 3, 4]))).toEqual(["transpose"]);
  expect(left((x) => x.expandDims(0).broadcastTo([4, 2, 3]).broadcastTo([5, 4, 2, 3]), x)).toEqual(["broadcast"]);
  expect(left((x) => x.reshape([6]).reshape([3, 2]), x)).toEqual(["reshape"]);
});

test("what is left of constants alone is computed at once", () => {
  expect(left((x) => x.mul(array(true).where(eye(3), x).add(1)), zeros([3, 3]))).toEqual(["mul"]);
});

test("random programs keep their results to the last bit", () => {
  checkResults(withoutIdentities, true);
});

test("a pass that takes x + 0 for x is found out", () => {
  const broken = (graph: Parameters<typeof withoutIdentities>[0]) =>
    rewritten(withoutIdentities(graph), ({ name, inputs: [x, y] }) => (name === "add" && numberOf(y) === 0 ? x : undefined));
  expect(() => checkResults(broken, true)).toThrow("in place of");
});

test("a large constant is read where it lies in order, and is not copied to be read", () => {
  const sevens = (n: number): NDArray => array(new Float64Array(n * n).fill(7), { shape: [n, n] });
  expect([numberOf(sevens(4)), numberOf(sevens(4).T), numberOf(sevens(40))]).toEqual([7, 7, 7]);
  expect(numberOf(sevens(40).T)).toBeUndefined();
});
