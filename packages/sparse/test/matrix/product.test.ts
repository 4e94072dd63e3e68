import { array, type NDArray, stack } from "@ad/core";
import { expectClose } from "@ad/expect";
import { hessian, jacobian } from "@ad/functional";
import { describe, expect, test } from "vitest";
import { hessianSparsity, SparseMatrix, sparseHessian, sparseJacobian, sparsity } from "../../src/index.js";
import { entriesOf } from "../../src/matrix/entries.js";
import { matrixOf, numbers, patterns, type Sample } from "./samples.js";

describe.each(Object.entries(patterns) as [string, Sample][])("%s", (_, sample) => {
  const { shape, rows, columns } = sample;
  const [m, n] = shape;
  const { product, transposed, sampled } = entriesOf("test", shape, rows, columns).products;
  const v = numbers([rows.length]);
  const lanes = stack([v, v.sin()]);

  test("what an operation computes is what it is composed of", () => {
    const x = numbers([n, 3], 2);
    const y = numbers([m, 3], 3);
    const both = stack([x, x.sin()]);
    for (const [operation, inputs] of [
      [product, [v, x]],
      [product, [lanes, x]],
      [product, [lanes, both]],
      [transposed, [v, y]],
      [transposed, [lanes, y]],
      [sampled, [y, x]],
      [sampled, [y, both]],
    ] as const) {
      const [own] = operation.forward(inputs);
      const [composed] = (operation.composed as typeof operation.forward)(inputs);
      expect(own.shape).toEqual(composed.shape);
      if (own.size > 0) expectClose(own, composed.toArray() as never);
    }
  });

  test("the pattern of a product is that of the matrix", () => {
    const a = matrixOf(sample, v);
    const x = numbers([n], 2);
    expect(sparsity((x: NDArray) => a.matmul(x.sin()))(x)).toMatchObject({ rows: a.rows, columns: a.columns });
    expectClose(sparseJacobian((x: NDArray) => a.matmul(x.sin()))(x).values, v.mul(x.cos().take(array(a.columns))).toArray() as never);
    // The entries themselves: each meets one element of x.
    expect(sparsity((v: NDArray) => matrixOf(sample, v).matmul(x))(v)).toMatchObject({ rows: a.rows });
  });
});

test("a Hessian through sparse products", () => {
  const a = SparseMatrix.fromDense([
    [2, -1, 0, 0],
    [0, 2, -1, 0],
    [0, 0, 2, -1],
  ]);
  const f = (x: NDArray): NDArray =>
    a
      .matmul(x)
      .sin()
      .sum()
      .add(
        a
          .rmatmul(x.slice([0, 3]))
          .square()
          .sum(),
      );
  const x = array([1, 2, 3, 4]);
  expect(hessianSparsity(f)(x).rows.length).toBe(10);
  expectClose(sparseHessian(f)(x).toDense(), hessian(f)(x).toArray() as never);
  expectClose(
    sparseJacobian((x: NDArray) => a.matmul(x).sin())(x).toDense(),
    jacobian((x: NDArray) => a.matmul(x).sin())(x).toArray() as never,
  );
});
