import { AxisError, arange, array, DTypeError, grad, matmul, type NDArray, ones, stack, TransformError, TreeError, zeros } from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test, vi } from "vitest";
import { hessian, jacfwd, jacobian, jacrev, type Strategy } from "../src/index.js";

const x = array([0.5, -1, 2]);

/** Every way to a Jacobian. */
const ways = (["auto", "forward", "reverse"] as const).flatMap((strategy) => [true, false].map((vectorize) => ({ strategy, vectorize })));

/** J of sin(x_i)·x_j, all pairs: ∂/∂x_k = cos(x_i)·x_j·δ_ik + sin(x_i)·δ_jk. */
const table = (y: NDArray) => y.sin().reshape(3, 1).mul(y);
const tableJacobian = [0, 1, 2].map((i) =>
  [0, 1, 2].map((j) =>
    [0, 1, 2].map((k) => {
      const [a, b] = [x.slice(i).item() as number, x.slice(j).item() as number];
      return (i === k ? Math.cos(a) * b : 0) + (j === k ? Math.sin(a) : 0);
    }),
  ),
);

describe.each(ways)("$strategy, vectorize $vectorize", (options) => {
  const tall = array([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
    [1, 0, 1],
    [0, 2, 0],
  ]);

  test("more outputs than inputs, and fewer", () => {
    expectClose(jacobian((y) => tall.matmul(y), options)(x), tall.toArray());
    expectClose(jacobian((y) => tall.T.matmul(y), options)(ones([5])), tall.T.toArray());
  });

  test("shape out ++ in, for shapes of several axes", () => {
    expectClose(jacobian(table, options)(x), tableJacobian);
    const f = (m: NDArray) => m.T.mul(2);
    const J = jacobian(f, options)(arange(6).reshape(2, 3));
    expect(J.shape).toEqual([3, 2, 2, 3]);
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 2; b++)
        for (let c = 0; c < 2; c++) for (let d = 0; d < 3; d++) expect(J.slice(a, b, c, d).item()).toBe(a === d && b === c ? 2 : 0);
  });

  test("of scalars, to scalars", () => {
    expect(jacobian((t: NDArray) => t.pow(3), options)(2).item()).toBe(12);
    expect(jacobian((y: NDArray) => y.square().sum(), options)(x).toArray()).toEqual([1, -2, 4]);
    expect(jacobian((t: NDArray) => t.mul([1, 10]), options)(3).toArray()).toEqual([1, 10]);
  });

  test("without elements", () => {
    expect(jacobian((y: NDArray) => y.mul(2), options)(zeros([0])).shape).toEqual([0, 0]);
    expect(jacobian((y: NDArray) => y.slice([0, 0]), options)(x).shape).toEqual([0, 3]);
    expect(jacobian((y: NDArray) => y.sum().add([1, 2]), options)(zeros([0])).shape).toEqual([2, 0]);
    expect(jacobian((y: NDArray) => y.sum(), options)(zeros([2, 0])).shape).toEqual([2, 0]);
  });

  test("a result that does not depend on the argument", () => {
    expect(jacobian((_: NDArray) => array([1, 2]), options)(x).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(jacobian((_: NDArray) => 3, options)(x).toArray()).toEqual([0, 0, 0]);
  });

  test("a tree of trees", () => {
    const f = (p: { w: NDArray; b: [NDArray, NDArray] }) => ({ u: p.w.mul(p.b[0]), v: [p.b[1].square()], fixed: array([1, 1]) });
    const J = jacobian(f, options)({ w: x, b: [2, array([3, 4])] });
    expect(J.u.w.toArray()).toEqual([
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
    ]);
    expect(J.u.b[0].toArray()).toEqual([0.5, -1, 2]);
    expect(J.u.b[1].toArray()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(J.v[0].w.shape).toEqual([2, 3]);
    expect(J.v[0].b[0].toArray()).toEqual([0, 0]);
    expect(J.v[0].b[1].toArray()).toEqual([
      [6, 0],
      [0, 8],
    ]);
    expect(J.fixed.b[1].toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("argnums: a position, or a list that gives a tuple", () => {
    const f = (a: NDArray, b: NDArray, c: NDArray) => a.mul(b).add(c);
    expectClose(jacobian(f, { ...options, argnums: 1 })(x, x, x), [
      [0.5, 0, 0],
      [0, -1, 0],
      [0, 0, 2],
    ]);
    const [c, a] = jacobian(f, { ...options, argnums: [2, 0] })(x, ones([3]), array(1));
    expect(c.toArray()).toEqual([1, 1, 1]);
    expect(a.toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const tree = jacobian((p: { a: NDArray }, q: NDArray) => [p.a.sum(), q] as const, { ...options, argnums: [0, 1] })({ a: x }, 2);
    expect(tree[0][0].a.toArray()).toEqual([1, 1, 1]);
    expect(tree[1][1].item()).toBe(1);
    expect(jacobian(f, { ...options, argnums: 0 })(x, array([1, 2, 3], { dtype: "int32" }), array(0)).shape).toEqual([3, 3]);
  });

  test("hasAux: aux comes back untouched, its arrays usable", () => {
    const odd = { f: () => 1 };
    const [J, aux] = jacobian((y: NDArray) => [y.mul(2), { odd, y: y.add(1) }] as const, { ...options, hasAux: true })(x);
    expect(J.toArray()).toEqual([
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
    ]);
    expect(aux.odd).toBe(odd);
    expect(aux.y.toArray()).toEqual([1.5, 0, 3]);
    const [[J0]] = jacobian((y: NDArray, _: NDArray) => [y, 1] as const, { ...options, hasAux: true, argnums: [0, 1] })(x, x);
    expect(J0.shape).toEqual([3, 3]);
  });

  test("float32 stays float32", () => {
    const J = jacobian((y: NDArray) => y.square(), options)(x.astype("float32"));
    expect([J.dtype, J.shape]).toEqual(["float32", [3, 3]]);
  });

  test("of mixed dtypes, each block in its argument's", () => {
    const [a, b] = jacobian((p: NDArray, q: NDArray) => p.mul(q), { ...options, argnums: [0, 1] })(x, x.astype("float32"));
    expect([a.shape, b.shape]).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expectClose(a, [
      [0.5, 0, 0],
      [0, -1, 0],
      [0, 0, 2],
    ]);
  });

  test("inside of other transformations", () => {
    const f = (y: NDArray) => jacobian((z) => z.pow(3), options)(y).sum();
    expectClose(grad(f)(x), [3, -6, 12]);
    expectClose(jvp(f, [x], [ones([3])])[1], 9);
    expectClose(vmap(f)(stack([x, x.mul(2)])), [3 * 5.25, 12 * 5.25]);
    expectClose(
      jacobian(
        jacobian((z: NDArray) => z.square(), options),
        options,
      )(ones([2])),
      [
        [
          [2, 0],
          [0, 0],
        ],
        [
          [0, 0],
          [0, 2],
        ],
      ],
    );
  });
});

describe("jacfwd and jacrev", () => {
  test.each([true, false])("fix the strategy, vectorize %s", (vectorize) => {
    expectClose(jacfwd(table, { vectorize })(x), tableJacobian);
    expectClose(jacrev(table, { vectorize })(x), tableJacobian);
    const f = (a: NDArray, b: NDArray) => [a.mul(b), "aux"] as const;
    for (const jac of [jacfwd, jacrev]) {
      const [[, J], aux] = jac(f, { vectorize, argnums: [0, 1], hasAux: true })(x, ones([3]));
      expectClose(J, [
        [0.5, 0, 0],
        [0, -1, 0],
        [0, 0, 2],
      ]);
      expect(aux).toBe("aux");
    }
  });
  test("take no strategy", () => {
    fails(() => jacfwd(table, { strategy: "reverse" } as never), TreeError, 'jacfwd: there is no option "strategy"');
    fails(() => jacrev(table, { strategy: "reverse" } as never), TreeError, 'jacrev: there is no option "strategy"');
  });
});

describe("f is called", () => {
  const count = (run: (f: (y: NDArray) => NDArray) => unknown): number => {
    let calls = 0;
    run((y) => {
      calls++;
      return y.sin().mul(2);
    });
    return calls;
  };
  test("once by a vectorised sweep", () => {
    expect(count((f) => jacfwd(f)(x))).toBe(1);
    expect(count((f) => jacrev(f)(x))).toBe(1);
    expect(count((f) => jacrev(f, { vectorize: false })(x))).toBe(1);
    expect(count((f) => jacobian((y) => f(y).sum())(x))).toBe(1);
    expect(count((f) => hessian((y) => f(y).sum())(x))).toBe(1);
  });
  test("once per column by a forward loop", () => expect(count((f) => jacfwd(f, { vectorize: false })(x))).toBe(3));
});

describe("errors", () => {
  test.each<[string, typeof jacobian]>([
    ["jacobian", jacobian],
    ["jacfwd", jacfwd as typeof jacobian],
    ["jacrev", jacrev as typeof jacobian],
    ["hessian", hessian as unknown as typeof jacobian],
  ])("%s", (op, jac) => {
    const f = (y: NDArray) => y;
    fails(() => jac(3 as never), TransformError, `${op}: 3 (number) is no function`);
    fails(() => jac(f, { vectorise: true } as never), TreeError, `${op}: there is no option "vectorise"; did you mean "vectorize"?`);
    fails(() => jac(f)(Int32Array.of(1)), DTypeError, `${op}: argument 0 is int32 at $; only floating arrays have derivatives.`);
    fails(
      () => jac(f, { argnums: 1 as never })(x),
      AxisError,
      `${op}: argnums names argument 1 (number), but the function was called with 1`,
    );
    fails(() => jac((p: { a: NDArray[] }) => p.a[0])({ a: ["no" as never] }), TreeError, `${op}: argument 0 has "no" at $.a[0]`);
  });
  test("what f returns", () => {
    for (const jac of [jacobian, jacfwd, jacrev] as (typeof jacobian)[]) {
      const op = jac.name;
      fails(
        () => jac((y: NDArray) => y.astype("int32"))(x),
        DTypeError,
        `${op}: the function returned int32, which has no derivative; return floating arrays, and the rest as aux with hasAux: true.`,
      );
      fails(() => jac((y: NDArray) => [y, y.greater(0)] as const)(x), DTypeError, `${op}: the function returned bool`);
      fails(() => jac((_: NDArray) => undefined as never)(x), TreeError, "the function's result has undefined at $");
      fails(() => jac((async (y: NDArray) => y) as never)(x as never), TransformError, "the function's result is a Promise at $");
      fails(() => jac((y: NDArray) => y as never, { hasAux: true })(x), TreeError, `${op}: with hasAux the function returns [out, aux]`);
    }
  });
  test("strategies", () => {
    const strategy = "backward" as Strategy;
    fails(() => jacobian(table, { strategy })(x), TransformError, 'jacobian: strategy is "backward"; use "auto", "forward" or "reverse".');
    fails(() => hessian(table, { innerStrategy: strategy })(x), TransformError, 'hessian: strategy is "backward"');
    fails(() => hessian(table, { outerStrategy: strategy })(x), TransformError, 'hessian: strategy is "backward"');
  });
});

describe("hessian", () => {
  const strategies = ["auto", "forward", "reverse"] as const;
  const every = strategies.flatMap((outerStrategy) =>
    strategies.flatMap((innerStrategy) => [true, false].map((vectorize) => ({ outerStrategy, innerStrategy, vectorize }))),
  );

  test.each(every)("$outerStrategy over $innerStrategy, vectorize $vectorize", (options) => {
    const A = array([
      [1, 2, 0],
      [3, 4, 1],
      [0, 0, 5],
    ]);
    expectClose(hessian((y) => y.matmul(A).dot(y), options)(x), A.add(A.T).toArray());
    expectClose(hessian((y) => y.prod(), options)(array([2, 3, 4])), [
      [0, 4, 3],
      [4, 0, 2],
      [3, 2, 0],
    ]);
    expectClose(hessian((y) => y.prod(), options)(array([0, 3, 0])), [
      [0, 0, 3],
      [0, 0, 0],
      [3, 0, 0],
    ]);
    expect(hessian((t: NDArray) => t.pow(3), options)(2).item()).toBe(12);
    // of an array: out ++ in ++ in
    const H = hessian(
      (y: NDArray) =>
        matmul(
          array([
            [1, 2, 3],
            [4, 5, 6],
          ]),
          y.pow(3),
        ),
      options,
    )(x);
    expect(H.shape).toEqual([2, 3, 3]);
    expectClose(
      H,
      [
        [1, 2, 3],
        [4, 5, 6],
      ].map((row) => [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 6 * row[i] * (x.slice(i).item() as number) : 0)))),
    );
  });

  test("a tree: the argument's tree at each of its leaves", () => {
    const f = (p: { a: NDArray; b: NDArray }) => p.a.square().mul(p.b.sum()).sum();
    const H = hessian(f)({ a: array([1, 2]), b: array([3, 4, 5]) });
    expect(H.a.a.toArray()).toEqual([
      [24, 0],
      [0, 24],
    ]);
    expect(H.a.b.toArray()).toEqual([
      [2, 2, 2],
      [4, 4, 4],
    ]);
    expect(H.b.a.toArray()).toEqual([
      [2, 4],
      [2, 4],
      [2, 4],
    ]);
    expect(H.b.b.toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  test("argnums and hasAux", () => {
    const f = (a: NDArray, b: NDArray) => a.pow(2).mul(b.pow(3));
    const [[aa, ab], [ba, bb]] = hessian(f, { argnums: [0, 1] })(2, 3);
    expect([aa, ab, ba, bb].map((h) => h.item())).toEqual([54, 108, 108, 72]);
    expect(hessian(f, { argnums: 1 })(array(2), 3).item()).toBe(72);
    const [H, aux] = hessian((y: NDArray) => [y.pow(3).sum(), { y: y.mul(2), note: "n" }] as const, { hasAux: true })(x);
    expectClose(H, [
      [3, 0, 0],
      [0, -6, 0],
      [0, 0, 12],
    ]);
    expect([aux.y.toArray(), aux.note]).toEqual([[1, -2, 4], "n"]);
  });

  test("linear and constant functions", () => {
    expect(hessian((y: NDArray) => y.sum())(x).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(hessian((_: NDArray) => 2)(x).shape).toEqual([3, 3]);
    expect(hessian((y: NDArray) => y.square().sum())(zeros([0])).shape).toEqual([0, 0]);
  });

  test("third derivatives", () => {
    const T = jacfwd(hessian((y: NDArray) => y.prod()))(array([2, 3, 4]));
    expect(T.shape).toEqual([3, 3, 3]);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) for (let k = 0; k < 3; k++) expect(T.slice(i, j, k).item()).toBe(new Set([i, j, k]).size === 3 ? 1 : 0);
  });

  test("of a batch, by vmap", () => {
    const points = stack([x, x.mul(2), x.add(1)]);
    const f = (y: NDArray) => y.prod().add(y.sin().sum());
    for (const options of [{}, { chunkSize: 2 }, { vectorize: false }, { innerStrategy: "forward", outerStrategy: "reverse" }] as const) {
      const H = vmap(hessian(f, options))(points);
      expect(H.shape).toEqual([3, 3, 3]);
      for (let i = 0; i < 3; i++) expectClose(H.slice(i), hessian(f)(points.slice(i)).toArray() as number[][]);
    }
  });

  test("Rosenbrock's", () => {
    const f = (y: NDArray) => {
      const [a, b] = [y.slice(0), y.slice(1)];
      return a.neg().add(1).square().add(b.sub(a.square()).square().mul(100));
    };
    const [a, b] = [-1.2, 1];
    expectClose(hessian(f)(array([a, b])), [
      [2 - 400 * (b - 3 * a * a), -400 * a],
      [-400 * a, 200],
    ]);
  });
});

test("slices of one array pass back through one array for all lanes, however short each lane's is", () => {
  const f = (x: NDArray): NDArray =>
    x
      .slice(0)
      .mul(x.slice(2))
      .add(x.slice(5).sin())
      .mul(x.slice([3, 5]));
  const xs = array(Float64Array.from({ length: 8000 }, (_, i) => Math.sin(i))).reshape(1000, 8);
  const expected = vmap(jacfwd(f))(xs);
  const applied = vi.spyOn(xs.device, "process");
  const found = vmap(jacrev(f))(xs);
  const names = applied.mock.calls.map(([name]) => name);
  applied.mockRestore();
  expectClose(found, expected.toArray());
  // The one that there is makes the directions.
  expect(names.filter((name) => name === "place")).toHaveLength(1);
});

test("a pass holds no more than its budget of what lies between, also where arguments and results are few", () => {
  // Forty directions at once would make arrays of 10 MB, and there are twenty of them between.
  const data = zeros([1 << 15]);
  const f = (x: NDArray): NDArray => {
    let y = x.sum().add(data);
    for (let i = 0; i < 20; i++) y = y.sin();
    return x.mul(y.mean());
  };
  const applied = vi.spyOn(data.device, "process");
  jacrev(f)(ones([40]));
  const largest = Math.max(...applied.mock.results.map(({ value }) => value.size)) / data.size;
  applied.mockRestore();
  expect(largest).toBeLessThan(20);
  expect(largest).toBeGreaterThan(4);
});
