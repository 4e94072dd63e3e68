import { array, betainc, gammainc, gammaincc, grad, type NDArray } from "@ad/core";
import { jit } from "@ad/jit";
import { describe, expect, test } from "vitest";

type Unary = (x: NDArray) => NDArray;

describe.each<[string, (f: Unary) => Unary]>([
  ["called", (f) => f],
  ["compiled", jit],
])("%s", (_, called) => {
  test("betainc, gammainc and gammaincc have their second derivatives where x is close to 0", () => {
    const second = (f: Unary, x: number): number => called(grad(grad(f)))(array(x)).item() as number;
    for (const x of [1e-162, 1e-200, 1e-310]) {
      expect(second((y) => betainc(1, 2.5, y), x) / -3.75, `at ${x}`).toBeCloseTo(1, 13);
      expect(second((y) => betainc(2, 2, y), x) / 6, `at ${x}`).toBeCloseTo(1, 13);
      expect(
        second((y) => gammainc(2, y), x),
        `at ${x}`,
      ).toBeCloseTo(1, 13);
      expect(
        second((y) => gammainc(1, y), x),
        `at ${x}`,
      ).toBeCloseTo(-1, 13);
      expect(
        second((y) => gammaincc(1, y), x),
        `at ${x}`,
      ).toBeCloseTo(1, 13);
    }
    expect(second((y) => betainc(1, 1, y), -0.1)).toBe(NaN);
    expect(second((y) => betainc(1, 0.5, y), 1)).toBe(Infinity);
    const f = (z: NDArray): NDArray => betainc(z.slice(0), z.slice(1), z.slice(2));
    const row = (i: number) => called(grad((z: NDArray) => grad(f)(z).slice(i)));
    const [byA, byB, byX] = [0, 1, 2].map((i) => row(i)(array([1, 2.5, 1e-300])).toArray() as number[]);
    // 2.5 (log x + ψ(3.5) − ψ(1)) and 2.5 (ψ(3.5) − ψ(2.5))
    for (const mixed of [byA[2], byX[0]]) expect(mixed / -1722.7378889816673).toBeCloseTo(1, 13);
    for (const mixed of [byB[2], byX[1]]) expect(mixed).toBeCloseTo(1, 13);
    expect(byX[2] / -3.75).toBeCloseTo(1, 13);
  });

  test("betainc has its density where the product of a and b underflows", () => {
    for (const a of [1e-160, 1e-162, 1e-300]) {
      // a / 2 (1 / x + 1 / (1 − x))
      const slope = called(grad((x: NDArray) => betainc(a, a, x)))(array(0.4)).item() as number;
      expect(slope / a / (25 / 12), `${a}`).toBeCloseTo(1, 13);
    }
  });

  test("betainc has its derivatives by one of a and b where the other one is 1 and x near an end", () => {
    const second = (f: Unary, a: number): number => called(grad(grad(f)))(array(a)).item() as number;
    for (const y of [2 ** -30, 2 ** -40, 2 ** -53]) {
      // x^a, and 1 − y^b
      const expected = Math.log1p(-y) ** 2 * (1 - y) ** 0.3;
      expect(second((a) => betainc(a, 1, 1 - y), 0.3) / expected, `1 − ${y}`).toBeCloseTo(1, 14);
      expect(second((b) => betainc(1, b, y), 0.3) / -expected, `${y}`).toBeCloseTo(1, 14);
    }
    const first = called(grad((b: NDArray) => betainc(1, b, 0.25)))(array(2)).item();
    expect(first).toBeCloseTo(-(0.75 ** 2) * Math.log(0.75), 15);
    const third = called(grad(grad(grad((a: NDArray) => betainc(a, 1, 0.25)))))(array(2)).item();
    expect(third).toBeCloseTo(0.25 ** 2 * Math.log(0.25) ** 3, 14);
  });
});
