import { createContext, runInContext } from "node:vm";
import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  arraysAlone,
  arraysOf,
  besideArrays,
  type Container,
  container,
  type Form,
  flatten,
  mapArrays,
  sameStructure,
  showStructure,
  unflatten,
  withArrays,
} from "../../src/engine/tree.js";
import { array, grad, type NDArray, TransformError, TreeError } from "../../src/index.js";

const a = array([1, 2]);

describe("flatten", () => {
  test("leaves in the order of sorted keys, with their paths", () => {
    const { leaves, paths, structure } = flatten({ z: [a, 2], b: { c: true } }, "op");
    expect(paths).toEqual(["$.b.c", "$.z[0]", "$.z[1]"]);
    expect(leaves.map((x) => x.toArray())).toEqual([true, [1, 2], 2]);
    expect(showStructure(structure)).toBe("{ b: { c: * }, z: [*, *] }");
    expect(unflatten(structure, ["B", "Z0", "Z1"])).toEqual({ b: { c: "B" }, z: ["Z0", "Z1"] });
  });
  test("a single leaf", () => {
    expect(flatten(a, "op")).toEqual({ leaves: [a], structure: null, paths: ["$"] });
    expect(flatten(new Float64Array(2), "op").leaves[0].shape).toEqual([2]);
  });
  test("empty containers", () => {
    const { leaves, structure } = flatten({ a: [], b: {} }, "op");
    expect(leaves).toEqual([]);
    expect(unflatten(structure, [])).toEqual({ a: [], b: {} });
  });
  test("null is a container of nothing, unless all is to be arrays", () => {
    const { leaves, structure } = flatten({ a: null, b: [1, null] }, "op");
    expect(leaves.length).toBe(1);
    expect(showStructure(structure)).toBe("{ a: null, b: [*, null] }");
    expect(showStructure(flatten({ a: {}, b: [] }, "f").structure)).toBe("{ a: {}, b: [] }");
    expect(unflatten(structure, ["x"])).toEqual({ a: null, b: ["x", null] });
    expect(unflatten(flatten(null, "op").structure, [])).toBe(null);
    expect(sameStructure(structure, flatten({ a: null, b: [2, null] }, "op").structure)).toBe(true);
    for (const other of [
      { a: 1, b: [1, null] },
      { a: [], b: [1, null] },
      { a: {}, b: [1, null] },
    ])
      expect(sameStructure(structure, flatten(other, "op").structure)).toBe(false);
    fails(() => flatten({ a: null }, "op", "the thing", true), TreeError, "op: the thing has null at $.a; a leaf is an array");
  });
  test("structures differ by keys, lengths and kinds", () => {
    const of = (tree: unknown) => flatten(tree, "op").structure;
    expect(sameStructure(of({ a: 1, b: [2] }), of({ b: [3], a: 4 }))).toBe(true);
    for (const other of [{ a: 1 }, { a: 1, c: [2] }, { a: 1, b: [2, 3] }, { a: 1, b: 2 }, { a: 1, b: { 0: 2 } }, [1, [2]], 1])
      expect(sameStructure(of({ a: 1, b: [2] }), of(other))).toBe(false);
  });
  test("what is no leaf", () => {
    class Model {
      w = a;
    }
    fails(() => flatten({ m: new Model() }, "op", "the thing"), TreeError, "op: the thing has a Model at $.m; a leaf is an array");
    fails(() => flatten([[Symbol("s")]], "op"), TreeError, "op: the argument has Symbol(s) (symbol) at $[0][0]");
    fails(
      () => flatten({ p: Promise.resolve(1) }, "op"),
      TransformError,
      "op: the argument is a Promise at $.p; a transformed function is synchronous.",
    );
    fails(() => flatten([new BigInt64Array(1)], "op"), TreeError, "has a BigInt64Array at $[0]");
  });
  test("a key that is a symbol is no key: it would be lost", () => {
    const key = Symbol("w");
    fails(
      () => flatten({ a: [{ [key]: a }] }, "op"),
      TreeError,
      "op: the argument has the key Symbol(w) at $.a[0]; the keys of a tree are strings.",
    );
    fails(
      () => grad((p: { b: NDArray }) => p.b)({ b: array(1), [key]: a } as never),
      TreeError,
      "grad: argument 0 has the key Symbol(w) at $;",
    );
    // A key that cannot be enumerated does not count.
    expect(flatten(Object.defineProperty({ b: 1 }, key, { value: 2 }), "op").paths).toEqual(["$.b"]);
  });
  test("objects and lists of another realm are containers, and what is of a class is none", () => {
    const there = createContext({ a });
    const theirs = (code: string): unknown => runInContext(code, there);
    const { leaves, structure } = flatten(
      theirs("({ w: [a, 1], b: Object.assign(Object.create(null), { c: new Float64Array(2) }) })"),
      "op",
    );
    expect(showStructure(structure)).toBe("{ b: { c: * }, w: [*, *] }");
    expect(leaves.map((x) => x.toArray())).toEqual([[0, 0], [1, 2], 1]);
    expect(flatten(theirs("new Int32Array([1])"), "op").leaves[0].dtype).toBe("int32");
    fails(() => flatten(theirs("new (class Model { w = 1 })"), "op"), TreeError, "op: the argument has a Model at $;");
    fails(() => flatten({ m: theirs("new Map()") }, "op"), TreeError, "op: the argument has a Map at $.m;");
    fails(() => flatten(theirs("Promise.resolve(1)"), "op"), TransformError, "is a Promise at $");
    const clone = structuredClone({ w: Float64Array.of(1, 2), b: [3] });
    expect(flatten(clone, "op").leaves.map((x) => x.toArray())).toEqual([[3], [1, 2]].map((v) => (v.length === 1 ? 3 : v)));
    expect(mapArrays(theirs("({ x: [a] })") as { x: NDArray[] }, (x) => x.mul(2)).x[0].toArray()).toEqual([2, 4]);
  });
  test("a key named __proto__ or constructor is a key", () => {
    const tree = JSON.parse('{"__proto__": 1, "constructor": 2}') as object;
    const { leaves, structure } = flatten(tree, "op");
    expect(leaves.map((x) => x.item())).toEqual([1, 2]);
    const back = unflatten(structure, ["p", "c"]) as object;
    expect(Object.keys(back).sort()).toEqual(["__proto__", "constructor"]);
  });
});

test("mapArrays leaves what it does not change as it is", () => {
  const tree = { a: [a], b: "text", c: new Map(), d: { e: 1 } };
  expect(mapArrays(tree, (x) => x)).toBe(tree);
  const mapped = mapArrays(tree, (x) => x.mul(2));
  expect(mapped.a[0].toArray()).toEqual([2, 4]);
  expect(mapped.d).toBe(tree.d);
  expect(mapped.c).toBe(tree.c);
});

test("what an object hides is neither mapped nor becomes visible", () => {
  const seen = { w: a };
  Object.defineProperty(seen, "observer", { value: a });
  Object.defineProperty(seen, Symbol("observer"), { value: a });
  const mapped = mapArrays(seen, (x) => x.neg());
  expect(Reflect.ownKeys(mapped)).toEqual(["w"]);
  expect(flatten(mapped, "op").leaves.map((x) => x.toArray())).toEqual([[-1, -2]]);
});

test("mapArrays keeps and maps what stands under a symbol", () => {
  const key = Symbol("note");
  const mapped = mapArrays({ a, [key]: { b: a, text: "kept" } }, (x) => x.mul(2));
  expect(mapped.a.toArray()).toEqual([2, 4]);
  expect(mapped[key].b.toArray()).toEqual([2, 4]);
  expect(mapped[key].text).toBe("kept");
});

test("aux with a cycle does not hang", () => {
  const aux: { self?: unknown; list: number[] } = { list: [1] };
  aux.self = aux;
  const [, back] = grad((y: NDArray) => [y.sum(), aux] as const, { hasAux: true })(a);
  expect(back).toBe(aux);
});

test("arguments are taken apart into their arrays and all else", () => {
  const keep = { go: () => 1 };
  expect(arraysOf([new DataView(new ArrayBuffer(8)), new BigInt64Array(1)], "op")).toEqual([]);
  const args = [a, { b: [new Float32Array(3), 2, true], c: "text" }, keep, null, undefined];
  const arrays = arraysOf(args, "op");
  expect(arrays.map((x) => [x.dtype, x.shape])).toEqual([
    ["float64", [2]],
    ["float32", [3]],
    ["float64", []],
  ]);
  expect(withArrays(args, ["A", "B", "C"])).toEqual(["A", { b: ["B", "C", true], c: "text" }, keep, null, undefined]);
  expect(withArrays([keep], [])[0]).toBe(keep);
  const alone = arraysAlone(args, arrays);
  expect(alone).toEqual([arrays[0], { b: [arrays[1], arrays[2], null], c: null }, { go: null }, null, null]);
  const { structure } = flatten(alone, "op");
  expect(besideArrays(["A", { b: ["B", 0, 0], c: 5 }, keep, 7, undefined], structure)).toEqual([
    "A",
    { b: ["B", 0, null], c: null },
    { go: null },
    null,
    null,
  ]);
  // A value of another form stays as it is, to be refused.
  expect(besideArrays([a], structure)).toEqual([a]);
  expect(besideArrays(a, structure)).toBe(a);
});

describe("a class whose instances are containers", () => {
  const forms: Form[] = ["metres", "feet"].map((unit) => ({
    name: `Length in ${unit}`,
    keys: ["error", "value"],
    build: ({ error, value }) =>
      new Length(
        forms.findIndex(({ name }) => name.endsWith(unit)),
        value,
        error,
      ),
  }));
  class Length implements Container {
    constructor(
      readonly unit: number,
      readonly value: NDArray,
      readonly error: NDArray | null,
    ) {}
    get [container](): Form {
      return forms[this.unit];
    }
  }
  const length = new Length(1, a, array(0.5));

  test("is taken apart and put together", () => {
    const { leaves, paths, structure } = flatten({ of: [length] }, "op");
    expect(leaves.map((x) => x.toArray())).toEqual([0.5, [1, 2]]);
    expect(paths).toEqual(["$.of[0].error", "$.of[0].value"]);
    expect(showStructure(structure)).toBe("{ of: [Length in feet { error: *, value: * }] }");
    const back = unflatten(structure, ["E", "V"]) as { of: [Length] };
    expect(back.of[0]).toBeInstanceOf(Length);
    expect(back).toEqual({ of: [{ unit: 1, value: "V", error: "E" }] });
    expect(flatten(new Length(0, a, null), "op").leaves.length).toBe(1);
  });

  test("has a form of its own", () => {
    const of = (tree: unknown) => flatten(tree, "op").structure;
    expect(sameStructure(of(length), of(new Length(1, array(1), array(2))))).toBe(true);
    for (const other of [new Length(0, a, a), { value: a, error: a }]) expect(sameStructure(of(length), of(other))).toBe(false);
  });

  test("is mapped, as an argument too, and left as it is where nothing changes", () => {
    expect(mapArrays(length, (x) => x)).toBe(length);
    expect(mapArrays({ length }, (x) => x.mul(2)).length).toEqual({ unit: 1, value: array([2, 4]), error: array(1) });
    expect(arraysOf([length], "op").length).toBe(2);
    expect(withArrays([length], ["E", "V"])).toEqual([{ unit: 1, value: "V", error: "E" }]);
    expect(besideArrays(length, flatten({ error: null, value: 1 }, "op").structure)).toEqual({ unit: 1, value: a, error: null });
    const slope = grad((x: Length) => x.value.mul(x.error as NDArray).sum())(length);
    expect(slope).toBeInstanceOf(Length);
    expect([slope.value.toArray(), slope.error?.toArray()]).toEqual([[0.5, 0.5], 3]);
  });
});
