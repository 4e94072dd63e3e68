import {
  array,
  conv,
  customJvp,
  customVjp,
  DTypeError,
  linalg,
  type NDArray,
  ones,
  TransformError,
  TreeError,
  where,
  zeros,
} from "@ad/core";
import { fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { jit } from "@ad/jit";
import { hessianSparsity, sparsity } from "@ad/sparse";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { picture } from "../patterns.js";

const x = array([1, 2, 3, 4]);
const of = (f: (x: NDArray) => NDArray, at?: "point"): string[] => picture(sparsity(f, { at })(x));

describe("the pattern of a Jacobian", () => {
  test("is sorted by rows, then by columns, and has typed arrays", () => {
    const pattern = sparsity((x: NDArray) => x.slice([1, null]).mul(x.slice([0, -1])))(x);
    expect(pattern.shape).toEqual([3, 4]);
    expect(pattern.rows).toEqual(Int32Array.of(0, 0, 1, 1, 2, 2));
    expect(pattern.columns).toEqual(Int32Array.of(0, 1, 1, 2, 2, 3));
    expect(["local" in pattern, "dense" in pattern]).toEqual([false, false]);
    expect(JSON.parse(JSON.stringify(pattern))).toEqual({ shape: [3, 4], rows: [0, 0, 1, 1, 2, 2], columns: [0, 1, 1, 2, 2, 3] });
  });

  const cases: Record<string, [(x: NDArray) => NDArray, string[]]> = {
    "an elementwise function": [(x) => x.sin().exp(), ["1000", "0100", "0010", "0001"]],
    "a function without a derivative": [(x) => x.floor().add(x.sign()), ["0000", "0000", "0000", "0000"]],
    "a reversal": [(x) => x.flip(), ["0001", "0010", "0100", "1000"]],
    "a sum": [(x) => x.sum(), ["1111"]],
    "a running sum": [(x) => x.cumsum(), ["1000", "1100", "1110", "1111"]],
    "known indices": [(x) => x.take([2, 2, 0]), ["0010", "0010", "1000"]],
    "indices that depend on x": [(x) => x.take(x.argsort()).slice([0, 2]), ["1111", "1111"]],
    "a scatter": [(x) => zeros([3]).scatterAdd([0, 2, 0, 2], x), ["1010", "0000", "0101"]],
    "a product of matrices": [
      (x) =>
        x
          .reshape([2, 2])
          .matmul(array([[1], [2]]))
          .ravel(),
      ["1100", "0011"],
    ],
    "a convolution": [(x) => conv(x.reshape([1, 1, 4]), ones([1, 1, 2])).ravel(), ["1100", "0110", "0011"]],
    "equations, a block for each of a batch": [
      (x) =>
        linalg
          .solve(
            x
              .reshape([2, 1, 1, 2])
              .broadcastTo([2, 1, 2, 2])
              .add(
                array([
                  [3, 0],
                  [0, 5],
                ]),
              ),
            ones([2, 1, 2, 1]),
          )
          .ravel(),
      ["1100", "1100", "0011", "0011"],
    ],
    "a triangle of a matrix": [(x) => x.reshape([2, 2]).tril().ravel(), ["1000", "0000", "0010", "0001"]],
    vmap: [(x) => vmap((row: NDArray) => row.mul(row.sum()))(x.reshape([2, 2])).ravel(), ["1100", "1100", "0011", "0011"]],
    "a derivative": [(x) => jvp((y: NDArray) => y.square(), [x], [x.flip()])[1], ["1001", "0110", "0110", "1001"]],
    jit: [jit((x: NDArray) => x.mul(x.flip()).sin()), ["1001", "0110", "0110", "1001"]],
    "the stop of a gradient": [(x) => x.mul(x.flip().stopGradient()), ["1000", "0100", "0010", "0001"]],
    "an array that is passed on": [(x) => x, ["1000", "0100", "0010", "0001"]],
    "a constant": [() => array([1, 2]), ["0000", "0000"]],
  };
  test.each(Object.entries(cases))("%s", (_, [f, lines]) => expect(of(f)).toEqual(lines));

  test("holds where the arguments choose otherwise, and at the point that is asked for alone", () => {
    const chosen = (x: NDArray): NDArray => where(x.greater(2), x, x.flip());
    expect(of(chosen)).toEqual(["1001", "0110", "0110", "1001"]);
    expect(of(chosen, "point")).toEqual(["0001", "0010", "0010", "0001"]);
    expect(sparsity(chosen, { at: "point" })(x).local).toBe(true);
    expect(of((x) => x.maximum(x.flip()), "point")).toEqual(["0001", "0010", "0010", "0001"]);
    expect(of((x) => x.max(), "point")).toEqual(["0001"]);
    expect(of((x) => x.sub(2).mul(x.flip()), "point")).toEqual(["1001", "0100", "0110", "1001"]);
    expect(of((x) => x.sub(3).mul(x.roll(1)), "point")).toEqual(["1001", "1100", "0010", "0011"]);
    expect(of((x) => x.mul(array([1, 0, 0, 1])))).toEqual(["1000", "0100", "0010", "0001"]);
    expect(of((x) => x.mul(array([1, 0, 0, 1])), "point")).toEqual(["1000", "0000", "0000", "0001"]);
    const matrix = array([
      [1, 2, 0, 0],
      [0, 0, 3, 0],
    ]);
    expect(of((x) => matrix.matmul(x))).toEqual(["1111", "1111"]);
    expect(of((x) => matrix.matmul(x), "point")).toEqual(["1100", "0010"]);
  });

  test("goes by the rules of custom operations, which need not be those of what they compute", () => {
    const straight = customVjp(
      (y: NDArray) => y.round(),
      (y) => [y.round(), (ct) => [ct]],
    );
    expect(of(straight)).toEqual(["1000", "0100", "0010", "0001"]);
    const flipped = customVjp(
      (y: NDArray) => y.sum(),
      (y) => [y.sum(), (ct) => [ct.mul(array([1, 0, 1, 1])).mul(y.greater(0).where(1, y))]],
    );
    expect(of(flipped)).toEqual(["1111"]);
    const pushed = customJvp(
      (y: NDArray) => y.cumsum(),
      ([y], [t]) => [y.cumsum(), t.mul(y)],
    );
    expect(of(pushed)).toEqual(["1000", "0100", "0010", "0001"]);
  });

  test("takes trees apart, row-major, and takes the arguments that argnums names", () => {
    const f = (p: { a: NDArray; b: NDArray }, w: NDArray): { u: NDArray; v: NDArray } => ({ u: p.b.mul(w), v: p.a.sum().add(w.slice(1)) });
    const p = { b: array([1, 2]), a: array([[3], [4]]) };
    expect(picture(sparsity(f)(p, array([5, 6])))).toEqual(["0010", "0001", "1100"]);
    expect(picture(sparsity(f, { argnums: [1, 0] })(p, array([5, 6])))).toEqual(["100010", "010001", "011100"]);
    const withAux = (x: NDArray): [NDArray, string] => [x.slice([0, 1]), "note"];
    expect(picture(sparsity(withAux as never, { hasAux: true })(x))).toEqual(["1000"]);
  });

  test("does not look at the values of other floating arguments", () => {
    const f = (x: NDArray, w: NDArray): NDArray => where(w.greater(0), x, x.flip());
    expect(picture(sparsity(f)(x, ones([4])))).toEqual(["1001", "0110", "0110", "1001"]);
    expect(picture(sparsity((x: NDArray, i: NDArray) => x.take(i))(x, array([3, 0], { dtype: "int32" })))).toEqual(["0001", "1000"]);
  });

  test("is found where there are no numbers: in jit, and in vmap for all lanes", () => {
    const seen: string[][] = [];
    const f = (x: NDArray): NDArray => x.slice([1, null]).mul(x.slice([0, -1]));
    jit((x: NDArray) => {
      seen.push(picture(sparsity(f)(x)));
      return x;
    })(x);
    vmap((x: NDArray) => {
      seen.push(picture(sparsity(f)(x)));
      seen.push(picture(sparsity((x: NDArray) => x.mul(x.flip()), { at: "point" })(x)));
      return x;
    })(
      array([
        [0, 1, 0],
        [0, 0, 1],
      ]),
    );
    expect(seen).toEqual([
      ["1100", "0110", "0011"],
      ["110", "011"],
      ["100", "010", "100"],
    ]);
    fails(() => jit((x: NDArray) => zeros(sparsity(f, { at: "point" })(x).shape))(x), TransformError, "no values to look at");
  });
});

describe("the pattern of a Hessian", () => {
  const cases: Record<string, [(x: NDArray) => NDArray, string[]]> = {
    "a linear function": [(x) => x.cumsum().flip().sum(), ["0000", "0000", "0000", "0000"]],
    "a sum of squares": [(x) => x.square().sum(), ["1000", "0100", "0010", "0001"]],
    "a product of two elements": [(x) => x.slice(0).mul(x.slice(2)).add(x.sum()), ["0010", "0000", "1000", "0000"]],
    "a quotient": [(x) => x.slice(0).div(x.slice(1)), ["0100", "1100", "0000", "0000"]],
    "a product of all": [(x) => x.prod(), ["0111", "1011", "1101", "1110"]],
    "a chain": [
      (x) =>
        x
          .slice([1, null])
          .sub(x.slice([0, -1]).square())
          .square()
          .sum(),
      ["1100", "1110", "0111", "0011"],
    ],
    "log Σ exp": [(x) => linalg.norm(x.exp()), ["1111", "1111", "1111", "1111"]],
    kinks: [(x) => x.relu().add(x.abs()).add(x.max()).sum(), ["0000", "0000", "0000", "0000"]],
  };
  test.each(Object.entries(cases))("%s", (_, [f, lines]) => {
    expect(picture(hessianSparsity(f)(x))).toEqual(lines);
    const local = picture(hessianSparsity(f, { at: "point" })(x));
    local.forEach((line, i) => {
      [...line].forEach((mark, j) => {
        if (mark === "1") expect(lines[i][j]).toBe("1");
      });
    });
  });
});

test("wrong calls say what is wrong", () => {
  fails(() => sparsity(5 as never), TransformError, "sparsity");
  fails(() => sparsity((x) => x, { at: "here" as never }), TransformError, 'at is "here"');
  fails(() => sparsity((x) => x, { point: true } as never), TreeError, "no option");
  fails(() => sparsity((x) => x)(array([1], { dtype: "int32" })), DTypeError, "int32");
  fails(() => sparsity((x) => x.argsort())(x), DTypeError, "int32");
  for (const at of [undefined, "point"] as const)
    fails(() => sparsity((x) => (x.sum().item<number>() > 0 ? x : x.flip()), { at })(x), TransformError, "or cond instead of if");
});
