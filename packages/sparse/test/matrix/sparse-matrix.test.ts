import {
  array,
  cond,
  DTypeError,
  grad,
  type NDArray,
  ones,
  ravelTree,
  ShapeError,
  scan,
  TransformError,
  TreeError,
  treeMap,
  vjp,
} from "@ad/core";
import { expectClose, fails } from "@ad/expect";
import { jvp } from "@ad/forward";
import { jvpMany } from "@ad/functional";
import { jit } from "@ad/jit";
import { vmap } from "@ad/vmap";
import { describe, expect, test } from "vitest";
import { SparseMatrix } from "../../src/index.js";
import { transformations } from "../transformations.js";
import { denseOf, matrixOf, numbers, patterns, type Sample } from "./samples.js";

/** Programs of a matrix and what meets it, and what they mean for dense matrices. x has the shape that `operand` says. */
interface Program {
  readonly operand: (m: number, n: number) => readonly number[];
  readonly sparse: (a: SparseMatrix, x: NDArray) => NDArray;
  readonly dense: (a: NDArray, x: NDArray) => NDArray;
}

const other: Sample = { shape: [4, 4], rows: [0, 1, 2, 3], columns: [0, 3, 2, 0] };

const programs: Readonly<Record<string, Program>> = {
  "matmul of a vector": { operand: (_, n) => [n], sparse: (a, x) => a.matmul(x), dense: (a, x) => a.matmul(x) },
  "matmul of columns": { operand: (_, n) => [n, 3], sparse: (a, x) => a.matmul(x), dense: (a, x) => a.matmul(x) },
  "matmul of a batch of columns": { operand: (_, n) => [2, n, 3], sparse: (a, x) => a.matmul(x), dense: (a, x) => a.matmul(x) },
  "rmatmul of a vector": { operand: (m) => [m], sparse: (a, x) => a.rmatmul(x), dense: (a, x) => x.matmul(a) },
  "rmatmul of rows": { operand: (m) => [3, m], sparse: (a, x) => a.rmatmul(x), dense: (a, x) => x.matmul(a) },
  "T, matmul": { operand: (m) => [m], sparse: (a, x) => a.T.matmul(x), dense: (a, x) => a.swapaxes(-1, -2).matmul(x) },
  "both sides": { operand: (_, n) => [n], sparse: (a, x) => a.rmatmul(a.matmul(x)), dense: (a, x) => a.matmul(x).matmul(a) },
  "T.T": { operand: () => [], sparse: (a, x) => a.T.T.toDense().mul(x), dense: (a, x) => a.mul(x) },
  diagonal: { operand: () => [], sparse: (a, x) => a.diagonal().mul(x), dense: (a, x) => a.diagonal(0, -2, -1).mul(x) },
  scale: { operand: () => [], sparse: (a, x) => a.scale(x).toDense(), dense: (a, x) => a.mul(x) },
  "scale by a number": { operand: () => [], sparse: (a, x) => a.scale(3).toDense().mul(x), dense: (a, x) => a.mul(3).mul(x) },
  scaleRows: { operand: (m) => [m], sparse: (a, x) => a.scaleRows(x).toDense(), dense: (a, x) => a.mul(x.expandDims(-1)) },
  scaleColumns: { operand: (_, n) => [n], sparse: (a, x) => a.scaleColumns(x).toDense(), dense: (a, x) => a.mul(x) },
  "add of one pattern": { operand: () => [], sparse: (a, x) => a.add(a.scale(x)).toDense(), dense: (a, x) => a.add(a.mul(x)) },
  "sub, neg": { operand: () => [], sparse: (a, x) => a.neg().sub(a.scale(x)).toDense(), dense: (a, x) => a.neg().sub(a.mul(x)) },
};

/** Programs of square matrices. */
const squares: Readonly<Record<string, Program>> = {
  "add of two patterns": {
    operand: () => [other.rows.length],
    sparse: (a, x) => a.add(matrixOf(other, x)).toDense(),
    dense: (a, x) => a.add(denseOf(other, x)),
  },
  "sub of the transpose": {
    operand: () => [],
    sparse: (a, x) => a.sub(a.T).toDense().mul(x),
    dense: (a, x) => a.sub(a.swapaxes(-1, -2)).mul(x),
  },
};

const cases = [
  ...Object.entries(patterns).flatMap(([kind, sample]) =>
    Object.entries(programs).map(([name, program]) => ({ kind, sample: sample as Sample, name, program })),
  ),
  ...Object.entries(squares).map(([name, program]) => ({ kind: "square", sample: patterns.square as Sample, name, program })),
];

describe.each(Object.entries(transformations))("%s is that of the dense matrix", (_, transformed) => {
  test.each(cases)("$name, $kind", ({ sample, program }) => {
    const v = numbers([sample.rows.length]);
    const x = numbers(program.operand(...sample.shape), 2);
    const actual = transformed((a, b) => program.sparse(matrixOf(sample, a), b), v, x);
    const expected = transformed((a, b) => program.dense(denseOf(sample, a), b), v, x);
    expect(actual.length).toBe(expected.length);
    actual.forEach((each, i) => {
      expect(each.shape).toEqual(expected[i].shape);
      expect(each.dtype).toBe(expected[i].dtype);
      if (each.size > 0) expectClose(each, expected[i].toArray() as never, each.dtype === "float32" ? 5 : 12);
    });
  });
});

describe("a matrix is a container of its values", () => {
  const a = SparseMatrix.fromDense([
    [2, 1, 0],
    [0, 3, 1],
    [1, 0, 4],
  ]);
  const isLike = (other: SparseMatrix, values: readonly number[]): void => {
    expect(other).toBeInstanceOf(SparseMatrix);
    expect([other.rows, other.columns, other.shape]).toEqual([a.rows, a.columns, a.shape]);
    expectClose(other.values, values);
  };
  const doubled = [4, 2, 6, 2, 2, 8];

  test("as an argument and as a result", () => {
    isLike(grad((m: SparseMatrix) => m.values.square().sum())(a), doubled);
    isLike(jit((m: SparseMatrix) => m.scale(2))(a), doubled);
    isLike(vjp((m: SparseMatrix) => m.scale(2), a)[1](a)[0], doubled);
    isLike(jvp((m: SparseMatrix) => m.scale(2), [a], [a])[1], doubled);
    isLike(
      treeMap((x) => x.mul(2), a),
      doubled,
    );
    isLike(ravelTree(a)[1]([4, 2, 6, 2, 2, 8]), doubled);
    isLike(
      cond(
        true,
        (m: SparseMatrix) => m.scale(2),
        (m: SparseMatrix) => m,
        a,
      ),
      doubled,
    );
    isLike(scan((m: SparseMatrix, s: NDArray) => [m.scale(s), null], a, array([1, 2]))[0], doubled);
    const [, products] = jvpMany((m: SparseMatrix) => m.scale(2), [a], [vmap((s: NDArray) => a.scale(s))(array([1, 2]))]);
    expectClose(products.values, [doubled, [8, 4, 12, 4, 4, 16]]);
  });

  test("beside other leaves, under names and in lists", () => {
    const f = ({ m, b }: { m: SparseMatrix; b: NDArray }) => m.matmul(b).sum();
    const slopes = grad(f)({ m: a, b: array([1, 2, 3]) });
    expectClose(slopes.b, [3, 4, 5]);
    isLike(slopes.m, [1, 2, 2, 3, 1, 3]);
    isLike(jit((list: readonly SparseMatrix[]) => list[0].add(list[1]))([a, a]), doubled);
  });

  test("in lanes it is a batch, which is a batch everywhere", () => {
    const batch = vmap((s: NDArray) => a.scale(s))(array([1, 2]));
    expect(batch.values.shape).toEqual([2, 6]);
    expect(batch.toString().split("\n")[0]).toBe("SparseMatrix 3 × 3, 6 entries, float64, a batch of [2]");
    expectClose(batch.matmul([1, 1, 1]), [
      [3, 4, 5],
      [6, 8, 10],
    ]);
    expectClose(batch.matmul(ones([2, 3, 1])), [
      [[3], [4], [5]],
      [[6], [8], [10]],
    ]);
    expectClose(batch.diagonal(), [
      [2, 3, 4],
      [4, 6, 8],
    ]);
    expectClose(batch.scale([1, 10]).diagonal(), [
      [2, 3, 4],
      [40, 60, 80],
    ]);
    const product = (m: SparseMatrix, x: NDArray): NDArray => m.matmul(x);
    expectClose(vmap(product)(batch, ones([2, 3])), [
      [3, 4, 5],
      [6, 8, 10],
    ]);
    expectClose(vmap(product, { inAxes: [{ values: 0 }, null] })(batch, ones([3])), [
      [3, 4, 5],
      [6, 8, 10],
    ]);
    expectClose(vmap(product, { inAxes: [null, 0] })(a, ones([2, 3])), [
      [3, 4, 5],
      [3, 4, 5],
    ]);
    fails(() => batch.toCSR(), ShapeError, "batch");
    fails(() => batch.scale([1, 2, 3]), ShapeError, "[2] of them");
  });

  test("a compiled function has one program for each pattern", () => {
    let runs = 0;
    const f = jit((m: SparseMatrix) => {
      runs++;
      return m.matmul([1, 2, 3]).sum();
    });
    expectClose(f(a), 26);
    expectClose(f(a.scale(2)), 52);
    expect(runs).toBe(1);
    expectClose(f(a.T), 26);
    expectClose(f(a), 26);
    expectClose(f(SparseMatrix.eye(3)), 6);
    expect(runs).toBe(3);
  });

  test("matrices of other patterns are of another form", () => {
    fails(() => treeMap((x) => x, a, a.T), TreeError, "SparseMatrix of shape [3, 3] with 6 entries");
    fails(
      () =>
        vmap((on: NDArray) =>
          cond(
            on,
            () => a.values,
            () => SparseMatrix.eye(3) as never,
          ),
        )(array([true, false])),
      TreeError,
      "differ in form",
    );
  });
});

describe("making and giving out", () => {
  test("fromTriplets sorts, adds what is there twice, and is differentiable", () => {
    const [rows, columns] = [
      [2, 0, 2, 0, 1],
      [0, 1, 0, 0, 2],
    ];
    const make = (v: NDArray): SparseMatrix => SparseMatrix.fromTriplets([3, 3], rows, columns, v);
    const a = make(array([1, 2, 3, 4, 5]));
    expect([Array.from(a.rows), Array.from(a.columns)]).toEqual([
      [0, 0, 1, 2],
      [0, 1, 2, 0],
    ]);
    expectClose(a.values, [4, 2, 5, 4]);
    expectClose(grad((v: NDArray) => make(v).values.mul([1, 10, 100, 1000]).sum())(array([1, 2, 3, 4, 5])), [1000, 10, 1000, 1, 100]);
    expectClose(vmap((v: NDArray) => make(v).toDense())(array([[1, 2, 3, 4, 5]])), [
      [
        [4, 2, 0],
        [0, 0, 5],
        [4, 0, 0],
      ],
    ]);
  });

  test("fromDense takes a pattern, and is differentiable with one", () => {
    const a = SparseMatrix.fromDense(
      [
        [1, 2],
        [3, 4],
      ],
      { shape: [2, 2], rows: Int32Array.of(0, 1), columns: Int32Array.of(1, 1) },
    );
    expectClose(a.toDense(), [
      [0, 2],
      [0, 4],
    ]);
    expectClose(
      grad((x: NDArray) => SparseMatrix.fromDense(x, a).values.square().sum())(
        array([
          [1, 2],
          [3, 4],
        ]),
      ),
      [
        [0, 4],
        [0, 8],
      ],
    );
    fails(() => grad((x: NDArray) => SparseMatrix.fromDense(x).values.sum())(array([[1]])), TransformError, "traced by grad");
  });

  test("arrays for other programs, by rows and by columns", () => {
    const a = SparseMatrix.fromDense([
      [0, 1, 2],
      [3, 0, 0],
    ]);
    expect(a.toCSR()).toEqual({
      shape: [2, 3],
      pointers: Int32Array.of(0, 2, 3),
      indices: Int32Array.of(1, 2, 0),
      values: Float64Array.of(1, 2, 3),
    });
    expect(a.toCSC()).toEqual({
      shape: [2, 3],
      pointers: Int32Array.of(0, 1, 2, 3),
      indices: Int32Array.of(1, 0, 0),
      values: Float64Array.of(3, 1, 2),
    });
    a.toCSR().values.fill(0);
    a.toCSR().indices.fill(0);
    expectClose(a.toDense(), [
      [0, 1, 2],
      [3, 0, 0],
    ]);
  });

  test("fromCSR takes what another program gives, by rows or by columns", () => {
    const a = SparseMatrix.fromTriplets([3, 4], [0, 0, 2, 2, 2], [3, 1, 0, 2, 3], [1, 2, 3, 4, 5]);
    expectClose(SparseMatrix.fromCSR(a.toCSR()).toDense(), a.toDense().toArray() as never);
    expectClose(SparseMatrix.fromCSR({ ...a.toCSC(), shape: [4, 3] }).T.toDense(), a.toDense().toArray() as never);
    expectClose(SparseMatrix.fromCSR(JSON.parse(JSON.stringify({ shape: [0, 2], pointers: [0], indices: [], values: [] }))).T.toDense(), [
      [],
      [],
    ]);
    // Columns in any order, one of them twice, and values that are a batch.
    const loose = { shape: [2, 3], pointers: [0, 3, 3], indices: [2, 0, 2] } as const;
    const make = (values: NDArray): NDArray => SparseMatrix.fromCSR({ ...loose, values }).toDense();
    expectClose(make(array([1, 2, 3], { dtype: "int32" })), [
      [2, 0, 4],
      [0, 0, 0],
    ]);
    expectClose(jit(vmap(make))(array([[1, 2, 3]])), [
      [
        [2, 0, 4],
        [0, 0, 0],
      ],
    ]);
    expectClose(grad((v: NDArray) => make(v).square().sum())(array([1, 2, 3])), [8, 4, 8]);
  });

  test("what is changed later in the arrays that were given changes nothing", () => {
    const [rows, columns] = [Int32Array.of(0, 1), Int32Array.of(0, 1)];
    const a = SparseMatrix.fromCoordinates([2, 2], rows, columns, [1, 2]);
    columns[0] = 1;
    columns[1] = 0;
    expectClose(a.toDense(), [
      [1, 0],
      [0, 2],
    ]);
    expectClose(SparseMatrix.fromCoordinates([2, 2], rows, columns, [1, 2]).toDense(), [
      [0, 1],
      [2, 0],
    ]);
  });

  test("an identity of float32 leaves a step of float32 so", () => {
    const a = SparseMatrix.fromDense(array([[0.5, 1]], { dtype: "float32" }).broadcastTo([2, 2]));
    const step = SparseMatrix.eye(2, "float32").sub(a.scale(0.5));
    expect(step.values.dtype).toBe("float32");
    expect(step.toDense().toArray()).toEqual([
      [0.75, -0.5],
      [-0.25, 0.5],
    ]);
  });

  test("a matrix with more places than an array has elements", () => {
    const n = 100_000;
    const a = SparseMatrix.eye(n).scale(2);
    expect(
      a
        .matmul(ones([n]))
        .sum()
        .item(),
    ).toBe(2 * n);
    fails(() => a.toDense(), ShapeError, "does not fit in memory");
  });

  test("JSON, and back", () => {
    const a = SparseMatrix.fromDense([
      [0, 1, 2],
      [3, 0, 0],
    ]);
    const saved = JSON.parse(JSON.stringify({ a })).a;
    expect(saved).toEqual({ shape: [2, 3], rows: [0, 0, 1], columns: [1, 2, 0], values: [1, 2, 3] });
    expectClose(
      SparseMatrix.fromCoordinates(saved.shape, saved.rows, saved.columns, saved.values).toDense(),
      a.toDense().toArray() as never,
    );
  });

  test("a picture of the pattern", () => {
    const eye = SparseMatrix.eye(8);
    expect(eye.toString()).toBe("SparseMatrix 8 × 8, 8 entries, float64\n⠑⢄⠀⠀\n⠀⠀⠑⢄");
    expect(
      SparseMatrix.eye(1000)
        .toString()
        .split("\n")
        .map((line) => line.length),
    ).toEqual(["SparseMatrix 1000 × 1000, 1000 entries, float64".length, ...new Array(20).fill(40)]);
    expect(SparseMatrix.fromCoordinates([0, 3], [], [], []).toString()).toBe("SparseMatrix 0 × 3, 0 entries, float64\n");
  });
});

describe("wrong input says what to do", () => {
  const make = SparseMatrix.fromCoordinates;
  const csr = (pointers: readonly number[], indices: readonly number[], values: readonly number[]): SparseMatrix =>
    SparseMatrix.fromCSR({ shape: [2, 2], pointers, indices, values });
  const a = SparseMatrix.fromDense([
    [1, 2, 0],
    [0, 3, 4],
  ]);
  test.each<[string, () => unknown, new (message?: string) => Error, string]>([
    [
      "an index outside",
      () => make([2, 2], [0, 2], [0, 0], [1, 2]),
      ShapeError,
      "entry 1 is at row 2 and column 0, outside of a matrix of shape [2, 2]",
    ],
    ["a negative index", () => make([2, 2], [0], [-1], [1]), ShapeError, "column -1"],
    ["entries that are not sorted", () => make([2, 2], [1, 0], [0, 0], [1, 2]), ShapeError, "fromTriplets"],
    ["a place that is there twice", () => make([2, 2], [0, 0], [1, 1], [1, 2]), ShapeError, "is there twice"],
    ["too few values", () => make([2, 2], [0, 1], [1, 1], [1]), ShapeError, "[..., 2]"],
    ["more rows than columns", () => make([2, 2], [0, 1], [1], [1, 2]), ShapeError, "2 rows and 1 columns"],
    ["indices that are no whole numbers", () => make([2, 2], [0.5], [1], [1]), TreeError, "whole numbers"],
    ["an index that int32 cannot hold", () => make([2, 2], [2 ** 32], [1], [1]), TreeError, "whole numbers"],
    ["pointers that are too few", () => csr([0, 1], [0], [1]), ShapeError, "give 3 of them, from 0 to 1"],
    ["pointers that do not begin at 0", () => csr([1, 1, 1], [0], [1]), ShapeError, "from 0 to 1"],
    ["pointers that end elsewhere", () => csr([0, 1, 3], [0, 1], [1, 2]), ShapeError, "from 0 to 2"],
    ["pointers that fall", () => csr([0, 2, 1], [0], [1]), ShapeError, "none below the one before"],
    ["pointers that are none", () => csr(undefined as never, [0], [1]), TreeError, "pointers are undefined"],
    ["no matrix by rows", () => SparseMatrix.fromCSR(undefined as never), ShapeError, "[rows, columns]"],
    [
      "columns outside of a matrix by rows",
      () => csr([0, 1, 1], [2], [1]),
      ShapeError,
      "SparseMatrix.fromCSR: entry 0 is at row 0 and column 2",
    ],
    ["no indices", () => make([2, 2], undefined as never, [1], [1]), TreeError, "rows are undefined"],
    ["no shape", () => make(3 as never, [0], [1], [1]), ShapeError, "[rows, columns]"],
    ["a shape of three", () => make([1, 2, 3] as never, [0], [1], [1]), ShapeError, "[rows, columns]"],
    ["a shape that is negative", () => make([-1, 2], [], [], []), ShapeError, "none negative"],
    ["values that are no array", () => make([2, 2], [0], [1], "a" as never), DTypeError, "fromCoordinates"],
    ["a vector that does not fit", () => a.matmul([1, 2]), ShapeError, "give [3] or [..., 3, k]"],
    ["a vector that does not fit from the left", () => a.rmatmul([1, 2, 3]), ShapeError, "give [2] or [..., k, 2]"],
    ["a scalar", () => a.matmul(2), ShapeError, "shape []"],
    ["a product of two sparse matrices", () => a.matmul(a.T as never), TreeError, "toDense"],
    ["a sum of two shapes", () => a.add(a.T), ShapeError, "[2, 3] and [3, 2]"],
    ["a sum with an array", () => a.add(array([1]) as never), TreeError, "give a SparseMatrix"],
    ["factors of another number", () => a.scaleRows([1, 2, 3]), ShapeError, "2 are wanted"],
    ["a factor for each column in scale", () => a.scale([1, 2, 3]), ShapeError, "scaleColumns"],
    ["a dense vector", () => SparseMatrix.fromDense([1, 2]), ShapeError, "[m, n]"],
    ["a pattern of another shape", () => SparseMatrix.fromDense([[1, 2]], a), ShapeError, "both must agree"],
    ["no pattern", () => SparseMatrix.fromDense([[1, 2]], 3 as never), TreeError, "{ shape, rows, columns }"],
    ["a size that is none", () => SparseMatrix.eye(1.5), ShapeError, "whole numbers"],
    ["an identity of whole numbers", () => SparseMatrix.eye(2, "int32" as never), DTypeError, 'dtype is "int32"'],
    ["numbers that are traced", () => grad((x: NDArray) => a.scale(x).toCSR().values[0] as never)(1), TransformError, "traced by grad"],
  ])("%s", (_, run, Class, text) => fails(run, Class, text));
});
