import { describe, expect, test } from "vitest";
import { arange, array, eye, grad, linalg, type NDArray, sin, vjp, zeros } from "../../src/index.js";

const general = (n: number, seed: number): NDArray =>
  sin(
    arange(n * n)
      .square()
      .mul(1.9)
      .add(seed),
  ).reshape([n, n]);
const det = (x: NDArray): NDArray => linalg.det(x);
const total = (x: NDArray): NDArray => linalg.det(x).sum();
const ofRank = (n: number, rank: number): NDArray =>
  general(n, 1)
    .slice(":", [0, rank])
    .matmul(general(n, 2).slice([0, rank]));

/** The determinant by Leibniz: a polynomial, with all its derivatives. */
function leibniz(x: NDArray): NDArray {
  const n = x.shape[0];
  const sum = (row: number, free: readonly number[]): NDArray =>
    row === n
      ? array(1)
      : free.reduce<NDArray>((total, column, i) => {
          const rest = sum(
            row + 1,
            free.filter((other) => other !== column),
          );
          return total.add(
            x
              .slice(row, column)
              .mul(rest)
              .mul(i % 2 === 0 ? 1 : -1),
          );
        }, array(0));
  return sum(
    0,
    Array.from({ length: n }, (_, i) => i),
  );
}

function expectNear(actual: NDArray, expected: NDArray, tolerance = 1e-12): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = Math.max(1, expected.abs().max().item() as number);
  expect((actual.sub(expected).abs().max().item() as number) / scale).toBeLessThan(tolerance);
}

describe("all derivatives of the determinant, at any rank", () => {
  const cases = [1, 2, 3, 4, 5].flatMap((n) => Array.from({ length: n + 1 }, (_, rank) => [n, rank] as const));
  test.each(cases)("%i × %i, rank %i", (n, rank) => {
    const a = rank === 0 ? zeros([n, n]) : ofRank(n, rank);
    const derivative = (f: (x: NDArray) => NDArray, seed: number) => (x: NDArray) => grad(f)(x).mul(general(n, seed)).sum();
    let [own, plain]: ((x: NDArray) => NDArray)[] = [det, leibniz];
    for (let order = 1; order <= (n < 4 ? 4 : 3); order++) {
      expectNear(grad(own)(a), grad(plain)(a), 1e-10);
      [own, plain] = [derivative(own, order), derivative(plain, order)];
    }
  });

  test("nearly singular matrices lose no digits", () => {
    const a = array([
      [1, 2],
      [2, 4 + 1e-13],
    ]);
    expectNear(
      grad(det)(a),
      array([
        [4 + 1e-13, -2],
        [-2, 1],
      ]),
      1e-15,
    );
    const ill = linalg.qr(general(6, 3)).q.mul(array([1, 1, 1e-6, 1e-9, 1e-12, 1e-15]));
    expectNear(grad(det)(ill), grad(leibniz)(ill), 1e-15);
  });

  test("more than four directions lost: zero up to the third order", () => {
    const a = ofRank(7, 2);
    const first = grad(det);
    expect((first(a).abs().max().item() as number) < 1e-12).toBe(true);
    expect((vjp(first, a)[1](general(7, 4))[0].abs().max().item() as number) < 1e-10).toBe(true);
  });

  test("a batch of any ranks", () => {
    const batch = array([ofRank(3, 3).toArray(), ofRank(3, 2).toArray(), zeros([3, 3]).toArray(), eye(3).toArray()] as number[][][]);
    const got = grad(total)(batch);
    for (let i = 0; i < 4; i++) expectNear(got.slice(i), grad(leibniz)(batch.slice(i)));
  });

  test("of no rows", () => {
    expect(grad(det)(zeros([0, 0])).shape).toEqual([0, 0]);
    expect(grad(total)(zeros([2, 0, 0])).shape).toEqual([2, 0, 0]);
  });

  test("float32 stays so", () => {
    const g = grad(det)(
      array(
        [
          [1, 2],
          [2, 4],
        ],
        { dtype: "float32" },
      ),
    );
    expect(g.dtype).toBe("float32");
    expectNear(
      g,
      array(
        [
          [4, -2],
          [-2, 1],
        ],
        { dtype: "float32" },
      ),
      1e-5,
    );
  });
});

test("slogdet of a singular matrix is that of NumPy", () => {
  const { sign, logdet } = linalg.slogdet(zeros([2, 2]));
  expect([sign.item(), logdet.item()]).toEqual([0, -Infinity]);
});

test("slogdet does not overflow, and its gradient is the inverse's transpose", () => {
  const a = general(3, 5).mul(1e200).add(eye(3).mul(3e200));
  expect(Number.isFinite(linalg.slogdet(a).logdet.item() as number)).toBe(true);
  const b = general(3, 5).add(eye(3).mul(3));
  expectNear(grad((x: NDArray) => linalg.slogdet(x).logdet)(b), linalg.inv(b).T);
});

describe("determinants whose products leave the range", () => {
  const near = (actual: NDArray, expected: readonly number[], least = 0): void => {
    const got = Array.from(actual.data());
    const close = (y: number, i: number): boolean => Math.abs(y - expected[i]) <= 1e-6 * Math.abs(expected[i]) + least;
    if (got.length !== expected.length || !got.every(close)) expect(got).toEqual(expected);
  };
  test.each(["float64", "float32"] as const)("in %s", (dtype) => {
    const [big, small] = dtype === "float64" ? [1e200, 1e-200] : [1e30, 1e-30];
    const of = (rows: number[][]): NDArray => array(rows, { dtype });
    const apart = of([
      [big, 0],
      [0, small],
    ]);
    near(det(apart), [1]);
    near(grad(det)(apart), [small, 0, 0, big]);
    near(grad((x: NDArray) => grad(det)(x).slice(0, 0))(apart), [0, 0, 0, 1]);
    near(grad((x: NDArray) => grad(det)(x).slice(0, 1))(apart), [0, 0, -1, 0]);
    const unit = dtype === "float64" ? 1e-170 : 1e-24;
    const tiny = of([
      [unit, 2 * unit],
      [3 * unit, 4 * unit],
    ]);
    near(grad(det)(tiny), [4 * unit, -3 * unit, -2 * unit, unit]);
    near(grad((x: NDArray) => grad(det)(x).slice(0, 0))(tiny), [0, 0, 0, 1], 1e-6);
    const huge = of([
      [1 / unit, 2 / unit],
      [3 / unit, 4 / unit],
    ]);
    near(grad(det)(huge), [4 / unit, -3 / unit, -2 / unit, 1 / unit]);
    const singular = of([
      [big, big],
      [small, small],
    ]);
    near(grad(det)(singular), [small, -small, -big, big]);
    const columns = of([
      [big, small],
      [3 * big, 4 * small],
    ]);
    near(grad(det)(columns), [4 * small, -3 * big, -small, big]);
    near(det(of([big, big, small, small].map((x, i) => [0, 1, 2, 3].map((j) => (i === j ? x : 0))))), [1]);
    const batch = array([apart.toArray(), tiny.toArray(), singular.toArray()] as number[][][], { dtype });
    near(grad(total)(batch), [small, 0, 0, big, 4 * unit, -3 * unit, -2 * unit, unit, small, -small, -big, big]);
  });
  test("rows and columns of every size, with zeros between them", () => {
    const rows = [1e-70, 1e90, 1e25, 1e40];
    const columns = [1e40, 1e-60, 1, 1e-30];
    const scale = array(rows).expandDims(1).mul(array(columns));
    const even = array([
      [2, 0, 1, -3],
      [0, 0, 5, 1],
      [-4, 1, 0, 2],
      [1, 3, 0, 0],
    ]);
    const wanted = grad(leibniz)(even)
      .mul(rows.reduce((a, b) => a * b))
      .mul(columns.reduce((a, b) => a * b))
      .div(scale);
    near(grad(det)(even.mul(scale)), Array.from(wanted.data()));
    near(grad(total)(even.mul(scale).expandDims(0)), Array.from(wanted.data()));
  });
  test("of many rows", () => {
    const half = eye(400).mul(array(Array.from({ length: 400 }, (_, i) => (i < 200 ? 1e3 : 1e-3))));
    expect(det(half).item()).toBeCloseTo(1, 9);
    const slopes = grad(det)(half);
    expect(slopes.slice(0, 0).item()).toBeCloseTo(1e-3, 12);
    expect((slopes.slice(399, 399).item() as number) / 1e3).toBeCloseTo(1, 9);
  });
});
