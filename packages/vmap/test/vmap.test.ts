import {
  AxisError,
  add,
  arange,
  array,
  concatenate,
  digitize,
  einsum,
  grad,
  histogram,
  matmul,
  type NDArray,
  ones,
  ShapeError,
  sin,
  stack,
  TransformError,
  TreeError,
  valueAndGrad,
  vjp,
  where,
  zeros,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import { vmap } from "../src/index.js";

const x = arange(6).reshape(3, 2);

describe("vmap", () => {
  test("f sees one example and is called once", () => {
    let calls = 0;
    const out = vmap((y) => {
      calls++;
      expect([y.shape, y.ndim, y.size, y.dtype]).toEqual([[2], 1, 2, "float64"]);
      return y.sum();
    })(x);
    expect([calls, out.toArray()]).toEqual([1, [1, 5, 9]]);
  });

  test("several arguments, dtypes and constants", () => {
    const f = vmap((a: NDArray, b: NDArray) => a.mul(b).add(100));
    expect(f(array([1, 2], { dtype: "int32" }), array([3, 4], { dtype: "int32" })).data()).toEqual(Int32Array.of(103, 108));
    expect(vmap((y) => y.greater(2))(x).dtype).toBe("bool");
    expect(vmap((y) => y.add(array([10, 20])))(x).toArray()).toEqual([
      [10, 21],
      [12, 23],
      [14, 25],
    ]);
    expect(vmap((y) => sin(y))(Float64Array.of(0)).toArray()).toEqual([0]);
    expect(vmap((y: NDArray) => y.argmax())(x).data()).toEqual(Int32Array.of(1, 1, 1));
  });

  test("a mask that differs from lane to lane selects no number of elements that is known", () => {
    const text = "the mask is traced by vmap, so the number of elements that it selects is not known; choose with where(mask, a, b).";
    fails(() => vmap((y: NDArray) => y.slice(y.greater(2)))(x), TransformError, `slice: ${text}`);
    fails(() => vmap((y: NDArray) => y.set([y.greater(2)], 0))(x), TransformError, `set: ${text}`);
    fails(() => grad((z: NDArray) => vmap((y: NDArray) => y.slice(y.greater(2)))(z).sum())(x), TransformError, text);
    // One that is the same in all lanes selects the same.
    const mask = array([true, false]);
    expect(vmap((y: NDArray) => y.slice(mask))(x).toArray()).toEqual([[0], [2], [4]]);
    expect(vmap((y: NDArray, m: NDArray) => y.slice(m), { inAxes: [0, null] })(x, mask).toArray()).toEqual([[0], [2], [4]]);
    expect(vmap(grad((y: NDArray) => y.mul(y.slice(mask)).sum()))(x).toArray()).toEqual([
      [1, 0],
      [7, 2],
      [13, 4],
    ]);
  });

  test("arrays iterate, and lists that hold them are stacked, lane by lane", () => {
    const swap = ([a, b]: Iterable<NDArray>): NDArray =>
      array([
        [b, 1],
        [a, a.mul(b)],
      ]);
    const out = [0, 1, 2].map((i) => swap(x.slice(i)));
    expect(vmap(swap as (y: NDArray) => NDArray)(x)).toEqual(stack(out));
    expect(vmap((y: NDArray) => grad((z: NDArray) => swap(z).sum())(y))(x)).toEqual(
      stack([0, 1, 2].map((i) => grad((z: NDArray) => swap(z).sum())(x.slice(i)))),
    );
    fails(() => vmap((y: NDArray) => [...y])(array([1, 2])), AxisError, "iteration: an array of shape [] has no axis");
  });

  test("an unmapped result is repeated", () => {
    expect(vmap((_: NDArray) => array([7, 8]))(x).toArray()).toEqual([
      [7, 8],
      [7, 8],
      [7, 8],
    ]);
    expect(vmap((_: NDArray) => 5)(x).toArray()).toEqual([5, 5, 5]);
    const out = vmap((_: NDArray) => array([7, 8]), { outAxes: 1 })(x);
    expect(out.toArray()).toEqual([
      [7, 7, 7],
      [8, 8, 8],
    ]);
    expect(vmap((_: NDArray) => array([7, 8]), { outAxes: -1 })(x).toArray()).toEqual([
      [7, 7, 7],
      [8, 8, 8],
    ]);
    expect(vmap((_: NDArray) => array([7, 8]), { outAxes: null })(x).toArray()).toEqual([7, 8]);
  });

  test.each([0, 1])("a batch of %i", (n) => {
    const out = vmap((y: NDArray) => ({ s: y.sum(), y: y.mul(2), m: y.matmul(ones([2, 3])), c: array(1) }))(ones([n, 2]));
    expect([out.s.shape, out.y.shape, out.m.shape, out.c.shape]).toEqual([[n], [n, 2], [n, 3], [n]]);
    expect(vmap((y: NDArray, i: NDArray) => y.take(i).add(y.set([0], 3).sort()))(ones([n, 2]), zeros([n, 1], "int32")).shape).toEqual([
      n,
      2,
    ]);
    expect(vmap(grad((y) => y.prod().add(y.max())))(ones([n, 2])).shape).toEqual([n, 2]);
  });
});

describe("inAxes", () => {
  test("an axis for all, or one for each; null passes the argument as it is", () => {
    const f = (a: NDArray, b: NDArray) => a.sub(b);
    expect(vmap(f, { inAxes: 1 })(x, x).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(vmap(f, { inAxes: [0, null] })(x, array([1, 2])).toArray()).toEqual([
      [-1, -1],
      [1, 1],
      [3, 3],
    ]);
    expect(vmap(f, { inAxes: [null, 1] })(array(0), x).toArray()).toEqual([
      [0, -2, -4],
      [-1, -3, -5],
    ]);
    let seen: unknown;
    const kept = new Map();
    vmap(
      (a: NDArray, m: unknown) => {
        seen = m;
        return a;
      },
      { inAxes: [0, null] },
    )(x, kept as never);
    expect(seen).toBe(kept);
  });

  test("what is not mapped is passed as it is, in trees too; what is an array comes as an NDArray", () => {
    const seen: unknown[] = [];
    const go = (y: NDArray) => y.mul(3);
    class Layer {
      readonly width = 1;
    }
    const own = { on: false, k: 2, name: "neg", go, layer: new Layer(), none: null, nothing: undefined };
    const f = ({ lane, rest, on }: { lane: NDArray; rest: typeof own; on: boolean }, raw: NDArray, extra = 7) => {
      seen.push({ ...rest }, on, raw.shape, extra);
      return on ? rest.go(lane) : lane.slice(rest.k - 1);
    };
    const inAxes = [{ lane: 0, rest: null, on: null }, null, null] as const;
    const out = vmap(f, { inAxes })({ lane: x, rest: own, on: false }, Float32Array.of(1, 2), undefined as never);
    expect(out.toArray()).toEqual([1, 3, 5]);
    expect(seen).toEqual([own, false, [2], 7]);
    expect(vmap(f, { inAxes, chunkSize: 2 })({ lane: x, rest: own, on: true }, Float32Array.of(1), 5).toArray()).toEqual(
      x.mul(3).toArray(),
    );
    expect(vmap(({ a, b }: { a: NDArray; b: null }) => [a, b] as const)({ a: x, b: null })).toEqual([x, null]);
  });

  test("negative axes count from the end", () => {
    const y = arange(24).reshape(2, 3, 4);
    expect(vmap((a) => a.sum(), { inAxes: -1 })(y).toArray()).toEqual(y.sum([0, 1]).toArray());
    expect(vmap((a) => a, { inAxes: -2, outAxes: -1 })(y).toArray()).toEqual(y.moveaxis(1, 2).toArray());
  });

  test("trees of axes", () => {
    const f = (p: { w: NDArray; b: [NDArray, NDArray] }, y: NDArray) => p.w.mul(y).add(p.b[0]).add(p.b[1]);
    const p = { w: x, b: [array(10), array([100, 200, 300])] as [NDArray, NDArray] };
    const out = vmap(f, { inAxes: [{ w: 0, b: [null, 0] }, null] })(p, ones([2]));
    expect(out.toArray()).toEqual([
      [110, 111],
      [212, 213],
      [314, 315],
    ]);
    const mixed = vmap((q: { a: NDArray; rest: { b: NDArray; c: NDArray } }) => q.a.add(q.rest.b).add(q.rest.c), {
      inAxes: [{ a: 1, rest: 0 }],
    });
    expect(mixed({ a: x.T, rest: { b: x, c: x } }).toArray()).toEqual(x.mul(3).toArray());
  });

  test.each<[unknown, unknown[], new (m?: string) => Error, string]>([
    [0, [3], AxisError, "vmap: argument 0 at $ is a single float64 value and has no axis to map over; say null for it in inAxes."],
    [0, [x, 3], AxisError, "vmap: argument 1 at $ is a single float64 value"],
    [0, [{ a: x, b: 1 }], AxisError, "vmap: argument 0 at $.b is a single float64 value"],
    [2, [x], AxisError, "vmap: argument 0 at $: axis 2 is out of bounds for an array of 2 axes; use -2 to 1."],
    [[0, -3], [x, x], AxisError, "vmap: argument 1 at $: axis -3 is out of bounds"],
    [0.5, [x], AxisError, "vmap: the axis at inAxes[0] is 0.5; give a whole number or null."],
    [[0], [x, x], TreeError, "vmap: inAxes has 1 entries for 2 arguments; give one for each."],
    [
      [{ a: 0 }],
      [x],
      TreeError,
      'vmap: the axes at inAxes[0] are an object with keys ["a"], which does not fit *; give a number, null, or a tree of the same form.',
    ],
    [
      [{ a: 0 }],
      [{ a: x, b: x }],
      TreeError,
      'vmap: the axes at inAxes[0] are an object with keys ["a"], which does not fit { a: *, b: * }',
    ],
    [[{ a: [0, 0] }], [{ a: [x] }], TreeError, "vmap: the axes at inAxes[0].a are a JS array of length 2, which does not fit [*]"],
    [[[0]], [{ a: x }], TreeError, "vmap: the axes at inAxes[0] are a JS array of length 1, which does not fit { a: * }"],
    [["0"], [x], TreeError, 'vmap: the axes at inAxes[0] are "0", which does not fit *'],
    [[undefined], [x], TreeError, "vmap: the axes at inAxes[0] are undefined"],
    [
      0,
      [x, ones([2, 2])],
      ShapeError,
      "vmap: argument 1 at $, of shape [2, 2], has 2 elements along axis 0, but argument 0 at $ has 3; mapped axes must agree.",
    ],
    [
      0,
      [{ a: x, b: [ones([4])] }],
      ShapeError,
      "vmap: argument 0 at $.b[0], of shape [4], has 4 elements along axis 0, but argument 0 at $.a has 3",
    ],
    [null, [x], AxisError, "vmap: no argument is mapped; let inAxes name an axis of one at least."],
    [[null, null], [x, x], AxisError, "vmap: no argument is mapped"],
    [0, [], AxisError, "vmap: no argument is mapped"],
    [0, ["text"], TreeError, 'vmap: argument 0 has "text" at $'],
    [[{ a: 0, b: null }], [{ a: x }], TreeError, "which does not fit { a: * }"],
    [[[0, null, 0]], [[x, 2]], TreeError, "which does not fit [*, null]"],
  ])("%j", (inAxes, args, Class, text) => {
    const any = vmap as (f: unknown, options: unknown) => (...args: unknown[]) => unknown;
    fails(() => any((y: NDArray) => y, { inAxes })(...args), Class, text);
  });
});

describe("outAxes", () => {
  test("a tree of axes for a tree of results", () => {
    const out = vmap((y: NDArray) => ({ a: y, b: [y.mul(2), array(1)] }), { outAxes: { a: 1, b: [0, null] } })(x);
    expect(out.a.toArray()).toEqual(x.T.toArray());
    expect(out.b[0].toArray()).toEqual(x.mul(2).toArray());
    expect(out.b[1].item()).toBe(1);
    expect(vmap((y: NDArray) => [y, y] as const, { outAxes: 1 })(x).map((z) => z.shape)).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  test.each<[unknown, new (m?: string) => Error, string]>([
    [null, TransformError, "vmap: the result at $ differs along the batch, but outAxes says null for it; give it an axis."],
    [2, AxisError, "vmap: outAxes of the result at $: axis 2 is out of bounds for an array of 2 axes; use -2 to 1."],
    [[0], TreeError, "vmap: the axes at outAxes are a JS array of length 1, which does not fit *"],
    [0.5, AxisError, "vmap: the axis at outAxes is 0.5"],
  ])("%j", (outAxes, Class, text) => fails(() => vmap((y) => y, { outAxes: outAxes as number })(x), Class, text));

  test("names the path of the leaf", () => {
    fails(
      () => vmap((y: NDArray) => ({ a: [y] }), { outAxes: { a: [null] } })(x),
      TransformError,
      "vmap: the result at $.a[0] differs along the batch",
    );
    fails(() => vmap((y: NDArray) => ({ a: y, b: array(1) }), { outAxes: { a: 0, b: 3 } })(x), AxisError, "outAxes of the result at $.b");
  });
});

describe("nested", () => {
  test("two batches, inner and outer", () => {
    const distances = vmap(
      vmap((a: NDArray, b: NDArray) => a.sub(b).square().sum(), { inAxes: [null, 0] }),
      { inAxes: [0, null] },
    );
    expect(distances(x, x.add(1)).toArray()).toEqual([
      [2, 18, 50],
      [2, 2, 18],
      [18, 2, 2],
    ]);
  });
  test("the inner function uses the outer one's values", () => {
    const f = vmap((row: NDArray) => vmap((entry) => entry.mul(row.sum()).add(row))(row));
    const plain = x.toArray() as number[][];
    expect(f(x).toArray()).toEqual(plain.map((r) => r.map((e) => r.map((o) => e * (r[0] + r[1]) + o))));
  });
  test("an inner vmap of what the outer one maps, and of what it does not", () => {
    const f = vmap((a: NDArray) => vmap((b) => b.mul(2))(array([1, 2])).add(a));
    expect(f(array([10, 20])).toArray()).toEqual([
      [12, 14],
      [22, 24],
    ]);
  });
  test("three deep, axes in every place", () => {
    const y = arange(24).reshape(2, 3, 4);
    const f = vmap(
      vmap(
        vmap((s) => s.mul(2), { inAxes: -1, outAxes: 0 }),
        { inAxes: 1, outAxes: -1 },
      ),
      { inAxes: 0, outAxes: 1 },
    );
    const expected = y.mul(2).toArray() as number[][][];
    const out = f(y);
    // the middle one maps the 4 and puts it last, the outer one puts the 2 between
    expect(out.shape).toEqual([3, 2, 4]);
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) expect(out.slice(j, i, k).item()).toBe(expected[i][j][k]);
  });
});

describe("operations in a batch are those of its examples", () => {
  const matrices = arange(24).reshape(2, 3, 4).mul(0.37).sin();
  const indices = array(
    [
      [2, 0],
      [-1, 1],
    ],
    { dtype: "int32" },
  );
  test.each<[string, (m: NDArray, i: NDArray) => NDArray]>([
    ["indexing by integers and slices", (m) => m.slice([null, null, -1], 1)],
    ["new axes and dots", (m) => m.slice("...", null, [1, 3])],
    ["gathering by mapped indices", (m, i) => m.slice(i)],
    ["gathering along the second axis", (m, i) => m.slice(":", i)],
    ["gathering a constant", (_, i) => arange(12).reshape(3, 4).slice(i, 1)],
    ["gathering twice", (m, i) => m.slice(i, i)],
    ["set at mapped indices", (m, i) => m.set([i], [[1], [2]])],
    ["set a constant", (_, i) => zeros([3]).set([i], [1, 2])],
    ["set with mapped values", (m) => m.set([":", 0], m.sum(1))],
    ["addAt", (m, i) => m.addAt([i, 0], 1)],
    ["take", (m, i) => m.take(i, 1)],
    ["takeAlongAxis", (m, i) => m.takeAlongAxis(i.reshape(2, 1), 0)],
    ["takeAlongAxis by argsort", (m) => m.takeAlongAxis(m.argsort(0), 0)],
    ["scatterAdd", (m, i) => m.scatterAdd(i, m.slice([0, 2]))],
    ["scatterAdd into a constant", (m, i) => zeros([3, 4]).scatterAdd(i, m.slice([0, 2]))],
    ["scatterAdd of a constant", (_, i) => zeros([3]).scatterAdd(i, [1, 10])],
    ["sort and argsort", (m) => m.sort(0).add(m.argsort(1))],
    ["cumsum and cumprod", (m) => m.cumsum(1).add(m.cumprod(0))],
    ["flattened cumsum", (m) => m.cumsum()],
    ["argmax without an axis", (m) => m.argmax()],
    ["argmin along one", (m) => m.argmin(0)],
    ["reductions", (m) => m.sum(0).add(m.prod(0)).add(m.max(0)).add(m.min(0)).add(m.mean(0)).add(m.std(0))],
    ["reductions of all", (m) => m.norm().add(m.logsumexp()).add(m.variance())],
    ["any and all", (m) => m.greater(0).any(0).logicalAnd(m.greater(-2).all(1).any())],
    ["softmax", (m) => m.softmax(0).add(m.logSoftmax())],
    ["matmul with itself", (m) => m.matmul(m.T)],
    ["matmul with a constant on the right", (m) => m.matmul(ones([4, 2]))],
    ["matmul with a constant on the left", (m) => matmul(ones([2, 3]), m)],
    ["matmul with constant batches", (m) => matmul(ones([5, 2, 3]), m)],
    ["matmul of vectors", (m) => m.slice(0).matmul(m.slice(1))],
    [
      "dot, inner, outer, tensordot, kron",
      (m) =>
        m
          .dot(m.T)
          .add(m.inner(m))
          .add(m.slice(0, [0, 3]).outer([1, 2, 3]))
          .add(m.tensordot(m, [1, 1]))
          .add(m.slice(":", 0).kron(1)),
    ],
    ["einsum", (m) => einsum("ij,kj->ik", m, m).add(einsum("ij->i", m))],
    ["reshape, transpose, moveaxis", (m) => m.reshape(2, 6).T.moveaxis(0, 1).ravel()],
    ["expandDims, squeeze, broadcastTo", (m) => m.expandDims(0).broadcastTo([2, 3, 4]).slice([0, 1]).squeeze()],
    ["concatenate with a constant", (m) => concatenate([m, ones([1, 4])])],
    ["stack, split", (m) => stack(m.split(2, 1), -1)],
    ["tile, repeat, roll, flip", (m) => m.tile([1, 2]).repeat(2, 0).roll(1, 1).flip()],
    [
      "pad with a value",
      (m) =>
        m.pad(
          [
            [1, 0],
            [0, 2],
          ],
          { value: 3 },
        ),
    ],
    ["tril, triu, diagonal, trace", (m) => m.tril().add(m.triu(1)).diagonal().add(m.trace())],
    ["diag", (m) => m.slice(0).diag()],
    ["where with a mapped condition", (m) => where(m.greater(0), m, -1)],
    ["where with mapped branches", (m) => where(array([true, false, true, false]), m, m.neg())],
    ["clip by mapped bounds", (m) => m.clip(m.min(), m.mean())],
    ["binary operations", (m) => add(1, m).div(m.sub(3)).pow(2).hypot(m).atan2(m).maximum(m.minimum(0)).mod(0.3).logaddexp(m)],
    ["unary operations", (m) => m.exp().sqrt().log1p().tanh().erf().gelu().round().add(m.abs().lgamma()).add(m.square().digamma())],
    ["casts", (m) => m.mul(10).astype("int32").astype("float32").add(m.isNaN())],
  ])("%s", (_, f) => {
    const loop = [0, 1].map((b) => f(matrices.slice(b), indices.slice(b)));
    const batched = vmap(f)(matrices, indices);
    expect(batched.dtype).toBe(loop[0].dtype);
    expectClose(
      batched,
      loop.map((y) => y.toArray()),
    );
    const last = vmap(f, { inAxes: -1, outAxes: -1 })(matrices.moveaxis(0, -1), indices.moveaxis(0, -1));
    expectClose(
      last.moveaxis(-1, 0),
      loop.map((y) => y.toArray()),
    );
  });
});

describe("with reverse mode", () => {
  test("gradients of each example", () => {
    const per = vmap(
      grad((w: NDArray, y: NDArray) => w.dot(y).square()),
      { inAxes: [null, 0] },
    )(array([1, 1]), x);
    expect(per.toArray()).toEqual([
      [0, 2],
      [20, 30],
      [72, 90],
    ]);
    const trees = vmap(
      valueAndGrad((p: { w: NDArray }, y: NDArray) => p.w.mul(y).sum()),
      { inAxes: [null, 0] },
    )({ w: ones([2]) }, x);
    expect(trees[0].toArray()).toEqual([1, 5, 9]);
    expect(trees[1].w.toArray()).toEqual(x.toArray());
  });
  test("the gradient of a batch", () => {
    const total = grad((w: NDArray) => vmap((y: NDArray) => y.dot(w).square())(x).sum())(array([1, 1]));
    expect(total.toArray()).toEqual([92, 122]);
  });
  test("a pullback mapped over cotangents", () => {
    const [, pullback] = vjp((y: NDArray) => y.square(), array([1, 2]));
    expect(
      vmap(pullback)(
        array([
          [1, 0],
          [0, 1],
          [1, 1],
        ]),
      )[0].toArray(),
    ).toEqual([
      [2, 0],
      [0, 4],
      [2, 4],
    ]);
  });
  test("grad, vmap, grad", () => {
    const f = (s: NDArray) => vmap(grad((y: NDArray) => y.mul(s).pow(3).sum()))(x).sum();
    // d/ds Σ 3 s³ y² = 9 s² Σ y²
    expect(grad(f)(2).item()).toBe(9 * 4 * 55);
  });
});

describe("what cannot be", () => {
  test("escaped and unreadable values", () => {
    let leaked = x;
    vmap((y) => {
      leaked = y;
      return y;
    })(x);
    fails(() => leaked.add(1), TransformError, "add: a value of vmap is used after its function has returned. Return it from the function");
    fails(() => vmap((y) => y.mul(leaked))(x), TransformError, "a value of vmap is used after");
    fails(() => vmap((_: NDArray) => leaked)(x), TransformError, "vmap: a value of vmap is used after");
    for (const reader of ["item", "toArray", "data", "ndarray"] as const)
      fails(() => vmap((y) => array(y[reader]() as number))(x), TransformError, `${reader}(): this array of shape [2] is traced by vmap`);
    expect(() => vmap((y) => ((y as never) > 0 ? y : y))(x)).toThrow(TypeError);
  });
  test("no function, unknown options, wrong results", () => {
    fails(() => vmap(x as never), TransformError, "vmap: an array of shape [3, 2] and dtype float64 is no function");
    fails(() => vmap((y) => y, { inAxis: 0 } as never), TreeError, 'vmap: there is no option "inAxis"; did you mean "inAxes"?');
    fails(() => vmap((_: NDArray) => undefined as never)(x), TreeError, "vmap: the function's result has undefined at $");
    fails(() => vmap((async (y: NDArray) => y) as never)(x as never), TransformError, "vmap: the function's result is a Promise at $");
  });
  test("bins may ascend in one lane and descend in another, but not in one alone", () => {
    const bins = (last: number): NDArray => stack([array([1, 2, 3]), array([3, 2, last])]);
    expect(vmap((b) => digitize([0.5, 1.5, 2.5], b))(bins(1)).toArray()).toEqual([
      [0, 1, 2],
      [3, 2, 1],
    ]);
    fails(() => vmap((b) => digitize([0.5], b))(bins(4)), ShapeError, "digitize: the bins ascend and descend");
    fails(() => vmap((b) => histogram([0.5], b)[0])(bins(4)), ShapeError, "histogram: the edges descend");
  });
  test("an index out of bounds in one lane only", () => {
    fails(
      () => vmap((y: NDArray, i: NDArray) => y.take(i))(x, array([0, 1, 2], { dtype: "int32" })),
      ShapeError,
      "take: index 2 is out of bounds for an axis of 2",
    );
  });
});
