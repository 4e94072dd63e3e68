import { array, diagonal, grad, type NDArray, ShapeError, TransformError, TreeError, zeros } from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { hessian, hessianDiagonal, laplacian } from "../src/index.js";

const x = array([0.5, -1, 2]);
const W = array([
  [1, 2, 3],
  [4, 5, -6],
]);
const scalar = (y: NDArray): NDArray => W.matmul(y).tanh().prod().add(y.prod());
const passes = [{}, { vectorize: false }, { chunkSize: 2 }, { memoryBudget: 1 }, { memoryBudget: 1e6 }];

describe.each((["forward", "reverse"] as const).flatMap((innerStrategy) => passes.map((options) => ({ innerStrategy, ...options }))))(
  "%j",
  (options) => {
    test("of a scalar function", () => {
      const H = hessian(scalar)(x);
      expectClose(hessianDiagonal(scalar, options)(x), diagonal(H).toArray() as number[]);
      expectClose(laplacian(scalar, options)(x), H.trace().item());
    });
    test("of a tree", () => {
      const f = (p: { a: NDArray; b: NDArray }, c: NDArray) => p.a.pow(3).mul(p.b.square()).mul(c).sum();
      const point = { a: x, b: array(3) };
      const d = hessianDiagonal(f, options)(point, array(2));
      expectClose(d.a, [54, -108, 216]);
      expectClose(d.b, 4 * (0.125 - 1 + 8));
      expectClose(laplacian(f, options)(point, array(2)), 162 + 28.5);
      const [, dc] = hessianDiagonal((y: NDArray, c: NDArray) => y.mul(c.pow(3)).sum(), { ...options, argnums: [0, 1] })(x, array(2));
      expectClose(dc, 18);
      expectClose(
        laplacian((y: NDArray, c: NDArray) => y.square().mul(c.square()).sum(), { ...options, argnums: [0, 1] })(x, array(2)),
        24 + 10.5,
      );
    });
    test("aux, and arguments without elements", () => {
      const [d, aux] = hessianDiagonal((y: NDArray) => [y.pow(3).sum(), { y: y.add(1) }] as const, { ...options, hasAux: true })(x);
      expect([d.toArray(), aux.y.toArray()]).toEqual([
        [3, -6, 12],
        [1.5, 0, 3],
      ]);
      expect(laplacian((y: NDArray) => [y.pow(3).sum(), "n"] as const, { ...options, hasAux: true })(x)[1]).toBe("n");
      expect(hessianDiagonal((y: NDArray) => y.square().sum(), options)(zeros([0])).shape).toEqual([0]);
      expect(laplacian((y: NDArray) => y.square().sum(), options)(zeros([0])).item()).toBe(0);
      expect(laplacian((p: NDArray[]) => (p.length === 0 ? array(2) : array(3)), options)([]).item()).toBe(0);
      expect(laplacian((_: NDArray) => 3, options)(x).item()).toBe(0);
    });
    test("inside of other transformations", () => {
      const f = (y: NDArray): NDArray => laplacian((z: NDArray) => z.pow(4).sum(), options)(y);
      expectClose(grad(f)(x), [12, -24, 48]);
      expectClose(vmap(f)(W), [12 * 14, 12 * 77]);
    });
  },
);

test("of arrays: of the result's form", () => {
  const f = (y: NDArray) => ({ u: W.matmul(y.pow(3)), v: y.sum().square() });
  const L = laplacian(f)(x);
  expectClose(L.u, W.matmul(x.mul(6)).toArray() as number[]);
  expectClose(L.v, 6);
  const d = hessianDiagonal(f)(x);
  expect([d.u.shape, d.v.shape]).toEqual([[2, 3], [3]]);
  expectClose(d.u, W.mul(x.mul(6)).toArray() as number[][]);
});

test("runs f once", () => {
  let calls = 0;
  const f = (y: NDArray): NDArray => {
    calls++;
    return y.prod();
  };
  hessianDiagonal(f)(x);
  laplacian(f, { innerStrategy: "reverse" })(x);
  expect(calls).toBe(2);
});

test("what does not fit", () => {
  fails(
    () => laplacian((y: NDArray) => y, { innerStrategy: "reverse" })(x),
    ShapeError,
    'laplacian: innerStrategy "reverse" wants a function to one number, and 3 came; use "forward".',
  );
  fails(() => hessianDiagonal((y: NDArray) => y, { chunkSize: 0 }), TransformError, "hessianDiagonal: chunkSize is 0");
  fails(
    () => laplacian((y: NDArray) => y, { chunk: 1 } as object),
    TreeError,
    'laplacian: there is no option "chunk"; did you mean "chunkSize"?',
  );
  fails(
    () => laplacian((y: NDArray) => y, { innerStrategy: "auto" } as object),
    TransformError,
    'laplacian: innerStrategy is "auto"; use "forward" or "reverse".',
  );
  fails(() => laplacian(3 as never), TransformError, "laplacian: 3 (number) is no function");
});
