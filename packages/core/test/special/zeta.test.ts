import { expect, it, test } from "vitest";
import { array, grad, type NDArray, zeta } from "../../src/index.js";
import { error, readCases } from "../ulps.js";

// tools/expectations/special-functions.py writes these cases.
const { zeta: cases, zetaSlopes } = readCases("special-functions.json");

test("zeta is within 8 ulp of the true value", () => {
  const actual = zeta(
    cases.map(([s]) => s),
    cases.map(([, q]) => q),
  ).data();
  const errors = cases.map(([s, q, expected, rest], i) => ({ s, q, actual: actual[i], expected, ulps: error(actual[i], expected, rest) }));
  const [worst] = errors.toSorted((a, b) => b.ulps - a.ulps);
  console.log(`zeta: ${worst.ulps.toFixed(2)} ulp at ${worst.s}, ${worst.q}, ${cases.length} cases`);
  expect(errors.filter(({ ulps }) => !(ulps <= 8))).toEqual([]);
});

it("has its derivatives by both arguments", () => {
  for (const [byS, byQ, s, q, expected] of zetaSlopes) {
    let f = (z: NDArray): NDArray => zeta(z.slice(0), z.slice(1));
    for (const at of [...new Array<number>(byS).fill(0), ...new Array<number>(byQ).fill(1)]) {
      const before = f;
      f = (z) => grad(before)(z).slice(at);
    }
    expect(f(array([s, q])).item() / expected, `${byS} by s, ${byQ} by q at ${s}, ${q}`).toBeCloseTo(1, 12);
  }
});

it("has no value where its sum has none", () => {
  expect(zeta([1, 0.5, 2, 2, NaN, 2], [2, 1, 0, -1.5, 1, NaN]).toArray()).toEqual([
    Infinity,
    NaN,
    Infinity,
    expect.closeTo(9.379246644989122, 13),
    NaN,
    NaN,
  ]);
  expect(zeta([2.5, 3, 3], [-1.5, -1, -1.5]).toArray()).toEqual([NaN, Infinity, expect.closeTo(0.11810202582086413, 13)]);
  expect(grad((q: NDArray) => zeta(2, q))(-1.5).item()).toBeCloseTo(-2 * 0.11810202582086413, 13);
  expect(grad((s: NDArray) => zeta(s, -1.5))(2).item()).toBe(NaN);
  expect(zeta(Infinity).item()).toBe(1);
  expect(zeta(2000, 3).item()).toBe(0);
  expect(zeta([3, Infinity, 1], Infinity).toArray()).toEqual([0, 0, Infinity]);
  expect(grad((z: NDArray) => zeta(z.slice(0), z.slice(1)))(array([3, Infinity])).toArray()).toEqual([0, 0]);
});
