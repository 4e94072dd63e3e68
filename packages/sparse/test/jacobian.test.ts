import {
  AxisError,
  arange,
  array,
  cond,
  DTypeError,
  grad,
  linspace,
  type NDArray,
  ones,
  ShapeError,
  stack,
  TransformError,
  TreeError,
  where,
  whileLoop,
  zeros,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { hessian, jacobian } from "@ad/functional";
import { jit } from "@ad/jit";
import {
  coloring,
  hessianSparsity,
  prepare,
  type SparseJacobianOptions,
  type SparseMatrix,
  sparseHessian,
  sparseJacobian,
  sparsity,
  valueAndSparseJacobian,
} from "@ad/sparse";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";

const nested = (x: NDArray): never => x.toArray() as never;

const differences = (x: NDArray): NDArray => x.slice([1, null]).mul(x.slice([0, -1]).sin());
const laplacian = (x: NDArray): NDArray => x.roll(1, 0).add(x.roll(-1, 0)).add(x.roll(1, 1)).add(x.roll(-1, 1)).sub(x.square());
const arrow = (x: NDArray): NDArray => x.mul(x.slice(0)).add(where(arange(x.size).equal(0), x.square().sum(), x.sin()));
const many = (x: NDArray): NDArray => x.square().reshape([4, -1]).sum(1);
// A tree without leaves, which is passed on.
const same = (x: readonly never[]): readonly never[] => x;

const functions: Record<string, [(x: NDArray) => NDArray, NDArray]> = {
  differences: [differences, linspace(0.1, 2, 9)],
  "a Laplacian on a torus": [laplacian, linspace(-1, 1, 30).reshape([5, 6])],
  "an arrowhead": [arrow, linspace(0.5, 2, 12)],
  "few rows": [many, linspace(0.5, 2, 24)],
  "a dense matrix": [(x) => x.mul(x.sum()), linspace(0.5, 2, 5)],
  "a constant": [() => ones([3]), linspace(0, 1, 4)],
  "one number": [(x) => x.sin(), array(0.3)],
};

const options: Record<string, SparseJacobianOptions<0>> = {
  "no option": {},
  forward: { strategy: "forward" },
  reverse: { strategy: "reverse" },
  "two products at a time": { chunkSize: 2 },
  "two products at a time, reverse": { chunkSize: 2, strategy: "reverse" },
  "little memory": { memoryBudget: 100 },
  "the pattern at the point": { at: "point" },
  checked: { check: true },
};

describe.each(Object.entries(functions))("the Jacobian of %s", (_, [f, x]) => {
  const dense = nested(jacobian(f)(x).reshape([f(x).size, x.size]));
  test.each(Object.entries(options))("with %s", (_name, option) => {
    expectClose((sparseJacobian(f, option as object)(x) as SparseMatrix).toDense(), dense);
    expectClose(sparseJacobian(f, { ...option, flat: true })(x).toDense(), dense);
  });
  test("in float32", () => {
    const J = sparseJacobian(f)(x.astype("float32"));
    expect(J.values.dtype).toBe("float32");
    expectClose(J.toDense().astype("float64"), dense, 5);
  });
  test("by every colouring", () => {
    const pattern = sparsity(f)(x);
    for (const kind of ["columns", "rows", "bidirectional"] as const)
      for (const chunkSize of [1, 3, 100])
        expectClose(sparseJacobian(f, { pattern, coloring: coloring(pattern, { kind }), chunkSize })(x).toDense(), dense);
  });
  test("from what was prepared and saved", () => {
    const saved = JSON.parse(JSON.stringify(prepare(f, x)));
    expectClose(sparseJacobian(f, saved)(x).toDense(), dense);
  });
  test("in jit", () => expectClose(jit((x: NDArray) => sparseJacobian(f)(x).toDense())(x), dense));
});

test("of no number there is a matrix without rows", () => {
  for (const option of Object.values(options))
    expect(sparseJacobian((x: NDArray) => x.sin(), option as object)(zeros([0]))).toMatchObject({ shape: [0, 0] });
  expect(sparseJacobian((x: NDArray) => x.sum())(zeros([0]))).toMatchObject({ shape: [1, 0] });
  expect(sparseHessian((x: NDArray) => x.sum())(zeros([0]))).toMatchObject({ shape: [0, 0] });
});

const chain = (x: NDArray): NDArray =>
  x
    .slice([1, null])
    .sub(x.slice([0, -1]).square())
    .square()
    .mul(100)
    .add(x.slice([0, -1]).sub(1).square())
    .sum();

describe("the Hessian", () => {
  const scalars: Record<string, [(x: NDArray) => NDArray, NDArray]> = {
    "of Rosenbrock's chain": [chain, linspace(-1, 1, 10)],
    "of a linear function": [(x) => x.sum(), linspace(-1, 1, 4)],
    "of an arrowhead": [(x) => arrow(x).sum(), linspace(0.5, 2, 12)],
    "of a product": [(x) => x.prod(), linspace(0.5, 2, 4)],
    "of one number": [(x) => x.sin(), array(0.5)],
  };
  test.each(Object.entries(scalars))("%s", (_, [f, x]) => {
    const dense = nested(hessian(f)(x).reshape([x.size, x.size]));
    for (const option of [{}, { flat: true } as const, { chunkSize: 1 }, { memoryBudget: 50 }, { at: "point" } as const, { check: true }])
      expectClose((sparseHessian(f, option as object)(x) as SparseMatrix).toDense(), dense, 11);
    const pattern = hessianSparsity(f)(x);
    for (const kind of ["columns", "rows", "symmetric", "bidirectional"] as const)
      expectClose(sparseHessian(f, { pattern, coloring: coloring(pattern, { kind } as never) })(x).toDense(), dense, 11);
    expectClose(sparseHessian(f, JSON.parse(JSON.stringify(prepare(f, x, { of: "hessian" }))))(x).toDense(), dense, 11);
    expectClose(jit((x: NDArray) => sparseHessian(f)(x).values)(x), nested(sparseHessian(f)(x).values), 11);
  });
  test("takes few products", () => {
    const { coloring: found } = prepare(chain, linspace(-1, 1, 1000), { of: "hessian" });
    expect(found.count).toBeLessThanOrEqual(3);
  });
  test("of trees has the argument's tree in the argument's tree", () => {
    const f = (p: { a: NDArray; b: NDArray }): NDArray => p.a.square().sum().mul(p.b.slice(0)).add(p.b.prod());
    const p = { a: array([1, 2]), b: array([3, 4]) };
    const [H, D] = [sparseHessian(f)(p), hessian(f)(p)];
    for (const i of ["a", "b"] as const) for (const j of ["a", "b"] as const) expectClose(H[i][j].toDense(), nested(D[i][j]));
    const [aux, note] = sparseHessian((x: NDArray) => [x.square().sum(), "note"] as const, { hasAux: true })(p.a);
    expect(note).toBe("note");
    expectClose(aux.toDense(), [
      [2, 0],
      [0, 2],
    ]);
  });
});

test("100,000 unknowns", () => {
  const n = 100_000;
  const J = sparseJacobian((u: NDArray) => u.roll(1).add(u.roll(-1)).sub(u.square()), { check: true })(ones([n]));
  expect(J.values.size).toBe(3 * n);
  expectClose(J.values.slice([0, 3]), [-2, 1, 1]);
  expect(sparseHessian(chain)(ones([n])).values.size).toBe(3 * n - 2);
});

describe("trees", () => {
  const f = (p: { a: NDArray; b: NDArray }, w: NDArray): { u: NDArray; v: readonly [NDArray] } => ({
    u: p.b.mul(w),
    v: [p.a.sum().add(w.slice(1).sin())],
  });
  const p = { b: array([1, 2]), a: array([[3], [4]]) };
  const w = array([5, 6]);
  test("give trees of blocks", () => {
    const [J, D] = [sparseJacobian(f)(p, w), jacobian(f)(p, w)];
    expectClose(J.u.a.toDense(), nested(D.u.a.reshape([2, 2])));
    expectClose(J.u.b.toDense(), nested(D.u.b));
    expectClose(J.v[0].a.toDense(), nested(D.v[0].a.reshape([1, 2])));
    expectClose(J.v[0].b.toDense(), [[0, 0]]);
    expect([J.u.a.values.size, J.u.b.values.size, J.v[0].b.values.size]).toEqual([0, 2, 0]);
  });
  test("or one matrix over all of them", () => {
    const J = sparseJacobian(f, { argnums: [0, 1], flat: true })(p, w);
    expect(J.shape).toEqual([3, 6]);
    expectClose(J.toDense(), [
      [0, 0, 5, 0, 1, 0],
      [0, 0, 0, 6, 0, 2],
      [1, 1, 0, 0, 0, Math.cos(6)],
    ]);
    expect(J.rows).toEqual(Int32Array.of(0, 0, 1, 1, 2, 2, 2));
  });
  test("a list of arguments gives a tuple", () => {
    const [byP, byW] = sparseJacobian(f, { argnums: [0, 1] })(p, w).u;
    expectClose(byP.b.toDense(), [
      [5, 0],
      [0, 6],
    ]);
    expectClose(byW.toDense(), [
      [1, 0],
      [0, 2],
    ]);
  });
  test("leaves of different dtypes keep theirs", () => {
    const J = sparseJacobian((p: NDArray[]) => p[0].astype("float64").mul(p[1]))([ones([2], "float32"), ones([2])]);
    expect(J.map((each) => each.values.dtype)).toEqual(["float32", "float64"]);
    const dtypes = (["forward", "reverse"] as const).map(
      (strategy) => sparseJacobian((x: NDArray) => x.mul(ones([2])), { strategy, flat: true })(ones([2], "float32")).values.dtype,
    );
    expect(dtypes).toEqual(["float32", "float32"]);
  });
  test("value and aux come from the same run", () => {
    const [value, J] = valueAndSparseJacobian(f)(p, w);
    expectClose(value.u, [5, 12]);
    expectClose(J.u.b.toDense(), [
      [5, 0],
      [0, 6],
    ]);
    const withAux = (x: NDArray): [NDArray, { twice: NDArray; note: string }] => [x.square(), { twice: x.mul(2), note: "kept" }];
    for (const strategy of ["forward", "reverse"] as const) {
      const [[y, aux], own] = valueAndSparseJacobian(withAux, { hasAux: true, strategy })(array([1, 2]));
      expectClose(y, [1, 4]);
      expectClose(aux.twice, [2, 4]);
      expect(aux.note).toBe("kept");
      expectClose(own.values, [2, 4]);
    }
    expect(sparseJacobian(withAux, { hasAux: true })(array([1, 2]))[1].note).toBe("kept");
  });
});

describe("inside of transformations", () => {
  const x = linspace(0.1, 2, 6);
  const entries = (x: NDArray): NDArray => sparseJacobian(differences)(x).values;
  const plain = (x: NDArray): NDArray => jacobian(differences)(x).ravel();
  test("grad and jvp of the entries", () => {
    expectClose(grad((x: NDArray) => entries(x).square().sum())(x), nested(grad((x: NDArray) => plain(x).square().sum())(x)));
    const [, pushed] = jvp((x: NDArray) => entries(x).sum(), [x], [ones([6])]);
    const [, wanted] = jvp((x: NDArray) => plain(x).sum(), [x], [ones([6])]);
    expectClose(pushed, nested(wanted));
  });
  test("by parameters that the function closes over", () => {
    const of = (k: NDArray): NDArray => sparseJacobian((x: NDArray) => differences(x).mul(k))(x).values.sum();
    expectClose(grad(of)(array(3)), nested(entries(x).sum()));
  });
  test("vmap", () => {
    const xs = stack([x, x.mul(2), x.neg()]);
    expectClose(vmap(entries)(xs), [0, 1, 2].map((i) => nested(entries(xs.slice(i)))) as never);
    const each = (k: NDArray): NDArray => sparseJacobian((x: NDArray) => differences(x).mul(k))(x).values;
    expectClose(vmap(each)(array([1, 2])), [nested(entries(x)), nested(entries(x).mul(2))] as never);
  });
  test("jit of grad, with control flow", () => {
    const f = (x: NDArray): NDArray =>
      cond(
        x.sum().greater(0),
        (y) => y.mul(y.roll(1)),
        (y) => y.sin(),
        whileLoop(
          (y: NDArray) => y.sum().less(5),
          (y: NDArray) => y.mul(2),
          x,
        ),
      );
    const total = (x: NDArray): NDArray => sparseJacobian(f)(x).values.square().sum();
    const wanted = nested(grad((x: NDArray) => jacobian(f)(x).square().sum())(x));
    expectClose(grad(total)(x), wanted, 11);
    expectClose(jit(grad(total))(x), wanted, 11);
  });
  test("jit, of parameters that the function closes over", () => {
    const rod = (k: NDArray) => (u: NDArray) => u.roll(1).mul(k).add(u.square());
    const entriesOf = (u: NDArray, k: NDArray): NDArray => sparseJacobian(rod(k))(u).values;
    expectClose(jit(entriesOf)(x, array(2)), nested(entriesOf(x, array(2))));
    const total = (k: NDArray): NDArray => entriesOf(x, k).square().sum();
    expectClose(jit(grad(total))(array(2)), 24);
    expectClose(jit(vmap(total))(array([1, 2])), [1, 2].map((k) => total(array(k)).item()) as number[]);
  });
  test("a sparse Jacobian of a sparse Jacobian", () => {
    const twice = sparseJacobian((x: NDArray) => sparseJacobian((y: NDArray) => y.square())(x).values)(ones([3]));
    expectClose(twice.toDense(), [
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
    ]);
  });
  test("a sparse Jacobian of a gradient", () => {
    expectClose(sparseJacobian(grad(chain))(x).toDense(), nested(hessian(chain)(x)), 11);
  });
});

describe("what is kept", () => {
  test("the pattern, for arguments of the same shapes", () => {
    let runs = 0;
    const f = (x: NDArray, w: NDArray): NDArray => {
      runs++;
      return x.mul(w.sum());
    };
    const J = sparseJacobian(f);
    const counts = [ones([3]), ones([3]).mul(2), ones([4]), ones([3])].map((x) => {
      const before = runs;
      expectClose(J(x, ones([2])).values, new Array(x.size).fill(2));
      return runs - before;
    });
    expect(counts).toEqual([2, 1, 2, 1]);
  });
  test("but not where indices, numbers or truth values are others", () => {
    const byIndex = sparseJacobian((x: NDArray, i: NDArray) => x.take(i));
    for (const i of [
      [0, 1],
      [2, 2],
      [0, 1],
    ])
      expectClose(
        byIndex(ones([3]), array(i, { dtype: "int32" })).toDense(),
        i.map((at) => [0, 1, 2].map((k) => +(k === at))),
      );
    const byNumber = sparseJacobian((x: NDArray, k: number) => (k > 1 ? x.flip() : x));
    expectClose(byNumber(ones([2]), 2).toDense(), [
      [0, 1],
      [1, 0],
    ]);
    expectClose(byNumber(ones([2]), 1).toDense(), [
      [1, 0],
      [0, 1],
    ]);
    const byPart = sparseJacobian((x: NDArray, o: { list: number[]; flip: boolean }) => (o.flip ? x.flip() : x).mul(array(o.list)));
    expectClose(byPart(ones([2]), { list: [1, 2], flip: false }).toDense(), [
      [1, 0],
      [0, 2],
    ]);
    expectClose(byPart(ones([2]), { list: [1, 2], flip: true }).toDense(), [
      [0, 1],
      [2, 0],
    ]);
  });
  test("nor a pattern at a point", () => {
    const J = sparseJacobian((x: NDArray) => where(x.greater(0), x, x.flip()), { at: "point" });
    expect([array([1, 2]), array([-1, 2])].map((x) => Array.from(J(x).columns))).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });
});

test("a check is not misled by the rounding of terms that cancel", () => {
  // Row 0 is 0 but for rounding.
  const cancelling = (x: NDArray): NDArray => x.mul(x.sum()).mul(array([1e-17, 1, 1]));
  const two = { shape: [3, 3], rows: [1, 1, 1, 2, 2, 2], columns: [0, 1, 2, 0, 1, 2] };
  expect(sparseJacobian(cancelling, { pattern: two, check: true })(array([1, 2, 3])).values.size).toBe(6);
});

describe("wrong calls say what is wrong", () => {
  const x = linspace(0.1, 2, 4);
  const pattern = sparsity(differences)(x);
  const saved = { shape: [3, 4], rows: [0, 0, 1, 1, 2, 2], columns: [0, 1, 1, 2, 2, 3] };
  test("of a pattern", () => {
    fails(
      () => sparseJacobian(differences, { pattern })(linspace(0, 1, 5)),
      ShapeError,
      "the pattern is [3, 4], but the arguments have 5 elements",
    );
    fails(() => sparseJacobian((x: NDArray) => x, { pattern })(x), ShapeError, "the function's results have 4 elements");
    fails(() => sparseJacobian((x: NDArray) => x.slice([0, 2]), { pattern })(x), ShapeError, "the function's results have 2 elements");
    fails(
      () => sparseJacobian((x: NDArray) => x, { pattern, strategy: "reverse" })(x),
      ShapeError,
      "the function's results have 4 elements",
    );
    fails(() => sparseJacobian(differences, { pattern: { ...saved, columns: [0, 1, 1, 2, 2, 4] } })(x), ShapeError, "row 2 and column 4");
    fails(() => sparseJacobian(differences, { pattern: 7 as never })(x), TreeError, "pattern is 7");
    const poor = { shape: [3, 4], rows: [0, 0, 1, 2, 2], columns: [0, 1, 1, 2, 3] };
    for (const strategy of ["forward", "reverse"] as const)
      fails(
        () => sparseJacobian(differences, { pattern: poor, check: true, strategy })(x),
        TransformError,
        "the pattern misses an entry in row 1",
      );
    const chainPattern = { shape: [4, 4], rows: [0, 1, 2, 3], columns: [0, 1, 2, 3] };
    fails(() => sparseHessian(chain, { pattern: chainPattern, check: true })(x), TransformError, "misses an entry");
    expect(sparseJacobian(differences, { pattern: saved, check: true })(x).values.size).toBe(6);
  });

  test("takes arguments and results without leaves, of which there are no derivatives", () => {
    for (const check of [false, true]) {
      expect(valueAndSparseJacobian(same, { check })([])).toEqual([[], []]);
      expect(sparseJacobian(same, { check, flat: true })([]).shape).toEqual([0, 0]);
      const [value, jacobian] = valueAndSparseJacobian((_: readonly never[]) => ones([2]), { check, flat: true })([]);
      expect([value.toArray(), jacobian.shape, jacobian.values.shape]).toEqual([[1, 1], [2, 0], [0]]);
      expect(sparseHessian((_: readonly never[]) => array(1), { check })([])).toEqual([]);
    }
  });
  test("of a colouring", () => {
    const columns = (...colors: number[]) => ({ kind: "columns", colors, count: 2 }) as const;
    fails(
      () => sparseJacobian(differences, { coloring: columns(0, 0, 1, 0) })(x),
      TransformError,
      "columns 0 and 1 have colour 0, and both have an entry in row 0",
    );
    fails(
      () => sparseJacobian(differences, { coloring: columns(0, 1) })(x),
      ShapeError,
      "2 colours of columns, but the pattern has 4 columns",
    );
    fails(() => sparseJacobian(differences, { coloring: columns(0, 1, -1, 0) })(x), TransformError, "has no colour");
    fails(
      () => sparseJacobian(differences, { coloring: { kind: "rows", colors: [0, 0, 1] } })(x),
      TransformError,
      "rows 0 and 1 have colour 0, and both have an entry in column 1",
    );
    for (const wrong of [0.5, Number.NaN, "1", -2, 4, 2 ** 30])
      fails(
        () => sparseJacobian(differences, { coloring: columns(0, 1, 0, wrong as number) })(x),
        TransformError,
        "the colour of column 3 is",
      );
    fails(() => sparseJacobian(differences, { coloring: null as never })(x), TreeError, "coloring is null");
    fails(() => sparseJacobian(differences, { coloring: { kind: "odd" as never, colors: [0] } })(x), TransformError, '"odd"');
    fails(() => sparseJacobian(differences, { coloring: { kind: "rows" } })(x), TreeError, "coloring is");
    fails(
      () => sparseJacobian((x: NDArray) => x.cumsum(), { coloring: { kind: "symmetric", colors: [0, 1, 2, 3] } })(array([1, 2, 3, 4])),
      TransformError,
      "not symmetric",
    );
  });
  test("of an option", () => {
    fails(() => sparseJacobian(differences, { chunkSize: 0 }), TransformError, "chunkSize is 0");
    fails(() => sparseJacobian(differences, { memoryBudget: 1.5 }), TransformError, "memoryBudget is 1.5");
    fails(() => sparseJacobian(differences, { strategy: "sideways" as never }), TransformError, 'strategy is "sideways"');
    fails(() => sparseJacobian(differences, { colouring: 1 } as never), TreeError, 'did you mean "coloring"?');
    fails(() => sparseHessian(chain, { strategy: "forward" } as never), TreeError, "no option");
    fails(() => sparseJacobian(differences, { argnums: 2 })(x), AxisError, "argument 2");
    fails(() => sparseJacobian(differences, { at: "here" as never }), TransformError, "at is");
    fails(() => prepare(differences, x, { of: "gradient" as never }), TransformError, "of is");
  });
  test("of a function or an argument", () => {
    fails(() => sparseJacobian(3 as never), TransformError, "no function");
    fails(() => sparseJacobian(differences)(array([1, 2], { dtype: "int32" })), DTypeError, "int32");
    fails(() => sparseJacobian((x: NDArray) => x.argsort())(x), DTypeError, "int32");
    fails(() => sparseHessian((x: NDArray) => x)(x), ShapeError, "sparseHessian");
  });
});
