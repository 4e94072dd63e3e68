import { describe, expect, it, test } from "vitest";
import { array, beta, betainc, gammainc, gammaincc, grad, type NDArray } from "../../src/index.js";
import { error, readCases } from "../ulps.js";

// tools/expectations/special-functions.py writes these cases.
const tables = readCases("special-functions.json");

/** Returns the cases that are off by more than 8 ulp. */
function inaccurate(name: string, f: (...operands: number[][]) => NDArray): object[] {
  const cases = tables[name];
  const count = cases[0].length - 2;
  const actual = f(...Array.from({ length: count }, (_, k) => cases.map((row) => row[k]))).data();
  const errors = cases.map((row, i) => ({ row, actual: actual[i], ulps: error(actual[i], row[count], row[count + 1]) }));
  const [worst] = errors.toSorted((a, b) => b.ulps - a.ulps);
  console.log(`${name}: ${worst.ulps.toFixed(2)} ulp at ${worst.row.slice(0, count).join(", ")}, ${cases.length} cases`);
  return errors.filter(({ ulps }) => !(ulps <= 8));
}

test("beta is within 8 ulp of the true value", () => {
  expect(inaccurate("beta", beta)).toEqual([]);
  expect(beta([1, 0, -1, 2, 0], [Infinity, 1, 2, NaN, Infinity]).toArray()).toEqual([0, Infinity, NaN, NaN, NaN]);
});

test("beta has its derivatives where one argument is far smaller, of second order too", () => {
  for (const [byA, byB, a, b, expected] of tables.betaSlopes) {
    let f = (p: NDArray, q: NDArray): NDArray => beta(p, q);
    for (const argnums of [...new Array<number>(byA).fill(0), ...new Array<number>(byB).fill(1)]) {
      const before = f;
      f = (p, q) => grad(before, { argnums })(p, q) as NDArray;
    }
    expect(f(array(a), array(b)).item() / expected, `${byA} by a, ${byB} by b at ${a}, ${b}`).toBeCloseTo(1, 12);
  }
  expect(grad((a: NDArray) => beta(a, 2))(-1).item()).toBe(NaN);
});

describe("betainc", () => {
  test("is within 8 ulp of the true value", () => {
    expect(inaccurate("betainc", betainc)).toEqual([]);
    // mpmath's values, each with what it lacks in ulp: long sums, and small parts that are left of larger ones.
    for (const [a, b, x, expected, rest] of [
      [14.683360677971327, 1.7042058515995375, 0.5910743219740505, 0.0019069417370410591, 0.1134],
      [6.58610040330597, 13.130693268674646, 0.2561099187346073, 0.23984942700275214, -0.0699],
      [12.520245248465512, 0.12337143571962066, 0.9049276123723884, 0.02204874238601438, -0.3356],
      [2054.609715266805, 0.00015775487283258512, 0.9994428167801349, 2.7293990874568914e-5, -0.0896],
      [3084.437925512321, 0.00846604918648022, 0.9997926455262452, 0.0035768939238087468, -0.0739],
      [4.657040540152464e-6, 0.00043034642246967065, 0.05654355055953506, 0.9892812810350015, -0.4233],
      [0.0001284839959406892, 0.0015633163005747514, 0.08716211820403497, 0.9237763338369438, -0.4626],
    ])
      expect(error(betainc(a, b, x).item(), expected, rest), `${a}, ${b}, ${x}`).toBeLessThan(8);
  });

  test("has its derivatives by a and b, of second order too", () => {
    for (const [byA, byB, a, b, x, expected] of tables.betaincSlopes) {
      let f = (p: NDArray, q: NDArray): NDArray => betainc(p, q, x);
      for (const argnums of [...new Array<number>(byA).fill(0), ...new Array<number>(byB).fill(1)]) {
        const before = f;
        f = (p, q) => grad(before, { argnums })(p, q) as NDArray;
      }
      expect(f(array(a), array(b)).item() / expected, `${byA} by a, ${byB} by b at ${a}, ${b}, ${x}`).toBeCloseTo(1, 11);
    }
  });

  test("has them where a or b is far below 1", () => {
    // mpmath's values, by a, b, aa, ab, bb.
    const rows = [
      [1e-100, 0.5, 1e-20, -47.4379962210008, 4.934802200544679e-100, 2253.653353597383, 4.934802200544679, -1.682879664423432e-99],
      [1e-300, 5, 1e-20, -43.96836852654758, 2.213229557371153e-301, 1931.7938197751887, 0.22132295573711533, -4.87897322451145e-302],
      [
        5,
        1e-305,
        1 - 2 ** -53,
        -2.213229557371152e-306,
        34.653467236343765,
        4.87897322451145e-307,
        -0.22132295573711522,
        -1199.43918038924,
      ],
      [0.5, 1e-16, 1 - 2 ** -45, -4.934802200544634e-16, 32.57791748631731, 1.682879664423426e-15, -4.934802200544617, -1064.610575878999],
      [1e-12, 0.15, 2.6e-18, -46.934797906359776, 4.579000379403429e-11, 2247.0203243411943, 45.79000379158802, -5.942465627243537e-10],
      [
        0.9,
        1.4e-8,
        1 - 2 ** -31,
        -2.6915550948525285e-8,
        21.665267307094478,
        4.4825143338167226e-8,
        -1.922538747920737,
        -469.6615556556475,
      ],
      [1e-5, 2.5, 1e-8, -17.13738234612144, 4.902725236304144e-6, 292.58586063412616, 0.4901873085407139, -2.3616004557893865e-6],
      [
        1e4,
        1e-20,
        1 - 2 ** -53,
        -1.0000500016655564e-24,
        26.94929453363383,
        1.0001000049999999e-28,
        -0.00010000500016655564,
        -724.6196417987004,
      ],
    ];
    for (const [a, b, x, ...expected] of rows) {
      const f = (z: NDArray): NDArray => betainc(z.slice(0), z.slice(1), x);
      const slope = (i: number) => (z: NDArray) => grad(f)(z).slice(i);
      const z = array([a, b]);
      const second = [0, 1].map((i) => grad(slope(i))(z).toArray() as number[]);
      const got = [slope(0)(z).item() as number, slope(1)(z).item() as number, ...second[0], second[1][1]];
      got.forEach((value, i) => {
        expect(value / expected[i], `number ${i} at ${a}, ${b}, ${x}`).toBeCloseTo(1, 12);
      });
    }
  });

  test("has the density for its derivative by x, whose derivatives by a, b and x are those of a product of powers", () => {
    const f = (z: NDArray): NDArray => betainc(z.slice(0), z.slice(1), z.slice(2));
    // 1 / B(3, 2) = 12, and x² (1 − x)
    const slope = (z: NDArray): NDArray => grad(f)(z).slice(2);
    expect(slope(array([3, 2, 0.3])).item()).toBeCloseTo(12 * 0.09 * 0.7, 14);
    const second = grad(slope)(array([3, 2, 0.3])).toArray() as number[];
    const own = 12 * 0.09 * 0.7;
    // ψ(5) − ψ(3) = 1/3 + 1/4, ψ(5) − ψ(2) = 1/2 + 1/3 + 1/4
    expect(second[0]).toBeCloseTo(own * (Math.log(0.3) + 7 / 12), 13);
    expect(second[1]).toBeCloseTo(own * (Math.log(0.7) + 13 / 12), 13);
    expect(second[2]).toBeCloseTo(12 * (0.6 - 0.27), 13);
  });

  test("bends at the ends of x as between them, where a and b are small whole numbers", () => {
    // 1 − (1 − x)², x², x, 3x² − 2x³
    const [a, b] = [array([1, 2, 1, 2]), array([2, 1, 1, 2])];
    const second = (x: number): unknown =>
      grad((z: NDArray) => grad((y: NDArray) => betainc(a, b, y).sum())(z).sum())(array(x).broadcastTo([4])).toArray();
    expect(second(0)).toEqual([-2, 2, 0, 6]);
    expect(second(1)).toEqual([-2, 2, 0, -6]);
  });

  test("ends where its range does, as SciPy's does", () => {
    const ends = betainc(
      [0, 1, 0, 2, Infinity, 1, 1, 0, 1],
      [1, 0, 0, 2, 1, Infinity, 1, 1, 0],
      [0.5, 0.5, 0.5, 1.1, 0.5, 0.5, -0.1, 0, 1],
    );
    expect(ends.toArray()).toEqual([1, 0, NaN, NaN, 0, 1, NaN, 0, 1]);
    const slopes = grad((x: NDArray) => betainc([1, 2, 0.5, 2, 2], [3, 3, 3, 1, 2], x).sum())(array([0, 0, 0, 1, 1]));
    expect(slopes.toArray()).toEqual([3, 0, Infinity, 2, 0]);
    expect(grad((a: NDArray) => betainc(a, 2, [0, 1]).sum())(2).item()).toBe(0);
  });
});

describe.each([
  ["gammainc", gammainc, 1],
  ["gammaincc", gammaincc, -1],
] as const)("%s", (name, f, sign) => {
  test("is within 8 ulp of the true value", () => {
    expect(inaccurate(name, f)).toEqual([]);
    if (sign < 0) expect(error(f(9.302778784293377, 9.106515488125948).item(), 0.48207705741556167, 0.3796)).toBeLessThan(8);
  });

  it("has the density for its derivative by x", () => {
    const slope = (z: NDArray): NDArray => grad((x: NDArray) => f(3, x))(z);
    expect(slope(array(2)).item()).toBeCloseTo(sign * 2 * Math.exp(-2), 15);
    expect(grad(slope)(array(1.5)).item()).toBeCloseTo(sign * Math.exp(-1.5) * (1.5 - 1.125), 15);
    // 1 − exp(−x), 1 − (1 + x) exp(−x), 1 − (1 + x + x² / 2) exp(−x)
    const third = grad((x: NDArray) => grad(slopes)(x).sum());
    const slopes = (x: NDArray): NDArray => grad((y: NDArray) => f([1, 2, 3], y).sum())(x).sum();
    expect(grad(slopes)(array([0, 0, 0])).toArray()).toEqual([-sign, sign, sign * 0]);
    expect(third(array([0, 0, 0])).toArray()).toEqual([sign, -2 * sign, sign]);
    expect(grad((x: NDArray) => f([1, 2, 0.5], x).sum())(array([0, 0, 0])).toArray()).toEqual([sign, sign * 0, sign * Infinity]);
  });

  it("has its derivatives by a, of second order too", () => {
    for (const [order, a, x, expected] of tables.gammaincSlopes) {
      let slope = (y: NDArray): NDArray => f(y, x);
      for (let k = 0; k < order; k++) {
        const before = slope;
        slope = (y) => grad(before)(y);
      }
      expect((sign * slope(array(a)).item()) / expected, `${order} at ${a}, ${x}`).toBeCloseTo(1, 12);
    }
    // x exp(−x) (log x + γ − 1), of the density x exp(−x) of a = 2
    const mixed = grad((a: NDArray) => grad((x: NDArray) => f(a, x))(1.5))(2).item();
    expect(mixed).toBeCloseTo(sign * 1.5 * Math.exp(-1.5) * (Math.log(1.5) + 0.5772156649015329 - 1), 14);
    expect(grad((a: NDArray) => f(a, [0, Infinity]).sum())(2).item()).toBe(0);
  });

  it("of a huge a takes the first terms of an expansion, and as long as of any other", () => {
    // SciPy's values.
    const expected = [0.5000132980760141, 0.998648919898398, 0.0013487164491615543, 0.9986500901500831].map((p) => (sign > 0 ? p : 1 - p));
    const actual = f([1e8, 1e8, 1e8, 1e12], [1e8, 1e8 + 3e4, 1e8 - 3e4, 1e12 + 3e6]).toArray() as number[];
    actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 14));
    expect(f(1e300, [9e299, 1e300, 1.1e300]).toArray()).toEqual(sign > 0 ? [0, 0.5, 1] : [1, 0.5, 0]);
    // Their quotients are out of range.
    expect(f([1e17, 1e17, 1e308], [5e-324, 1e308, 0.5]).toArray()).toEqual(sign > 0 ? [0, 1, 0] : [1, 0, 1]);
    const slope = (a: number): number => grad((b: NDArray) => f(b, 1e8))(a).item();
    expect(slope(1e8) / slope(99999999)).toBeCloseTo(1, 7);
    expect(grad((a: NDArray) => grad((b: NDArray) => f(b, 1e8))(a))(1e8).item()).toBe(NaN);
  });

  it("stops where rounding alone changes the fraction: the same steps again would take minutes", () => {
    const x = array(Array.from({ length: 300 }, (_, i) => 10 ** (i + 5)));
    expect(f(1000, x).add(0).toArray()).toEqual(Array(300).fill((1 + sign) / 2));
    expect(Math.abs(grad((a: NDArray) => f(a, x).sum())(1000).item())).toBe(0);
  });

  it("ends where its range does", () => {
    expect(f([2, 2, -1, 2, NaN, 0, 0], [0, Infinity, 1, -1, 1, 1, 0]).toArray()).toEqual(
      sign > 0 ? [0, 1, NaN, NaN, NaN, 1, NaN] : [1, 0, NaN, NaN, NaN, 0, NaN],
    );
    expect(f(Infinity, [1, Infinity]).toArray()).toEqual([(1 - sign) / 2, NaN]);
  });
});
