import { describe, expect, test } from "vitest";
import {
  array,
  atan2,
  type DType,
  full,
  grad,
  hypot,
  logaddexp,
  logSoftmax,
  logsumexp,
  mod,
  type NDArray,
  norm,
  softmax,
  softplus,
  std,
  vjp,
} from "../../src/index.js";

const inf = Infinity;

/** Each element within a few roundings of what is expected, or as near as subnormals are; infinities exactly, and zeros of either sign. */
function near(actual: NDArray, expected: readonly number[], rtol = 1e-15): void {
  const data = Array.from(actual.data());
  const least = actual.dtype === "float32" ? 2 ** -149 : 2 ** -1074;
  const close = (y: number, z: number): boolean => y === z || Math.abs(y / z - 1) <= rtol || Math.abs(y - z) < least;
  if (data.length !== expected.length || !data.every((y, i) => close(y, expected[i]))) expect(data).toEqual(expected);
}
const scalar = (f: (x: NDArray) => NDArray, x: NDArray): NDArray => grad((y: NDArray) => f(y).sum())(x);
/** The derivatives of a function of two numbers. */
const slopes = (f: (x: NDArray, y: NDArray) => NDArray, x: number, y: number): NDArray[] =>
  vjp((a: NDArray, b: NDArray) => f(a, b), array(x), array(y))[1](array(1));

const ends: readonly [dtype: DType, sizes: readonly number[]][] = [
  ["float64", [1e300, 1e200, 1e155, 1, 1e-155, 1e-200, 1e-300, 2 ** -1070]],
  ["float32", [5e37, 1e25, 1, 1e-19, 1e-30, 1e-38, 2 ** -140]],
];

describe.each(ends)("lengths in %s", (dtype, sizes) => {
  const rtol = dtype === "float64" ? 1e-15 : 3e-7;
  test.each(sizes)("of vectors near %d", (size) => {
    const x = array([3, -4, 0], { dtype }).mul(array(size, { dtype }));
    const unit = dtype === "float64" ? size : Math.fround(size);
    near(norm(x), [5 * unit], rtol);
    near(norm(x, 0, { keepdims: true }), [5 * unit], rtol);
    near(
      scalar((y) => y.norm(), x),
      [0.6, -0.8, 0],
      rtol,
    );
    near(
      scalar((y) => y.norm(0, { ord: 3 }), x),
      [9 / 91 ** (2 / 3), -16 / 91 ** (2 / 3), 0],
      40 * rtol,
    );
    near(norm(x, 0, { ord: 3 }), [91 ** (1 / 3) * unit], 40 * rtol);
    near(norm(x.slice([0, 2]), 0, { ord: -2 }), [unit * (1 / 9 + 1 / 16) ** -0.5], 40 * rtol);
    near(std(x.slice([0, 2])), [3.5 * unit], rtol);
    near(
      scalar((y) => y.std(), x.slice([0, 2])),
      [0.5, -0.5],
      rtol,
    );
    const [a, b] = [x.slice(0), x.slice(1)];
    near(hypot(a, b), [5 * unit], rtol);
    near(
      scalar((y) => y.hypot(b), a),
      [0.6],
      rtol,
    );
    near(
      scalar((y) => b.hypot(y), a),
      [0.6],
      rtol,
    );
  });
  test("of rows of every size at once", () => {
    const unit = array(sizes, { dtype });
    const rows = array([[3, 4]], { dtype }).mul(unit.expandDims(1));
    near(
      norm(rows, 1),
      Array.from(unit.data(), (size) => 5 * size),
      rtol,
    );
    near(
      std(rows, 1),
      Array.from(unit.data(), (size) => size / 2),
      rtol,
    );
    near(
      std(rows.T, 0),
      Array.from(unit.data(), (size) => size / 2),
      rtol,
    );
    near(
      scalar((y) => y.norm(1), rows),
      sizes.flatMap(() => [0.6, 0.8]),
      rtol,
    );
  });
});

describe("lengths", () => {
  test("have second derivatives far from 1", () => {
    for (const size of [1e150, 1e-150, 1e120, 1e-120]) {
      const along = grad((y: NDArray) => grad((z: NDArray) => z.norm())(y).slice(0));
      near(along(array([3 * size, 4 * size])), [0.128 / size, -0.096 / size], 4e-15);
    }
  });
  test("are 0, and flat, at the origin", () => {
    for (const dtype of ["float64", "float32"] as const) {
      const zero = full([3], 0, dtype);
      near(norm(zero), [0]);
      near(
        scalar((y) => y.norm(), zero),
        [0, 0, 0],
      );
      near(
        scalar((y) => y.norm(0, { ord: 3 }), zero),
        [0, 0, 0],
      );
      near(
        scalar((y) => y.hypot(zero), zero),
        [0, 0, 0],
      );
    }
    near(norm(full([0], 0), 0, { ord: 3 }), [0]);
  });
  test("of infinite vectors", () => {
    near(norm([inf, 1]), [inf]);
    near(norm([-inf, 1], 0, { ord: 3 }), [inf]);
    near(hypot(-inf, Number.NaN), [inf]);
    expect(norm([1e200, Number.NaN]).item()).toBeNaN();
    expect(std([inf, 1]).item()).toBeNaN();
  });
  test("deviations that alone go past the end of the range", () => {
    near(std([1.5e308, -1.5e308]), [1.5e308]);
    near(
      scalar((y) => y.std(), array([1.5e308, -1.5e308])),
      [0.5, -0.5],
    );
    near(std([4, 6], null, { ddof: 3 }), [inf]);
    near(array([1e300, 1]).variance(), [inf]);
    near(array([1e-300, -1e-300]).variance(), [0]);
  });
});

test("angles", () => {
  for (const size of [1e300, 1e200, 1e-200, 1e-300]) {
    near(atan2(size, size), [Math.PI / 4]);
    const [dy, dx] = slopes(atan2, 3 * size, 4 * size);
    near(dy, [4 / size / 25]);
    near(dx, [-3 / size / 25]);
  }
});

describe("softplus", () => {
  test("at its ends", () => {
    const x = array([-1e300, -1000, -745, -40, 0, 40, 1000, 1e300, inf, -inf]);
    near(softplus(x), [0, 0, 5e-324, Math.exp(-40), Math.LN2, 40, 1000, 1e300, inf, 0]);
    near(scalar(softplus, x), [0, 0, 5e-324, Math.exp(-40), 0.5, 1, 1, 1, 1, 0]);
    // σ(x)·σ(−x), even where σ(x) is 1.
    near(
      scalar((y) => scalar(softplus, y), x),
      [0, 0, 5e-324, Math.exp(-40), 0.25, Math.exp(-40), 0, 0, 0, 0],
    );
  });
});

describe("logaddexp", () => {
  const cases: [x: number, y: number, value: number, dx: number, dy: number][] = [
    [-inf, -inf, -inf, 0.5, 0.5],
    [inf, inf, inf, 0.5, 0.5],
    [-inf, 3, 3, 0, 1],
    [inf, 3, inf, 1, 0],
    [inf, -inf, inf, 1, 0],
    [1e300, -1e300, 1e300, 1, 0],
    [1e308, -1.7e308, 1e308, 1, 0],
    [1000, 1000, 1000 + Math.LN2, 0.5, 0.5],
    [-1e5, -1e5 - 1, -1e5 + Math.log1p(Math.exp(-1)), 1 / (1 + Math.exp(-1)), 1 / (1 + Math.E)],
    [0, -40, Math.exp(-40), 1, Math.exp(-40)],
  ];
  test.each(cases)("of %d and %d", (x, y, value, dx, dy) => {
    for (const [a, b, da, db] of [
      [x, y, dx, dy],
      [y, x, dy, dx],
    ]) {
      near(logaddexp(a, b), [value]);
      const [ga, gb] = slopes(logaddexp, a, b);
      near(ga, [da]);
      near(gb, [db]);
      // logsumexp agrees, where elements are infinite too.
      near(logsumexp([a, b]), [value]);
      near(
        scalar((z) => z.logsumexp(), array([a, b])),
        [da, db],
      );
    }
  });
});

describe("logsumexp and softmax", () => {
  test("of infinite elements", () => {
    near(logsumexp([-inf, -inf, -inf]), [-inf]);
    near(
      scalar((x) => x.logsumexp(), array([-inf, -inf, -inf, -inf])),
      [0.25, 0.25, 0.25, 0.25],
    );
    near(
      scalar((x) => x.logsumexp(), array([1, inf, inf, -inf])),
      [0, 0.5, 0.5, 0],
    );
    near(logsumexp([1, -inf]), [1]);
    near(
      scalar((x) => x.logsumexp(), array([1, -inf])),
      [1, 0],
    );
    expect(logsumexp([Number.NaN, inf]).item()).toBeNaN();
    expect(logsumexp([Number.NaN, -inf]).item()).toBeNaN();
    expect(Array.from(softmax([-inf, -inf]).data())).toEqual([NaN, NaN]);
  });
  test("of masked elements, with both derivatives", () => {
    const x = array([0, -inf, 0]);
    near(softmax(x), [0.5, 0, 0.5]);
    near(logSoftmax(x), [-Math.LN2, -inf, -Math.LN2]);
    near(
      scalar((y) => y.softmax().mul([1, 5, 0]), x),
      [0.25, 0, -0.25],
    );
    near(
      scalar((y) => scalar((z) => z.softmax().mul([1, 5, 0]), y).mul([1, 1, 0]), x),
      [0, 0, 0],
    );
    near(
      scalar((y) => y.logSoftmax().slice(0), x),
      [0.5, 0, -0.5],
    );
  });
  test("beside huge offsets", () => {
    for (const offset of [1e8, -1e8, 1e15, -1e300, 1e300]) {
      const x = array([0, 0]).add(offset);
      near(logsumexp(x), [offset + Math.LN2]);
      near(softmax(x), [0.5, 0.5]);
      near(logSoftmax(x), [-Math.LN2, -Math.LN2]);
      near(
        scalar((y) => y.logsumexp(), x),
        [0.5, 0.5],
      );
      near(
        scalar((y) => y.logSoftmax().slice(0), x),
        [0.5, -0.5],
      );
    }
    near(logSoftmax([1e8, 1e8 - 1]), [-Math.log1p(Math.exp(-1)), -1 - Math.log1p(Math.exp(-1))]);
    near(logSoftmax([1e300, -1e300]), [0, -2e300]);
  });
  test("keep what is small beside 1", () => {
    near(logsumexp([-40, 0, -41]), [Math.exp(-40) + Math.exp(-41)]);
    near(logSoftmax([0, -40]).slice(0), [-Math.exp(-40)]);
    near(logsumexp([0]), [0]);
  });
  test("in float32", () => {
    const x = array([3e38, 3e38, -3e38], { dtype: "float32" });
    near(logsumexp(x), [Math.fround(3e38)]);
    near(softmax(x), [0.5, 0.5, 0]);
    near(logSoftmax(x).slice([0, 2]), [-Math.LN2, -Math.LN2], 1e-7);
    near(softmax(array([0, -100], { dtype: "float32" })), [1, Math.fround(Math.exp(-100))], 1e-6);
  });
});

test("the quotient in the derivative of a remainder is that of the remainder", () => {
  // 1 / 0.1 rounds to 10, but 0.1 fits into 1 nine times only.
  near(mod(1, 0.1), [0.09999999999999995]);
  near(slopes(mod, 1, 0.1)[1], [-9]);
  near(slopes(mod, -7, 3)[1], [3]);
});

test("slopes that are out of range alone spoil no derivative that is within", () => {
  const small = (values: readonly number[]) => array(values, { dtype: "float32" });
  const f: Record<string, (x: NDArray) => NDArray> = {
    quotient: (x) => array(1).astype("float32").div(x).log(),
    reciprocal: (x) => x.reciprocal().log(),
    "reciprocal of a root": (x) => x.rsqrt().log().mul(2),
  };
  for (const [name, each] of Object.entries(f)) {
    const got = grad((x: NDArray) => each(x).sum())(small([1e-20, 1e-30, 4, 1e30])).toArray() as number[];
    [-1e20, -1e30, -0.25, -1e-30].forEach((expected, i) => expect(got[i] / expected, name).toBeCloseTo(1, 6));
  }
});
