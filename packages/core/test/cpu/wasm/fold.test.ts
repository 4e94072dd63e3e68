import { expect, test } from "vitest";
import { type Fold, foldLines, foldRows } from "../../../src/cpu/wasm/fold.js";

const storages = { float32: Float32Array, float64: Float64Array };
const two: Readonly<Record<Fold, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  product: (a, b) => a * b,
  greatest: Math.max,
  least: Math.min,
};
const initial: Readonly<Record<Fold, number>> = { sum: 0, product: 1, greatest: -Infinity, least: Infinity };

/** Numbers whose sums and products are exact: wholes, and powers of two. */
const exact = (name: Fold, i: number): number => {
  const k = (i * 7919) % 1013;
  return name === "product" ? [1, -2, 0.5, -1, 2, -0.5][k % 6] : k - 500;
};

/** Folded one after the other; a product of floats says NaN where a part of it is zero or denormal. */
function folded(name: Fold, x: ArrayLike<number>, at: number, lines: number, n: number, across: number): number[] {
  return Array.from({ length: n }, (_, j) => {
    let total = initial[name];
    for (let l = 0; l < lines; l++) {
      total = two[name](total, x[at + l * across + j]);
      if (name === "product" && Math.abs(total) < 2 ** -1022) return Number.NaN;
    }
    return total;
  });
}

const shapes = [
  ...[1, 7, 8, 9, 255, 256, 257, 1000, 4095, 4096, 4097, 8191, 8193, 40001].map((lines) => [lines, 1, 1]),
  ...[
    [1, 5000, 5000],
    [2, 3, 3],
    [3, 4097, 4100],
    [9, 33, 33],
    [64, 40, 41],
    [65, 17, 17],
    [130, 129, 129],
    [1000, 10, 10],
    [1000, 9, 9],
    [5000, 31, 32],
    [70, 5001, 5001],
  ],
];
const cases = (["sum", "product", "greatest", "least"] as const).flatMap((name) =>
  (["float32", "float64"] as const).map((dtype) => [name, dtype] as const),
);

test.each(cases)("%s of %s lines", (name, dtype) => {
  for (const [lines, n, across] of shapes) {
    const at = 3;
    const x = new storages[dtype](Array.from({ length: at + (lines - 1) * across + n + 2 }, (_, i) => exact(name, i)));
    const totals = new Float64Array(n + 2).fill(7);
    expect(foldLines(name, x, [{ at, lines, across }], n, totals, 1)).toBe(true);
    expect(totals, `${lines} lines of ${n}`).toEqual(Float64Array.from([7, ...folded(name, x, at, lines, n, across), 7]));
  }
});

test.each(cases)("%s of %s: NaN, infinities and signed zeros count wherever they stand", (name, dtype) => {
  for (const [lines, n, across] of [
    [257, 1, 1],
    [300, 5, 5],
    [67, 16, 16],
  ])
    for (const place of [0, 1, 100, lines * across - 1])
      for (const special of [Number.NaN, Infinity, -Infinity, -0, 5e-324, 1.5e-45]) {
        const x = new storages[dtype](lines * across).fill(name === "product" ? 1 : special === 0 ? 0 : -1);
        x[place] = special;
        const totals = new Float64Array(n);
        expect(foldLines(name, x, [{ at: 0, lines, across }], n, totals, 0)).toBe(true);
        expect(totals, `${special} at ${place} of ${lines} × ${n}`).toEqual(Float64Array.from(folded(name, x, 0, lines, n, across)));
      }
});

test.each(cases)("%s of %s rows", (name, dtype) => {
  for (const [rows, n, across] of [
    ...[16, 17, 31, 33, 100, 255, 1023, 1024, 1025, 4001, 32768].map((n) => [3, n, n]),
    [1, 500, 0],
    [1000, 40, 40],
    [4000, 16, 16],
    [70, 1001, 1003],
  ]) {
    const x = new storages[dtype](Array.from({ length: 3 + rows * across + n }, (_, i) => exact(name, i)));
    const totals = new Float64Array(rows + 2).fill(7);
    expect(foldRows(name, x, 3, rows, n, across, totals, 1)).toBe(true);
    const wanted = Array.from({ length: rows }, (_, row) => folded(name, x, 3 + row * across, n, 1, 1)[0]);
    expect(totals, `${rows} rows of ${n}`).toEqual(Float64Array.from([7, ...wanted, 7]));
  }
});

test.each(cases)("%s of %s rows: NaN, infinities and signed zeros count wherever they stand", (name, dtype) => {
  for (const n of [16, 23, 40, 300])
    for (const place of [0, 1, 7, 8, 15, n - 1])
      for (const special of [Number.NaN, Infinity, -Infinity, -0, 0, 5e-324, 1.5e-45])
        for (const rest of [-0, 0, -1, 1]) {
          if (rest !== 1 && name === "product") continue;
          const x = new storages[dtype](3 * n).fill(rest);
          x[n + place] = special;
          const totals = new Float64Array(3);
          expect(foldRows(name, x, 0, 3, n, n, totals, 0)).toBe(true);
          expect(totals, `${special} at ${place} of ${n}`).toEqual(totals.map((_, l) => folded(name, x, l * n, n, 1, 1)[0]));
        }
});

test("sums and products of float32 run in float64", () => {
  const [sum, product] = [new Float64Array(1), new Float64Array(1)];
  foldLines("sum", new Float32Array(1000).fill(3e38), [{ at: 0, lines: 1000, across: 1 }], 1, sum, 0);
  const x = Float32Array.from({ length: 500 }, (_, i) => (i < 250 ? 16 : 1 / 16));
  foldLines("product", x, [{ at: 0, lines: 500, across: 1 }], 1, product, 0);
  expect([...sum, ...product]).toEqual([Math.fround(3e38) * 1000, 1]);
  foldRows("sum", new Float32Array(1000).fill(3e38), 0, 1, 1000, 0, sum, 0);
  foldRows("product", x, 0, 1, 500, 0, product, 0);
  expect([...sum, ...product]).toEqual([Math.fround(3e38) * 1000, 1]);
});

test("lines of several places are folded together", () => {
  const x = Float64Array.from({ length: 1000 }, (_, i) => i);
  const out = new Float64Array(2);
  const sides = [
    { at: 0, lines: 3, across: 10 },
    { at: 500, lines: 300, across: 1 },
  ];
  expect(foldLines("sum", x, sides, 2, out, 0)).toBe(true);
  expect([...out]).toEqual([0, 1].map((j) => 30 + 3 * j + 300 * (500 + j) + (299 * 300) / 2));
});

const whole: Readonly<Record<Fold, (a: number, b: number) => number>> = { ...two, sum: (a, b) => (a + b) | 0, product: Math.imul };

test.each(["sum", "product", "greatest", "least"] as const)("%s of whole numbers, which wrap around", (name) => {
  for (const [lines, n, across] of shapes)
    for (const Type of [Int32Array, Uint8Array]) {
      const x = new Type(Int32Array.from({ length: 3 + (lines - 1) * across + n }, (_, i) => Math.imul(i + 1, 0x9e3779b1) | 1));
      const start = name === "sum" ? 0 : name === "product" ? 1 : initial[name];
      const wanted = Array.from({ length: n }, (_, j) => {
        let total = start;
        for (let l = 0; l < lines; l++) total = whole[name](total, x[3 + l * across + j]);
        return total;
      });
      const totals = new Int32Array(n);
      expect(foldLines(name, x, [{ at: 3, lines, across }], n, totals, 0)).toBe(true);
      expect(totals, `${lines} lines of ${n}`).toEqual(Int32Array.from(wanted));
      if (n < 16) continue;
      const rows = new Int32Array(lines);
      expect(foldRows(name, x, 3, lines, n, across, rows, 0)).toBe(true);
      expect(rows).toEqual(
        rows.map((_, l) => Array.from(x.subarray(3 + l * across, 3 + l * across + n)).reduce((a, b) => whole[name](a, b), start)),
      );
    }
});

test.each([Float32Array, Float64Array])("a part of a product that is denormal is told, also where the product is usual", (Type) => {
  const small = Type === Float32Array ? 2 ** -120 : 2 ** -900;
  const [n, parts] = [64, Math.ceil(1022 / -Math.log2(small)) + 1];
  for (const first of [0, 5]) {
    const rows = new Type(3 * 8 * n).fill(1);
    // In the lines of the kernel that have the same place: small ones first, then what makes the product usual.
    for (let k = 0; k < parts; k++) [rows[8 * n + first + 8 * k], rows[8 * n + first + 8 * (k + parts)]] = [small, 1 / small];
    const totals = new Float64Array(3);
    expect(foldRows("product", rows, 0, 3, 8 * n, 8 * n, totals, 0)).toBe(true);
    expect([...totals]).toEqual([1, Number.NaN, 1]);
  }
});

test("what is folded to float32 is rounded to the nearest number", () => {
  for (const count of [1, 2, 3, 4, 5, 8, 13]) {
    const x = Float32Array.from({ length: 300 * count }, (_, i) => 1 / (1 + i));
    const wanted = new Float64Array(count);
    for (let i = 0; i < x.length; i++) wanted[i % count] += x[i];
    const out = new Float32Array(count + 2).fill(7);
    expect(foldLines("sum", x, [{ at: 0, lines: 300, across: count }], count, out, 1)).toBe(true);
    for (let j = 0; j < count; j++) expect(Math.abs(out[j + 1] - wanted[j])).toBeLessThanOrEqual(wanted[j] * 2 ** -24 * 1.001);
    expect([out[0], out[count + 1]]).toEqual([7, 7]);
  }
});
