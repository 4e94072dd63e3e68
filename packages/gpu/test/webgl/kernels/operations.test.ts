import {
  array,
  concatenate,
  cond,
  conv,
  einsum,
  foriLoop,
  grad,
  linalg,
  median,
  type NDArray,
  quantile,
  scan,
  stack,
  valueAndGrad,
  whileLoop,
  zerosLike,
} from "@ad/core";
import { isTurn } from "@ad/expect/turns";
import { jvp } from "@ad/forward";
import { batchJacobian, hessian, jacobian, jvpMany } from "@ad/functional";
import { axisIndex, psum, vmap } from "@ad/vmap";
import { describe, expect, it } from "vitest";
import { webgl } from "../../../src/index.js";
import { numbers, same } from "../../same.js";

const gpu = await webgl();

const layouts: Record<string, (x: NDArray) => NDArray> = {
  dense: (x) => x,
  transposed: (x) => x.transpose(),
  flipped: (x) => x.flip(),
  strided: (x) => x.slice([null, null, 2], "..."),
  broadcast: (x) => x.slice([0, 1], "...").broadcastTo([3, ...x.shape.slice(1)]),
  lazy: (x) => x.add(1).mul(x),
  offset: (x) => x.slice([1, null], "..."),
};

describe("reductions", () => {
  const shapes = [
    [4, 8, 3],
    [5, 7, 6],
    [3, 4, 4],
  ];
  for (const [s, shape] of shapes.entries()) {
    // Each layout and shape is a program of its own for each reduction, so every second layout meets one shape after the other.
    for (const [name, layout] of Object.entries(layouts).filter((_, l) => isTurn(s + shapes.length * l, 2 * shapes.length)))
      it(`${name} ${shape}`, async () => {
        const x = numbers(shape);
        for (const axis of [0, 1, 2, [0, 1], [1, 2], [0, 2], null]) await same(gpu, (a) => [layout(a).sum(axis), layout(a).max(axis)], [x]);
        for (const axis of [0, 1, 2])
          await same(gpu, (a) => [layout(a).argmax(axis), layout(a).softmax(axis), layout(a).cumsum(axis)], [x]);
      });
    const some = [0, [1, 2], null].filter((_, a) => isTurn(s + shapes.length * a, 2 * shapes.length));
    if (some.length > 0)
      it(`all of them, ${shape}`, async () => {
        const x = numbers(shape);
        for (const axis of some) {
          await same(gpu, (a) => [a.min(axis), a.prod(axis), a.logsumexp(axis), a.std(axis), a.norm(axis), a.mean(axis)], [x]);
          await same(gpu, (a) => [a.greater(0).any(axis), a.greater(0).all(axis)], [x]);
        }
        for (const axis of [0, 1, 2]) await same(gpu, (a) => [a.argmin(axis), a.logSoftmax(axis), a.cumprod(axis)], [x]);
      });
  }
  it("of many elements", async () => {
    await same(gpu, (a) => [a.sum(), a.max(), a.sum(0), a.sum(1), a.T.sum(0), a.argmax(), a.cumsum()], [numbers([1003, 997])]);
    await same(gpu, (a) => [a.sum(), a.min(), a.sum(0), a.sum(1), a.mean()], [numbers([1024, 1000])]);
  });
  it("of none", () => same(gpu, (a) => [a.sum(), a.sum(0), a.sum(1), a.prod(), a.add(1)], [numbers([0, 3])]));
  it("with NaN and infinities", async () => {
    const x = array(
      [
        [1, Number.NaN, 3],
        [Infinity, 2, -Infinity],
        [-Infinity, -Infinity, -Infinity],
      ],
      { dtype: "float32" },
    );
    await same(gpu, (a) => [a.sum(1), a.max(1), a.min(1), a.argmax(1), a.argmin(1), a.logsumexp(1), a.softmax(1), a.cumsum(1)], [x]);
  });
});

describe("movement", () => {
  const x = numbers([4, 6, 8]);
  for (const [name, layout] of Object.entries(layouts).filter((_, l) => isTurn(l, 7)))
    it(`of ${name} arrays`, async () => {
      await same(
        gpu,
        (a) => [
          layout(a).reshape(-1),
          layout(a).pad([
            [1, 2],
            [0, 1],
            [3, 0],
          ]),
          layout(a).roll(2, 1),
          layout(a).tile([2, 1, 1]),
        ],
        [x],
      );
      await same(
        gpu,
        (a) => [layout(a).take([2, 0, -1], 1), layout(a).take([1, 0], 0), layout(a).take([1, 0, 1], 2), layout(a).repeat(2, 0)],
        [x],
      );
      await same(
        gpu,
        (a) => [concatenate([layout(a), layout(a).neg()], 1), stack([layout(a), layout(a)]), layout(a).tril(), layout(a).triu(1)],
        [x],
      );
      await same(gpu, (a) => [layout(a).set([0, [1, 3]], 7), layout(a).addAt([[0, 1]], 2), layout(a).scatterAdd([0, 1, 0], 1)], [x]);
      await same(
        gpu,
        (a) => [
          layout(a).sort(),
          layout(a).sort(0),
          layout(a).argsort(1),
          layout(a).slice(array([1, 0], { dtype: "int32" }).to(a.device), [0, 2]),
        ],
        [x],
      );
    });
  it("of many parts", () =>
    same(
      gpu,
      (a) => [concatenate(Array.from({ length: 21 }, (_, i) => a.slice([0, 1 + (i % 3)]))), stack(Array.from({ length: 9 }, () => a))],
      [x],
    ));
  it("of whole numbers and truth values", async () => {
    const i = numbers([5, 4], "int32");
    await same(
      gpu,
      (a) => [
        a.add(1),
        a.greater(1),
        a.greater(1).logicalAnd(a.less(3)),
        a.greater(0).where(a, -a.size),
        a.astype("float32"),
        a.T.reshape(-1),
      ],
      [i],
    );
    await same(gpu, (a) => [a.sum(0), a.max(1), a.argmax(), a.cumsum(0), a.greater(0).sum(), a.greater(0).any(1)], [i]);
    await same(gpu, (a) => [a.matmul(a.T)], [i]);
  });
});

describe("products", () => {
  for (const [m, k, n] of [
    [1, 1, 1],
    [4, 4, 4],
    [3, 5, 7],
    [8, 12, 16],
    [33, 20, 9],
    [64, 64, 64],
    [130, 70, 66],
  ].filter((_, i) => isTurn(i, 3)))
    it(`${m}×${k}×${n}`, async () => {
      const [x, y] = [numbers([m, k]), numbers([k, n], "float32", 2)];
      await same(gpu, (a, b) => [a.matmul(b), b.T.matmul(a.T), a.flip(1).matmul(b), a.add(1).matmul(b.mul(2))], [x, y]);
      await same(gpu, (a, b) => valueAndGrad((v: NDArray) => v.matmul(b).square().sum())(a), [x, y], 2e-5);
    });
  it("with columns whose elements are neighbours", async () => {
    const products = (a: NDArray, b: NDArray): NDArray[] => [
      a.matmul(b.T),
      a.flip(0).matmul(b.T),
      a.slice(":", [1, 5]).matmul(b.T.slice([1, 5])),
      a.expandDims(0).matmul(b.T.broadcastTo([2, a.shape[1], b.shape[0]])),
    ];
    for (const [m, k, n] of [
      [5, 8, 7],
      [6, 8, 12],
      [9, 8, 1],
      [1, 8, 12],
      [2, 7, 4],
      [300, 256, 1],
    ])
      await same(gpu, products, [numbers([m, k]), numbers([n, k], "float32", 2)]);
    const [x, y] = [numbers([5, 8], "int32"), numbers([4, 8], "int32", 2)];
    await same(gpu, products, [x, y], 0);
    await same(gpu, (a, b) => [a.matmul(b.swapaxes(-1, -2))], [numbers([3, 5, 8]), numbers([3, 6, 8], "float32", 2)]);
  });
  it("batched", async () => {
    await same(gpu, (a, b) => [a.matmul(b), a.swapaxes(-1, -2).matmul(a), a.slice(0).matmul(b)], [numbers([3, 4, 5]), numbers([3, 5, 6])]);
    await same(gpu, (a, b) => [einsum("bij,bjk->bik", a, b), einsum("bij,bjk->ki", a, b)], [numbers([3, 4, 5]), numbers([3, 5, 6])]);
  });
  it("of vectors", () => same(gpu, (a, b) => [a.dot(b), a.outer(b), a.inner(b)], [numbers([37]), numbers([37], "float32", 3)]));
  it("of no terms", () => same(gpu, (a, b) => [a.matmul(b)], [numbers([3, 0]), numbers([0, 2])]));
  it("convolution", async () => {
    const [x, w] = [numbers([2, 3, 9, 8]), numbers([4, 3, 3, 3], "float32", 2)];
    await same(
      gpu,
      (a, b) => [conv(a, b), conv(a, b, { stride: 2, padding: "same" }), a.maxPool({ window: 2 }), a.avgPool({ window: 2 })],
      [x, w],
    );
    await same(
      gpu,
      (a, b) => grad((v: NDArray, u: NDArray) => conv(v, u, { stride: 2, padding: "same" }).square().sum(), { argnums: [0, 1] })(a, b),
      [x, w],
      2e-5,
    );
  });
});

describe("transformations", () => {
  const f = (x: NDArray): NDArray => x.sin().mul(x).add(x.square().neg().exp()).tanh();
  const x = numbers([6]);
  it("grad, jvp, vmap", async () => {
    await same(
      gpu,
      (a) => [grad((v: NDArray) => f(v).sum())(a), jvp(f, [a], [a.mul(2)]), vmap((v: NDArray) => f(v).sum())(a.reshape(2, 3))],
      [x],
    );
    await same(gpu, (a) => vmap(grad((v: NDArray) => v.max().mul(v.sum())))(a.reshape(3, 2)), [x]);
  });
  it("jacobian, hessian, jvpMany, batchJacobian", async () => {
    const g = (v: NDArray): NDArray =>
      v
        .cumsum()
        .tanh()
        .mul(v.slice([null, null, -1]));
    await same(gpu, (a) => [jacobian(g)(a), jacobian(g, { strategy: "reverse" })(a), hessian((v: NDArray) => g(v).sum())(a)], [x]);
    await same(gpu, (a) => jvpMany(g, [a], [stack([a, a.mul(2), a.neg()])]), [x]);
    await same(gpu, (a) => batchJacobian((v: NDArray) => v.sin().mul(v.sum(1, { keepdims: true })))(a.reshape(2, 3)), [x]);
  });
  it("names of axes, rows that mix, quantiles", async () => {
    await same(gpu, (a) => vmap((v: NDArray) => psum(v, "i").add(axisIndex("i")).mul(v), { axisName: "i" })(a.reshape(3, 2)), [x]);
    await same(gpu, (a) => batchJacobian((v: NDArray) => v.square(), { interactions: "verify" })(a.reshape(3, 2)), [x]);
    await same(gpu, (a) => batchJacobian((v: NDArray) => v.sin().mul(v.sum()), { interactions: "diagonal" })(a.reshape(3, 2)), [x]);
    await same(gpu, (a) => [quantile(a, 0.3), median(a), a.sort()], [x]);
    expect(() => batchJacobian((v: NDArray) => v.flip(0), { interactions: "verify" })(x.reshape(3, 2).to(gpu))).toThrow(/rows mix/);
  });
  it("products and gathers", async () => {
    await same(
      gpu,
      (a) =>
        grad((v: NDArray) =>
          v
            .take([0, 2, 2])
            .mul(v.sort().slice([0, 3]))
            .sum()
            .add(v.cumprod().sum()),
        )(a),
      [x],
    );
    await same(gpu, (a) => grad((v: NDArray) => v.softmax().mul(zerosLike(v).add(2)).square().sum().add(v.logsumexp()))(a), [x]);
  });
  it("control flow", async () => {
    await same(
      gpu,
      (a) =>
        grad((v: NDArray) =>
          cond(
            v.sum().greater(0),
            (u: NDArray) => u.sin().sum(),
            (u: NDArray) => u.cos().sum(),
            v,
          ),
        )(a),
      [x],
    );
    await same(
      gpu,
      (a) =>
        whileLoop(
          (v: NDArray) => v.abs().max().less(100),
          (v: NDArray) => v.mul(2),
          a,
        ),
      [x],
    );
    await same(gpu, (a) => scan((c: NDArray, v: NDArray) => [c.add(v), c.mul(v)], a.sum(), a), [x]);
    await same(gpu, (a) => grad((v: NDArray) => foriLoop(0, 3, (_: unknown, u: NDArray) => u.sin().add(u), v).sum())(a), [x]);
    await same(
      gpu,
      (a) =>
        vmap((v: NDArray) =>
          cond(
            v.greater(0),
            (u: NDArray) => u.sqrt(),
            (u: NDArray) => u.neg(),
            v,
          ),
        )(a),
      [x],
    );
  });
  it("linear algebra by way of the host", async () => {
    const a = numbers([4, 4]).add(
      array(
        [
          [4, 0, 0, 0],
          [0, 4, 0, 0],
          [0, 0, 4, 0],
          [0, 0, 0, 4],
        ],
        { dtype: "float32" },
      ),
    );
    await same(gpu, (m) => [linalg.inv(m), linalg.det(m), linalg.solve(m, m.slice(0)), linalg.qr(m).q], [a]);
    await same(gpu, (m) => [grad((v: NDArray) => linalg.det(v))(m), grad((v: NDArray) => linalg.solve(v, v.slice(0)).sum())(m)], [a], 1e-4);
    await same(
      gpu,
      (m) => [grad((v: NDArray) => linalg.eigh(v.add(v.T)).values.square().sum())(m), grad((v: NDArray) => linalg.svd(v).s.sum())(m)],
      [a],
      1e-4,
    );
  });
});
