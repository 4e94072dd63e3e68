import { array, type NDArray, ShapeError, stack, TransformError, TreeError } from "@ad/core";
import { fails } from "@ad/expect";
import { type Coloring, coloring, type Kind, type Order, type Pattern, sparsity } from "@ad/sparse";
import { describe, expect, test } from "vitest";
import { patternOf, pictured } from "../patterns.js";

const orders: readonly Order[] = ["natural", "largestFirst", "smallestLast", "random"];
const kinds: readonly Kind[] = ["columns", "rows", "symmetric", "bidirectional"];

/** By its definition: every entry is alone with its colour in its row, or in its column. */
function recovers({ rows, columns }: Pattern, found: Coloring): boolean {
  const byColumn = found.kind === "bidirectional" ? found.columns : found.kind === "rows" ? undefined : found.colors;
  const byRow = found.kind === "bidirectional" ? found.rows : found.kind === "columns" ? undefined : found.colors;
  const count = (lines: Int32Array, ends: Int32Array, colors: Int32Array | undefined): Map<string, number> => {
    const counts = new Map<string, number>();
    lines.forEach((line, k) => {
      const color = colors?.[ends[k]] ?? -1;
      if (color >= 0) counts.set(`${line} ${color}`, (counts.get(`${line} ${color}`) ?? 0) + 1);
    });
    return counts;
  };
  const [inRow, inColumn] = [count(rows, columns, byColumn), count(columns, rows, byRow)];
  return Array.from(rows).every(
    (row, k) => inRow.get(`${row} ${byColumn?.[columns[k]]}`) === 1 || inColumn.get(`${columns[k]} ${byRow?.[row]}`) === 1,
  );
}

const banded = (n: number, width: number): Pattern => patternOf(n, n, (i, j) => Math.abs(i - j) <= width);
const arrowhead = (n: number): Pattern => patternOf(n, n, (i, j) => i === j || i === 0 || j === 0);
const laplacian = (n: number): Pattern =>
  patternOf(n * n, n * n, (a, b) => {
    const [i, j, k, l] = [Math.floor(a / n), a % n, Math.floor(b / n), b % n];
    return Math.abs(i - k) + Math.abs(j - l) <= 1;
  });
const brusselator = (n: number): Pattern => {
  const lap = (w: NDArray): NDArray => w.roll(1, 0).add(w.roll(-1, 0)).add(w.roll(1, 1)).add(w.roll(-1, 1)).sub(w.mul(4));
  const f = (y: NDArray): NDArray => {
    const [u, v] = [y.slice(0), y.slice(1)];
    const reaction = u.square().mul(v);
    return stack([lap(u).add(reaction).sub(u.mul(4.4)).add(1), lap(v).sub(reaction).add(u.mul(3.4))]);
  };
  return sparsity(f)(
    array(
      Float64Array.from({ length: 2 * n * n }, (_, i) => i),
      { shape: [2, n, n] },
    ),
  );
};
const blocks = (count: number, size: number): Pattern =>
  patternOf(count * size, count * size, (i, j) => Math.floor(i / size) === Math.floor(j / size));
/** Entries here and there, the same each time. */
const scattered = (m: number, n: number, part: number): Pattern =>
  patternOf(m, n, (i, j) => ((i * 2654435761 + j * 40503 + i * j * 97) >>> 0) % 1000 < part * 1000);

const symmetric: Record<string, Pattern> = {
  tridiagonal: banded(12, 1),
  "banded, 3 beside": banded(15, 3),
  arrowhead: arrowhead(10),
  laplacian: laplacian(6),
  blocks: blocks(4, 3),
  empty: patternOf(4, 4, () => false),
  full: patternOf(5, 5, () => true),
  brusselator: brusselator(5),
  "no element": patternOf(0, 0, () => true),
};
const others: Record<string, Pattern> = {
  wide: scattered(6, 40, 0.1),
  tall: scattered(40, 6, 0.1),
  square: scattered(20, 20, 0.15),
  "a dense row": patternOf(9, 9, (i, j) => i === 4 || i === j),
  "a dense column": patternOf(9, 9, (i, j) => j === 4 || i === j),
  "no column": patternOf(3, 0, () => true),
};

describe.each(orders)("in the order %s", (order) => {
  test.each(Object.entries({ ...symmetric, ...others }))("every colouring of %s tells its entries apart", (name, pattern) => {
    for (const kind of kinds) {
      if (kind === "symmetric" && !(name in symmetric)) continue;
      const found = coloring(pattern, { kind, order, check: true }) as Coloring;
      expect(recovers(pattern, found), kind).toBe(true);
      expect(found.kind).toBe(kind);
    }
    expect(recovers(pattern, coloring(pattern, { order }))).toBe(true);
  });
});

describe("known numbers of colours", () => {
  const count = (pattern: Pattern, kind: Kind, order?: Order): number => coloring(pattern, { kind, ...(order && { order }) }).count;
  test("a tridiagonal matrix has 3 columns, one of 2k + 1 diagonals 2k + 1", () => {
    for (const order of ["natural", "largestFirst"] as const) expect(count(banded(50, 1), "columns", order)).toBe(3);
    for (const k of [1, 2, 5]) {
      expect(count(banded(50, k), "columns")).toBe(2 * k + 1);
      expect(count(banded(50, k), "rows")).toBe(2 * k + 1);
      // A star colouring of a band needs no more, and here fewer.
      expect(count(banded(50, k), "symmetric")).toBeLessThanOrEqual(2 * k + 1);
    }
  });
  test("the five-point Laplacian has 5 to 7", () => {
    for (const n of [8, 13, 20]) {
      expect(count(laplacian(n), "columns")).toBeGreaterThanOrEqual(5);
      expect(count(laplacian(n), "columns")).toBeLessThanOrEqual(7);
      expect(count(laplacian(n), "symmetric")).toBeLessThanOrEqual(7);
    }
  });
  test("on a grid the stencils have little more than their points, which is the least there can be", () => {
    const grid = (n: number, dims: number, reach: (far: number, near: number) => boolean): Pattern => {
      const place = (i: number): number[] => Array.from({ length: dims }, (_, axis) => Math.floor(i / n ** axis) % n);
      return patternOf(n ** dims, n ** dims, (i, j) => {
        const steps = place(i).map((x, axis) => Math.abs(x - place(j)[axis]));
        return reach(
          steps.reduce((sum, x) => sum + x, 0),
          Math.max(...steps),
        );
      });
    };
    const cross = (far: number): boolean => far <= 1;
    const box = (_: number, near: number): boolean => near <= 1;
    const found = [grid(12, 2, cross), grid(12, 2, box), grid(6, 3, cross), grid(6, 3, box)].map((pattern) => [
      count(pattern, "columns"),
      count(pattern, "symmetric"),
    ]);
    // The points are 5, 9, 7 and 27, and a colouring by lattices needs no more.
    expect(found).toEqual([
      [5, 5],
      [9, 9],
      [10, 9],
      [27, 27],
    ]);
  });
  test("the Brusselator has 10 to 12", () => {
    for (const n of [10, 16, 32]) {
      const found = count(brusselator(n), "columns");
      expect(found).toBeGreaterThanOrEqual(10);
      expect(found).toBeLessThanOrEqual(12);
    }
  });
  test("an arrowhead has as many columns as it has, and 3 lines of both kinds; as a symmetric matrix 2", () => {
    expect(count(arrowhead(30), "columns")).toBe(30);
    expect(count(arrowhead(30), "bidirectional")).toBeLessThanOrEqual(3);
    expect(count(arrowhead(30), "symmetric")).toBe(2);
    expect(coloring(arrowhead(30)).kind).toBe("bidirectional");
  });
  test("a diagonal matrix has 1, blocks of k have k, an empty one 1 or none", () => {
    expect(count(banded(9, 0), "columns")).toBe(1);
    expect(count(blocks(7, 3), "columns")).toBe(3);
    expect(count(blocks(7, 3), "symmetric")).toBe(3);
    expect(
      count(
        patternOf(3, 3, () => false),
        "bidirectional",
      ),
    ).toBe(0);
  });
});

describe("auto takes", () => {
  test.each([
    ["columns of a wide band", banded(20, 2), "columns"],
    ["rows where columns are dense", patternOf(3, 50, () => true), "rows"],
    ["columns where rows are dense", patternOf(50, 3, () => true), "columns"],
    ["both where one row and one column are dense", arrowhead(20), "bidirectional"],
    ["rows where one row is dense and nothing else", patternOf(2, 50, (i, j) => i === 0 || j === 0), "rows"],
  ] as const)("%s", (_, pattern, kind) => expect(coloring(pattern).kind).toBe(kind));
});

test("colours are numbers from 0 on, and JSON holds all of them", () => {
  const found = coloring(banded(5, 1), { kind: "columns", order: "natural" });
  expect(found.colors).toEqual(Int32Array.of(0, 1, 2, 0, 1));
  expect(JSON.parse(JSON.stringify(found))).toEqual({ kind: "columns", colors: [0, 1, 2, 0, 1], count: 3 });
  const both = coloring(arrowhead(4), { kind: "bidirectional" });
  expect(new Set([...both.rows, ...both.columns].filter((color) => color >= 0)).size).toBeGreaterThan(0);
  expect(coloring(banded(30, 2), { kind: "columns", order: "random" })).toEqual(
    coloring(banded(30, 2), { kind: "columns", order: "random" }),
  );
});

test("a pattern may come as lists, in any order", () => {
  const given = { shape: [2, 3], rows: [1, 0, 0, 1], columns: [2, 1, 0, 2] };
  expect(coloring(given, { kind: "columns" }).colors).toEqual(Int32Array.of(0, 1, 0));
});

test("wrong calls say what is wrong", () => {
  const pattern = pictured("110", "010");
  fails(() => coloring(pattern, { kind: "diagonal" as never }), TransformError, 'kind is "diagonal"');
  fails(() => coloring(pattern, { order: "best" as never }), TransformError, 'order is "best"');
  fails(() => coloring(pattern, { kind: "symmetric" }), ShapeError, "square");
  fails(() => coloring(pictured("110", "010", "011"), { kind: "symmetric" }), TransformError, "row 0 and column 1");
  fails(() => coloring(pictured("100", "110", "001"), { kind: "symmetric" }), TransformError, "row 1 and column 0");
  fails(() => coloring(5 as never), TreeError, "pattern is 5");
  fails(() => coloring({ shape: [2, 2], rows: [0], columns: [] }), ShapeError, "1 rows and 0 columns");
  fails(() => coloring({ shape: [2, 2], rows: [2], columns: [0] }), ShapeError, "row 2 and column 0");
  fails(() => coloring({ shape: [2, 2], rows: [0.5], columns: [0] }), ShapeError, "row 0.5");
  fails(() => coloring(pattern, { kinds: "rows" } as never), TreeError, "no option");
});
