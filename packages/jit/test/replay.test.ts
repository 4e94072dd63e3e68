import type { NDArray } from "@ad/core";
import { afterAll, afterEach, expect, test, vi } from "vitest";

// A page that forbids compiling is remembered as one, so these are modules of their own.
vi.resetModules();
const { array, cond, foriLoop, grad, scan, whileLoop } = await import("@ad/core");
const { hessian } = await import("@ad/functional");
const { vmap } = await import("@ad/vmap");
const { jit } = await import("../src/index.js");

/** A page whose content security policy forbids that text becomes a function: what is known of it, is known from the first program on. */
const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
let made = 0;
const failing = (error: Error): unknown =>
  class {
    constructor() {
      made++;
      throw error;
    }
  };
afterEach(() => vi.unstubAllGlobals());
afterAll(() => {
  warn.mockRestore();
  vi.resetModules();
});

const x = array([0.5, -1, 2]);
const f = (x: NDArray): NDArray => x.sin().mul(x).sum();
const steps = (x: NDArray): NDArray => scan((s: NDArray, row: NDArray) => [s.mul(row).tanh(), s], 0.5, x)[1].sum();
const chosen = (x: NDArray): NDArray =>
  cond(
    x.sum().greater(0),
    (x) => x.exp().sum(),
    (x) => x.sum(),
    x,
  );
const turned = (x: NDArray): NDArray =>
  whileLoop(
    (s: NDArray) => s.sum().less(50),
    (s) => s.mul(1.5).add(1),
    x,
  ).sum();
const counted = (x: NDArray): NDArray => foriLoop(0, 4, (_, s: NDArray) => s.sin(), x).sum();

test("another error of compiling is not taken for a policy", () => {
  vi.stubGlobal("Function", failing(new SyntaxError("broken")));
  expect(() => jit(f)(x)).toThrow(SyntaxError);
});

test("where compiling is forbidden, it is tried once and said once", () => {
  vi.stubGlobal("Function", failing(new EvalError("forbidden")));
  made = 0;
  for (const g of [f, grad(f), steps]) for (let i = 0; i < 2; i++) jit(g)(x);
  expect(made).toBe(1);
  expect(warn.mock.calls).toEqual([["jit runs operation by operation: a content security policy forbids eval."]]);
});

test.each<[string, (x: NDArray) => NDArray]>([
  ["a function", f],
  ["scan", steps],
  ["cond", chosen],
  ["whileLoop", turned],
  ["foriLoop", counted],
])("from then on the operations of %s are run one by one, with the same results", (_, f) => {
  vi.stubGlobal("Function", failing(new Error("asked again")));
  const rows = array([x, x.neg(), x.mul(0.3)]);
  expect(jit(f)(x).item()).toBeCloseTo(f(x).item() as number, 12);
  for (const [own, like, at] of [
    [grad(jit(f)), grad(f), x],
    [jit(grad(f)), grad(f), x],
    [jit(hessian(f)), hessian(f), x],
    [jit(vmap(grad(f))), vmap(grad(f)), rows],
  ] as const)
    expect(Array.from(own(at).data())).toEqual(Array.from(like(at).data(), (value) => expect.closeTo(value, 12)));
});
