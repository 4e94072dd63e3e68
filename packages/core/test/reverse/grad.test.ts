import { expectClose, fails } from "@ad/expect";
import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import {
  AxisError,
  add,
  array,
  concatenate,
  DTypeError,
  einsum,
  eye,
  full,
  grad,
  linspace,
  mul,
  type NDArray,
  ones,
  ShapeError,
  stack,
  stopGradient,
  TransformError,
  TreeError,
  valueAndGrad,
  vjp,
  vjpWithAux,
  where,
  zeros,
} from "../../src/index.js";

const x = array([1, 2, 3]);

describe("grad", () => {
  test("has the shape and dtype of its argument", () => {
    const g = grad((y) => y.square().sum())(x.astype("float32"));
    expect(g.toArray()).toEqual([2, 4, 6]);
    expect(g.dtype).toBe("float32");
    expect(grad((y) => y.sum())(zeros([2, 0, 3])).shape).toEqual([2, 0, 3]);
    expect(grad((y) => y.mul(y))(3).shape).toEqual([]);
  });

  test("numbers, typed arrays, scijs ndarrays and nested containers are taken as arguments", () => {
    const square = grad((y) => mul(y, y).sum());
    expect(square(3).item()).toBe(6);
    expect(square(Float64Array.of(1, 2)).toArray()).toEqual([2, 4]);
    expect(square(Float32Array.of(1, 2)).dtype).toBe("float32");
    expect(square(ndarray(Float64Array.of(1, 2, 3), [2], [-2], 2)).toArray()).toEqual([6, 2]);
    const pair = grad((p: [NDArray, NDArray]) => p[0].mul(p[1]))([2, 3]);
    expect(pair.map((g) => g.item())).toEqual([3, 2]);
  });

  test("an argument that f does not use gets zeros", () => {
    expect(grad((_: NDArray, y: NDArray) => y.sum())(x, x).toArray()).toEqual([0, 0, 0]);
    const g = grad((p: { a: NDArray; b: NDArray }) => p.a.sum())({ a: x, b: ones([2, 2], "float32") });
    expect(g.b.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(g.b.dtype).toBe("float32");
    expect(grad((_: NDArray) => array(3))(x).toArray()).toEqual([0, 0, 0]);
    expect(grad((_: NDArray) => 3)(x).toArray()).toEqual([0, 0, 0]);
  });

  test("a value used many times, views of it, and constants of every kind", () => {
    const f = (y: NDArray) =>
      y
        .slice(0)
        .mul(y.slice(-1))
        .add(y.flip().mul([1, 10, 100]).sum())
        .add(y.sum().mul(2));
    expect(grad(f)(x).toArray()).toEqual([3 + 100 + 2, 10 + 2, 1 + 1 + 2]);
  });

  test("operands of another dtype", () => {
    const weights = array([1, 2, 3], { dtype: "int32" });
    expect(grad((y) => y.mul(weights).sum())(x).toArray()).toEqual([1, 2, 3]);
    const g = grad((y) => y.astype("float64").mul(0.1).sum())(x.astype("float32"));
    expect(g.dtype).toBe("float32");
    expect(grad((y) => y.astype("int32").astype("float64").sum())(x).toArray()).toEqual([0, 0, 0]);
    expect(grad((y) => where(y.greater(1), y, 0).sum())(x).toArray()).toEqual([0, 1, 1]);
  });
});

describe("trees", () => {
  interface Layer {
    w: NDArray;
    b: NDArray;
  }
  const f = (p: { layers: Layer[]; scale: NDArray }) =>
    p.layers.reduce((total, { w, b }) => total.add(w.mul(2).sum()).add(b.square().sum()), array(0)).mul(p.scale);
  const layer = (n: number): Layer => ({ w: ones([n]), b: full([n], n) });

  test("the gradient has the argument's form", () => {
    const g = grad(f)({ layers: [layer(1), layer(2)], scale: 10 });
    expect(Object.keys(g).sort()).toEqual(["layers", "scale"]);
    expect(g.layers.map(({ w, b }) => [w.toArray(), b.toArray()])).toEqual([
      [[20], [20]],
      [
        [20, 20],
        [40, 40],
      ],
    ]);
    expect(g.scale.item()).toBe(2 + 1 + 4 + 8);
  });

  test("the order of keys does not matter", () => {
    const [out, pullback] = vjp((p: { a: NDArray; b: NDArray }) => ({ u: p.a.mul(2), v: p.b.mul(3) }), { b: array(1), a: array(10) });
    expect([out.u.item(), out.v.item()]).toEqual([20, 3]);
    const [g] = pullback({ v: 1, u: 1 });
    expect([g.a.item(), g.b.item()]).toEqual([2, 3]);
  });

  test("empty containers and one object twice", () => {
    const y = array(2);
    const g = grad((p: { none: NDArray[]; a: NDArray; b: NDArray }) => p.a.mul(p.b))({ none: [], a: y, b: y });
    expect(g.none).toEqual([]);
    expect([g.a.item(), g.b.item()]).toEqual([2, 2]);
  });

  test("objects without a prototype", () => {
    const p = Object.assign(Object.create(null) as { a: NDArray }, { a: x });
    expect(grad((q: { a: NDArray }) => q.a.sum())(p).a.toArray()).toEqual([1, 1, 1]);
  });

  test.each([
    [
      { layers: [{ w: "no", b: x }], scale: 1 },
      'grad: argument 0 has "no" at $.layers[0].w; a leaf is an array, a number or a boolean, a container is a JS array or a plain object.',
    ],
    [{ layers: [{ w: x, b: null }], scale: 1 }, "grad: argument 0 has null at $.layers[0].b"],
    [{ layers: [], scale: undefined }, "grad: argument 0 has undefined at $.scale"],
    [{ layers: new Map(), scale: 1 }, "grad: argument 0 has a Map at $.layers"],
    ["no", 'grad: argument 0 has "no" at $;'],
  ])("the path of what is no leaf: %#", (p, text) => fails(() => grad(f)(p as never), TreeError, text));
});

describe("argnums", () => {
  const f = (a: NDArray, b: NDArray, c: NDArray) => a.mul(b).sum().add(c.mul(7).sum());
  const one = array(1);
  test("a position", () => {
    expect(grad(f)(x, full([3], 4), one).toArray()).toEqual([4, 4, 4]);
    expect(grad(f, { argnums: 1 })(x, ones([3]), one).toArray()).toEqual([1, 2, 3]);
    expect(grad(f, { argnums: 2 })(x, ones([3]), one).item()).toBe(7);
  });
  test("a list of positions gives a tuple in its order", () => {
    const [c, a] = grad(f, { argnums: [2, 0] })(x, full([3], 5), one);
    expect(c.item()).toBe(7);
    expect(a.toArray()).toEqual([5, 5, 5]);
    expect(grad(f, { argnums: [1] })(x, x, one)).toHaveLength(1);
    expect(grad(f, { argnums: [] })(x, x, one)).toEqual([]);
    const [value, [, b]] = valueAndGrad(f, { argnums: [0, 1] })(x, ones([3]), one);
    expect(value.item()).toBe(13);
    expect(b.toArray()).toEqual([1, 2, 3]);
  });
  test("negative positions count from the end", () => {
    expect(grad(f, { argnums: -1 })(x, ones([3]), one).item()).toBe(7);
    expect(grad(f, { argnums: -3 })(x, full([3], 4), one).toArray()).toEqual([4, 4, 4]);
    const [b, c] = grad(f, { argnums: [-2, 2] })(x, ones([3]), one);
    expect([b.toArray(), c.item()]).toEqual([[1, 2, 3], 7]);
    const [, [last]] = valueAndGrad(f, { argnums: [-1] })(x, ones([3]), one);
    expect(last.item()).toBe(7);
  });
  test("the other arguments are passed as they are", () => {
    const kinds: unknown[] = [];
    grad((y: NDArray, ...rest: unknown[]) => {
      kinds.push(...rest);
      return y.sum();
    })(x, "a string" as never, null as never, [1, 2] as never);
    expect(kinds).toEqual(["a string", null, [1, 2]]);
    expect(grad((n: NDArray, y: NDArray) => y.pow(n).sum(), { argnums: 1 })(array([2], { dtype: "int32" }), x).toArray()).toEqual([
      2, 4, 6,
    ]);
  });
  test.each([
    [{ argnums: 3 }, "grad: argnums names argument 3 (number), but the function was called with 3; count from 0."],
    [
      { argnums: -4 },
      "grad: argnums names argument -4 (number), but the function was called with 3; count from 0. Negative numbers count from the end.",
    ],
    [{ argnums: [0, -3] }, "grad: argnums [0,-3] names an argument twice; name each once."],
    [{ argnums: [-1, 2] }, "grad: argnums [-1,2] names an argument twice; name each once."],
    [{ argnums: 0.5 }, "grad: argnums names argument 0.5 (number)"],
    [{ argnums: [0, 5] }, "grad: argnums names argument 5 (number), but the function was called with 3"],
    [{ argnums: [1, 1] }, "grad: argnums [1,1] names an argument twice; name each once."],
    [{ argnums: "0" as never }, 'grad: argnums names argument "0"'],
  ])("%j", (options, text) => fails(() => grad(f, options as { argnums: number })(x, x, 1), AxisError, text));
  test("without an argument", () => fails(() => (grad(f) as () => unknown)(), AxisError, "but the function was called with 0"));
});

describe("hasAux", () => {
  test("aux comes back untouched, whatever it is", () => {
    const odd = { text: "a", map: new Map([[1, 2]]), f: () => 1, nothing: undefined, list: [null, Number.NaN] };
    const [g, aux] = grad((y) => [y.sum(), odd] as const, { hasAux: true })(x);
    expect(g.toArray()).toEqual([1, 1, 1]);
    expect(aux).toBe(odd);
    expect(grad((y) => [y.sum(), undefined] as const, { hasAux: true })(x)[1]).toBeUndefined();
  });
  test("arrays in it come back as values that can be read and computed with", () => {
    const [, aux] = grad((y) => [y.square().sum(), { y, twice: [y.mul(2)], shared: x }] as const, { hasAux: true })(x);
    expect(aux.twice[0].toArray()).toEqual([2, 4, 6]);
    expect(aux.y.add(1).toArray()).toEqual([2, 3, 4]);
    expect(aux.shared).toBe(x);
  });
  test("no derivative flows through it", () => {
    const f = (y: NDArray) => [y.sum(), y.square()] as const;
    const g = grad((y) => {
      const [inner, aux] = grad(f, { hasAux: true })(y);
      return inner.sum().add(aux.sum());
    })(x);
    expect(g.toArray()).toEqual([2, 4, 6]); // of the outer grad it is an ordinary value
  });
  test("valueAndGrad and vjpWithAux", () => {
    const [[value, aux], g] = valueAndGrad((y) => [y.square().sum(), "aux"] as const, { hasAux: true })(x);
    expect([value.item(), aux, g.toArray()]).toEqual([14, "aux", [2, 4, 6]]);
    const [out, pullback, extra] = vjpWithAux((y: NDArray) => [y.mul(2), y.sum()] as const, x);
    expect(out.toArray()).toEqual([2, 4, 6]);
    expect(pullback(array([1, 0, 0]))[0].toArray()).toEqual([2, 0, 0]);
    expect(extra.item()).toBe(6);
    const [pair] = grad((y: NDArray, z: NDArray) => [y.mul(z).sum(), 1] as const, { hasAux: true, argnums: [0, 1] })(x, x);
    expect(pair.map((each) => each.toArray())).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });
  test("what is no pair", () => {
    fails(
      () => grad((y) => y.sum() as never, { hasAux: true })(x),
      TreeError,
      "grad: with hasAux the function returns [out, aux], but an array of shape [] and dtype float64 (traced by grad) came.",
    );
    fails(
      () => vjpWithAux((y: NDArray) => [y] as never, x),
      TreeError,
      "vjpWithAux: with hasAux the function returns [out, aux], but a JS array of length 1 came.",
    );
    fails(
      () => grad((y) => [y.sum(), 1] as never)(x),
      TreeError,
      "grad: the function returned [*, *], but one scalar is wanted; for [value, aux] say hasAux: true.",
    );
  });
});

describe("valueAndGrad", () => {
  test("f runs once", () => {
    let calls = 0;
    const [value, gradient] = valueAndGrad((y) => {
      calls++;
      return y.square().sum();
    })(x);
    expect([calls, value.item(), gradient.toArray()]).toEqual([1, 14, [2, 4, 6]]);
  });
});

describe("vjp", () => {
  test("f runs once, the pullback as often as wanted", () => {
    let calls = 0;
    const [out, pullback] = vjp(
      (a: NDArray, b: NDArray) => {
        calls++;
        return a.mul(b);
      },
      x,
      array([4, 5, 6]),
    );
    expect(out.toArray()).toEqual([4, 10, 18]);
    for (let i = 0; i < 3; i++) {
      const [a, b] = pullback(full([3], i));
      expect(a.toArray()).toEqual([4 * i, 5 * i, 6 * i]);
      expect(b.toArray()).toEqual([i, 2 * i, 3 * i]);
    }
    expect(calls).toBe(1);
  });

  test("one primal alone comes back as a tuple of one", () => {
    expect(vjp((y: NDArray) => y.sum(), x)[1](1)).toHaveLength(1);
    expect(vjp(() => array(1))[1](1)).toEqual([]);
  });

  test("results that are trees, constants among them", () => {
    const [out, pullback] = vjp((y: NDArray) => ({ s: y.sum(), same: y, fixed: 5 }), x);
    expect([out.s.item(), out.same.toArray(), out.fixed.item()]).toEqual([6, [1, 2, 3], 5]);
    expect(pullback({ s: 1, same: array([0, 0, 10]), fixed: 100 })[0].toArray()).toEqual([1, 1, 11]);
  });

  test("the same value returned twice adds its cotangents", () => {
    const [, pullback] = vjp((y: NDArray) => {
      const z = y.mul(2);
      return [z, z] as const;
    }, x);
    expect(pullback([ones([3]), full([3], 10)])[0].toArray()).toEqual([22, 22, 22]);
  });

  test("cotangents that do not fit", () => {
    const [, pullback] = vjp((y: NDArray) => ({ a: y, b: y.sum() }), x);
    fails(
      () => pullback({ a: x } as never),
      TreeError,
      "vjp's pullback: the cotangent has the form { a: * }, but { a: *, b: * } is wanted.",
    );
    fails(() => pullback({ a: ones([2]), b: 1 }), ShapeError, "vjp's pullback: the cotangent has shape [2] at $.a, but [3] is wanted.");
    fails(() => pullback({ a: "x" as never, b: 1 }), TreeError, 'the cotangent has "x" at $.a');
    fails(() => vjp((y: NDArray) => y, x)[1](1), ShapeError, "vjp's pullback: the cotangent has shape [] at $, but [3] is wanted.");
  });

  test("the cotangent takes the result's dtype", () => {
    const [, pullback] = vjp((y: NDArray) => y.mul(2), x.astype("float32"));
    expect(pullback(ones([3]))[0].dtype).toBe("float32");
  });

  test("primals of whole numbers", () => {
    fails(
      () => vjp((y: NDArray) => y, array([1], { dtype: "int32" })),
      DTypeError,
      'vjp: primal 0 is int32 at $; only floating arrays have derivatives. Use x.astype("float64"), or let the function close over it.',
    );
  });

  test("a pullback is linear and can be differentiated itself", () => {
    const [, pullback] = vjp((y: NDArray) => y.square(), x);
    expect(grad((ct) => pullback(ct)[0].sum())(ones([3])).toArray()).toEqual([2, 4, 6]);
  });
});

describe("what f returns", () => {
  test.each([
    [
      (y: NDArray) => y,
      ShapeError,
      "grad: the function returned an array of shape [3], but a scalar is wanted; sum it, or use vjp or jacobian.",
    ],
    [(y: NDArray) => y.sum(0, { keepdims: true }), ShapeError, "grad: the function returned an array of shape [1]"],
    [
      (y: NDArray) => y.sum().astype("int32"),
      DTypeError,
      "grad: the function returned int32, which has no derivative; return a floating scalar.",
    ],
    [(y: NDArray) => y.sum().greater(0), DTypeError, "grad: the function returned bool"],
    [() => undefined, TreeError, "grad: the function's result has undefined at $; a leaf is an array, a number or a boolean"],
    [() => null, TreeError, "grad: the function's result has null at $"],
    [() => "no", TreeError, 'grad: the function\'s result has "no" at $'],
    [() => ({ a: undefined }), TreeError, "grad: the function's result has undefined at $.a"],
    [(y: NDArray) => ({ loss: y.sum() }), TreeError, "grad: the function returned { loss: * }, but one scalar is wanted"],
    [
      async (y: NDArray) => y.sum(),
      TransformError,
      "grad: the function's result is a Promise at $; a transformed function is synchronous. Await before, or compute outside of it.",
    ],
    [(y: NDArray) => Promise.resolve(y.sum()), TransformError, "is a Promise at $"],
  ])("%#", (f, Class, text) => {
    fails(() => grad(f as never)(x), Class, text);
    fails(() => valueAndGrad(f as never)(x), Class, text.replaceAll("grad:", "valueAndGrad:"));
  });

  test("an argument of whole numbers or booleans", () => {
    const f = grad((p: { a: NDArray }) => p.a.sum());
    fails(() => f({ a: Int32Array.of(1) }), DTypeError, "grad: argument 0 is int32 at $.a; only floating arrays have derivatives.");
    fails(() => f({ a: true }), DTypeError, "grad: argument 0 is bool at $.a");
    fails(() => grad((y: NDArray) => y, { argnums: [0] })(true), DTypeError, "grad: argument 0 is bool at $");
  });

  test("no function, unknown options", () => {
    fails(
      () => grad(x as never),
      TransformError,
      "grad: an array of shape [3] and dtype float64 is no function; give a function of arrays.",
    );
    fails(() => vjp(undefined as never), TransformError, "vjp: undefined is no function");
    fails(
      () => grad((y) => y, { argNums: 1 } as never),
      TreeError,
      'grad: there is no option "argNums"; did you mean "argnums"? The options are argnums, hasAux.',
    );
    fails(() => valueAndGrad((y) => y, { aux: true } as never), TreeError, 'valueAndGrad: there is no option "aux"');
    fails(() => grad((y) => y, 1 as never), TreeError, "grad: options are 1 (number); give an object with any of argnums, hasAux.");
  });

  test("an error of f itself passes through", () => {
    expect(() =>
      grad((_: NDArray) => {
        throw new RangeError("mine");
      })(x),
    ).toThrow(RangeError);
  });
});

describe("subgradients at kinks and ties", () => {
  const at = (f: (y: NDArray) => NDArray, ...values: number[]) => grad((y) => f(y).sum())(array(values)).toArray();
  const both = (f: (a: NDArray, b: NDArray) => NDArray, a: number, b: number) => grad(f, { argnums: [0, 1] })(a, b).map((g) => g.item());

  test.each<[string, (y: NDArray) => NDArray, number[], number[]]>([
    ["abs", (y) => y.abs(), [-2, 0, 3], [-1, 0, 1]],
    ["relu", (y) => y.relu(), [-2, 0, 3], [0, 0, 1]],
    ["sqrt", (y) => y.sqrt(), [0, 4], [Infinity, 0.25]],
    ["pow 2", (y) => y.pow(2), [-1, 0, 3], [-2, 0, 6]],
    ["pow 1", (y) => y.pow(1), [-1, 0, 3], [1, 1, 1]],
    ["pow 0", (y) => y.pow(0), [-1, 0, 3], [0, 0, 0]],
    ["pow 3", (y) => y.pow(3), [-1, 0, 3], [3, 0, 27]],
    ["pow of an array", (y) => y.pow(array([2, 2, 2])), [-1, 0, 3], [-2, 0, 6]],
    ["square", (y) => y.square(), [-1, 0], [-2, 0]],
    ["prod, one zero", (y) => y.prod(), [0, 2, 3], [6, 0, 0]],
    ["prod, two zeros", (y) => y.prod(), [0, 2, 0], [0, 0, 0]],
    ["prod, no zero", (y) => y.prod(), [4, 2, 3], [6, 12, 8]],
    ["cumprod with a zero", (y) => y.cumprod(), [2, 0, 3], [1, 2 + 6, 0]],
    ["max, a tie of two", (y) => y.max(), [3, 1, 3], [0.5, 0, 0.5]],
    ["max, a tie of all", (y) => y.max(), [1, 1, 1, 1], [0.25, 0.25, 0.25, 0.25]],
    ["min, a tie of two", (y) => y.min(), [3, 1, 1], [0, 0.5, 0.5]],
    ["norm at 0", (y) => y.norm(), [0, 0], [0, 0]],
    ["norm", (y) => y.norm(), [3, 4], [0.6, 0.8]],
    ["norm 1 at 0", (y) => y.norm(0, { ord: 1 }), [0, -2], [0, -1]],
    ["norm 3 at 0", (y) => y.norm(0, { ord: 3 }), [0, 0], [0, 0]],
    ["norm inf at a tie", (y) => y.norm(0, { ord: Infinity }), [2, -2, 1], [0.5, -0.5, 0]],
    ["clip", (y) => y.clip(0, 2), [-1, 0, 1, 2, 3], [0, 1, 1, 1, 0]],
    ["std at zero variance", (y) => y.std(), [2, 2], [0, 0]],
    ["variance", (y) => y.variance(), [1, 3], [-1, 1]],
    ["sign", (y) => y.sign(), [-1, 0, 2], [0, 0, 0]],
    ["floor", (y) => y.floor().add(y.ceil()).add(y.round()).add(y.trunc()), [-1.5, 0, 2], [0, 0, 0]],
    ["logsumexp of equals", (y) => y.logsumexp(), [0, 0], [0.5, 0.5]],
    ["logsumexp with -inf", (y) => y.logsumexp(), [-Infinity, 0], [0, 1]],
    ["softmax, far apart", (y) => y.softmax().slice(0), [1000, -1000], [0, 0]],
    ["sort, a tie goes by position", (y) => y.sort().mul([1, 10, 100]), [2, 1, 2], [10, 1, 100]],
    ["sigmoid far out", (y) => y.sigmoid(), [-1000, 1000], [0, 0]],
    ["softplus far out", (y) => y.softplus(), [-1000, 0, 1000], [0, 0.5, 1]],
    ["tanh far out", (y) => y.tanh(), [-1000, 1000], [0, 0]],
    ["gather twice", (y) => y.slice(Int32Array.of(1, 1, 0)), [5, 6], [1, 2]],
    ["set cuts the old value off", (y) => y.set([0], 9), [5, 6], [0, 1]],
    ["where takes no NaN from the branch not taken", (y) => where(y.greater(0), where(y.greater(0), y, 1).log(), 0), [-1, 2], [0, 0.5]],
  ])("%s", (_, f, point, expected) => expectClose(grad((y) => f(y).sum())(array(point)), expected));

  test("two operands", () => {
    expect(both((a, b) => a.maximum(b), 2, 2)).toEqual([0.5, 0.5]);
    expect(both((a, b) => a.minimum(b), 2, 2)).toEqual([0.5, 0.5]);
    expect(both((a, b) => a.maximum(b), 3, 2)).toEqual([1, 0]);
    expect(both((a, b) => a.hypot(b), 0, 0)).toEqual([0, 0]);
    expect(both((a, b) => a.hypot(b), 3, 4)).toEqual([0.6, 0.8]);
    expect(both((a, b) => a.pow(b), 0, 2)).toEqual([0, 0]);
    expect(both((a, b) => a.pow(b), 0, 0)).toEqual([0, 0]);
    expect(both((a, b) => a.logaddexp(b), -Infinity, -Infinity)).toEqual([0.5, 0.5]);
    expect(both((a, b) => a.mod(b), 7, 3)).toEqual([1, -2]);
    expect(both((a, b) => a.mod(b), -7, 3)).toEqual([1, 3]);
    expect(both((a, b) => a.maximum(b).add(a.less(b).astype("float64")), 1, 2)).toEqual([0, 1]);
    const clip = grad((a: NDArray, lo: NDArray, hi: NDArray) => a.clip(lo, hi), { argnums: [0, 1, 2] });
    expect(clip(0, 1, 2).map((g) => g.item())).toEqual([0, 1, 0]);
    expect(clip(3, 1, 2).map((g) => g.item())).toEqual([0, 0, 1]);
    expect(clip(1, 1, 2).map((g) => g.item())).toEqual([1, 0, 0]);
  });

  test("a zero cotangent and an infinite slope", () => {
    expect(at((y) => where(y.greater(0), y.sqrt(), 0), 4)).toEqual([0.25]);
  });
});

describe("nested", () => {
  const cube = (y: NDArray) => y.pow(3);
  test("second, third and higher derivatives", () => {
    expect(grad(grad(cube))(2).item()).toBe(12);
    expect(grad(grad(grad(cube)))(2).item()).toBe(6);
    expect(grad(grad(grad(grad(cube))))(2).item()).toBe(0);
    let f = (y: NDArray): NDArray => y.sin();
    for (let i = 0; i < 6; i++) f = grad(f);
    expectClose(f(array(0.7)), -Math.sin(0.7));
    let g = (y: NDArray): NDArray => y.mul(2).exp();
    for (let i = 0; i < 5; i++) g = grad(g);
    expectClose(g(array(0.1)), 32 * Math.exp(0.2));
  });

  test("perturbation confusion", () => {
    // d/dx (x · d/dy (x + y)) = 1, not 2
    expect(grad((a) => a.mul(grad((b) => a.add(b))(1)))(1).item()).toBe(1);
    // d/dx (x · d/dy (x · y)) = d/dx x² = 2x
    expect(grad((a) => a.mul(grad((b) => a.mul(b))(5)))(3).item()).toBe(6);
    // both at the same point, the inner one closed over the outer argument
    expect(grad((a) => grad((b) => a.mul(b).mul(b))(a))(3).item()).toBe(12);
    expect(grad((a) => grad((_) => a.square())(a).add(a))(3).item()).toBe(1);
  });

  test("an inner gradient of a constant of the outer one", () => {
    const f = (a: NDArray) =>
      grad((b) => b.square().sum())(ones([2]))
        .sum()
        .mul(a);
    expect(grad(f)(3).item()).toBe(4);
  });

  test("gradient of a gradient norm", () => {
    const f = (y: NDArray) => y.pow(3).sum();
    const penalty = (y: NDArray) => grad(f)(y).square().sum();
    expect(grad(penalty)(x).toArray()).toEqual([36, 288, 972]);
  });

  test("a mixed second derivative", () => {
    const f = (a: NDArray, b: NDArray) => a.square().mul(b.pow(3)).sum();
    expect(grad((b: NDArray) => grad(f)(array(2), b))(3).item()).toBe(2 * 2 * 27);
  });
});

describe("stopGradient", () => {
  test("lets the value through and no derivative", () => {
    const [value, g] = valueAndGrad((y) => y.mul(stopGradient(y)).sum())(x);
    expect(value.item()).toBe(14);
    expect(g.toArray()).toEqual([1, 2, 3]);
    expect(x.stopGradient().toArray()).toEqual([1, 2, 3]);
    expect(grad((y) => stopGradient(y).sum())(x).toArray()).toEqual([0, 0, 0]);
    expect(stopGradient(2).item()).toBe(2);
  });
  test("stops every transformation around it", () => {
    expect(grad((a) => grad((b) => stopGradient(a.mul(b)).mul(b))(2))(3).item()).toBe(0);
    expect(grad((a) => grad((b) => a.stopGradient().mul(b).mul(a))(2))(3).item()).toBe(3);
  });
});

describe("against formulas", () => {
  test("least squares", () => {
    const A = linspace(-1, 1, 12).reshape(4, 3);
    const b = array([1, 2, 3, 4]);
    const w = array([0.5, -0.25, 2]);
    const f = (v: NDArray) => A.matmul(v).sub(b).square().sum().mul(0.5);
    expectClose(grad(f)(w), A.T.matmul(A.matmul(w).sub(b)).toArray());
  });
  test("softmax cross entropy", () => {
    const logits = array([0.3, -1.2, 2]);
    const g = grad((z) => z.logSoftmax().slice(1).neg())(logits);
    expectClose(g, logits.softmax().sub([0, 1, 0]).toArray());
  });
  test("trace, einsum, concatenate, stack", () => {
    const A = array([
      [1, 2],
      [3, 4],
    ]);
    expect(grad((M) => M.matmul(M).trace())(A).toArray()).toEqual(A.T.mul(2).toArray());
    expect(grad((M) => einsum("ij,ij->", M, A))(eye(2)).toArray()).toEqual(A.toArray());
    expect(grad((y) => concatenate([y, y.mul(2), [5]]).sum())(x).toArray()).toEqual([3, 3, 3]);
    expect(
      grad((y) =>
        stack([y, add(y, 1)])
          .mul([
            [1, 1, 1],
            [10, 10, 10],
          ])
          .sum(),
      )(x).toArray(),
    ).toEqual([11, 11, 11]);
  });
  test("values put into an array: the last writer of a place gets its derivative", () => {
    const weights = array([1, 10, 100]);
    const put = (at: number[]) =>
      grad((values) =>
        x
          .set([Int32Array.from(at)], values)
          .mul(weights)
          .sum(),
      )(array([7, 8]));
    expect(put([0, 2]).toArray()).toEqual([1, 100]);
    expect(put([1, 1]).toArray()).toEqual([0, 10]);
    expect(put([-1, 2]).toArray()).toEqual([0, 100]);
    expect(
      grad((values) =>
        x
          .addAt([Int32Array.of(1, 1)], values)
          .mul(weights)
          .sum(),
      )(array([7, 8])).toArray(),
    ).toEqual([10, 10]);
    expect(grad((values) => x.scatterAdd([2, 0], values).mul(weights).sum())(array([7, 8])).toArray()).toEqual([100, 1]);
    expect(grad((y) => y.set([1], y.slice(0)).mul(weights).sum())(x).toArray()).toEqual([11, 0, 100]);
  });
  test("a long chain does not overflow the stack", () => {
    expect(grad((y) => Array.from({ length: 20000 }).reduce<NDArray>((z) => z.add(1e-9), y))(1).item()).toBe(1);
  });
});
