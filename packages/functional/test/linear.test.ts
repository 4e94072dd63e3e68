import {
  array,
  concatenate,
  DTypeError,
  grad,
  matmul,
  type NDArray,
  ones,
  ShapeError,
  scan,
  TransformError,
  TreeError,
  where,
  zeros,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { jacobian, linearTranspose, pushforward } from "../src/index.js";

const A = array([
  [1, 2, 3],
  [4, 5, 6],
]);
const x = zeros([3]);

describe("linearTranspose", () => {
  test("of a tuple of arguments gives a tuple, of one argument what has its form", () => {
    const f = (y: NDArray) => A.matmul(y);
    expect(linearTranspose(f, x)(array([1, 10])).toArray()).toEqual([41, 52, 63]);
    const [product] = linearTranspose(f, [x])(array([1, 10]));
    expect(product.toArray()).toEqual([41, 52, 63]);
    const g = (p: { a: NDArray; b: NDArray }, q: NDArray) => [p.a.sum().add(q), p.b.mul(2).sub(q)] as const;
    const [dp, dq] = linearTranspose(g, [{ a: x, b: zeros([2]) }, array(0)])([5, array([1, 2])]);
    expect([dp.a.toArray(), dp.b.toArray(), dq.item()]).toEqual([[5, 5, 5], [2, 4], 2]);
    const tree = linearTranspose((p: { a: NDArray; b: NDArray }) => p.a.mul(p.b.dtype === "float64" ? 2 : 3), { a: x, b: x })(ones([3]));
    expect([tree.a.toArray(), tree.b.toArray()]).toEqual([
      [2, 2, 2],
      [0, 0, 0],
    ]);
  });

  test("is the transpose of every kind of linear operation", () => {
    const maps: ((y: NDArray) => NDArray)[] = [
      (y) => y.neg().mul([1, 2, 3]).div(4),
      (y) => y.slice([null, null, -1]).cumsum(),
      (y) => concatenate([y, zeros([2]), y.mul(0)]),
      (y) => where([true, false, true], y, 0),
      (y) => y.pad([1, 2]),
      (y) => y.take([0, 0, 2]).add(y),
      (y) => matmul(A, y.reshape(3, 1)).T,
      (y) => y.mean().sub(y),
      (y) => scan((c: NDArray, z: NDArray) => [c.mul(0.5).add(z), c] as [NDArray, NDArray], y.slice(0), y)[1],
    ];
    for (const f of maps) {
      const J = jacobian(f)(x);
      const v = ones(f(x).shape).cumsum(0).sin();
      expectClose(linearTranspose(f, x)(v), v.ravel().matmul(J.reshape(-1, 3)).toArray() as number[]);
    }
  });

  test("computes no value of f, and runs it once", () => {
    let calls = 0;
    const back = linearTranspose(
      (y: NDArray) => {
        calls++;
        expect(() => y.item()).toThrow(TransformError);
        return y.mul(2);
      },
      array([Number.NaN, 1]),
    );
    expect(back(array([3, 4])).toArray()).toEqual([6, 8]);
    expect(calls).toBe(1);
  });

  test("inside of other transformations, and of a transpose", () => {
    const f = (a: NDArray): NDArray => linearTranspose((y: NDArray) => y.mul(a.square()), x)(ones([3])).sum();
    expect(grad(f)(array([1, 2, 3])).toArray()).toEqual([2, 4, 6]);
    expect(vmap(f)(A).toArray()).toEqual([14, 77]);
    const back = linearTranspose((y: NDArray) => A.matmul(y), x);
    expect(vmap(back)(ones([4, 2])).shape).toEqual([4, 3]);
    expectClose(linearTranspose(back, zeros([2]))(ones([3])), [6, 15]);
  });

  test("refuses what is not linear", () => {
    const cases: [(y: NDArray) => NDArray, string][] = [
      [(y) => y.add(1), "linearTranspose: the function is not linear: add adds a constant to what depends on the arguments."],
      [(y) => concatenate([y, ones([1])]), "the function is not linear: concatenate adds a constant"],
      [(y) => where([true, false, true], y, 1), "the function is not linear: select adds a constant"],
      [(_) => ones([3]), "linearTranspose: the function is not linear: the result at $ does not depend on the arguments."],
    ];
    for (const [f, message] of cases) fails(() => linearTranspose(f, x), TransformError, message);
    for (const f of [(y: NDArray) => y.mul(y), (y: NDArray) => y.sin(), (y: NDArray) => y.abs(), (y: NDArray) => y.max()])
      fails(
        () => linearTranspose(f, ones([3]))(f(ones([3]))),
        TransformError,
        "linearTranspose: the function is not linear in its arguments.",
      );
  });

  test("what does not fit", () => {
    const back = linearTranspose((y: NDArray) => A.matmul(y), x);
    fails(() => back(ones([3])), ShapeError, "linearTranspose: the cotangent has shape [3] at $, but [2] is wanted.");
    fails(() => back([1, 2] as never), TreeError, "linearTranspose: the cotangent has the form [*, *], but * is wanted.");
    fails(() => linearTranspose((y: NDArray) => y, [Int32Array.of(1)]), DTypeError, "linearTranspose: like is int32 at $[0]");
    fails(() => linearTranspose((y: NDArray) => y.greater(0), x), DTypeError, "linearTranspose: the function returned bool");
    fails(() => linearTranspose(3 as never, x), TransformError, "linearTranspose: 3 (number) is no function");
  });
});

test("pushforward is at hand too", () => {
  const [out, push] = pushforward((y: NDArray) => y.square(), array([1, 2]));
  expect([out.toArray(), push([ones([2])]).toArray()]).toEqual([
    [1, 4],
    [2, 4],
  ]);
});
