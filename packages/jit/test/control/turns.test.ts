import { array, type DType, foriLoop, grad, type NDArray, scan, stack, whileLoop } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian, jacfwd } from "@ad/functional";
import { vmap } from "@ad/vmap";
import { afterEach, expect, test, vi } from "vitest";
import { jit } from "../../src/index.js";

afterEach(() => vi.unstubAllGlobals());

/** The texts that a call compiles. */
function textsOf(call: () => unknown): string[] {
  const texts: string[] = [];
  const construct = (own: object, parts: string[]): object => {
    texts.push(parts.at(-1) as string);
    return Reflect.construct(own as FunctionConstructor, parts) as object;
  };
  vi.stubGlobal("Function", new Proxy(Function, { construct }));
  call();
  vi.unstubAllGlobals();
  return texts;
}

/** The text of the loops among them, which calls nothing that is a program. */
const loopsOf = (texts: readonly string[]): string[] => texts.filter((text) => /\bfor \(/.test(text) && !/\b(run|K\d+|G)\(/.test(text));

/** Loops of a state of a few numbers, from a vector of three. */
const loops: Readonly<Record<string, (x: NDArray) => NDArray>> = {
  "a while": (x) =>
    whileLoop(
      (s: NDArray) => s.square().sum().less(30),
      (s) => s.mul(1.3).add(x.cos()),
      x,
    ).sum(),
  "a while of a number": (x) =>
    whileLoop(
      ([s, k]: [NDArray, NDArray]) => s.abs().less(20).logicalAnd(k.less(50)),
      ([s, k]): [NDArray, NDArray] => [s.mul(s.sin().add(1.6)).add(x.slice(1)), k.add(1)],
      [x.slice(0).add(1), array(0, { dtype: "int32" })] as [NDArray, NDArray],
    )[0],
  "states that change places": (x) => {
    const [a, b, c] = whileLoop(
      ([a, b]: [NDArray, NDArray, NDArray]) => a.add(b).less(9),
      ([a, b, c]): [NDArray, NDArray, NDArray] => [b, a.add(1.1), c.mul(a)],
      [x.slice(0), x.slice(1), x.slice(2)] as [NDArray, NDArray, NDArray],
    );
    return a.mul(2).add(b.mul(3)).add(c);
  },
  "a loop in a loop": (x) =>
    foriLoop(
      0,
      4,
      (i, s: NDArray) =>
        whileLoop(
          (t: NDArray) => t.abs().sum().less(5),
          (t) => t.mul(1.5).add(x.mul(i.add(1))),
          s.mul(0.3).add(0.1),
        ),
      x,
    ).sum(),
  "rows that are collected": (x) => {
    const rows = array([0.3, -0.2, 0.9, 0.4, 0.1, -0.6, 0.2, 0.5], { shape: [4, 2] });
    const [s, ys] = scan((s: NDArray, row: NDArray) => [s.mul(row.sum()).add(x).sin(), s.slice(0).mul(row)], x, rows);
    return s.sum().add(ys.mul(rows).sum());
  },
  "a table, and products": (x) => {
    const table = array([0.2, 0.5, -0.7, 1.1, 0.3]);
    const w = x.expandDims(0).mul(x.expandDims(1));
    return foriLoop(0, 5, (i, s: NDArray) => w.matmul(s).mul(table.take(i)).add(s.tanh()), x).sum();
  },
  "an element that the state names": (x) =>
    whileLoop(
      ([k]: [NDArray, NDArray]) => k.less(7),
      ([k, s]): [NDArray, NDArray] => [k.add(1), s.mul(s.take(k.mod(3))).add(stack([x.slice(2), x.slice(0), x.slice(1)]))],
      [array(0, { dtype: "int32" }), x] as [NDArray, NDArray],
    )[1].sum(),
  "no turn": (x) =>
    whileLoop(
      (s: NDArray) => s.sum().greater(1e6),
      (s) => s.exp(),
      x,
    ).sum(),
};

const x = array([0.4, -0.9, 1.7]);
const xs = array([0.4, -0.9, 1.7, 0.8, 0.1, -0.3, 2.5, 1.2, 0.6, -1.1, 0.2, 0.7], { shape: [4, 3] });
const grid = xs.reshape(2, 2, 3);

const ways: Readonly<Record<string, (f: (x: NDArray) => NDArray) => NDArray>> = {
  value: (f) => f(x),
  gradient: (f) => grad(f)(x),
  tangent: (f) => jvp(f, [x], [x.cos()])[1] as NDArray,
  lanes: (f) => vmap(f)(xs),
  "lanes of lanes": (f) => vmap(vmap(f))(grid),
  "gradients in lanes": (f) => vmap(grad(f))(xs),
  "gradient of lanes": (f) => grad((xs: NDArray) => vmap(f)(xs).square().sum())(xs),
  "gradient of what all lanes share": (f) => grad((x: NDArray) => vmap((y: NDArray) => f(x.add(y)))(xs).sum())(x),
  "gradient of lanes of lanes": (f) => grad((xs: NDArray) => vmap(vmap(f))(xs).sum())(grid),
  "tangents in lanes": (f) => vmap(jacfwd(f))(xs),
  Hessian: (f) => hessian(f)(x),
};

test.each(Object.keys(loops).flatMap((name) => Object.keys(ways).map((way) => [name, way] as const)))("%s: %s", (name, way) => {
  const [own, derived] = [loops[name], ways[way]];
  const expected = derived(own).data();
  const found = jit(() => derived(own))().data();
  const traced = derived(jit(own)).data();
  expected.forEach((value, i) => {
    for (const each of [found[i], traced[i]]) expect(Math.abs(each - value)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
  });
});

test.each<DType>(["float32", "int32"])("a state of %s rounds as it does alone", (dtype) => {
  const f = (x: NDArray): NDArray => foriLoop(0, 40, (i, s: NDArray) => s.mul(3).add(s.square()).sub(i.astype(dtype)), x);
  const start = array([1, 2, -3]).astype(dtype).div(1).astype(dtype);
  const small = dtype === "float32" ? start.mul(0.01) : start;
  expect(jit(f)(small).toArray()).toEqual(f(small).toArray());
});

test("lanes that end at turns of their own are one text, in which each of them is run to its end", () => {
  const count = (x: NDArray): NDArray =>
    whileLoop(
      ([s]: [NDArray, NDArray]) => s.less(100),
      ([s, k]): [NDArray, NDArray] => [s.mul(2), k.add(1)],
      [x, array(0)] as [NDArray, NDArray],
    )[1];
  const f = jit((xs: NDArray) => vmap(count)(xs));
  let found: NDArray | undefined;
  const [text, ...others] = loopsOf(
    textsOf(() => {
      found = f(array([1, 50, 200]));
    }),
  );
  expect(found?.toArray()).toEqual([7, 1, 0]);
  expect(others).toEqual([]);
  expect(text).toContain("break");
  expect(text.match(/\bfor \(/g)).toHaveLength(2);
});

test("a product of constants is computed before the loop", () => {
  const f = jit((x: NDArray, y: NDArray) => foriLoop(0, 5, (_, s: NDArray) => s.mul(x.mul(y)), array(1)));
  const [text] = loopsOf(textsOf(() => f(array(2), array(0.5))));
  const [before, inside] = text.split("for (");
  expect(before).toMatch(/\(v\d+ \* v\d+\)/);
  expect(inside.match(/\*/g)).toHaveLength(1);
});

test.each([300, 2000])("a loop of %i numbers runs on arrays, of which its turns write one and read another", (n) => {
  const f = jit((x: NDArray) => foriLoop(0, 3, (_, s: NDArray) => s.mul(0.5).add(x), x));
  const large = array(new Float64Array(n).fill(1));
  const texts = textsOf(() => expect(f(large).sum().item()).toBeCloseTo(n * 1.875, 9));
  expect(texts.some((text) => text.includes("run(I, A, O, C, F)"))).toBe(true);
});

test("an index that is out of bounds throws where a turn reads it, and not before", () => {
  const table = array([1, 2, 3]);
  const f = (n: NDArray, i: NDArray): NDArray =>
    whileLoop(
      ([k]: [NDArray, NDArray]) => k.less(n),
      ([k, s]): [NDArray, NDArray] => [k.add(1), s.add(table.take(i))],
      [array(0, { dtype: "int32" }), array(0)] as [NDArray, NDArray],
    )[1];
  const far = array(7, { dtype: "int32" });
  expect(jit(f)(array(0, { dtype: "int32" }), far).item()).toBe(0);
  expect(() => jit(f)(array(1, { dtype: "int32" }), far)).toThrow(/take/);
});

test("a batch without lanes has no turn", () => {
  const f = (x: NDArray): NDArray =>
    whileLoop(
      (s: NDArray) => s.less(9),
      (s) => s.add(1),
      x,
    );
  expect(jit(vmap(f))(array(new Float64Array(0))).shape).toEqual([0]);
});

test("an empty array is in no turn, and all of it holds", () => {
  const f = (x: NDArray): NDArray =>
    whileLoop(
      ([k, s]: [NDArray, NDArray]) => k.less(3).logicalAnd(s.less(1).all()).logicalAnd(s.less(1).any().logicalNot()),
      ([k, s]): [NDArray, NDArray] => [k.add(1), s.mul(2)],
      [array(0), x] as [NDArray, NDArray],
    )[0];
  expect(jit(f)(array(new Float64Array(0))).item()).toBe(3);
});
