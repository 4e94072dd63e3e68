import { array, DTypeError, grad, type NDArray, TreeError, zeros } from "@ad/core";
import { describe, expect, test, vi } from "vitest";
import { jit } from "../src/index.js";

const x = array([1, 2]);
type Anything = (x: NDArray, ...more: unknown[]) => NDArray;

describe("static values that look alike are told apart", () => {
  const lengths: Anything = (x, a, b) => x.mul((a as string).length).add((b as string).length);
  test("strings with separators in them", () => {
    const f = jit(lengths);
    expect(f(x, "a;string b", "c").toArray()).toEqual([11, 21]);
    expect(f(x, "a", "b;string c").toArray()).toEqual([11, 12]);
    expect(f(x, 'a";"b', "c").toArray()).toEqual([6, 11]);
    expect(f(x, "a", 'b";"c').toArray()).toEqual([6, 7]);
  });
  test("lists of strings", () => {
    const f = jit<[NDArray, string[]], NDArray>((x, list) => x.mul(list.length));
    expect(f(x, ["a,b"]).toArray()).toEqual([1, 2]);
    expect(f(x, ["a", "b"]).toArray()).toEqual([2, 4]);
    expect(f(x, ['a","b']).toArray()).toEqual([1, 2]);
  });
  test("symbols of one description, registered and not", () => {
    const own = Symbol("a");
    const f = jit(((x, s) => x.mul(s === own ? 2 : s === Symbol.for("a") ? 3 : 5)) as Anything);
    expect(f(x, own).toArray()).toEqual([2, 4]);
    expect(f(x, Symbol("a")).toArray()).toEqual([5, 10]);
    expect(f(x, Symbol.for("a")).toArray()).toEqual([3, 6]);
  });
  test("a string, a number, a bigint and a truth value that are written alike; zeros of both signs", () => {
    const f = jit(((x, k) => x.mul(typeof k === "string" ? 2 : typeof k === "bigint" ? 3 : 5)) as Anything, { staticArgnums: 1 });
    expect(f(x, "1").toArray()).toEqual([2, 4]);
    expect(f(x, 1n).toArray()).toEqual([3, 6]);
    expect(f(x, 1).toArray()).toEqual([5, 10]);
    const sign = jit(((x, k) => x.mul(Object.is(k, -0) ? -1 : 1)) as Anything, { staticArgnums: 1 });
    expect(sign(x, 0).toArray()).toEqual([1, 2]);
    expect(sign(x, -0).toArray()).toEqual([-1, -2]);
  });
});

describe("one function has one compiled function", () => {
  test("jit without options gives the same one, which clear() empties for all", () => {
    let traced = 0;
    const f = (x: NDArray): NDArray => {
      traced++;
      return x.mul(2);
    };
    for (let i = 0; i < 3; i++) expect(jit(f)(x).toArray()).toEqual([2, 4]);
    expect(traced).toBe(1);
    expect(jit(f, { cacheSize: 2 })).not.toBe(jit(f));
    jit(f, { staticArgnums: [] })(x);
    expect(traced).toBe(2);
    jit(f).clear();
    jit(f)(x);
    expect(traced).toBe(3);
    expect(grad((x: NDArray) => jit(f)(x).sum())(x).toArray()).toEqual([2, 2]);
    expect(traced).toBe(3);
  });
  test("it has the function's number of parameters", () => {
    expect(jit((x: NDArray, y: NDArray) => x.add(y)).length).toBe(2);
    expect(jit((x: NDArray, k: number) => x.mul(k), { staticArgnums: 1 }).length).toBe(2);
  });
  test("it has the function's name", () => {
    expect(
      jit(function energy(x: NDArray) {
        return x.sum();
      }).name,
    ).toBe("energy");
  });
});

describe("static positions", () => {
  const power = (x: NDArray, n: number): NDArray => (n > 2 ? x.mul(n) : x);
  test("negative ones count from the end of a call", () => {
    const f = jit(power, { staticArgnums: -1 });
    expect(f(x, 3).toArray()).toEqual([3, 6]);
    expect(f(x, 2).toArray()).toEqual([1, 2]);
    expect(grad((x: NDArray) => f(x, 3).sum())(x).toArray()).toEqual([3, 3]);
    const own: Anything = jit((x: NDArray, ...more: unknown[]) => x.mul(more.length * Number(more[more.length - 1] === 5)), {
      staticArgnums: [-1],
    });
    expect(own(x, x, 5).toArray()).toEqual([2, 4]);
    expect(own(x, 5).toArray()).toEqual([1, 2]);
    // The same array, once static and once traced.
    const same = jit((a: NDArray, b: NDArray) => a.add(b), { staticArgnums: 0 });
    for (let i = 0; i < 2; i++) expect(same(x, x).toArray()).toEqual([2, 4]);
    expect(same(x, array([3, 4])).toArray()).toEqual([4, 6]);
  });
  test("what is no whole number is refused", () => {
    for (const n of [0.5, NaN, "1", null])
      expect(() => jit(power, { staticArgnums: n as number })).toThrow(/^jit: staticArgnums is .*; give a whole number\.$/);
    for (const n of [0, -1, 1.5]) expect(() => jit(power, { cacheSize: n })).toThrow("give a whole number from 1 on.");
  });
});

describe("arguments that are no trees", () => {
  const first = (t: { x: NDArray }): NDArray => t.x;
  test("one that stands inside of itself, and one without an end", () => {
    const own: { x: NDArray; self?: object } = { x };
    own.self = own;
    let deep: unknown = x;
    for (let i = 0; i < 250; i++) deep = [deep];
    for (const wrong of [own, { x: deep }])
      expect(() => jit(first)(wrong as never)).toThrow(
        new TreeError("jit: an argument is nested more than 200 deep, or a part of it stands inside of itself."),
      );
    expect(jit(first, { staticArgnums: 0 })(own).toArray()).toEqual([1, 2]);
  });
  test("typed arrays that are no arrays are refused by their names", () => {
    expect(() => jit((x: NDArray) => x.add(1))(new BigInt64Array([1n]) as never)).toThrow(DTypeError);
    expect(() => jit((x: NDArray) => x.add(1))(new BigInt64Array([1n]) as never)).toThrow(/^jit: .*BigInt64Array/);
    expect(() => jit((t: { x: NDArray }) => t.x.add(1))({ x: new DataView(new ArrayBuffer(8)) } as never)).toThrow(/^jit: .*DataView/);
  });
});

test("eight programs in a row are said once, with the argument that changed and how", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const f = jit(function total(x: NDArray, k: number) {
    return x.sum().mul(k);
  });
  for (let n = 1; n <= 20; n++) f(zeros([n]), 2);
  expect(warn.mock.calls.map(([line]) => line)).toEqual([
    "jit: total was compiled 8 times in a row: argument 0 was float64[8] after float64[7]. Pad to common shapes or omit jit.",
  ]);
  f(zeros([20]), 2);
  for (let n = 21; n <= 40; n++) f(zeros([n]), 2);
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockClear();
  const g = jit(((x, ...more) => x.mul(more.length)) as Anything);
  for (let n = 1; n <= 8; n++) g(x, ...Array.from({ length: n }, (_, i) => `${i}`));
  expect(warn.mock.calls[0][0]).toContain('argument 8 was "7" after undefined.');
  warn.mockClear();
  const h = jit(((x, by) => x.mul(typeof by === "symbol" ? 1 : 2)) as Anything);
  for (let n = 1; n <= 8; n++) h(x, Symbol("mode"));
  expect(warn.mock.calls[0][0]).toMatch(/argument 1 was symbol mode@\d+ after symbol mode@\d+\./);
  warn.mockClear();
  const k = jit(((x, by) => (by as (x: NDArray) => NDArray)(x)) as Anything);
  for (let n = 1; n <= 8; n++) {
    const step = (x: NDArray): NDArray => x.mul(n);
    k(x, step);
  }
  expect(warn.mock.calls[0][0]).toMatch(/argument 1 was function step@\d+ after function step@\d+\./);
  warn.mockRestore();
});
