import { fails } from "@ad/expect";
import { describe, expect, test } from "vitest";
import {
  ADError,
  AxisError,
  array,
  DTypeError,
  eye,
  grad,
  linalg,
  type NDArray,
  ShapeError,
  TreeError,
  vjp,
  zeros,
} from "../../src/index.js";

const { LinAlgError } = linalg;
const singular = array([
  [1, 2],
  [2, 4],
]);

describe("singular input", () => {
  test.each<[string, () => unknown, string]>([
    ["solve", () => linalg.solve(singular, [1, 2]), "solve: the matrix is singular; lstsq and pinv take such."],
    ["inv", () => linalg.inv(zeros([3, 3])), "inv: the matrix is singular; lstsq and pinv take such."],
    ["matrixPower", () => linalg.matrixPower(singular, -1), "the matrix is singular; lstsq and pinv take such."],
    [
      "solveTriangular",
      () =>
        linalg.solveTriangular(
          array([
            [1, 2],
            [0, 0],
          ]),
          [1, 2],
        ),
      "solveTriangular: the matrix is singular: element 1 of its diagonal is 0; lstsq and pinv take such.",
    ],
    [
      "cholesky",
      () =>
        linalg.cholesky(
          array([
            [1, 2],
            [2, 1],
          ]),
        ),
      "cholesky: the matrix is not positive definite: its leading minor of order 2 is not positive; add to its diagonal, or use lu or eigh.",
    ],
    [
      "one of a batch",
      () =>
        linalg.inv(
          array([
            [
              [
                [1, 0],
                [0, 1],
              ],
              [
                [0, 0],
                [0, 0],
              ],
            ],
          ]),
        ),
      "in matrix [0, 1] of the batch.",
    ],
    ["the gradient of slogdet", () => grad((x: NDArray) => linalg.slogdet(x).logdet)(singular), "the matrix is singular"],
    ["the gradient of qr", () => grad((x: NDArray) => linalg.qr(x).q.sum())(zeros([2, 2])), "the matrix is singular"],
    ["the gradient of lu", () => grad((x: NDArray) => linalg.lu(x).l.sum())(zeros([2, 2])), "the matrix is singular"],
  ])("%s says so", (_, run, text) => fails(run, LinAlgError, text));

  test("the error is an ADError", () => expect(new LinAlgError("text")).toBeInstanceOf(ADError));

  test("what has a value there gives it", () => {
    expect(linalg.det(singular).abs().item()).toBe(0);
    expect(linalg.pinv(zeros([2, 3])).toArray()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(linalg.lu(zeros([2, 2])).u.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(linalg.qr(zeros([2, 2])).r.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("a matrix without a result", () => {
  const batch = array([[[4]], [[-1]], [[9]]]);
  const flat = array([[[2]], [[0]], [[4]]]);
  const total = (x: NDArray) => linalg.cholesky(x, { onFailure: "nan" }).sum([1, 2]);
  const nan = Number.NaN;
  test("is NaN alone, if asked for, with its derivatives", () => {
    expect(total(batch).toArray()).toEqual([2, nan, 3]);
    expect(linalg.inv(flat, { onFailure: "nan" }).ravel().toArray()).toEqual([0.5, nan, 0.25]);
    expect(
      linalg
        .solve(flat, array([[4]]), { onFailure: "nan" })
        .ravel()
        .toArray(),
    ).toEqual([2, nan, 1]);
    expect(
      linalg
        .solveTriangular(flat, array([[4]]), { lower: true, onFailure: "nan" })
        .ravel()
        .toArray(),
    ).toEqual([2, nan, 1]);
    expect(linalg.matrixPower(flat, -2, { onFailure: "nan" }).ravel().toArray()).toEqual([0.25, nan, 1 / 16]);
    expect(
      grad((x: NDArray) => total(x).sum())(batch)
        .ravel()
        .toArray(),
    ).toEqual([0.25, nan, 1 / 6]);
    expect(
      grad((x: NDArray) => linalg.inv(x, { onFailure: "nan" }).sum())(flat)
        .ravel()
        .toArray(),
    ).toEqual([-0.25, nan, -1 / 16]);
  });
  test("throws by default", () => {
    fails(() => linalg.cholesky(batch), LinAlgError, "in matrix [1] of the batch.");
    fails(() => linalg.cholesky(batch, { onFailure: "throw" }), LinAlgError, "in matrix [1] of the batch.");
    fails(() => linalg.inv(flat, { onFailure: "inf" as never }), TreeError, 'inv: onFailure is "inf"; give "throw" or "nan".');
    fails(() => linalg.solve(flat, flat, { lower: true } as never), TreeError, 'solve: there is no option "lower"');
  });
});

describe("wrong input", () => {
  test.each<[() => unknown, new (message?: string) => Error, string]>([
    [() => linalg.inv([1, 2]), ShapeError, "inv: an array of shape [2] is no matrix; give [..., m, n]."],
    [() => linalg.inv(zeros([2, 3])), ShapeError, "inv: the matrices of shape [2, 3] are not square; give [..., n, n]."],
    [() => linalg.det(3), ShapeError, "det: an array of shape [] is no matrix"],
    [() => linalg.svd(3), ShapeError, "svd: an array of shape [] is no matrix"],
    [() => linalg.solve(eye(2), [1, 2, 3]), ShapeError, "solve: shapes [2, 2] and [3]: b needs 2 rows, one per row of a."],
    [() => linalg.solve(eye(2), 1), ShapeError, "solve: b is a scalar"],
    [
      () => linalg.solve(zeros([2, 2, 2]), zeros([3, 2, 1])),
      ShapeError,
      "solve: shapes [2, 2, 2] and [3, 2, 1] do not broadcast: axis -3 has 2 against 3.",
    ],
    [() => linalg.lstsq(zeros([3, 2]), [1, 2]), ShapeError, "lstsq: shapes [3, 2] and [2]: b needs 3 rows"],
    [() => linalg.solveTriangular(eye(2), [1, 2], { upper: true } as never), TreeError, 'solveTriangular: there is no option "upper"'],
    [() => linalg.matrixPower(eye(2), 0.5), DTypeError, "matrixPower: the exponent is 0.5 (number); give a whole number."],
    [() => linalg.norm(zeros([2, 2, 2]), null, { ord: "nuc" }), AxisError, 'norm: ord "nuc" is for matrices; name two axes, not 3.'],
    [() => linalg.norm([1, 2], null, { ord: "nuc" }), AxisError, 'norm: ord "nuc" is for matrices; name two axes, not 1.'],
    [() => linalg.norm(eye(2), [0, 5], { ord: 2 }), AxisError, "norm: axis 5 is out of bounds"],
    [() => linalg.norm(eye(2), [0, 0], { ord: 2 }), AxisError, "norm: axes [0, 0] name an axis twice; name each once."],
    [() => linalg.norm(eye(2), null, { order: 2 } as never), TreeError, 'norm: there is no option "order"'],
    [() => linalg.eigh("x" as never), DTypeError, 'eigh: "x" is no array'],
  ])("%#", (run, Class, text) => fails(run, Class, text));
});

test("int and bool give float64, float32 stays, operands of two dtypes meet in the larger", () => {
  expect(
    linalg.inv(
      array(
        [
          [2, 0],
          [0, 4],
        ],
        { dtype: "int32" },
      ),
    ).dtype,
  ).toBe("float64");
  expect(
    linalg.cholesky(
      array([
        [true, false],
        [false, true],
      ]),
    ).dtype,
  ).toBe("float64");
  const single = eye(2, 2, "float32");
  const { p, l, u } = linalg.lu(single);
  expect([p.dtype, l.dtype, u.dtype]).toEqual(["int32", "float32", "float32"]);
  expect(linalg.solve(single, array([1, 2])).dtype).toBe("float64");
  expect(linalg.solve(single, array([1, 2], { dtype: "float32" })).dtype).toBe("float32");
  expect(linalg.expm(single).dtype).toBe("float32");
});

test("cholesky and eigh take the symmetric part, and have symmetric gradients", () => {
  const a = array([
    [4, 3],
    [1, 5],
  ]);
  expect(linalg.cholesky(a).toArray()).toEqual(
    linalg
      .cholesky(
        array([
          [4, 2],
          [2, 5],
        ]),
      )
      .toArray(),
  );
  expect(linalg.eigh(a).values.toArray()).toEqual(
    linalg
      .eigh(
        array([
          [4, 2],
          [2, 5],
        ]),
      )
      .values.toArray(),
  );
  for (const f of [(x: NDArray) => linalg.cholesky(x).sum(), (x: NDArray) => linalg.eigh(x).vectors.sum()]) {
    const g = grad(f)(a);
    expect(g.toArray()).toEqual(g.T.toArray());
  }
});

test("numbers that are none stay none", () => {
  const bad = array([
    [1, NaN],
    [NaN, 2],
  ]);
  const all = (x: NDArray): boolean => x.isNaN().all().item() as boolean;
  expect(
    [linalg.inv(bad), linalg.det(bad), linalg.pinv(bad), linalg.expm(bad), linalg.svd(bad).s, linalg.eigh(bad).values].map(all),
  ).toEqual(new Array(6).fill(true));
  fails(() => linalg.cholesky(bad), LinAlgError, "not positive definite");
});

test("a right-hand side's cotangent needs no derivative of the matrix", () => {
  const a = array([
    [2, 1],
    [1, 3],
  ]);
  const [x, pull] = vjp((b: NDArray) => linalg.solve(a, b), array([3, 5]));
  expect(x.toArray()).toEqual([0.8, 1.4]);
  const [g] = pull(array([5, 0]));
  expect(
    g
      .sub(array([3, -1]))
      .abs()
      .max()
      .item() as number,
  ).toBeLessThan(1e-15);
});
