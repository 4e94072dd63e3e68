import {
  array,
  checkpoint,
  concatenate,
  customJvp,
  customVjp,
  DTypeError,
  erfInv,
  eye,
  grad,
  linalg,
  matmul,
  type NDArray,
  ones,
  ShapeError,
  scan,
  TransformError,
  TreeError,
  vjp,
  where,
  zeros,
  zerosLike,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { jvp } from "@ad/forward";
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

  describe("linear and nothing else", () => {
    const y3 = ones([3]);
    const opposite = customVjp(
      (y: NDArray) => y.neg(),
      (y: NDArray) => [y.neg(), (ct: NDArray) => [ct.neg()]],
    );
    const linear: Record<string, (y: NDArray) => NDArray> = {
      "a quotient by a constant": (y) => y.div([1, 2, 4]),
      "the numerator alone": (y) => y.div(array([1, 2, 4]).exp()),
      "a solution": (y) => linalg.solve(eye(3).mul(2), y),
      "a rule of its own": opposite,
      "a checkpoint": checkpoint((y: NDArray) => y.mul(3)),
      "lanes of a batch": (y) => vmap((e: NDArray) => opposite(e).mul(2))(y),
      "zeros added": (y) => y.add(zerosLike(y)).sub(0),
      "what is not linear, and is not returned": (y) => {
        y.sin().add(1);
        return y.mul(2);
      },
      "a gradient in it": (y) => grad((z: NDArray) => z.square().mul(y).sum())(array([1, 2, 3])),
      "a tangent of it": (y) => jvp((z: NDArray) => z.sin(), [array([1, 2, 3])], [y])[1],
    };
    test.each(Object.entries(linear))("%s", (_, f) => {
      const v = array([1, 10, 100]);
      expectClose(linearTranspose(f, zeros([3]))(v), v.matmul(jacobian(f)(zeros([3]))).toArray() as number[]);
    });

    const ordered = customJvp(
      (y: NDArray) => y.round(),
      ([y]: [NDArray], [t]: [NDArray]) => [y.round(), t],
    );
    const shifted = customVjp(
      (y: NDArray) => y.add(1),
      (y: NDArray) => [y.add(1), (ct: NDArray) => [ct]],
    );
    const bent: Record<string, readonly [(y: NDArray) => NDArray, string]> = {
      floor: [(y) => y.floor(), "floor"],
      sign: [(y) => y.sign(), "sign"],
      "the rest of a division": [(y) => y.mod(2), "mod"],
      "its own square, held constant": [(y) => y.mul(y.stopGradient()), "stopGradient"],
      "a comparison made a number": [(y) => y.greater(0).astype("float64"), "notEqual|less"],
      "whole numbers on the way": [(y) => y.astype("int32").astype("float64"), "cast"],
      "a choice by its own value": [(y) => where(y.greater(0), y, 0), "less"],
      "its own order": [(y) => y.sort(), "argsort"],
      "the largest": [(y) => y.max(), "max"],
      softmax: [(y) => y.softmax(), "softmax"],
      "a running product": [(y) => y.cumprod(), "cumprod"],
      "a product with itself": [(y) => y.matmul(y), "matmul"],
      "a denominator": [(y) => ones([3]).div(y), "div"],
      "an inverse": [(y) => linalg.inv(y.expandDims(0).mul(eye(3))), "inv"],
      "a system of its own": [(y) => linalg.solve(y.expandDims(0).mul(eye(3)), y), "solve"],
      "a rule that says it is": [ordered, "round"],
      "a function of no primitive": [(y) => erfInv(y), "erfInv"],
      "in lanes": [(y) => vmap((e: NDArray) => e.square())(y), "square"],
      "in a checkpoint": [checkpoint((y: NDArray) => y.exp()), "exp"],
      "in a gradient": [(y) => grad((z: NDArray) => z.sin().sum())(y), "cos"],
      "after what is linear": [(y) => y.mul(2).add(y).abs().mul(3), "abs"],
    };
    test("the pullback of running products through a zero is, and its transpose is their derivative", () => {
      const x = array([2, 0, 3]);
      const pulled = (ct: NDArray): NDArray => vjp((y: NDArray) => y.cumprod(), x)[1](ct)[0];
      expect(linearTranspose(pulled, x)(array([1, 2, 3])).toArray()).toEqual(
        jvp((y: NDArray) => y.cumprod(), [x], [array([1, 2, 3])])[1].toArray(),
      );
    });
    test.each(Object.entries(bent))("not %s", (_, [f, name]) => {
      let message = "";
      try {
        linearTranspose(f, y3);
      } catch (error) {
        expect(error).toBeInstanceOf(TransformError);
        ({ message } = error as Error);
      }
      expect(message).toMatch(
        new RegExp(`^linearTranspose: the function is not linear in its arguments. It applies (${name}) to what depends on them.$`),
      );
    });

    test("not a rule of its own that adds a constant", () => {
      fails(() => linearTranspose(shifted, y3), TransformError, "the function is not linear: add adds a constant");
      const fixed = customVjp(
        (_: NDArray) => ones([3]),
        (y: NDArray) => [ones([3]), (_: NDArray) => [zerosLike(y)]],
      );
      fails(() => linearTranspose(fixed, y3), TransformError, "not linear: customVjp does not depend on the arguments.");
    });

    test("a constant that is traced, or of which no number is known", () => {
      const affine = (a: NDArray): NDArray => linearTranspose((y: NDArray) => y.add(a), y3)(ones([3]));
      const message = "linearTranspose: the function is not linear: add adds a constant to what depends on the arguments.";
      fails(() => grad((a: NDArray) => affine(a).sum())(y3), TransformError, message);
      fails(() => jvp(affine, [y3], [y3]), TransformError, message);
      fails(() => vmap(affine)(A), TransformError, message);
      // One lane is enough.
      fails(() => vmap((a: NDArray) => linearTranspose((y: NDArray) => y.add(a), 0)(1))(array([0, 0, 1])), TransformError, message);
      const unknown = (kind: string, what = "add adds an array"): string =>
        `linearTranspose: the function is not known to be linear: ${what} whose values are not known while ${kind} knows shapes alone. Add it outside of the function.`;
      fails(() => linearTranspose(affine, y3), TransformError, unknown("linearTranspose"));
      fails(() => scan((c: NDArray, a: NDArray) => [c, affine(a)], 0, zeros([0, 3])), TransformError, unknown("scan"));
      fails(
        () => scan((c: NDArray, a: NDArray) => [c, linearTranspose((_: NDArray) => a, y3)(a)], 0, zeros([0, 3])),
        TransformError,
        unknown("scan", "the result at $ is an array"),
      );
      // Factors need not be known.
      const scaled = (a: NDArray): NDArray => linearTranspose((y: NDArray) => y.mul(a), y3)(ones([3]));
      expect(scan((c: NDArray, a: NDArray) => [c, scaled(a)], 0, zeros([0, 3]))[1].shape).toEqual([0, 3]);
      expect(linearTranspose(scaled, y3)(array([1, 2, 3])).toArray()).toEqual([1, 2, 3]);
    });
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
