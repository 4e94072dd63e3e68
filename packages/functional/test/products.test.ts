import { arange, array, DTypeError, matmul, type NDArray, ones, ShapeError, stack, TransformError, TreeError, vjp } from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { batchJvp, batchVjp, hessian, hvp, jacobian, jvpMany, vhp, vjpMany } from "../src/index.js";

const x = array([0.5, -1, 2]);
const W = array([
  [1, 2, 3],
  [4, 5, 6],
]);
/** J = diag(1 − tanh²(Wx))·W. */
const f = (y: NDArray) => matmul(W, y).tanh();
const f2 = (a: NDArray, p: { b: NDArray }) => ({ s: a.mul(p.b).sum(), t: [p.b.sin()] });
const points = arange(12).reshape(4, 3).mul(0.3).sub(1);
const directions = arange(12).reshape(4, 3).mul(0.7).cos();

/** Counts the calls of a function. */
function counted<A extends unknown[], R>(g: (...args: A) => R): { f: (...args: A) => R; calls: () => number } {
  let n = 0;
  return {
    f: (...args) => {
      n++;
      return g(...args);
    },
    calls: () => n,
  };
}

describe("hvp and vhp", () => {
  const g = (y: NDArray) => y.pow(3).sum().mul(y.slice(0));
  const v = array([1, 2, -1]);

  test("are f's value and the product with the Hessian", () => {
    const expected = hessian(g)(x).matmul(v).toArray();
    for (const product of [hvp, vhp]) {
      const [value, [p]] = product(g, [x], [v]);
      expectClose(value, g(x).item());
      expectClose(p, expected);
    }
  });

  test("run f once", () => {
    for (const product of [hvp, vhp]) {
      const { f: once, calls } = counted(g);
      product(once, [x], [v]);
      expect(calls()).toBe(1);
    }
  });

  test("give a tuple of the primals' form", () => {
    const h = (a: NDArray, p: { b: NDArray }) => a.square().mul(p.b.sum()).sum();
    for (const product of [hvp, vhp]) {
      const [value, [da, dp]] = product(h, [array([1, 2]), { b: x }], [array([1, 0]), { b: ones([3]) }]);
      expect(value.item()).toBe(7.5);
      // ∂²/∂a² = 2Σb on the diagonal, ∂²/∂a∂b = 2a
      expect(da.toArray()).toEqual([3 + 6, 12]);
      expect(dp.b.toArray()).toEqual([2, 2, 2]);
    }
  });

  test("forms that do not fit", () => {
    fails(
      () => hvp(g, x as never, [v]),
      TreeError,
      "hvp: primals are an array of shape [3] and dtype float64; give a tuple with one entry per argument, as in [x].",
    );
    fails(() => hvp(g, [x], v as never), TreeError, "hvp: tangents are an array of shape [3]");
    fails(() => vhp(g, [x], v as never), TreeError, "vhp: cotangents are an array of shape [3]");
    fails(() => hvp(g, [x], [ones([2])]), ShapeError, "hvp: tangent 0 has shape [2] at $, but [3] is wanted.");
    fails(() => hvp(g, [x], [v, v] as never), TreeError, "hvp: 2 tangents are given for 1 primals; give one for each.");
    fails(() => vhp(g, [x], [] as never), TreeError, "vhp: 0 cotangents are given for 1 primals; give one for each.");
    fails(() => vhp(g, [x], [ones([2])]), ShapeError, "vhp: cotangent 0 has shape [2] at $, but [3] is wanted.");
    fails(() => hvp(f as never, [x], [v]), ShapeError, "the function returned an array of shape [2], but a scalar is wanted");
    fails(() => hvp(1 as never, [x], [v]), TransformError, "hvp: 1 (number) is no function");
    fails(() => vhp(1 as never, [x], [v]), TransformError, "vhp: 1 (number) is no function");
    fails(() => hvp(g, [Int32Array.of(1)], [1]), DTypeError, "is int32 at $");
  });
});

describe("jvpMany", () => {
  test("is J·v for each tangent, and f's value", () => {
    const [out, products] = jvpMany(f, [x], [directions]);
    expectClose(out, f(x).toArray());
    expectClose(products, directions.matmul(jacobian(f)(x).T).toArray());
  });
  test("computes the primal once", () => {
    const { f: once, calls } = counted(f);
    const shapes: (readonly number[])[] = [];
    const spy = (y: NDArray) => {
      shapes.push(y.shape);
      return once(y);
    };
    jvpMany(spy, [x], [directions]);
    expect([calls(), shapes]).toEqual([1, [[3]]]);
  });
  test("trees, several arguments", () => {
    const [out, products] = jvpMany(f2, [x, { b: ones([3]) }], [directions, { b: directions.mul(2) }]);
    expect([out.s.shape, out.t[0].shape, products.s.shape, products.t[0].shape]).toEqual([[], [3], [4], [4, 3]]);
    for (let n = 0; n < 4; n++) {
      const [, one] = jvp(f2, [x, { b: ones([3]) }], [directions.slice(n), { b: directions.slice(n).mul(2) }]);
      expectClose(products.s.slice(n), one.s.item());
      expectClose(products.t[0].slice(n), one.t[0].toArray());
    }
  });
  test.each([0, 1])("%i tangents", (n) => {
    const [out, products] = jvpMany(f, [x], [ones([n, 3])]);
    expect([out.shape, products.shape]).toEqual([[2], [n, 2]]);
  });
  test("a result that does not depend on the primals", () => {
    const [out, products] = jvpMany((_: NDArray) => array([1, 2]), [x], [directions]);
    expect([out.toArray(), products.toArray()]).toEqual([
      [1, 2],
      [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ]);
  });
  test("forms that do not fit", () => {
    fails(() => jvpMany(f, x as never, [directions]), TreeError, "jvpMany: primals are an array of shape [3]");
    fails(() => jvpMany(f, [x], directions as never), TreeError, "jvpMany: tangents are an array of shape [4, 3]");
    fails(
      () => jvpMany(f, [x], [ones([3])]),
      ShapeError,
      "jvpMany: tangents have shape [3] at $[0], but [N, 3] is wanted, the same N everywhere.",
    );
    fails(() => jvpMany(f, [x], [ones([4, 2])]), ShapeError, "jvpMany: tangents have shape [4, 2] at $[0], but [N, 3] is wanted");
    fails(() => jvpMany(f2, [x, { b: x }], [directions, { b: ones([5, 3]) }]), ShapeError, "jvpMany: tangents have shape [5, 3] at $[1].b");
    fails(
      () => jvpMany(f2, [x, { b: x }], [directions] as never),
      TreeError,
      "jvpMany: tangents have the form [*], but [*, { b: * }] is wanted.",
    );
    fails(() => jvpMany(f, [true], [directions]), DTypeError, "jvpMany: primals is bool at $[0]");
    fails(() => jvpMany(2 as never, [x], [directions]), TransformError, "jvpMany: 2 (number) is no function");
  });
});

describe("many products in parts", () => {
  const cotangents = arange(10).reshape(5, 2).sin();
  const withAux = (x: NDArray) => [f(x), "note"] as const;
  test.each([{ chunkSize: 1 }, { chunkSize: 2 }, { chunkSize: 100 }, { memoryBudget: 1 }, { memoryBudget: 1000 }])(
    "%o: the same values, and f runs once",
    (options) => {
      const { f: once, calls } = counted(f);
      expectClose(jvpMany(once, [x], [directions], options)[1], jvpMany(f, [x], [directions])[1].toArray());
      expectClose(vjpMany(once, [x], cotangents, options)[1][0], vjpMany(f, [x], cotangents)[1][0].toArray());
      expect(calls()).toBe(2);
      const [out, products, note] = jvpMany(withAux, [x], [directions], { ...options, hasAux: true });
      expectClose(out, f(x).toArray());
      expect([products.shape, note]).toEqual([[4, 2], "note"]);
      expect(vjpMany(withAux, [x], cotangents, { ...options, hasAux: true })[2]).toBe("note");
      expectClose(
        vmap((y: NDArray) => jvpMany(f, [y], [directions], options)[1])(stack([x, x])).slice(1),
        jvpMany(f, [x], [directions])[1].toArray(),
      );
      expectClose(
        jacobian((y: NDArray) => jvpMany(f, [y], [directions], options)[1])(x),
        jacobian((y: NDArray) => jvpMany(f, [y], [directions])[1])(x).toArray(),
      );
      expectClose(
        jacobian((y: NDArray) => vjpMany(f, [y], cotangents, options)[1][0])(x),
        jacobian((y: NDArray) => vjpMany(f, [y], cotangents)[1][0])(x).toArray(),
      );
    },
  );
  test("a result that does not depend on the primals, and trees", () => {
    expect(jvpMany((_: NDArray) => array([1, 2]), [x], [directions], { chunkSize: 3 })[1].shape).toEqual([4, 2]);
    const [out, products] = jvpMany(f2, [x, { b: ones([3]) }], [directions, { b: directions.mul(2) }], { chunkSize: 3 });
    expect([out.s.shape, out.t[0].shape, products.s.shape, products.t[0].shape]).toEqual([[], [3], [4], [4, 3]]);
  });
  test("large ones have a budget by default: no array holds all directions at once", () => {
    const sizes = new Set<number>();
    const n = 1000;
    const y = ones([n]);
    const looked = (x: NDArray): NDArray => {
      const out = x.sin();
      sizes.add(out.bottom()?.size ?? 0);
      return out.sum().mul(x);
    };
    const [, [products]] = vjpMany(looked, [y], ones([4000, n]));
    const [, pushed] = jvpMany((x: NDArray) => looked(x).sum(), [y], [ones([4000, n])]);
    expect([products.shape, pushed.shape, [...sizes]]).toEqual([[4000, n], [4000], [n]]);
  });
  test("sizes that are none", () => {
    fails(() => jvpMany(f, [x], [directions], { chunkSize: 0 }), TransformError, "jvpMany: chunkSize is 0");
    fails(() => vjpMany(f, [x], cotangents, { memoryBudget: 0.5 }), TransformError, "vjpMany: memoryBudget is 0.5");
  });
});

describe("vjpMany", () => {
  const cotangents = arange(10).reshape(5, 2).sin();
  test("is Jᵀ·v for each cotangent, and f's value", () => {
    const [out, [products]] = vjpMany(f, [x], cotangents);
    expectClose(out, f(x).toArray());
    expectClose(products, cotangents.matmul(jacobian(f)(x)).toArray());
  });
  test("computes the primal once", () => {
    const { f: once, calls } = counted(f);
    vjpMany(once, [x], cotangents);
    expect(calls()).toBe(1);
  });
  test("trees, several arguments", () => {
    const ct = { s: arange(5), t: [ones([5, 3])] };
    const [out, [da, dp]] = vjpMany(f2, [x, { b: ones([3]) }], ct);
    expect([out.s.shape, da.shape, dp.b.shape]).toEqual([[], [5, 3], [5, 3]]);
    for (let n = 0; n < 5; n++) {
      const [a, p] = vjp(f2, x, { b: ones([3]) })[1]({ s: n, t: [ones([3])] });
      expectClose(da.slice(n), a.toArray());
      expectClose(dp.b.slice(n), p.b.toArray());
    }
  });
  test.each([0, 1])("%i cotangents", (n) => {
    const [out, [products]] = vjpMany(f, [x], ones([n, 2]));
    expect([out.shape, products.shape]).toEqual([[2], [n, 3]]);
  });
  test("an argument that f does not use", () => {
    const [, [a, b]] = vjpMany((p: NDArray, _: NDArray) => p.mul(2), [x, W], ones([2, 3]));
    expect([a.shape, b.shape]).toEqual([
      [2, 3],
      [2, 2, 3],
    ]);
  });
  test("forms that do not fit", () => {
    fails(() => vjpMany(f, x as never, cotangents), TreeError, "vjpMany: primals are an array of shape [3]");
    fails(
      () => vjpMany(f, [x], ones([2])),
      ShapeError,
      "vjpMany: cotangents have shape [2] at $, but [N, 2] is wanted, the same N everywhere.",
    );
    fails(
      () => vjpMany(f, [x], [cotangents] as never),
      TreeError,
      "vjpMany: cotangents have the form [*], but * is wanted. Give one tree of that form, with a first axis of N at each array, and no list of cotangents.",
    );
    fails(
      () => vjpMany(f2, [x, { b: x }], { s: ones([2]), t: [ones([3, 3])] }),
      ShapeError,
      "vjpMany: cotangents have shape [3, 3] at $.t[0]",
    );
    fails(() => vjpMany(2 as never, [x], cotangents), TransformError, "vjpMany: 2 (number) is no function");
  });
});

describe("batchJvp", () => {
  test("is J(x_i)·v_i at every point", () => {
    const { f: once, calls } = counted(f);
    const [outs, products] = batchJvp(once, [points], [directions]);
    expect(calls()).toBe(1);
    for (let i = 0; i < 4; i++) {
      const [out, product] = jvp(f, [points.slice(i)], [directions.slice(i)]);
      expectClose(outs.slice(i), out.toArray());
      expectClose(products.slice(i), product.toArray());
    }
  });
  test("trees, several arguments", () => {
    const [outs, products] = batchJvp(f2, [points, { b: directions }], [directions, { b: points }]);
    const [out, product] = jvp(f2, [points.slice(2), { b: directions.slice(2) }], [directions.slice(2), { b: points.slice(2) }]);
    expectClose(outs.t[0].slice(2), out.t[0].toArray());
    expectClose(products.s.slice(2), product.s.item());
    expectClose(products.t[0].slice(2), product.t[0].toArray());
  });
  test.each([0, 1])("%i points", (n) => {
    expect(batchJvp(f, [ones([n, 3])], [ones([n, 3])]).map((y) => y.shape)).toEqual([
      [n, 2],
      [n, 2],
    ]);
  });
  test("a product that is zero everywhere still has the batch", () => {
    expect(batchJvp((_: NDArray) => array([1, 2]), [points], [directions]).map((y) => y.shape)).toEqual([
      [4, 2],
      [4, 2],
    ]);
  });
  test("forms that do not fit", () => {
    fails(() => batchJvp(f, points as never, [directions]), TreeError, "batchJvp: primals are an array of shape [4, 3]");
    fails(() => batchJvp(f, [points], directions as never), TreeError, "batchJvp: tangents are an array of shape [4, 3]");
    fails(
      () => batchJvp(f, [points], [ones([5, 3])]),
      ShapeError,
      "batchJvp: tangents at $[0] have 5 elements along axis 0, but primals at $[0] have 4; mapped axes must agree.",
    );
    fails(() => batchJvp(f, [points], [ones([4, 2])]), ShapeError, "batchJvp: tangent 0 has shape [4, 2] at $, but [4, 3] is wanted.");
    fails(() => batchJvp(f, [1], [1]), ShapeError, "batchJvp: primals at $[0] have shape [], but a first axis with one entry per point");
    fails(() => batchJvp(() => x, [], []), TreeError, "batchJvp: there is no array in the primals; give one at least");
    fails(() => batchJvp((() => "a") as never, [points], [directions]), TreeError, 'batchJvp: the function\'s result has "a" at $');
    fails(() => batchJvp(2 as never, [x], [x]), TransformError, "batchJvp: 2 (number) is no function");
  });
});

describe("batchVjp", () => {
  const cotangents = arange(8).reshape(4, 2).cos();
  test("is J(x_i)ᵀ·v_i at every point", () => {
    const { f: once, calls } = counted(f);
    const [outs, [products]] = batchVjp(once, [points], cotangents);
    expect(calls()).toBe(1);
    for (let i = 0; i < 4; i++) {
      const [out, pullback] = vjp(f, points.slice(i));
      expectClose(outs.slice(i), out.toArray());
      expectClose(products.slice(i), pullback(cotangents.slice(i))[0].toArray());
    }
  });
  test("trees, several arguments", () => {
    const ct = { s: array([1, 2, 3, 4]), t: [directions] };
    const [outs, [da, dp]] = batchVjp(f2, [points, { b: directions }], ct);
    const [out, pullback] = vjp(f2, points.slice(3), { b: directions.slice(3) });
    const [a, p] = pullback({ s: 4, t: [directions.slice(3)] });
    expectClose(outs.s.slice(3), out.s.item());
    expectClose(da.slice(3), a.toArray());
    expectClose(dp.b.slice(3), p.b.toArray());
  });
  test.each([0, 1])("%i points", (n) => {
    const [outs, [products]] = batchVjp(f, [ones([n, 3])], ones([n, 2]));
    expect([outs.shape, products.shape]).toEqual([
      [n, 2],
      [n, 3],
    ]);
  });
  test("forms that do not fit", () => {
    fails(() => batchVjp(f, points as never, cotangents), TreeError, "batchVjp: primals are an array of shape [4, 3]");
    fails(
      () => batchVjp(f, [points], ones([5, 2])),
      ShapeError,
      "batchVjp: cotangents at $ have 5 elements along axis 0, but primals at $[0] have 4; mapped axes must agree.",
    );
    fails(() => batchVjp(f, [points], "a" as never), TreeError, 'batchVjp: cotangents has "a" at $');
    fails(() => batchVjp(f, [points], ones([4, 3])), ShapeError, "the cotangent has shape [3] at $, but [2] is wanted.");
    fails(() => batchVjp(2 as never, [x], x), TransformError, "batchVjp: 2 (number) is no function");
  });
  test("per-point Jacobians, row by row", () => {
    const rows = [0, 1].map((k) => batchVjp(f, [points], array([[+(k === 0), +(k === 1)]]).broadcastTo([4, 2]))[1][0]);
    const J = stack(rows, 1);
    expect(J.shape).toEqual([4, 2, 3]);
    expectClose(J.slice(1), jacobian(f)(points.slice(1)).toArray());
  });
});

describe("hasAux: aux comes back beside the products", () => {
  const withAux = (y: NDArray) => [f(y), { note: "tanh", norm: y.square().sum() }] as const;
  const scalar = (y: NDArray) => [y.pow(3).sum(), { note: "cube", y }] as const;
  const option = { hasAux: true } as const;

  test("at one point untouched, f run once", () => {
    const { f: g, calls } = counted(withAux);
    const [out, products, aux] = jvpMany(g, [x], [directions], option);
    expect([out.toArray(), products.toArray()]).toEqual(jvpMany(f, [x], [directions]).map((y) => y.toArray()));
    expect(calls()).toBe(1);
    const cotangents = arange(8).reshape(4, 2);
    const [value, [pulled], beside] = vjpMany(g, [x], cotangents, option);
    expect(calls()).toBe(2);
    expect([value.toArray(), pulled.toArray()]).toEqual([out.toArray(), vjpMany(f, [x], cotangents)[1][0].toArray()]);
    for (const { note, norm } of [aux, beside]) expect([note, norm.shape, norm.item()]).toEqual(["tanh", [], 5.25]);
  });
  test("of second order", () => {
    for (const product of [hvp, vhp]) {
      const { f: g, calls } = counted(scalar);
      const [value, [p], aux] = product(g, [x], [array([1, 2, -1])], option);
      expect([value.item(), p.toArray(), calls()]).toEqual([7.125, [3, -12, -12], 1]);
      expect([aux.note, aux.y.toArray()]).toEqual(["cube", x.toArray()]);
    }
  });
  test("at many points stacked", () => {
    const arrays = (y: NDArray) => [f(y), { norm: y.square().sum() }] as const;
    const norms = points.square().sum(1).toArray();
    const [outs, products, aux] = batchJvp(arrays, [points], [directions], option);
    expect([outs.toArray(), products.toArray()]).toEqual(batchJvp(f, [points], [directions]).map((y) => y.toArray()));
    expectClose(aux.norm, norms);
    const [, [pulled], beside] = batchVjp(arrays, [points], ones([4, 2]), option);
    expect(pulled.toArray()).toEqual(batchVjp(f, [points], ones([4, 2]))[1][0].toArray());
    expectClose(beside.norm, norms);
    const [[, , inner]] = [vmap((v: NDArray) => jvpMany(arrays, [v], [directions], option))(points)];
    expectClose(inner.norm, norms);
  });
  test("what does not fit", () => {
    fails(() => jvpMany(f as never, [x], [directions], option), TreeError, "with hasAux the function returns [out, aux]");
    fails(() => vjpMany(f as never, [x], ones([1, 2]) as never, option), TreeError, "vjpMany: with hasAux the function returns [out, aux]");
    for (const [name, product] of Object.entries({ hvp, vhp, jvpMany, vjpMany, batchJvp, batchVjp }))
      fails(
        () => (product as (...given: unknown[]) => unknown)(f, [x], [x], { aux: true }),
        TreeError,
        `${name}: there is no option "aux"; did you mean "hasAux"? The options are hasAux${name.endsWith("Many") ? ", chunkSize, memoryBudget" : ""}.`,
      );
    fails(() => hvp(f as never, [x], [x]), ShapeError, "hvp: the function returned an array of shape [2], but a scalar is wanted");
    fails(() => vhp(f as never, [x], [x]), ShapeError, "vhp: the function returned an array of shape [2], but a scalar is wanted");
    fails(() => vjpMany((() => undefined) as never, [x], x as never), TreeError, "vjpMany: the function's result has undefined");
  });
});
