import { describe, expect, test } from "vitest";
import { array, grad, type NDArray, pow, vjp } from "../../src/index.js";
import { ulp } from "../ulps.js";

const bases = Array.from({ length: 41 }, (_, i) => i - 20);

/** Returns whether a float of so many bits holds a whole number. */
const fits = (x: bigint, bits: number): boolean => {
  let odd = x < 0n ? -x : x;
  while (odd !== 0n && odd % 2n === 0n) odd /= 2n;
  return odd < 1n << BigInt(bits);
};

describe("whole powers of whole numbers are exact, as long as they fit", () => {
  test.each([
    ["float64", 53, 1023],
    ["float32", 24, 127],
  ] as const)("%s", (dtype, bits, top) => {
    let count = 0;
    for (let n = 0; n <= top; n += n < 64 ? 1 : 37) {
      const held = bases.filter((b) => n * Math.log2(Math.abs(b) || 1) < top + 0.5 && fits(BigInt(b) ** BigInt(n), bits));
      count += held.length;
      const expected = held.map((b) => Number(BigInt(b) ** BigInt(n)));
      const x = array(held, { dtype });
      expect(Array.from(pow(x, n).data(), (y) => y + 0)).toEqual(expected);
      expect(Array.from(pow(x, array(n, { dtype })).data(), (y) => y + 0)).toEqual(expected);
      // n·xⁿ⁻¹
      const slopes = grad((y: NDArray) => y.pow(n).sum())(x).data();
      held.forEach((b, i) => {
        const slope = n === 0 ? 0n : BigInt(n) * BigInt(b) ** BigInt(n - 1);
        if (fits(slope, bits)) expect(slopes[i] + 0).toBe(dtype === "float32" ? Math.fround(Number(slope)) : Number(slope));
      });
    }
    expect(count).toBeGreaterThan(bits * 10);
  });
  test("products in their place are off by 3 ulp at most, and do not end where the power goes on", () => {
    const x = Float64Array.from({ length: 2000 }, (_, i) => (i % 2 ? -1 : 1) * Math.exp((i - 1000) / 150));
    for (let n = -4; n <= 4; n++) {
      const [together, apart] = [pow(array(x), n).data(), pow(array(x), array(x.map(() => n))).data()];
      x.forEach((b, i) => {
        for (const y of [together[i], apart[i]]) expect(Math.abs((y as number) - b ** n)).toBeLessThanOrEqual(3 * ulp(b ** n));
      });
    }
    expect(pow(array([1e160, 1e-160, 0, -0, Infinity]), -2).toArray()).toEqual([1e160 ** -2, Infinity, Infinity, Infinity, 0]);
    expect(pow(array([1e-105, -0, -Infinity, Number.NaN]), -3).toArray()).toEqual([Infinity, -Infinity, -0, Number.NaN]);
    expect(pow(array([2 ** -260, 2 ** 262]), -4).toArray()).toEqual([Infinity, 2 ** -1048]);
  });
  test("of halves a root takes part, with the ends of the range and signs of zero that powers have", () => {
    const x = Float64Array.from({ length: 2000 }, (_, i) => Math.exp((i - 1000) / 1.41));
    const ends = [0, -0, -2, Infinity, -Infinity, Number.NaN];
    for (let n = -4.5; n <= 4.5; n++) {
      const held = pow(array(x), n).data();
      const far = x.filter((b, i) => held[i] !== b ** n && !(Math.abs(held[i] - b ** n) <= 3 * ulp(b ** n)));
      expect(Array.from(far)).toEqual([]);
      expect(pow(array(ends), n).toArray()).toEqual(ends.map((b) => b ** n));
    }
  });
  test("their reciprocals are rounded once", () => {
    for (let n = 1; n <= 15; n++) {
      const held = bases.filter((b) => b !== 0 && fits(BigInt(b) ** BigInt(n), 53));
      expect(Array.from(pow(held, -n).data())).toEqual(held.map((b) => 1 / Number(BigInt(b) ** BigInt(n))));
    }
  });
});

describe("derivatives of powers", () => {
  test("of negative numbers, to the third order", () => {
    const cube = (x: NDArray): NDArray => x.pow(3);
    const [first, second] = [(x: NDArray): NDArray => grad(cube)(x), (x: NDArray): NDArray => grad(first)(x)];
    const third = (x: NDArray): NDArray => grad(second)(x);
    expect([first, second, third].map((d) => d(array(-2)).item())).toEqual([12, -12, 6]);
    expect(grad((x: NDArray) => x.pow(-3))(array(-2)).item()).toBe(-3 / 16);
  });
  test("at 0", () => {
    const derived = (n: number, order: number, x: NDArray): NDArray =>
      order === 0 ? x.pow(n) : grad((y: NDArray) => derived(n, order - 1, y))(x);
    const at = (n: number, order: number): number => derived(n, order, array(0)).item() as number;
    expect([0, 1, 2, 3].map((n) => at(n, 1))).toEqual([0, 1, 0, 0]);
    expect([0, 1, 2, 3, 4].map((n) => at(n, 2))).toEqual([0, 0, 2, 0, 0]);
    expect([0, 1, 2, 3, 4].map((n) => at(n, 3))).toEqual([0, 0, 0, 6, 0]);
    expect(at(0.5, 1)).toBe(Infinity);
  });
  test("by the exponent: at the base 0 nothing, not NaN", () => {
    const power = (x: NDArray, y: NDArray): NDArray => x.pow(y);
    const by = (x: number, y: number): number => vjp(power, array(x), array(y))[1](array(1))[1].item() as number;
    expect(by(0, 2)).toBe(0);
    expect(by(0, 0)).toBe(0);
    expect(by(2, 3)).toBeCloseTo(8 * Math.LN2, 14);
    expect(by(1, 1e300)).toBe(0);
  });
  test("of bases 0 and below are JAX's where both are arrays, and 0 at 0 to the power of 0, where JAX has NaN", () => {
    const slope = (x: number, y: number, ...by: readonly (0 | 1)[]): number => {
      const f = by.reduce<(a: NDArray, b: NDArray) => NDArray>((g, argnums) => grad(g, { argnums }), pow);
      return (f(array(x), array(y)).item() as number) + 0;
    };
    const all = (x: number, y: number): number[] => [slope(x, y, 0), slope(x, y, 1), slope(x, y, 0, 0), slope(x, y, 1, 1)];
    expect(all(0, -1)).toEqual([-Infinity, NaN, Infinity, NaN]);
    expect(all(0, 0)).toEqual([0, 0, 0, 0]);
    expect(all(0, 0.5)).toEqual([Infinity, 0, -Infinity, 0]);
    expect(all(0, 1)).toEqual([1, 0, 0, 0]);
    expect(all(0, 1.5)).toEqual([0, 0, Infinity, 0]);
    expect(all(0, 2)).toEqual([0, 0, 2, 0]);
    expect(all(-2, -1)).toEqual([-0.25, NaN, -0.25, NaN]);
    expect(all(-2, 0)).toEqual([0, NaN, 0, NaN]);
    expect(all(-2, 0.5)).toEqual([NaN, NaN, NaN, NaN]);
    expect(all(-2, 1)).toEqual([1, NaN, 0, NaN]);
    expect(all(-2, 3)).toEqual([12, NaN, -12, NaN]);
  });
  test("at the ends of the range", () => {
    const slope = (x: number, n: number): number => grad((y: NDArray) => y.pow(n))(array(x)).item() as number;
    expect(slope(1e200, 2)).toBe(2e200);
    expect(slope(-1e-200, 2)).toBe(-2e-200);
    expect(slope(1e-300, 0.5)).toBeCloseTo(5e149, -136);
    expect(slope(1e300, -1)).toBe(-0);
  });
});
