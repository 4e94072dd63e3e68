import { arange, array, cond, foriLoop, linspace, type NDArray, stack, where } from "@ad/core";
import { expectClose } from "@ad/expect";
import { jacobian } from "@ad/functional";
import { graph, jit } from "@ad/jit";
import { prepare, type SparseJacobianOptions, sparseHessian, sparseJacobian, valueAndSparseJacobian } from "@ad/sparse";
import { describe, expect, test } from "vitest";

const nested = (x: NDArray): never => x.toArray() as never;

/** The operations of the compiled entries, but for views, with the number of elements of each. */
function work(f: (x: NDArray) => NDArray, x: NDArray, options: SparseJacobianOptions<0> = {}): string[] {
  const values = (y: NDArray): NDArray => sparseJacobian(f, { ...options, flat: true })(y).values;
  expectClose(sparseJacobian(f, { ...options, flat: true })(x).values, nested(jit(values)(x)));
  return String(graph(values)(x))
    .split("\n")
    .flatMap((line) => {
      const [, shape, name] = / \w+: \w+\[([\d, ]*)\] = (\w+)/.exec(line) ?? [];
      if (name === undefined || ["reshape", "slice", "broadcast", "transpose"].includes(name)) return [];
      return [`${name} ${shape.split(", ").reduce((n, size) => n * Number(size), 1)}`];
    });
}

describe("in jit, only the entries are computed", () => {
  test("of a linear function nothing is", () => {
    expect(work((x) => x.roll(1).sub(x.mul(2)).add(x.roll(-1)), linspace(0, 1, 50))).toEqual([]);
  });

  test("known terms and zeros are none, and each formula is computed where it stands", () => {
    const x = linspace(0, 1, 40);
    // ∂f/∂x is 2 x on the diagonal, and 1 beside it.
    expect(work((x) => x.roll(1).add(x.square()), x)).toEqual(["mul 40", "scatterAdd 80"]);
    expect(work((x) => where(arange(40).less(10), x.sin(), x.mul(3)), x)).toEqual(["cos 40", "scatterAdd 40"]);
    expect(work((x) => stack([x.sin(), x]), x)).toEqual(["cos 40", "scatterAdd 80"]);
    expect(work((x) => x.exp(), x, { strategy: "reverse" })).toEqual(["exp 40"]);
  });

  test("what does not depend on the direction is computed once", () => {
    const shared = (x: NDArray): NDArray => {
      const s = x.sin().exp();
      return s.mul(s.roll(1));
    };
    expect(work(shared, linspace(0, 1, 30)).filter((each) => /^(sin|exp|cos) /.test(each))).toEqual(["sin 30", "exp 30", "cos 30"]);
  });

  test("sums of a few terms are these alone", () => {
    const blocks = (x: NDArray): NDArray => x.square().reshape([20, 2]).sum(1);
    expect(work(blocks, linspace(0, 1, 40))).toEqual(["mul 40"]);
    const indices = array(Int32Array.from({ length: 40 }, (_, i) => (i + 1) % 40));
    const scattered = (x: NDArray): NDArray => x.mul(0).scatterAdd(indices, x.square());
    expect(work(scattered, linspace(0, 1, 40)).every((each) => Number(each.split(" ")[1]) <= 80)).toBe(true);
  });
});

describe("the compiled entries are those of the plain call", () => {
  const pairs = array(Int32Array.from([0, 1, 2, 3, 4, 0, 2, 2]));
  const functions: Record<string, (x: NDArray) => NDArray> = {
    "many formulas": (x) => stack(Array.from({ length: 50 }, (_, k) => x.mul(k % 5 === 0 ? x : x.roll(1)).add(x.mul(k)))),
    "gathers and sums over them": (x) => x.mul(0).scatterAdd(pairs, x.take(pairs).mul(x.slice([0, 8]).sin())),
    "a matrix": (x) => x.reshape([3, 3]).matmul(x.reshape([3, 3]).T),
    "running sums": (x) => x.cumsum().mul(x),
    "a branch and a loop": (x) =>
      cond(
        x.sum().greater(0),
        (y: NDArray) => foriLoop(0, 3, (_, s: NDArray) => s.add(s.roll(1).sin()), y),
        (y: NDArray) => y,
        x,
      ).mul(x),
    "sums in sums": (x) =>
      x
        .reshape([3, 3])
        .square()
        .sum(0)
        .add(x.reshape([3, 3]).sum(1).sin()),
    "quotients and choices": (x) => where(x.greater(0.5), x.div(x.roll(1).add(2)), x.roll(2).neg()),
    "a long chain": (x) =>
      Array.from({ length: 420 })
        .reduce<NDArray>((y) => y.mul(0.999).add(x.mul(0.001)), x)
        .mul(x),
  };
  const x = linspace(0.1, 1.3, 9);
  test.each(Object.entries(functions))("%s", (name, f) => {
    const dense = jacobian(f)(x).reshape([f(x).size, 9]);
    const all = [{}, { strategy: "forward" }, { strategy: "reverse" }, { chunkSize: 2 }] as const;
    for (const option of name.startsWith("many") || name.startsWith("a long") ? all.slice(0, 1) : all)
      expectClose(jit((x: NDArray) => sparseJacobian(f, { ...option, flat: true })(x).toDense())(x), nested(dense));
  });

  test("with values, trees and aux", () => {
    const f = (p: { a: NDArray; b: NDArray }): readonly [NDArray[], NDArray] => [[p.a.mul(p.b), p.b.sin()], p.a.add(1)];
    const p = { a: x, b: x.mul(2) };
    const all = valueAndSparseJacobian(f, { hasAux: true });
    const compiled = jit((p: { a: NDArray; b: NDArray }) => all(p));
    const [[value, aux], J] = all(p);
    const [[ownValue, ownAux], own] = compiled(p);
    expectClose(ownAux, nested(aux));
    ownValue.forEach((each, i) => {
      expectClose(each, nested(value[i]));
      for (const key of ["a", "b"] as const) expectClose(own[i][key].toDense(), nested(J[i][key].toDense()));
    });
  });

  test("and a Hessian's, of what was prepared", () => {
    const f = (x: NDArray): NDArray =>
      x
        .slice([1, null])
        .mul(x.slice([0, -1]).square())
        .sum()
        .add(x.exp().sum());
    const prepared = prepare(f, x, { of: "hessian" });
    expectClose(jit((x: NDArray) => sparseHessian(f, prepared)(x).values)(x), nested(sparseHessian(f, prepared)(x).values));
  });

  test("but that 0 times what is not finite is 0", () => {
    // At 0 the square root's derivative is not finite; it is no factor of the other entry of its row.
    const f = (x: NDArray): NDArray => x.sqrt().add(x.roll(1));
    expect(jit((x: NDArray) => sparseJacobian(f)(x).toDense())(array([0, 1, 4])).toArray()).toEqual([
      [Number.POSITIVE_INFINITY, 0, 1],
      [1, 0.5, 0],
      [0, 1, 0.25],
    ]);
  });
});
