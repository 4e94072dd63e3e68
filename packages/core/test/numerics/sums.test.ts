import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import { array, broadcastTo, cumsum, type DType, full, grad, linspace, type NDArray } from "../../src/index.js";

const n = 1e6;
const tenth = Math.fround(0.1);
const many = new Float32Array(n).fill(0.1);

/** The greatest relative distance of an element. */
function furthest(x: NDArray, expected: number): number {
  let worst = 0;
  for (const y of x.data()) worst = Math.max(worst, Math.abs(y / expected - 1));
  return worst;
}

describe("a million float32 tenths", () => {
  const gaps = new Float32Array(3 * n).fill(7);
  for (let i = 0; i < n; i++) gaps[3 * i] = 0.1;
  const wide = array(many, { shape: [2, 500, 1000] });
  const layouts: Record<string, [x: NDArray, axes: number | number[] | null, count: number]> = {
    "in one line": [array(many), null, n],
    "a column": [array(many, { shape: [n, 1] }), 0, n],
    "two columns": [array(many, { shape: [n / 2, 2] }), 0, n / 2],
    "columns, rows not a multiple of four": [array(many.subarray(0, 999997 - (999997 % 3)), { shape: [333332, 3] }), 0, 333332],
    rows: [array(many, { shape: [2, n / 2] }), 1, n / 2],
    "a column, transposed": [array(many, { shape: [n / 2, 2] }).T, 1, n / 2],
    "a row, transposed": [array(many, { shape: [2, n / 2] }).T, 0, n / 2],
    "with gaps": [array(ndarray(gaps, [n], [3], 0)), null, n],
    backwards: [array(ndarray(gaps, [n], [-3], 3 * (n - 1))), 0, n],
    "one number everywhere": [broadcastTo(array(0.1, { dtype: "float32" }), [1000, 1000]), null, n],
    "one row everywhere": [broadcastTo(array(many.subarray(0, 3)), [n, 3]), 0, n],
    "one column everywhere": [broadcastTo(array(many.subarray(0, 2), { shape: [2, 1] }), [2, n]), 1, n],
    "the outer axes": [wide, [0, 1], n / 1000],
    "the inner axes": [wide, [1, 2], n / 2],
    "the first and the last axis": [wide, [0, 2], 2000],
    "all axes, permuted": [wide.transpose([2, 0, 1]), null, n],
    "all axes of every second": [wide.slice(":", [null, null, -2]), null, n / 2],
  };
  test.each(Object.keys(layouts))("%s", (name) => {
    const [x, axes, count] = layouts[name];
    expect(furthest(x.sum(axes), count * tenth)).toBeLessThan(1e-7);
    expect(furthest(x.mean(axes), tenth)).toBeLessThan(1.2e-7);
    expect(Math.max(...x.variance(axes).data())).toBe(0);
    expect(furthest(x.norm(axes), Math.sqrt(count) * tenth)).toBeLessThan(1.2e-7);
  });
  test("running sums", () => {
    const x = array(many);
    const running = cumsum(x).data();
    const wrong = running.findIndex((y, i) => Math.abs(y / ((i + 1) * tenth) - 1) > 1e-6);
    expect(wrong).toBe(-1);
    expect(furthest(grad((y: NDArray) => y.cumsum().slice(-1))(x), 1)).toBe(0);
  });
  test("the gradient of what was stretched or repeated is a sum", () => {
    const x = array([1], { dtype: "float32" });
    expect(furthest(grad((y: NDArray) => y.mul(many).sum())(x), n * tenth)).toBeLessThan(1e-7);
    expect(furthest(grad((y: NDArray) => broadcastTo(y, [n]).mul(many).sum())(x), n * tenth)).toBeLessThan(1e-7);
  });
});

test("float64 sums are pairwise along a line", () => {
  const tenths = full([n], 0.1);
  expect(Math.abs((tenths.sum().item() as number) / 1e5 - 1)).toBeLessThan(2e-15);
  expect(Math.abs((tenths.reshape([n, 1]).sum(0).data()[0] as number) / 1e5 - 1)).toBeLessThan(2e-15);
});

describe("every number of rows and columns", () => {
  const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9];
  test.each(["float64", "float32", "int32"] as DType[])("%s", (dtype) => {
    for (const rows of sizes)
      for (const columns of sizes) {
        const x = array(
          Array.from({ length: rows * columns }, (_, i) => ((i * 37) % 101) - 50),
          { shape: [rows, columns], dtype },
        );
        const at = (i: number, j: number): number => (((i * columns + j) * 37) % 101) - 50;
        const down = Array.from({ length: columns }, (_, j) => Array.from({ length: rows }, (_, i) => at(i, j)).reduce((a, b) => a + b, 0));
        const across = Array.from({ length: rows }, (_, i) =>
          Array.from({ length: columns }, (_, j) => at(i, j)).reduce((a, b) => a + b, 0),
        );
        expect(x.sum(0).toArray()).toEqual(down);
        expect(x.T.sum(1).toArray()).toEqual(down);
        expect(x.sum(1).toArray()).toEqual(across);
        expect(x.flip(0).sum(0).toArray()).toEqual(down);
        expect(x.flip(1).sum(1).toArray()).toEqual(across);
      }
  });
});

describe("a huge offset leaves variances alone", () => {
  const spread = linspace(-1, 1, 1001);
  const plain = spread.variance().item() as number;
  test.each([1e8, -1e8, 1e12])("%d", (offset) => {
    // `left` is the part of the elements that the offset leaves, exactly.
    const x = spread.add(offset);
    const left = x.sub(offset);
    const expected = left.variance().item() as number;
    expect(Math.abs((x.variance().item() as number) / expected - 1)).toBeLessThan(1e-14);
    expect(Math.abs((x.std().item() as number) ** 2 / expected - 1)).toBeLessThan(1e-14);
    expect(Math.abs(expected / plain - 1)).toBeLessThan(1e-3);
    const [slopes, near] = [x, left].map((y) => grad((z: NDArray) => z.variance())(y).data());
    expect(Math.max(...slopes.map((slope, i) => Math.abs(slope - near[i])))).toBeLessThan(1e-18);
  });
  test("one that the deviations hardly reach", () => {
    const x = array([1e8, 1e8 + 2 ** -26, 1e8 + 2 ** -25]);
    expect(x.variance().item()).toBe((2 / 3) * 2 ** -52);
    expect(x.variance(null, { ddof: 1 }).item()).toBe(2 ** -52);
    expect(x.std(null, { ddof: 1 }).item()).toBe(2 ** -26);
  });
  test("float32", () => {
    const x = array([16777214, 16777215, 16777216], { dtype: "float32" });
    expect(x.variance(null, { ddof: 1 }).item()).toBe(1);
    expect(x.mean().item()).toBe(16777215);
  });
});

test("elements that are all alike have no variance, and std no slope", () => {
  for (const dtype of ["float64", "float32"] as const)
    for (const value of [0.1, 1 / 3, 1e300, -1e-300, 0]) {
      if (dtype === "float32" && value === 1e300) continue;
      for (const count of [1, 3, 7, 1000]) {
        const x = full([count], value, dtype);
        expect(x.variance().item()).toBe(0);
        expect(x.std().item()).toBe(0);
        expect(new Set(grad((y: NDArray) => y.std())(x).data())).toEqual(new Set([0]));
      }
    }
});

test("many float32 updates that meet in one place, as in the gradient of a table that is looked up", () => {
  const indices = new Int32Array(n);
  const out = array([0, 0], { dtype: "float32" }).scatterAdd(indices, array(many));
  expect(furthest(out.slice([0, 1]), n * tenth)).toBeLessThan(1e-6);
  expect(out.dtype).toBe("float32");
  const table = array([1, 2], { dtype: "float32" });
  expect(furthest(grad((x) => x.take(indices).mul(array(many)).sum())(table).slice([0, 1]), n * tenth)).toBeLessThan(1e-6);
});
