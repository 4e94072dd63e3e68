import { expect, test } from "vitest";
import { complex, type Lines, type Parts } from "../../src/kernels/lines.js";
import { realTransformOf } from "../../src/kernels/real.js";
import { rootsOf } from "../../src/kernels/roots.js";
import { transformOf } from "../../src/kernels/transform.js";

const numbers = (n: number, seed: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => ((7919 * i + 31 * seed) % 1009) / 1009 - 0.5);

/** The transform by its definition, in sums that do not lose what they round off (Kahan 1965). */
function meaning(re: Float64Array, im: Float64Array): { re: Float64Array; im: Float64Array } {
  const n = re.length;
  const { re: wr, im: wi } = rootsOf(n);
  const out = complex(n);
  for (let k = 0; k < n; k++) {
    let [sumR, sumI, lostR, lostI] = [0, 0, 0, 0];
    for (let j = 0, e = 0; j < n; j++, e = (e + k) % n) {
      const r = re[j] * wr[e] - im[j] * wi[e] - lostR;
      const i = re[j] * wi[e] + im[j] * wr[e] - lostI;
      lostR = sumR + r - sumR - r;
      lostI = sumI + i - sumI - i;
      sumR += r;
      sumI += i;
    }
    out.re[k] = sumR;
    out.im[k] = sumI;
  }
  return out;
}

const line = (n: number, re: Float64Array, im: Float64Array): Lines => ({ re, im, at: 0, line: n, step: 1 });

const largest = (x: Float64Array): number => x.reduce((size, value) => Math.max(size, Math.abs(value)), 0);

/** The largest difference, as a part of the largest element, which is 1 at least. */
const error = (a: Float64Array, b: Float64Array, { re, im }: Parts): number =>
  largest(a.map((x, i) => x - b[i])) / Math.max(1, largest(re), largest(im));

test("every length up to 200, and longer ones of every kind, give what the definition says", () => {
  for (const n of [...Array.from({ length: 200 }, (_, i) => i + 1), 1024, 1331, 2048, 2187, 2210, 2401, 3125, 3072, 2 * 1031, 4093]) {
    const [re, im] = [numbers(n, 1), numbers(n, 2)];
    const out = complex(n);
    transformOf(n).run(line(n, re, im), line(n, out.re, out.im), 1);
    const expected = meaning(re, im);
    expect(Math.max(error(out.re, expected.re, expected), error(out.im, expected.im, expected)), `n = ${n}`).toBeLessThan(2e-15);
  }
});

test.each([1, 6, 9, 127, 4096])("many lines of %d that lie in any way come out in any way", (n) => {
  const count = 11;
  const [re, im] = [numbers(n * count * 2, 3), numbers(n * count * 2, 4)];
  const out = complex(n * count * 3);
  // Backwards, every second number, columns; to columns, every third number.
  transformOf(n).run({ re, im, at: 2 * n * count - 2, line: -2, step: -2 * count }, { ...out, at: 1, line: 3 * n, step: 3 }, count);
  const back = (i: number, x: Float64Array): Float64Array =>
    Float64Array.from({ length: n }, (_, k) => x[2 * n * count - 2 - 2 * i - 2 * count * k]);
  for (let i = 0; i < count; i += 5) {
    const expected = complex(n);
    transformOf(n).run(line(n, back(i, re), back(i, im)), line(n, expected.re, expected.im), 1);
    const own = (x: Float64Array): Float64Array => Float64Array.from({ length: n }, (_, k) => x[1 + 3 * (i * n + k)]);
    expect(error(own(out.re), expected.re, expected)).toBeLessThan(2e-15);
    expect(error(own(out.im), expected.im, expected)).toBeLessThan(2e-15);
  }
  expect(out.re.filter((_, i) => i % 3 !== 1).every((x) => x === 0)).toBe(true);
});

test("real lines give the first halves of transforms, and come back", () => {
  for (const count of [1, 4, 5])
    for (const n of [...Array.from({ length: 40 }, (_, i) => i + 1), 67, 134, 2048, 4098]) {
      const x = numbers(n * count, n);
      const kept = Math.floor(n / 2) + 1;
      const [half, back] = [complex(kept * count), new Float64Array(n * count)];
      realTransformOf(n).halve(x, half.re, half.im, count);
      for (let i = 0; i < count; i++) {
        const out = complex(n);
        transformOf(n).run(line(n, x.subarray(i * n, (i + 1) * n), new Float64Array(n)), line(n, out.re, out.im), 1);
        expect(error(half.re.subarray(i * kept, (i + 1) * kept), out.re, out), `${n}`).toBeLessThan(2e-15);
        expect(error(half.im.subarray(i * kept, (i + 1) * kept), out.im, out), `${n}`).toBeLessThan(2e-15);
      }
      realTransformOf(n).restore(half.re, half.im, back, count);
      expect(largest(back.map((value, i) => value / n - x[i])), `${n}`).toBeLessThan(2e-15);
    }
});

test("roots of unity are exact where they can be, and are symmetric", () => {
  for (const n of [1, 2, 3, 4, 8, 12, 1000]) {
    const { re, im } = rootsOf(n);
    for (let k = 0; k < n; k++) {
      expect(Math.abs(re[k] - Math.cos((2 * Math.PI * k) / n))).toBeLessThan(2e-15);
      expect(Math.abs(re[k] - re[(n - k) % n])).toBeLessThan(2e-16);
      expect(Math.abs(im[k] + im[(n - k) % n])).toBeLessThan(2e-16);
      if ((4 * k) % n === 0) expect([re[k], im[k]].map(Math.abs).sort()).toEqual([0, 1]);
    }
  }
});
