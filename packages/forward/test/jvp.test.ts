import {
  array,
  DTypeError,
  div,
  eye,
  grad,
  type NDArray,
  ones,
  ShapeError,
  stopGradient,
  TransformError,
  TreeError,
  valueAndGrad,
  vjp,
  where,
  zeros,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { derivative, jvp, pushforward } from "../src/index.js";

const x = array([1, 2, 3]);
const v = array([1, 0, -1]);

describe("jvp", () => {
  test("the value and the product, in one run of f", () => {
    let calls = 0;
    const [out, tangent] = jvp(
      (y) => {
        calls++;
        return y.square();
      },
      [x],
      [v],
    );
    expect([calls, out.toArray(), tangent.toArray()]).toEqual([1, [1, 4, 9], [2, 0, -6]]);
  });

  test("several arguments, numbers and typed arrays as leaves", () => {
    const [out, tangent] = jvp((a: NDArray, b: NDArray) => a.mul(b), [2, Float64Array.of(1, 2)], [10, array([0, 1])]);
    expect(out.toArray()).toEqual([2, 4]);
    expect(tangent.toArray()).toEqual([10, 22]);
  });

  test("a number is weak: it takes the dtype of the arrays that it meets", () => {
    const y = array([1, 2], { dtype: "float32" });
    const f = (k: NDArray): NDArray => k.sin().mul(y);
    const dtypes = (...all: NDArray[]) => expect(all.map((each) => each.dtype)).toEqual(all.map(() => "float32"));
    dtypes(...jvp(f, [2], [1]), ...jvp(f, [2], [array(1)]));
    const [out, push] = pushforward(f, 2);
    dtypes(out, push([1]), push([array(1)]), derivative(f)(2), derivative(derivative(f))(2));
    expect(jvp(f, [array(2)], [1]).map((each) => each.dtype)).toEqual(["float64", "float64"]);
    expect(jvp((k: NDArray) => k.mul(array([1, 2], { dtype: "int32" })), [2], [1])[1].dtype).toBe("float64");
  });
  test("null in a result is null in its tangent", () => {
    expect(jvp((y: NDArray) => ({ y, none: null }), [x], [v])).toEqual([
      { y: x, none: null },
      { y: v, none: null },
    ]);
  });
  test("no argument", () => {
    const [out, tangent] = jvp(() => array(3), [], []);
    expect([out.item(), tangent.item()]).toEqual([3, 0]);
  });

  test("trees in and out, keys in any order, constants get zeros", () => {
    const f = (p: { w: NDArray; b: [NDArray, NDArray] }) => ({ sum: p.w.sum().add(p.b[0]), fixed: 4, twice: [p.b[1].mul(2)] });
    const [out, tangent] = jvp(f, [{ w: x, b: [1, 5] }], [{ b: [10, 100], w: ones([3]) }]);
    expect([out.sum.item(), out.fixed.item(), out.twice[0].item()]).toEqual([7, 4, 10]);
    expect([tangent.sum.item(), tangent.fixed.item(), tangent.twice[0].item()]).toEqual([13, 0, 200]);
  });

  test("results of whole numbers have tangents of zeros in their own dtype", () => {
    const [out, tangent] = jvp((y) => y.argmax(), [x], [v]);
    expect([out.item(), tangent.item(), tangent.dtype]).toEqual([2, 0, "int32"]);
    expect(jvp((y) => y.greater(1), [x], [v])[1].toArray()).toEqual([false, false, false]);
  });

  test("the tangent takes the primal's dtype", () => {
    const [out, tangent] = jvp((y) => y.mul(2), [x.astype("float32")], [v]);
    expect([out.dtype, tangent.dtype]).toEqual(["float32", "float32"]);
  });

  test("hasAux: aux comes back untouched, its arrays usable", () => {
    const odd = { f: () => 1, nan: Number.NaN };
    const [out, tangent, aux] = jvp((y: NDArray) => [y.sum(), { odd, y2: y.mul(2) }] as const, [x], [v], { hasAux: true });
    expect([out.item(), tangent.item()]).toEqual([6, 0]);
    expect(aux.odd).toBe(odd);
    expect(aux.y2.add(0).toArray()).toEqual([2, 4, 6]);
    fails(
      () => jvp((y: NDArray) => y as never, [x], [v], { hasAux: true }),
      TreeError,
      "jvp: with hasAux the function returns [out, aux], but an array of shape [3] and dtype float64 came.",
    );
  });
});

describe("jvp's forms", () => {
  const f = (a: NDArray, b: NDArray) => a.add(b);
  const any = jvp as (...args: unknown[]) => unknown;
  test.each<[unknown, unknown, new (m?: string) => Error, string]>([
    [x, v, TreeError, "jvp: primals are an array of shape [3] and dtype float64; give a tuple with one entry per argument, as in [x]."],
    [
      [x, x],
      v,
      TreeError,
      "jvp: tangents are an array of shape [3] and dtype float64; give a tuple with one entry per argument, as in [x].",
    ],
    [[x, x], [v], TreeError, "jvp: 1 tangents are given for 2 primals; give one for each."],
    [[x, x], [v, ones([2])], ShapeError, "jvp: tangent 1 has shape [2] at $, but [3] is wanted."],
    [[x, x], [v, 1], ShapeError, "jvp: tangent 1 has shape [] at $, but [3] is wanted."],
    [[x, x], [v, [1, 2, 3]], TreeError, "jvp: tangent 1 has the form [*, *, *], but * is wanted."],
    [[{ a: x }, x], [{ b: v }, v], TreeError, "jvp: tangent 0 has the form { b: * }, but { a: * } is wanted."],
    [[{ a: [x] }, x], [{ a: [ones([4])] }, v], ShapeError, "jvp: tangent 0 has shape [4] at $.a[0], but [3] is wanted."],
    [[Int32Array.of(1), x], [1, v], DTypeError, "jvp: primal 0 is int32 at $; only floating arrays have derivatives."],
    [[x, { p: [true] }], [v, { p: [1] }], DTypeError, "jvp: primal 1 is bool at $.p[0]"],
    [["a", x], [v, v], TreeError, 'jvp: primal 0 has "a" at $'],
    [[x, x], [v, undefined], TreeError, "jvp: tangent 1 has undefined at $"],
    [undefined, [v], TreeError, "jvp: primals are undefined"],
  ])("%#", (primals, tangents, Class, text) => fails(() => any(f, primals, tangents), Class, text));

  test("no function, unknown options, wrong results", () => {
    fails(() => any(x, [x], [v]), TransformError, "jvp: an array of shape [3] and dtype float64 is no function");
    fails(
      () => any(f, [x, x], [v, v], { hasaux: true }),
      TreeError,
      'jvp: there is no option "hasaux"; did you mean "hasAux"? The options are hasAux.',
    );
    fails(() => any(() => undefined, [x], [v]), TreeError, "jvp: the function's result has undefined at $");
    fails(() => any(async (y: NDArray) => y, [x], [v]), TransformError, "jvp: the function's result is a Promise at $");
    fails(() => any(() => ({ a: "b" }), [x], [v]), TreeError, 'jvp: the function\'s result has "b" at $.a');
  });

  test("escaped and unreadable values", () => {
    let leaked = x;
    jvp(
      (y) => {
        leaked = y;
        return y;
      },
      [x],
      [v],
    );
    fails(() => leaked.add(1), TransformError, "add: a value of jvp is used after its function has returned.");
    fails(() => jvp((y) => y.mul(leaked), [x], [v]), TransformError, "mul: a value of jvp is used after");
    fails(() => jvp((_: NDArray) => leaked, [x], [v]), TransformError, "jvp: a value of jvp is used after");
    for (const reader of ["item", "toArray", "data", "ndarray"] as const)
      fails(
        () => jvp((y) => array(y[reader]() as number), [x], [v]),
        TransformError,
        `${reader}(): this array of shape [3] is traced by jvp`,
      );
  });
});

describe("pushforward", () => {
  test("f runs once, the pushforward as often as wanted", () => {
    let calls = 0;
    const [out, push] = pushforward((y) => {
      calls++;
      return y.sin().mul(y);
    }, x);
    expectClose(
      out,
      [1, 2, 3].map((t) => t * Math.sin(t)),
    );
    for (const d of [
      [1, 0, 0],
      [0, 1, 0],
      [1, 2, 3],
    ])
      expectClose(
        push([array(d)]),
        [1, 2, 3].map((t, i) => (Math.sin(t) + t * Math.cos(t)) * d[i]),
      );
    expect(calls).toBe(1);
  });

  test("every kind of operation is linearised", () => {
    const f = (y: NDArray) =>
      y
        .cumprod()
        .add(y.prod())
        .add(y.max())
        .mul(y.flip())
        .matmul(eye(3).mul(2))
        .add(where(y.greater(1), y.exp(), y.neg()))
        .sort()
        .set([0], y.mean());
    const [out, push] = pushforward(f, x);
    const [value, tangent] = jvp(f, [x], [v]);
    expectClose(out, value.toArray());
    expectClose(push([v]), tangent.toArray());
  });

  test("trees, several arguments, constants", () => {
    const [out, push] = pushforward((a: NDArray, p: { b: NDArray }) => [a.mul(p.b), p.b, array(7)] as const, 2, { b: x });
    expect(out[2].item()).toBe(7);
    const [ab, b, c] = push([1, { b: v }]);
    expect([ab.toArray(), b.toArray(), c.item()]).toEqual([[3, 2, 1], [1, 0, -1], 0]);
  });

  test("is linear, and can be differentiated itself", () => {
    const [, push] = pushforward((y) => y.square(), x);
    expect(grad((t) => push([t]).sum())(v).toArray()).toEqual([2, 4, 6]);
    expect(push([zeros([3])]).toArray()).toEqual([0, 0, 0]);
  });

  test("inside of another transformation it knows that one's values", () => {
    const f = (a: NDArray) => pushforward((y) => y.pow(3), a)[1]([ones([3])]).sum();
    expectClose(grad(f)(x), [6, 12, 18]);
  });

  test("forms that do not fit", () => {
    const [, push] = pushforward((y) => y, x);
    fails(() => push(v as never), TreeError, "pushforward's push: tangents are an array of shape [3] and dtype float64; give a tuple");
    fails(() => push([ones([2])]), ShapeError, "pushforward's push: tangent 0 has shape [2] at $, but [3] is wanted.");
    fails(() => push([] as never), TreeError, "pushforward's push: 0 tangents are given for 1 primals");
    fails(() => pushforward((y: NDArray) => y, true as never), DTypeError, "pushforward: primal 0 is bool at $");
    fails(() => pushforward(3 as never, x), TransformError, "pushforward: 3 (number) is no function");
  });

  test("values of f that escaped cannot be used", () => {
    let leaked = x;
    pushforward((y) => {
      leaked = y.mul(2);
      return y;
    }, x);
    fails(() => leaked.add(1), TransformError, "add: a value of pushforward is used after its function has returned.");
  });
});

describe("derivative", () => {
  test("of a scalar, again and again", () => {
    const cube = (t: NDArray) => t.pow(3);
    expect(derivative(cube)(2).item()).toBe(12);
    expect(derivative(derivative(cube))(2).item()).toBe(12);
    expect(derivative(derivative(derivative(cube)))(2).item()).toBe(6);
    expect(derivative(derivative(derivative(derivative(cube))))(2).item()).toBe(0);
  });
  test("arrays and trees may come out", () => {
    const curve = (t: NDArray) => ({ position: t.mul([1, 2]), fixed: array([1, 1]) });
    const d = derivative(curve)(3);
    expect([d.position.toArray(), d.fixed.toArray()]).toEqual([
      [1, 2],
      [0, 0],
    ]);
  });
  test("only of a scalar", () => {
    fails(() => derivative((t) => t)(x), ShapeError, "derivative: the argument has shape [3]; give a scalar, or use jvp or jacobian.");
    fails(() => derivative((t) => t)([1] as never), ShapeError, "derivative: the argument is a tree");
    fails(() => derivative((t) => t)(true), DTypeError, "derivative: primal 0 is bool");
    fails(() => derivative(1 as never), TransformError, "derivative: 1 (number) is no function");
  });
});

describe("subgradients are those of the tape", () => {
  test.each<[string, (y: NDArray) => NDArray, number[]]>([
    ["abs", (y) => y.abs(), [-1, 0, 2]],
    ["relu", (y) => y.relu(), [-1, 0, 2]],
    ["sqrt", (y) => y.sqrt(), [0]],
    ["pow 2", (y) => y.pow(2), [-1, 0, 2]],
    ["prod", (y) => y.prod(), [0, 2, 0]],
    ["prod, one zero", (y) => y.prod(), [0, 2, 3]],
    ["cumprod", (y) => y.cumprod(), [2, 0, 3]],
    ["max", (y) => y.max(), [1, 3, 3]],
    ["min", (y) => y.min(), [1, 1, 3]],
    ["maximum", (y) => y.maximum(1), [0, 1, 2]],
    ["minimum", (y) => y.minimum(1), [0, 1, 2]],
    ["norm", (y) => y.norm(), [0, 0]],
    ["hypot", (y) => y.hypot(0), [0, 1]],
    ["clip", (y) => y.clip(0, 2), [-1, 0, 1, 2, 3]],
    ["std", (y) => y.std(), [2, 2]],
    ["logsumexp", (y) => y.logsumexp(), [-Infinity, 0]],
    ["sort", (y) => y.sort().mul([1, 10, 100]), [2, 1, 2]],
  ])("%s", (_, f, point) => {
    const at = array(point);
    const columns = point.map((_t, i) =>
      jvp(f, [at], [array(point.map((_u, j) => +(i === j)))])[1]
        .sum()
        .item(),
    );
    expect(columns).toEqual(grad((y) => f(y).sum())(at).toArray());
  });
});

describe("compositions with reverse mode", () => {
  const f = (y: NDArray) => y.mul(y.sin()).sum().mul(y.prod());

  test("jvp of grad is grad of jvp", () => {
    const forwardOverReverse = jvp(grad(f), [x], [v])[1];
    const reverseOverForward = grad((y) => jvp(f, [y], [v])[1])(x);
    const reverseOverReverse = grad((y) => grad(f)(y).mul(v).sum())(x);
    expectClose(reverseOverForward, forwardOverReverse.toArray());
    expectClose(reverseOverReverse, forwardOverReverse.toArray());
  });

  test("jvp of jvp is symmetric in its directions", () => {
    const w = array([0.5, 2, 1]);
    const second = (a: NDArray, b: NDArray) => jvp((y) => jvp(f, [y], [a])[1], [x], [b])[1].item();
    expect(second(v, w)).toBeCloseTo(second(w, v) as number, 10);
  });

  test("third derivatives by every mixture", () => {
    const g = (t: NDArray) => t.mul(2).sin();
    const reverse = (h: (t: NDArray) => NDArray) => (t: NDArray) => grad(h)(t);
    const forward = (h: (t: NDArray) => NDArray) => (t: NDArray) => derivative(h)(t);
    const modes = [reverse, forward];
    for (const a of modes) for (const b of modes) for (const c of modes) expectClose(a(b(c(g)))(array(0.3)), -8 * Math.cos(0.6));
  });

  test("⟨u, J·v⟩ = ⟨Jᵀ·u, v⟩", () => {
    const g = (y: NDArray) => y.cumsum().mul(y.exp());
    const u = array([1, -2, 0.5]);
    const left = u.mul(jvp(g, [x], [v])[1]).sum();
    const right = vjp(g, x)[1](u)[0].mul(v).sum();
    expectClose(left, right.item());
  });

  test("perturbation confusion", () => {
    // d/dx (x · d/dy (x + y)) = 1, not 2
    expect(derivative((a) => a.mul(derivative((b) => a.add(b))(1)))(1).item()).toBe(1);
    expect(derivative((a) => a.mul(derivative((b) => a.mul(b))(5)))(3).item()).toBe(6);
    expect(derivative((a) => derivative((b) => a.mul(b).mul(b))(a))(3).item()).toBe(12);
    expect(grad((a) => a.mul(derivative((b) => a.add(b))(1)))(1).item()).toBe(1);
    expect(derivative((a) => a.mul(grad((b) => a.add(b))(1)))(1).item()).toBe(1);
    expect(derivative((a) => jvp((b) => a.mul(b), [2], [a])[1])(3).item()).toBe(6);
    const confused = (a: NDArray) => jvp((b) => b.mul(jvp((c) => b.mul(c), [a], [1])[1]), [a], [1])[1];
    expect(derivative(confused)(3).item()).toBe(2);
  });

  test("stopGradient stops forward mode, and what is around it", () => {
    expect(derivative((t) => t.mul(stopGradient(t)))(3).item()).toBe(3);
    expect(derivative((a) => derivative((b) => a.mul(b).stopGradient().mul(b))(2))(3).item()).toBe(0);
    expect(
      jvp(
        grad((y) => y.mul(y.stopGradient()).sum()),
        [x],
        [v],
      )[1].toArray(),
    ).toEqual([0, 0, 0]);
  });

  test("value, gradient and their tangents at once", () => {
    const [[value, gradient], [dValue, dGradient]] = jvp(
      valueAndGrad((y: NDArray) => y.pow(3).sum()),
      [x],
      [v],
    );
    expect([value.item(), gradient.toArray()]).toEqual([36, [3, 12, 27]]);
    expect([dValue.item(), dGradient.toArray()]).toEqual([3 - 27, [6, 0, -18]]);
  });
});

test("derivative brings aux back", () => {
  const [slope, aux] = derivative((t: NDArray) => [t.pow(3), { note: "cube", t }] as const, { hasAux: true })(2);
  expect(slope.item()).toBe(12);
  expect([aux.note, aux.t.item()]).toEqual(["cube", 2]);
  fails(
    () => derivative((t: NDArray) => t, { aux: true } as never),
    TreeError,
    'derivative: there is no option "aux"; did you mean "hasAux"?',
  );
  fails(
    () => derivative((t: NDArray) => t as never, { hasAux: true })(1),
    TreeError,
    "derivative: with hasAux the function returns [out, aux]",
  );
});

test("a tangent of 0 stays 0 where a slope is past the end of the range", () => {
  const near = array([0, 4], { dtype: "float32" });
  const along = (f: (y: NDArray) => NDArray) =>
    jvp(f, [near], [ones([2])])[1]
      .add(0)
      .toArray();
  expect(along((y) => div(1, y.maximum(1e-20)).log())).toEqual([0, -0.25]);
  expect(along((y) => y.maximum(1e-20).reciprocal().log())).toEqual([0, -0.25]);
  expect(along((y) => y.clip(1e-36, 9).rsqrt())).toEqual([0, -0.0625]);
});
