import { expect, test } from "vitest";
import { arithmetic } from "../../src/special/series.js";

// Of powers up to s and t²: numbers i · 3 + j.
const { zero, linear, plus, times, over, timesLinear, overLinear, exp, summed } = arithmetic(1, 2);
const series = (...coefficients: number[]): Float64Array => Float64Array.from(coefficients);

test("a product, a quotient and an exponential are those of polynomials, without higher powers", () => {
  // (1 + 2t + s) (3 + t + 4st), without s² and t³
  expect([...times(series(1, 2, 0, 1, 0, 0), series(3, 1, 0, 0, 4, 0))]).toEqual([3, 7, 2, 3, 5, 8]);
  expect([...over(series(3, 7, 2, 3, 5, 8), series(3, 1, 0, 0, 4, 0))]).toEqual([1, 2, 0, 1, 0, 0]);
  // exp(s + 2t) = (1 + s) (1 + 2t + 2t²)
  expect([...exp(linear(zero(), 0, 1, 2))]).toEqual([1, 2, 2, 1, 2, 2]);
});

test("a linear factor is a series like others", () => {
  const factor = linear(zero(), 2, -1, 3);
  const f = series(1, 2, 3, 4, 5, 6);
  expect(timesLinear(f.slice(), 2, -1, 3)).toEqual(times(f.slice(), factor));
  expect(overLinear(timesLinear(f.slice(), 2, -1, 3), 2, -1, 3)).toEqual(f);
  expect(arithmetic(0, 0).linear(series(5), 2, 1, 1)).toEqual(series(2));
});

test("what is calculated stands in the first operand: a fraction of a hundred levels leaves nothing behind", () => {
  const f = series(1, 0, 0, 0, 0, 0);
  for (const own of [plus(f, f), times(f, f), over(f, series(2, 0, 0, 0, 0, 0)), timesLinear(f, 1, 0, 0), overLinear(f, 1, 0, 0)])
    expect(own).toBe(f);
});

test("a sum ends where no coefficient of a term counts, or one is no number", () => {
  const counted = (...terms: Float64Array[]): number => {
    let count = 0;
    summed(series(1, 1, 1, 1, 1, 1), (_, n) => {
      count = n;
      return terms[n - 1];
    });
    return count;
  };
  const [none, last, never] = [series(1e-18, 0, 0, 0, 0, 0), series(0, 0, 0, 0, 0, 1e-16), series(NaN, NaN, NaN, NaN, NaN, NaN)];
  expect(counted(none)).toBe(1);
  expect(counted(last, last, none)).toBe(3);
  expect(counted(last, never)).toBe(2);
  // e^(1 + s): 1 + (1 + s) + (1 + s)² / 2 + …
  const sum = summed(series(1, 0, 0, 0, 0, 0), (term, n) => timesLinear(term, 1 / n, 1 / n, 0));
  expect(sum[0]).toBeCloseTo(Math.E, 14);
  expect(sum[3]).toBeCloseTo(Math.E, 14);
});
