import { array, grad, type NDArray } from "@ad/core";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { expectTypeOf, test } from "vitest";
import {
  type BothWays,
  type Coloring,
  coloring,
  conjugateGradient,
  gmres,
  jacobi,
  type OneWay,
  type Pattern,
  type Preconditioner,
  prepare,
  SparseMatrix,
  sparseHessian,
  sparseJacobian,
  sparsity,
  valueAndSparseJacobian,
} from "../src/index.js";

const x = array([1, 2]);
interface Params {
  w: NDArray;
  b: NDArray;
}
const p: Params = { w: x, b: x };

test("a Jacobian has the form of the result, and of the argument at each leaf", () => {
  expectTypeOf(sparseJacobian((x) => x.sin())(x)).toEqualTypeOf<SparseMatrix>();
  expectTypeOf(sparseJacobian((p: Params) => p.w.mul(p.b))(p)).toEqualTypeOf<{ w: SparseMatrix; b: SparseMatrix }>();
  const both = sparseJacobian((p: Params): [NDArray, { y: NDArray }] => [p.w, { y: p.b }])(p);
  expectTypeOf(both[1].y.w).toEqualTypeOf<SparseMatrix>();
  const twice = sparseJacobian((x: NDArray, y: NDArray) => x.mul(y), { argnums: [0, 1] })(x, x);
  expectTypeOf(twice).toEqualTypeOf<[SparseMatrix, SparseMatrix]>();
});

test("flat gives one matrix, hasAux a pair", () => {
  expectTypeOf(sparseJacobian((p: Params) => p.w, { flat: true })(p)).toEqualTypeOf<SparseMatrix>();
  const [J, aux] = sparseJacobian((x: NDArray): [NDArray, { n: NDArray }] => [x, { n: x }], { hasAux: true })(x);
  expectTypeOf(J).toEqualTypeOf<SparseMatrix>();
  expectTypeOf(aux).toEqualTypeOf<{ n: NDArray }>();
  const [value, jacobian] = valueAndSparseJacobian((x: NDArray) => ({ y: x }))(x);
  expectTypeOf(value).toEqualTypeOf<{ y: NDArray }>();
  expectTypeOf(jacobian).toEqualTypeOf<{ y: SparseMatrix }>();
  // @ts-expect-error aux has to be there
  sparseJacobian((x: NDArray) => x, { hasAux: true });
  // @ts-expect-error there is no such strategy
  sparseJacobian((x: NDArray) => x, { strategy: "sideways" });
  // @ts-expect-error a Hessian has no strategy
  sparseHessian((x: NDArray) => x.sum(), { strategy: "forward" });
});

test("a Hessian has the argument's form twice", () => {
  expectTypeOf(sparseHessian((x) => x.sum())(x)).toEqualTypeOf<SparseMatrix>();
  const H = sparseHessian((p: Params) => p.w.mul(p.b).sum())(p);
  expectTypeOf(H.w.b).toEqualTypeOf<SparseMatrix>();
});

test("patterns and colourings", () => {
  const pattern = sparsity((x) => x.sin())(x);
  expectTypeOf(pattern).toEqualTypeOf<Pattern>();
  expectTypeOf(coloring(pattern)).toEqualTypeOf<Coloring>();
  expectTypeOf(coloring(pattern, { kind: "rows" })).toEqualTypeOf<OneWay>();
  expectTypeOf(coloring(pattern, { kind: "bidirectional" })).toEqualTypeOf<BothWays>();
  const prepared = prepare((x: NDArray) => x.sin(), x);
  expectTypeOf(sparseJacobian((x) => x.sin(), prepared)(x)).toEqualTypeOf<SparseMatrix>();
  // A value from JSON is taken as well.
  sparseJacobian((x) => x.sin(), JSON.parse(""));
  // @ts-expect-error there is no such order
  coloring(pattern, { order: "sorted" });
});

test("a matrix is an argument and a result of transformations", () => {
  const a = SparseMatrix.eye(2);
  expectTypeOf(grad((m: SparseMatrix) => m.matmul(x).sum())(a)).toEqualTypeOf<SparseMatrix>();
  expectTypeOf(jit((m: SparseMatrix) => m.scale(2))(a)).toEqualTypeOf<SparseMatrix>();
  expectTypeOf(vmap((s: NDArray) => a.scale(s))(x)).toEqualTypeOf<SparseMatrix>();
  expectTypeOf(a.matmul([1, 2])).toEqualTypeOf<NDArray>();
  expectTypeOf(a.T.toCSC().indices).toEqualTypeOf<Int32Array>();
});

test("a solution has the form of b", () => {
  const a = SparseMatrix.eye(2);
  expectTypeOf(jacobi(a)).toEqualTypeOf<Preconditioner>();
  const found = conjugateGradient(a, x, {
    preconditioner: jacobi(a),
    onStep: ({ residual }) => expectTypeOf(residual).toEqualTypeOf<number>(),
  });
  expectTypeOf(found.x).toEqualTypeOf<NDArray>();
  expectTypeOf(found.evaluations).toEqualTypeOf<number>();
  expectTypeOf(gmres((v: Params) => v, p).x).toEqualTypeOf<Params>();
  // @ts-expect-error only gmres begins again
  conjugateGradient(a, x, { restart: 3 });
});
