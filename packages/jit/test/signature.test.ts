import { array, type NDArray, zeros } from "@ad/core";
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

test("eight programs in a row are said once, with the argument that changed and how", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const f = jit(function total(x: NDArray, k: number) {
    return x.sum().mul(k);
  });
  for (let n = 1; n <= 20; n++) f(zeros([n]), 2);
  expect(warn.mock.calls.map(([line]) => line)).toEqual([
    "jit: total was compiled 8 times in a row, lastly since argument 0 was float64[8] after float64[7]. Pad to common shapes, or leave jit out.",
  ]);
  f(zeros([20]), 2);
  for (let n = 21; n <= 40; n++) f(zeros([n]), 2);
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockClear();
  const g = jit(((x, ...more) => x.mul(more.length)) as Anything);
  for (let n = 1; n <= 8; n++) g(x, ...Array.from({ length: n }, (_, i) => `${i}`));
  expect(warn.mock.calls[0][0]).toContain('lastly since argument 8 was "7" after undefined.');
  warn.mockRestore();
});
