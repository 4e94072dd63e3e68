import { arange, type NDArray, zeros } from "@ad/core";
import { Graph, type Params } from "@ad/core/internals/trace";
import { expect, test } from "vitest";
import { identity } from "../../src/passes/identities.js";
import { chained, joined, repeated, summed } from "../../src/passes/products.js";
import { rewritten } from "../../src/passes/rewrite.js";
import { checkResults, graphOf, passOf } from "./programs.js";

const withoutStretchedFactors = passOf(joined);

const shapesOf = (f: (...args: NDArray[]) => NDArray, ...like: NDArray[]): (readonly number[])[] =>
  passOf(
    identity,
    joined,
  )(graphOf(f, ...like)).equations.flatMap(({ operation, inputs }) => (operation === "matmul" ? inputs.map(({ shape }) => shape) : []));

test("a batch of products with one matrix is one larger product", () => {
  expect(shapesOf((x, w) => x.matmul(w.broadcastTo([5, 3, 4])), zeros([5, 2, 3]), zeros([3, 4]))).toEqual([
    [10, 3],
    [3, 4],
  ]);
  expect(shapesOf((x, w) => w.broadcastTo([5, 4, 3]).matmul(x), zeros([5, 3, 1]), zeros([4, 3]))).toEqual([
    [5, 3],
    [3, 4],
  ]);
  // The first of two batch axes stays.
  const own = (x: NDArray, w: NDArray): NDArray => x.matmul(w.expandDims(1).broadcastTo([6, 5, 3, 4]));
  expect(shapesOf(own, zeros([6, 5, 2, 3]), zeros([6, 3, 4]))).toEqual([
    [6, 10, 3],
    [6, 3, 4],
  ]);
});

test("rows that are equal are multiplied once", () => {
  const pass = passOf(repeated);
  const shapes = (f: (x: NDArray, y: NDArray) => NDArray, ...like: NDArray[]): (readonly number[])[] =>
    pass(graphOf(f as (...args: NDArray[]) => NDArray, ...like)).equations.flatMap(({ operation, inputs }) =>
      operation === "matmul" ? [inputs[0].shape] : [],
    );
  expect(shapes((x, y) => x.broadcastTo([50, 3]).matmul(y), zeros([3]), zeros([3, 4]))).toEqual([[1, 3]]);
  expect(shapes((x, y) => x.expandDims(1).broadcastTo([5, 50, 3]).matmul(y), zeros([5, 3]), zeros([5, 3, 4]))).toEqual([[5, 1, 3]]);
  // Columns that are equal, and rows that are not.
  expect(shapes((x, y) => x.broadcastTo([50, 3]).matmul(y), zeros([50, 1]), zeros([3, 4]))).toEqual([[50, 3]]);
  expect(shapes((x, y) => x.broadcastTo([5, 50, 3]).matmul(y), zeros([50, 3]), zeros([5, 3, 4]))).toEqual([[5, 50, 3]]);
  checkResults(pass, false);
});

test("other batches stay", () => {
  expect(shapesOf((x, w) => x.matmul(w), zeros([5, 2, 3]), zeros([5, 3, 4]))).toHaveLength(2);
  // Many columns would all be copied.
  expect(shapesOf((x, w) => w.broadcastTo([5, 4, 3]).matmul(x), zeros([5, 3, 40]), zeros([4, 3]))[0]).toEqual([5, 4, 3]);
  // The batch axis that is stretched comes first.
  const first = (x: NDArray, w: NDArray): NDArray => x.matmul(w.broadcastTo([6, 5, 3, 4]));
  expect(shapesOf(first, zeros([6, 5, 2, 3]), zeros([5, 3, 4]))[0]).toEqual([6, 5, 2, 3]);
});

const rowsSummed: readonly ((x: NDArray, y: NDArray) => NDArray)[] = [
  (x, y) => x.matmul(y).sum(-2),
  (x, y) => x.matmul(y).neg().sum(-2),
  (x, y) => x.matmul(y).sum(-2, { keepdims: true }).mul(2),
];
const operands: readonly (readonly [NDArray, NDArray])[] = [
  [arange(6).reshape([2, 3]), arange(12).sub(5).reshape([3, 4])],
  [arange(30).sub(20).reshape([5, 2, 3]), arange(60).reshape([5, 3, 4]).astype("float32")],
];

test.each(rowsSummed)("a sum of a product's rows is a product of one row: %s", (f) => {
  for (const [x, y] of operands) {
    const graph = passOf(summed)(graphOf(f, x, y));
    const products = graph.equations.filter(({ operation }) => operation === "matmul");
    expect(products.map(({ outs }) => outs[0].shape.at(-2))).toEqual([1]);
    expect(graph.run([x, y])[0]?.toArray()).toEqual(f(x, y).toArray());
  }
});

test("other sums of products stay", () => {
  const [x, y] = operands[1];
  const others: readonly ((x: NDArray, y: NDArray) => NDArray)[] = [
    (x, y) => x.matmul(y).sum(-1),
    (x, y) => x.matmul(y).sum(0),
    (x, y) => x.matmul(y).sum([0, 1]),
    (x, y) => x.matmul(y).sum(),
    (x, y) => x.matmul(y).abs().sum(-2),
    (x, y) => x.matmul(y).max(-2),
  ];
  for (const f of others) {
    const products = passOf(summed)(graphOf(f, x, y)).equations.filter(({ operation }) => operation === "matmul");
    expect(products.map(({ outs }) => outs[0].shape)).toEqual([[5, 2, 4]]);
  }
});

/** The shapes of the products that are left, and whether the program gives what f gives, in whole numbers. */
const chainOf = (f: (...args: NDArray[]) => NDArray, ...like: NDArray[]): (readonly number[])[] => {
  const graph = passOf(chained)(graphOf(f, ...like));
  expect(graph.run(like)[0]?.toArray()).toEqual(f(...like).toArray());
  return graph.equations.flatMap(({ operation, outs }) => (operation === "matmul" ? [outs[0].shape] : []));
};
const whole = (...shape: number[]): NDArray =>
  arange(shape.reduce((a, b) => a * b, 1))
    .mod(7)
    .sub(3)
    .reshape(shape);

test("of three matrices the last two are multiplied first, where the first has many rows", () => {
  const product = (x: NDArray, y: NDArray, z: NDArray): NDArray => x.matmul(y).matmul(z);
  expect(chainOf(product, whole(30, 4), whole(4, 6), whole(6, 5))).toEqual([
    [4, 5],
    [30, 5],
  ]);
  // (30 + 6)·5 is no less than 30·6.
  expect(chainOf(product, whole(30, 5), whole(5, 6), whole(6, 5))[0]).toEqual([30, 6]);
  expect(chainOf(product, whole(2, 30, 4), whole(2, 4, 6), whole(2, 6, 5))[0]).toEqual([2, 30, 6]);
  // The first product may be read elsewhere: it is there as well.
  const both = (x: NDArray, y: NDArray, z: NDArray): NDArray => ((p) => p.matmul(z).add(p.sum()))(x.matmul(y));
  expect(chainOf(both, whole(30, 4), whole(4, 6), whole(6, 5))).toHaveLength(3);
});

test("what scales columns scales the rows of the second matrix, where this has fewer elements", () => {
  const scaled = (x: NDArray, s: NDArray, y: NDArray): NDArray => x.mul(s).matmul(y);
  const shapes = (f: typeof scaled, ...like: [NDArray, NDArray, NDArray]): (readonly number[])[] =>
    passOf(chained)(graphOf(f, ...like)).equations.flatMap(({ operation, outs }) => (operation === "mul" ? [outs[0].shape] : []));
  const [x, s, y] = [whole(9, 4), whole(4), whole(4, 3)];
  expect(chainOf(scaled, x, s, y)).toEqual([[9, 3]]);
  expect(chainOf((x, s, y) => s.mul(x).matmul(y), x, s, y)).toEqual([[9, 3]]);
  expect(shapes(scaled, x, s, y)).toEqual([[4, 3]]);
  expect(shapes(scaled, whole(3, 4), s, y)).toEqual([[3, 4]]);
  expect(shapes(scaled, x, whole(9, 1), y)).toEqual([[9, 4]]);
  expect(shapes(scaled, x, whole(9, 4), y)).toEqual([[9, 4]]);
  const network = (v: NDArray, s: NDArray, y: NDArray): NDArray => v.matmul(whole(4, 6)).mul(s).matmul(y);
  expect(chainOf(network, whole(30, 4), whole(6), whole(6, 5))).toEqual([
    [4, 5],
    [30, 5],
  ]);
});

test("random programs keep their results", () => {
  for (const rule of [joined, summed, chained]) checkResults(passOf(rule), false);
});

test("a pass that forgets to turn the product back is found out", () => {
  const broken = (graph: Graph): Graph => {
    const turned = new Set(graph.equations.map(({ params }) => params));
    const own = withoutStretchedFactors(graph);
    return rewritten(new Graph(own.inputs, own.equations, own.outputs), ({ name, inputs, params }) => {
      const isOwn = name === "transpose" && !turned.has(params);
      return isOwn && String((params as Params<"transpose">).perm) === "0,2,1" ? inputs[0] : undefined;
    });
  };
  expect(() => checkResults(broken, false)).toThrow("in place of");
});
