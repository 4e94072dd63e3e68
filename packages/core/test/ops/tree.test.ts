import { fails } from "@ad/expect";
import { expect, test } from "vitest";
import {
  array,
  grad,
  type NDArray,
  ones,
  ravelTree,
  ShapeError,
  TransformError,
  TreeError,
  treeLeaves,
  treeMap,
  treeStructure,
  zeros,
} from "../../src/index.js";

const params = () => ({
  w: array(
    [
      [1, 2],
      [3, 4],
    ],
    { dtype: "float32" },
  ),
  b: [array([5]), 6],
  on: array([true, false]),
  k: array(7, { dtype: "int32" }),
});

test("ravelTree and back", () => {
  const [flat, unravel] = ravelTree(params());
  expect([flat.toArray(), flat.dtype]).toEqual([[5, 6, 7, 1, 0, 1, 2, 3, 4], "float64"]);
  expect(unravel(flat)).toEqual({ ...params(), b: [array([5]), array(6)] });
  expect(unravel([0, 1, 2, 3, 4, 5, 6, 7, 8]).on.toArray()).toEqual([true, true]);
  expect(unravel(flat.mul(2.5)).k).toEqual(array(17, { dtype: "int32" }));
  expect(unravel(flat.astype("float32")).b[0].dtype).toBe("float64");
});

test("ravelTree of one array, of nothing, of no elements", () => {
  const [flat, unravel] = ravelTree(ones([2, 2], "float32"));
  expect(flat).toEqual(ones([4], "float32"));
  expect(unravel(flat)).toEqual(ones([2, 2], "float32"));
  const [none, empty] = ravelTree({ a: [] });
  expect([none.shape, empty(none)]).toEqual([[0], { a: [] }]);
  const [some, back] = ravelTree([zeros([0, 3]), array(1), zeros([0])]);
  expect(back(some)).toEqual([zeros([0, 3]), array(1), zeros([0])]);
});

test("what unravel refuses", () => {
  const [, unravel] = ravelTree({ a: zeros([2]), b: 1 });
  fails(
    () => unravel(zeros([4])),
    ShapeError,
    "ravelTree's unravel: an array of shape [4] arrives, but the tree has 3 elements; give a vector of these.",
  );
  fails(() => unravel(zeros([3, 1])), ShapeError, "ravelTree's unravel: an array of shape [3, 1] arrives");
  fails(() => ravelTree({ a: "x" }), TreeError, 'ravelTree: the tree has "x" at $.a');
});

test("unravel gives a number the dtype of the vector, and an array its own", () => {
  const [flat, unravel] = ravelTree({ w: ones([2], "float32"), k: 3 });
  const { w, k } = unravel(flat);
  expect([flat.dtype, w.dtype, k.dtype, k.item()]).toEqual(["float32", "float32", "float32", 3]);
  expect(unravel(zeros([3])).k.dtype).toBe("float64");
  expect(unravel(zeros([3])).w.dtype).toBe("float32");
});

test("a function of a tree as one of a vector", () => {
  const tree = { w: array([1, 2]), b: 3 };
  const f = ({ w, b }: { w: NDArray; b: NDArray }): NDArray => w.square().sum().mul(b);
  const [flat, unravel] = ravelTree(tree);
  const slope = grad((v: NDArray) => f(unravel(v)))(flat);
  expect(slope.toArray()).toEqual([5, 6, 12]);
  expect(ravelTree(grad(f)({ w: tree.w, b: array(3) }))[0]).toEqual(slope);
});

test("treeMap", () => {
  const tree = { w: array([1, 2]), b: [3] };
  const summed = treeMap((x, y, z) => x.add(y).mul(z), tree, { b: [1], w: 10 }, { w: 2, b: [3] });
  expect([summed.w.toArray(), summed.b[0].item()]).toEqual([[22, 24], 12]);
  const shapes = treeMap((x) => x.shape, tree);
  expect(shapes).toEqual({ w: [2], b: [[]] });
  expect(treeMap((x) => x.mul(2), 4).item()).toBe(8);
  fails(
    () => treeMap((x) => x, tree, { w: 1 }),
    TreeError,
    "treeMap: tree 1 has the form { w: * }, but tree 0 { b: [*], w: * }; all must be alike.",
  );
  fails(() => treeMap((x) => x, tree, tree, { w: 1, b: ["c"] }), TreeError, 'treeMap: tree 2 has "c" at $.b[0]');
  fails(() => treeMap(1 as never, tree), TransformError, "treeMap: 1 (number) is no function");
});

test("what comes out of a tree has the order of its keys", () => {
  const tree = { w: array([1, 2]), b: { z: array(1), c: array(2) }, a: array(3) };
  const keys = (own: typeof tree): string[] => [...Object.keys(own), ...Object.keys(own.b)];
  const order = ["w", "b", "a", "z", "c"];
  expect(keys(grad((own: typeof tree) => own.w.sum().mul(own.b.z).add(own.b.c).mul(own.a))(tree))).toEqual(order);
  expect(keys(treeStructure(tree).unflatten([1, 2, 3, 4]) as never)).toEqual(order);
  expect(keys(treeMap((x) => x, tree))).toEqual(order);
});

test("treeLeaves and treeStructure", () => {
  const tree = { w: array([1, 2]), b: [3, { c: true }] };
  expect(treeLeaves(tree)).toEqual([array(3), array(true), array([1, 2])]);
  expect(treeLeaves([])).toEqual([]);
  const structure = treeStructure(tree);
  expect([String(structure), structure.size, structure.paths]).toEqual(["{ b: [*, { c: * }], w: * }", 3, ["$.b[0]", "$.b[1].c", "$.w"]]);
  expect(structure.unflatten(treeLeaves(tree))).toEqual({ w: array([1, 2]), b: [array(3), { c: array(true) }] });
  expect(structure.unflatten(["x", "y", "z"])).toEqual({ w: "z", b: ["x", { c: "y" }] });
  expect(structure).toEqual(treeStructure({ b: [0, { c: 1 }], w: zeros([5]) }));
  expect(structure).not.toEqual(treeStructure({ b: [0, [1]], w: 2 }));
  fails(() => structure.unflatten([1]), TreeError, "unflatten: a JS array of length 1 arrives; give a list of 3 leaves.");
  fails(() => treeStructure(new Map()), TreeError, "treeStructure: the tree has a Map at $");
  fails(() => treeLeaves({ a: undefined }), TreeError, "treeLeaves: the tree has undefined at $.a");
});
