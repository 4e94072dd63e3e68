import { fails } from "@ad/expect";
import { describe, expect, it, test } from "vitest";
import {
  type ArrayLike,
  array,
  besselI0,
  besselI1,
  besselJ0,
  besselJ1,
  besselY0,
  besselY1,
  DTypeError,
  erfcx,
  erfInv,
  grad,
  logit,
  logNdtr,
  type NDArray,
  ndtr,
  ndtri,
  polygamma,
} from "../../src/index.js";
import { error, readCases } from "../ulps.js";

// tools/expectations/special-functions.py writes these cases.
const { derivatives, ...tables } = readCases("special-functions.json");
const functions: Record<string, (x: ArrayLike) => NDArray> = {
  erfInv,
  besselI0,
  besselI1,
  besselJ0,
  besselJ1,
  besselY0,
  besselY1,
  erfcx,
  logit,
  ndtr,
  logNdtr,
  ndtri,
};
const names = Object.keys(functions);

/** The amplitude of a function between its zeros: errors near a zero are measured by it. The first zero is at 0.89. */
const oscillation = (name: string, x: number): number =>
  /bessel[JY]/.test(name) && Math.abs(x) > 0.4 ? Math.sqrt(2 / Math.PI / Math.abs(x)) : 0;

test.each(names)("%s is within 4 ulp of the true value", (name) => {
  const cases = tables[name];
  const actual = functions[name](Float64Array.from(cases, ([x]) => x)).data();
  const errors = cases.map(([x, expected, rest], i) => ({
    x,
    actual: actual[i],
    expected,
    ulps: error(actual[i], expected, rest, Math.max(Math.abs(expected), oscillation(name, x))),
  }));
  const [worst] = errors.toSorted((a, b) => b.ulps - a.ulps);
  console.log(`${name}: ${worst.ulps.toFixed(2)} ulp at ${worst.x}, ${cases.length} cases`);
  expect(errors.filter(({ ulps }) => !(ulps <= 4))).toEqual([]);
});

describe.each(names)("%s", (name) => {
  const f = functions[name];
  const cases = tables[name];

  it("rounds the value of a float32 once", () => {
    const inputs = Float32Array.from(cases, ([x]) => x);
    expect(f(inputs).dtype).toBe("float32");
    expect(f(inputs).data()).toEqual(Float32Array.from(f(Float64Array.from(inputs)).data()));
  });

  it("reads any layout", () => {
    const x = array([
      [0.1, 0.2, 0.3],
      [0.4, 0.5, 0.6],
    ]);
    expect(f(x.T.flip(0)).toArray()).toEqual(f(array(x.T.flip(0).toArray() as number[][])).toArray());
    expect(f(array(0.5).broadcastTo([2, 2])).data()).toEqual(new Float64Array(4).fill(f(0.5).item() as number));
  });

  it("has no derivative where it has no value", () => {
    const x = array(cases.filter(([, expected]) => Number.isNaN(expected)).map(([x]) => x));
    const slope = (y: NDArray): NDArray => grad((z: NDArray) => f(z).sum())(y);
    for (const own of [f, slope, (y: NDArray): NDArray => grad((z: NDArray) => slope(z).sum())(y)])
      expect(own(x).toArray()).toEqual(new Array(x.size).fill(NaN));
  });

  // The sums and quotients of the derivatives lose what their terms have lost, and exp(y²) magnifies it.
  it.each([1, 2, 3])("has its derivative of order %i", (order) => {
    let slope = (x: NDArray): NDArray => f(x);
    for (let k = 0; k < order; k++) {
      const before = slope;
      slope = (x) => grad((y) => before(y).sum())(x);
    }
    const rows = derivatives.filter(([which, k]) => which === names.indexOf(name) && k === order);
    expect(rows.length).toBeGreaterThan(20);
    const actual = slope(array(rows.map(([, , x]) => x))).data();
    const wrong = rows.map(([, , x, expected], i) => [x, actual[i], expected]).filter(([, a, e]) => Math.abs(a / e - 1) > 1e-13 && a !== e);
    expect(wrong).toEqual([]);
  });
});

describe("where there is no number", () => {
  it("logit bends without bound where 1 / x² is infinite, and at its ends", () => {
    const slope = grad((x: NDArray) => logit(x));
    expect([0, 1e-155, 1].map((x) => slope(x).item())).toEqual([Infinity, 1e155, Infinity]);
    expect([0, 1e-155, 1].map((x) => grad(slope)(x).item())).toEqual([-Infinity, -Infinity, Infinity]);
  });
  it("erfInv is as steep as can be at ±1, and has no derivative beyond", () => {
    expect(grad((x) => erfInv(x).sum())(array([1, -1, 2])).toArray()).toEqual([Infinity, Infinity, Number.NaN]);
  });
  it("besselY1 is as steep as can be at 0, and bent the other way", () => {
    const slope = grad((x: NDArray) => besselY1(x));
    expect(slope(0).item()).toBe(Infinity);
    expect(grad(slope)(0).item()).toBe(-Infinity);
    expect(grad((x) => besselY0(x))(0).item()).toBe(Infinity);
    expect(slope(-1).item()).toBe(NaN);
  });
  it("the Bessel functions grow beyond all numbers together with their derivatives", () => {
    const x = array([714, -714, 1e200, -1e200, Infinity, -Infinity]);
    const even = new Array<number>(6).fill(Infinity);
    const odd = even.map((value, i) => (i % 2 ? -value : value));
    expect(grad((y) => besselI0(y).sum())(x).toArray()).toEqual(odd);
    expect(grad((y) => besselI1(y).sum())(x).toArray()).toEqual(even);
    expect(grad((y) => grad((z) => besselI1(z).sum())(y).sum())(x).toArray()).toEqual(odd);
  });
});

describe("polygamma", () => {
  it("refuses an order that is no whole number", () => {
    fails(() => polygamma(-1, 2), DTypeError, "polygamma: n is -1 (number); give a whole number from 0 to 1000.");
    fails(() => polygamma(0.5, 2), DTypeError, "polygamma: n is 0.5");
    fails(() => polygamma(array([1]) as never, 2), DTypeError, "polygamma: n is an array of shape [1]");
  });
});
