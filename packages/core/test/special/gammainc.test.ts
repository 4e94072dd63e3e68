import { fails } from "@ad/expect";
import { describe, expect, it, test } from "vitest";
import { array, beta, gammainc, gammaincc, grad, type NDArray, TransformError } from "../../src/index.js";
import { error, readCases } from "../ulps.js";

// tools/expectations/special-functions.py writes these cases.
const tables = readCases("special-functions.json");

test("beta is within 8 ulp of the true value, and within two more for each unit of its logarithm", () => {
  const cases = tables.beta;
  const actual = beta(
    cases.map(([a]) => a),
    cases.map(([, b]) => b),
  ).data();
  const wrong = cases.flatMap(([a, b, expected, rest], i) => {
    const ulps = error(actual[i], expected, rest);
    return ulps <= 8 + 2 * Math.max(0, -Math.log(expected)) ? [] : [{ a, b, actual: actual[i], expected, ulps }];
  });
  expect(wrong).toEqual([]);
  expect(beta([1, 0, -1, 2], [Infinity, 1, 2, NaN]).toArray()).toEqual([0, NaN, NaN, NaN]);
});

describe.each([
  ["gammainc", gammainc, 1],
  ["gammaincc", gammaincc, -1],
] as const)("%s", (name, f, sign) => {
  test("is within 8 ulp of the true value, and within one more for each unit of its logarithm", () => {
    const cases = tables[name];
    const actual = f(
      cases.map(([a]) => a),
      cases.map(([, x]) => x),
    ).data();
    const errors = cases.map(([a, x, expected, rest], i) => ({
      a,
      x,
      actual: actual[i],
      expected,
      ulps: error(actual[i], expected, rest) / (8 - Math.log(expected)),
    }));
    const [worst] = errors.toSorted((a, b) => b.ulps - a.ulps);
    console.log(`${name}: ${worst.ulps.toFixed(2)} of what is allowed at ${worst.a}, ${worst.x}, ${cases.length} cases`);
    expect(errors.filter(({ ulps }) => !(ulps <= 1))).toEqual([]);
  });

  it("has the density for its derivative by x, and none by a", () => {
    const slope = (z: NDArray): NDArray => grad((x: NDArray) => f(3, x))(z);
    expect(slope(array(2)).item()).toBeCloseTo(sign * 2 * Math.exp(-2), 15);
    expect(grad(slope)(array(1.5)).item()).toBeCloseTo(sign * Math.exp(-1.5) * (1.5 - 1.125), 15);
    fails(() => grad((a: NDArray) => f(a, 2))(3), TransformError, `${name}: the derivative by a`);
  });

  it("ends where its range does", () => {
    expect(f([2, 2, -1, 2, NaN], [0, Infinity, 1, -1, 1]).toArray()).toEqual(sign > 0 ? [0, 1, NaN, NaN, NaN] : [1, 0, NaN, NaN, NaN]);
  });
});
