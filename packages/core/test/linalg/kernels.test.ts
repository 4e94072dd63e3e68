import { describe, expect, test } from "vitest";
import { factorCholesky } from "../../src/linalg/kernels/cholesky.js";
import { eigenSymmetric } from "../../src/linalg/kernels/eigh.js";
import { factorLu, solveFactored, substitute } from "../../src/linalg/kernels/lu.js";
import { transposed } from "../../src/linalg/kernels/matrices.js";
import { factorLines, factorQr } from "../../src/linalg/kernels/qr.js";
import { apart, separate } from "../../src/linalg/kernels/separate.js";
import { singular } from "../../src/linalg/kernels/svd.js";

type Matrix = Float64Array<ArrayBufferLike>;

let state = 1;
const random = (): number => {
  state = (state * 48271) % 2147483647;
  return (2 * state) / 2147483647 - 1;
};
const matrix = (m: number, n: number, f: (i: number, j: number) => number = random): Matrix =>
  Float64Array.from({ length: m * n }, (_, at) => f(Math.floor(at / n), at % n));
const eye = (n: number): Matrix => matrix(n, n, (i, j) => +(i === j));

function product(x: Matrix, y: Matrix, m: number, k: number, n: number): Matrix {
  return matrix(m, n, (i, j) => {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += x[i * k + p] * y[p * n + j];
    return sum;
  });
}

/** The largest difference, in units of rounding of the matrix' norm. */
function off(x: Matrix, y: Matrix): number {
  expect(x.length).toBe(y.length);
  const most = y.reduce((size, value) => Math.max(size, Math.abs(value)), 1e-250);
  const norm = most * Math.sqrt(y.reduce((sum, value) => sum + (value / most) ** 2, 0));
  return x.reduce((size, value, i) => Math.max(size, Math.abs(value - y[i])), 0) / (Math.max(norm, most) * 2 ** -52);
}

/** Rounding errors add up like this or better. */
const bound = 40;

const scaled = (vectors: Matrix, s: Matrix, rows: number): Matrix => matrix(rows, s.length, (i, j) => vectors[i * s.length + j] * s[j]);

const graded = (i: number, j: number): number => random() * 10 ** (-i - j);
const lowRank = (m: number, n: number): Matrix => product(matrix(m, 2), matrix(2, n), m, 2, n);
const shapes = [0, 1, 2, 3, 7, 40, 75].flatMap((m) => [0, 1, 2, 5, 30, 75].map((n) => [m, n] as const));
const samples = (m: number, n: number): [string, Matrix][] => [
  ["random", matrix(m, n)],
  ["graded", matrix(m, n, graded)],
  ["of rank 2", lowRank(m, n)],
  ["of rank 5", matrix(m, n, (i, j) => 1 + 0.3 * ((i * 7 + j * 3) % 5))],
  ["zero", new Float64Array(m * n)],
  ["of ones", matrix(m, n, () => 1)],
  ["the identity", matrix(m, n, (i, j) => +(i === j))],
  ["huge", matrix(m, n).map((value) => value * 1e160)],
  ["tiny", matrix(m, n).map((value) => value * 1e-290)],
  [
    "tridiagonal",
    matrix(m, n, (i, j) => (i === j ? Math.abs((i % 21) - 10) : Math.abs(i - j) === 1 ? (Math.max(i, j) % 21 === 0 ? 1e-8 : 1) : 0)),
  ],
  ["of blocks", matrix(m, n, (i, j) => (Math.floor(i / 7) === Math.floor(j / 7) ? random() : 0))],
];
/** A symmetric matrix with these eigenvalues. */
function withSpectrum(values: Matrix): Matrix {
  const n = values.length;
  const { q } = factorQr(matrix(n, n), n, n);
  const x = product(scaled(q, values, n), transposed(q, n, n), n, n, n);
  return matrix(n, n, (i, j) => (x[i * n + j] + x[j * n + i]) / 2);
}
const spectra: [string, (i: number, n: number) => number][] = [
  ["three of them", (i) => i % 3],
  ["±1", (i) => (i % 2 ? 1 : -1)],
  ["all close to each other", (i) => 1 + 1e-13 * i],
  ["clusters", (i) => Math.floor(i / 10) + 1e-15 * i],
  ["16 orders", (i, n) => 10 ** ((-16 * i) / n)],
  ["one large", (i) => (i === 0 ? 1 : 1e-16)],
];

describe("factorisations multiply back to the matrix", () => {
  test.each(shapes)("lu of [%i, %i]", (m, n) => {
    for (const [kind, a] of samples(m, n)) {
      const f = a.slice();
      const { rows } = factorLu(f, m, n);
      const k = Math.min(m, n);
      const l = matrix(m, k, (i, j) => (i === j ? 1 : i > j ? f[i * n + j] : 0));
      const u = matrix(k, n, (i, j) => (i <= j ? f[i * n + j] : 0));
      expect(
        off(
          product(l, u, m, k, n),
          matrix(m, n, (i, j) => a[rows[i] * n + j]),
        ),
        kind,
      ).toBeLessThan(bound);
      expect(l.every((value) => Math.abs(value) <= 1)).toBe(true);
    }
  });

  test.each(shapes)("qr of [%i, %i]", (m, n) => {
    const k = Math.min(m, n);
    for (const pivot of [false, true])
      for (const [kind, a] of samples(m, n)) {
        const columns = Int32Array.from({ length: n }, (_, i) => i);
        const { q: back, r } = factorLines(transposed(a, m, n), m, n, pivot ? columns : undefined);
        const q = transposed(back, k, m);
        if (!pivot) expect(factorQr(a, m, n)).toEqual({ q, r });
        expect(off(product(back, q, k, m, k), eye(k)), kind).toBeLessThan(bound);
        expect(
          off(
            product(q, r, m, k, n),
            matrix(m, n, (i, j) => a[i * n + columns[j]]),
          ),
          kind,
        ).toBeLessThan(bound);
        if (pivot)
          for (let i = 1; i < k; i++)
            expect(Math.abs(r[i * n + i])).toBeLessThanOrEqual(Math.abs(r[(i - 1) * n + i - 1]) * (1 + 1e-12) + 1e-300);
      }
  });

  test.each(shapes)("svd of [%i, %i]", (m, n) => {
    for (const [kind, a] of samples(m, n)) {
      const { u, s, vt } = singular(a, m, n);
      const k = Math.min(m, n);
      expect(off(product(transposed(u, m, k), u, k, m, k), eye(k)), kind).toBeLessThan(bound);
      expect(off(product(vt, transposed(vt, k, n), k, n, k), eye(k)), kind).toBeLessThan(bound);
      expect(off(product(scaled(u, s, m), vt, m, k, n), a), kind).toBeLessThan(bound);
      expect(s.every((value, i) => value >= 0 && (i === 0 || value <= s[i - 1]))).toBe(true);
    }
  });

  const expectSpectrum = (a: Matrix, n: number, kind: string): Matrix => {
    const { values, vectors } = eigenSymmetric(a.slice(), n);
    const back = transposed(vectors, n, n);
    expect(off(product(back, vectors, n, n, n), eye(n)), kind).toBeLessThan(bound);
    expect(off(product(scaled(vectors, values, n), back, n, n, n), a), kind).toBeLessThan(bound);
    expect(
      values.every((value, i) => i === 0 || value >= values[i - 1]),
      kind,
    ).toBe(true);
    return values;
  };

  test.each([0, 1, 2, 3, 6, 17, 25, 40, 90, 150])("eigh of %i", (n) => {
    for (const [kind, x] of samples(n, n))
      expectSpectrum(
        matrix(n, n, (i, j) => x[i * n + j] + x[j * n + i]),
        n,
        kind,
      );
  });

  test.each([2, 20, 70, 130])("eigh of known eigenvalues of %i", (n) => {
    for (const [kind, f] of spectra) {
      const known = Float64Array.from({ length: n }, (_, i) => f(i, n)).sort();
      expect(off(expectSpectrum(withSpectrum(known), n, kind), known), kind).toBeLessThan(bound);
    }
  });

  test.each([0, 1, 2, 5, 40, 100])("cholesky of %i", (n) => {
    const x = matrix(n, n);
    const a = product(x, transposed(x, n, n), n, n, n).map((value, at) => value + +(at % (n + 1) === 0));
    const l = a.slice();
    expect(factorCholesky(l, n)).toBe(0);
    expect(off(product(l, transposed(l, n, n), n, n, n), a)).toBeLessThan(bound);
    expect(l.every((value, at) => value === 0 || at % n <= at / n)).toBe(true);
  });
});

test("a solution of equations is right to the matrix's condition", () => {
  for (const n of [1, 2, 8, 60]) {
    const a = matrix(n, n).map((value, at) => value + (at % (n + 1) === 0 ? n : 0));
    const x = matrix(n, 3);
    const f = a.slice();
    const { rows } = factorLu(f, n, n);
    expect(off(solveFactored(f, rows, product(a, x, n, n, 3), 3), x)).toBeLessThan(bound);
  }
});

test("cholesky names the minor that is not positive", () => {
  expect(factorCholesky(Float64Array.of(1, 2, 2, 1), 2)).toBe(2);
  expect(factorCholesky(Float64Array.of(0), 1)).toBe(1);
  expect(factorCholesky(Float64Array.of(NaN), 1)).toBe(1);
  expect(
    factorCholesky(
      matrix(80, 80, (i, j) => (i !== j ? 0 : i < 59 ? 1 : -1)),
      80,
    ),
  ).toBe(60);
});

test("small singular values keep their digits", () => {
  // A diagonal that spans 30 orders, mixed by rows of one size: s of the smallest is right to rounding, as the product of all tells.
  const d = [1, 1e-10, 1e-20, 1e-30];
  const { s } = singular(
    matrix(4, 4, (i, j) => d[j] * ([1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1][i * 4 + j] / 2)),
    4,
    4,
  );
  s.forEach((value, i) => expect(Math.abs(value / d[i] - 1)).toBeLessThan(1e-14));
  // The same of many rows, among which those of comparable length are turned together.
  const n = 60;
  const wide = Float64Array.from({ length: n }, (_, i) => 10 ** (-i / 3));
  const many = singular(scaled(factorQr(matrix(n, n), n, n).q, wide, n), n, n).s;
  many.forEach((value, i) => expect(Math.abs(value / wide[i] - 1)).toBeLessThan(1e-13));
});

describe("values are pulled apart", () => {
  const apart = (values: number[], floor?: number): number[] => Array.from(separate(Float64Array.from(values), 1, floor));
  test("around the mean of a cluster", () => expect(apart([5, 5, 5])).toEqual([4, 5, 6]));
  test("with no more than is needed", () => expect(apart([0, 0.5, 10])).toEqual([-0.25, 0.75, 10]));
  test("clusters that meet are one", () => expect(apart([0, 0, 1.25, 1.25])).toEqual([-0.875, 0.125, 1.125, 2.125]));
  test("not at all where they are apart", () => expect(apart([0.1, 1.1, 2.3, 7])).toEqual([0.1, 1.1, 2.3, 7]));
  test("and away from a floor", () => {
    expect(apart([0, 0, 5], 0)).toEqual([0, 1, 5]);
    expect(apart([0, 0.5, 5], 1)).toEqual([1, 2, 5]);
  });
  test("none is left as it is", () => expect(apart([])).toEqual([]));
});

describe("repeated values are pulled apart, and no others", () => {
  const epsilon = 2 ** -52;
  const moved = (values: number[], order = 1, away = false): number[] => Array.from(apart(Float64Array.from(values), order, epsilon, away));

  test.each([[[]], [[0]], [[-3]], [[1e-9, 2e-9, 1]], [[1, 1 + 1e-11, 2]], [[-2, -1e-9, 1e-9]], [[1, Infinity]], [[NaN, NaN]]])(
    "%j stays",
    (values) => {
      for (const order of [1, 2, 3]) expect(moved(values, order)).toEqual(values);
    },
  );
  test("around the mean, at the scale of the cluster", () => {
    for (const scale of [1, 1e-9, 1e200, -1e-3])
      for (const order of [1, 2]) {
        const [a, b, c] = moved([scale, scale, scale], order);
        expect(b / scale).toBeCloseTo(1, 15);
        const gap = epsilon ** (1 / (order + 1)) * Math.abs(scale);
        expect((b - a) / gap).toBeCloseTo(1, 5);
        expect((c - b) / gap).toBeCloseTo(1, 5);
      }
    const [, , low, high] = moved([-1, 0, 1e-9, 1e-9]);
    expect((high - low) / 1e-9).toBeGreaterThan(1e-8);
    expect((high - low) / 1e-9).toBeLessThan(1e-6);
  });
  test("never past a neighbour or past 0, whatever the order", () => {
    for (const order of [1, 2, 3, 6])
      for (const values of [
        [1, 1, 1 + 1e-10, 2],
        [1 - 1e-10, 1, 1, 1, 2],
        [0, 0, 0, 1],
        [1e-9, 1e-9, 1],
        [-1, 0, 0],
        [-1, -1e-9, -1e-9],
        [-1, -1, 0, 0, 1, 1],
        Array.from({ length: 300 }, () => 2),
      ]) {
        const out = moved(values, order);
        out.forEach((x, i) => {
          if (i > 0) expect(x).toBeGreaterThan(out[i - 1]);
          if (values[i] !== 0) expect(Math.sign(x)).toBe(Math.sign(values[i]));
          if (values[i - 1] !== values[i] && values[i + 1] !== values[i]) expect(x).toBe(values[i]);
        });
        if (values[0] >= 0) expect(out[0]).toBeGreaterThanOrEqual(0);
        if (values[values.length - 1] <= 0) expect(out[out.length - 1]).toBeLessThanOrEqual(0);
      }
  });
  test("zeros leave 0 where that is wanted, a single one too", () => {
    for (const values of [[0], [0, 1], [0, 0, 1], [1e-17, 1]]) {
      const out = moved(values, 1, true);
      expect(out[0]).toBeGreaterThan(1e-9);
      expect(out.at(-1)).toBe(values.length > 1 ? 1 : out[0]);
    }
    expect(moved([1e-9, 1], 1, true)).toEqual([1e-9, 1]);
  });
  test("where there is no room, they become the same", () => {
    const single = 2 ** -23;
    const near = Float64Array.of(1, 1 + 2 ** -30, 1 + 60 * single);
    expect(Array.from(apart(near, 1, single))).toEqual([1 + 2 ** -31, 1 + 2 ** -31, near[2]]);
    const [a, b, c] = apart(Float64Array.of(1, 1 + 2 ** -30, 1.5), 1, single);
    expect(b - a).toBeGreaterThan(single);
    expect(c).toBe(1.5);
  });
});

test.each([
  ["lower", true],
  ["upper", false],
])("%s triangles of several blocks are solved, and the other triangle is not read", (_, lower) => {
  for (const [n, k] of [
    [25, 1],
    [48, 3],
    [101, 101],
  ]) {
    const triangle = (unread: number): Matrix => matrix(n, n, (i, j) => (i === j ? 4 : lower === i > j ? Math.sin(i * n + j) / n : unread));
    const x = matrix(n, k);
    const b = product(triangle(0), x, n, n, k);
    substitute(triangle(Number.NaN), n, b, k, lower);
    expect(off(b, x)).toBeLessThan(bound);
  }
});
