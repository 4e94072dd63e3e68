import { describe, expect, test } from "vitest";
import { arange, array, eye, grad, linalg, type NDArray, sin, vjp, zeros } from "../../src/index.js";

/** Orthogonal, and of no special form. */
const turn = (n: number, seed = 0): NDArray =>
  linalg.qr(
    sin(
      arange(n * n)
        .mul(1.7)
        .add(seed),
    ).reshape([n, n]),
  ).q;

const withValues = (...values: number[]): NDArray => {
  const q = turn(values.length);
  return q.mul(array(values)).matmul(q.T);
};

const symmetric = (n: number, seed: number): NDArray => {
  const x = sin(
    arange(n * n)
      .mul(2.3)
      .add(seed),
  ).reshape([n, n]);
  return x.add(x.T).div(2);
};

const largest = (x: NDArray): number => x.abs().max().item() as number;

const expm = (x: NDArray): NDArray => linalg.expm(x);
const pinv = (x: NDArray): NDArray => linalg.pinv(x);

function expectNear(actual: NDArray, expected: NDArray, tolerance: number): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(largest(actual.sub(expected)) / Math.max(1, largest(expected))).toBeLessThan(tolerance);
}

/** The tolerance of values that are right to about √ε. */
const near = 1e-7;

const spectra: [string, NDArray][] = [
  ["the identity", eye(3)],
  ["zero", zeros([3, 3])],
  ["two pairs", withValues(1, 1, 2, 2)],
  ["one value three times", withValues(-1, 0.5, 0.5, 0.5, 3)],
  ["almost equal values", withValues(1, 1 + 1e-12, 2)],
  [
    "a diagonal matrix",
    array([
      [2, 0, 0],
      [0, -1, 0],
      [0, 0, 2],
    ]),
  ],
  ["distinct values", withValues(-1, 0.5, 2)],
];

describe("functions of a symmetric matrix with repeated eigenvalues", () => {
  const ofMatrix =
    (f: (values: NDArray) => NDArray) =>
    (x: NDArray): NDArray => {
      const { values, vectors } = linalg.eigh(x);
      return vectors.mul(f(values).expandDims(-2)).matmul(vectors.swapaxes(-1, -2));
    };
  const exp = ofMatrix((values) => values.exp());

  test.each(spectra)("the exponential of %s has expm's derivatives", (_, a) => {
    const n = a.shape[0];
    const [g, h] = [symmetric(n, 1), symmetric(n, 2)];
    const own = (f: (x: NDArray) => NDArray) => (x: NDArray) => vjp(f, x)[1](g)[0];
    expectNear(own(exp)(a), own(expm)(a), near);
    expectNear(vjp(own(exp), a)[1](h)[0], vjp(own(expm), a)[1](h)[0], 1e-4);
  });

  test("at the identity it is e·dA in every direction", () => {
    const g = symmetric(4, 3);
    expectNear(vjp(exp, eye(4))[1](g)[0], g.mul(Math.E), near);
  });

  test.each(spectra)("a reconstruction of %s is the identity map", (_, a) => {
    const g = symmetric(a.shape[0], 4);
    expectNear(
      vjp(
        ofMatrix((values) => values),
        a,
      )[1](g)[0],
      g,
      near,
    );
  });

  test.each(spectra)("the trace and the squares of %s", (_, a) => {
    expectNear(grad((x: NDArray) => linalg.eigh(x).values.sum())(a), eye(a.shape[0]), near);
    expectNear(grad((x: NDArray) => linalg.eigh(x).values.square().sum())(a), a.mul(2), near);
  });

  test("the projection on a cluster", () => {
    // P(A + E) = P + Σ (P·E·Q + Q·E·P)/(λ − μ), for the cluster λ = 1 twice and μ = 3, 5.
    const q = turn(4);
    const a = q.mul(array([1, 1, 3, 5])).matmul(q.T);
    const projector = (columns: NDArray): NDArray => columns.matmul(columns.T);
    const cluster = (x: NDArray): NDArray => projector(linalg.eigh(x).vectors.slice(":", [0, 2]));
    const p = projector(q.slice(":", [0, 2]));
    const g = symmetric(4, 5);
    const expected = [3, 5].reduce(
      (sum, mu, i) => {
        const other = projector(q.slice(":", [i + 2, i + 3]));
        const part = p.matmul(g).matmul(other);
        return sum.add(part.add(part.T).div(1 - mu));
      },
      zeros([4, 4]),
    );
    expectNear(vjp(cluster, a)[1](g)[0], expected, near);
  });

  test("values stay exact, with a derivative and without", () => {
    expect(linalg.eigh(eye(3)).values.toArray()).toEqual([1, 1, 1]);
    const a = array([
      [1, 0, 0],
      [0, 1.001, 0],
      [0, 0, 3],
    ]);
    expect(vjp((x: NDArray) => linalg.eigh(x).values, a)[0].toArray()).toEqual([1, 1.001, 3]);
    expect(vjp((x: NDArray) => linalg.eigh(x).values, eye(3))[0].toArray()).toEqual([1, 1, 1]);
  });

  test("in float32 to its own √ε", () => {
    const g = symmetric(3, 3).astype("float32");
    const got = vjp(exp, eye(3, 3, "float32"))[1](g)[0];
    expect(got.dtype).toBe("float32");
    expectNear(got, g.mul(Math.E), 2e-3);
  });

  test("each matrix of a batch on its own", () => {
    const batch = array([eye(3).toArray(), withValues(-1, 0.5, 2).toArray()] as number[][][]);
    const g = symmetric(3, 1);
    const got = vjp(exp, batch)[1](array([g.toArray(), g.toArray()] as number[][][]))[0];
    for (const i of [0, 1]) expectNear(got.slice(i), vjp(expm, batch.slice(i))[1](g)[0], near);
  });
});

describe("functions of a matrix with repeated singular values, and with none", () => {
  const matrices: [string, NDArray][] = [
    ["the identity", eye(3)],
    ["zero", zeros([2, 2])],
    ["zero, tall", zeros([3, 2])],
    ["zero, wide", zeros([2, 3])],
    ["a rectangular identity", eye(4, 2)],
    ["a rectangular identity, wide", eye(2, 4)],
    [
      "rank 1",
      array([
        [1, 2],
        [2, 4],
        [3, 6],
      ]),
    ],
    [
      "rank 1, square",
      array([
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 9],
      ]),
    ],
    ["a turn", turn(3)],
    [
      "distinct",
      array([
        [3, 0.1],
        [0.2, 1],
        [0.3, 0],
      ]),
    ],
  ];
  const cotangent = ([m, n]: readonly number[]): NDArray =>
    sin(
      arange(m * n)
        .mul(1.3)
        .add(2),
    ).reshape([m, n]);

  test.each(matrices)("a reconstruction of %s is the identity map", (_, a) => {
    const g = cotangent(a.shape);
    const back = (x: NDArray): NDArray => {
      const { u, s, vt } = linalg.svd(x);
      return u.mul(s).matmul(vt);
    };
    expectNear(vjp(back, a)[0], a, near);
    expectNear(vjp(back, a)[1](g)[0], g, near);
  });

  test.each(matrices)("u·s³·vt of %s is x·xᵀ·x", (_, a) => {
    const g = cotangent(a.shape);
    const cube = (x: NDArray): NDArray => {
      const { u, s, vt } = linalg.svd(x);
      return u.mul(s.pow(3)).matmul(vt);
    };
    const plain = (x: NDArray): NDArray => x.matmul(x.T).matmul(x);
    expectNear(vjp(cube, a)[1](g)[0], vjp(plain, a)[1](g)[0], near);
    const own = (f: (x: NDArray) => NDArray) => (x: NDArray) => vjp(f, x)[1](g)[0];
    expectNear(vjp(own(cube), a)[1](g)[0], vjp(own(plain), a)[1](g)[0], 1e-3);
  });

  test.each(matrices)("the sum of squares of %s", (_, a) => {
    expectNear(grad((x: NDArray) => linalg.svd(x).s.square().sum())(a), a.mul(2), near);
  });

  test("the nuclear norm has a subgradient where a singular value is 0", () => {
    for (const [, a] of matrices) {
      const g = grad((x: NDArray) => linalg.norm(x, [0, 1], { ord: "nuc" }))(a);
      expect(linalg.norm(g, [0, 1], { ord: 2 }).item() as number).toBeLessThan(1 + 1e-6);
    }
  });

  test("norms stay exact with a derivative, and equal values share it", () => {
    for (const ord of [2, -2] as const) {
      const [value, pull] = vjp((x: NDArray) => linalg.norm(x, [0, 1], { ord }), eye(3));
      expect(value.item()).toBe(1);
      expectNear(pull(array(1))[0], eye(3).div(3), 1e-15);
    }
  });

  test("values stay exact without a derivative", () => {
    expect(linalg.svd(eye(3, 2)).s.toArray()).toEqual([1, 1]);
    expect(linalg.svd(zeros([2, 2])).s.toArray()).toEqual([0, 0]);
  });
});

test("the pseudoinverse's derivative asks for no distinct singular values", () => {
  const g = sin(arange(6).square()).reshape([2, 3]);
  const plain = (x: NDArray): NDArray => linalg.solve(x.T.matmul(x), x.T);
  const own = (f: (x: NDArray) => NDArray) => (x: NDArray) => vjp(f, x)[1](g)[0];
  expectNear(own(pinv)(eye(3, 2)), own(plain)(eye(3, 2)), 1e-13);
  expectNear(vjp(own(pinv), eye(3, 2))[1](g.T)[0], vjp(own(plain), eye(3, 2))[1](g.T)[0], 1e-13);
});

test("a norm's derivative at 0 is 0, whatever the norm", () => {
  for (const ord of [2, -2, "nuc", "fro"] as const)
    expect(grad((x: NDArray) => linalg.norm(x, [0, 1], { ord }))(zeros([2, 3])).toArray()).toEqual(zeros([2, 3]).toArray());
  const batch = linalg.norm(
    array([
      [
        [0, 0],
        [0, 0],
      ],
      [
        [3, 0],
        [0, 4],
      ],
    ]),
    [1, 2],
    { ord: "nuc" },
  );
  expect(batch.toArray()).toEqual([0, 7]);
});

test("of what is not finite nothing is known", () => {
  for (const value of [Number.NaN, Infinity])
    for (const x of [
      array([
        [value, 1],
        [1, 1],
      ]),
      array([[1, 2, value]]),
      array([[1], [value]]),
    ]) {
      const { u, s, vt } = linalg.svd(x);
      for (const part of [u, s, vt]) expect(part.isNaN().all().item()).toBe(true);
      const { values, vectors } = linalg.eigh(x.matmul(x.T));
      for (const part of [values, vectors]) expect(part.isNaN().all().item()).toBe(true);
      expect(linalg.pinv(x).isNaN().all().item()).toBe(true);
    }
});

test("the signs of qr are LAPACK's, of −0 too", () => {
  const factors = (rows: number[][]): unknown[] => Object.values(linalg.qr(array(rows))).map((x) => x.toArray());
  // As numpy.linalg.qr answers.
  expect(
    factors([
      [-0, 1],
      [1, 0],
    ]),
  ).toEqual([
    [
      [0, 1],
      [1, 0],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  ]);
  expect(
    factors([
      [0, 1],
      [1, 0],
    ]),
  ).toEqual([
    [
      [0, -1],
      [-1, 0],
    ],
    [
      [-1, 0],
      [0, -1],
    ],
  ]);
  expect(
    factors([
      [-0, 0],
      [1, 0],
    ]),
  ).toEqual([
    [
      [0, 1],
      [1, 0],
    ],
    [
      [1, 0],
      [0, 0],
    ],
  ]);
});
