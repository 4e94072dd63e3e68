import { describe, expect, test } from "vitest";
import { gemm, plain } from "../../../src/cpu/kernels/gemm.js";
import type { Matrix } from "../../../src/cpu/operands.js";
import { multiply } from "../../../src/cpu/wasm/gemm.js";
import { type Loaded, load, reserve } from "../../../src/cpu/wasm/module.js";
import { array, type NDArray } from "../../../src/index.js";

const storages = { float64: Float64Array, float32: Float32Array, int32: Int32Array };
type Name = keyof typeof storages;
const names = Object.keys(storages) as Name[];

let seed = 1;
/** Whole numbers in −8 … 8: every sum of their products is exact in every dtype, whatever its order. */
const small = (): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return ((seed >>> 16) % 17) - 8;
};

interface Laid extends Matrix {
  readonly offset: number;
}

/** The layouts of a rows × columns matrix in its storage. */
const layouts = {
  dense: (rows, columns) => [columns, 1],
  transposed: (rows) => [1, rows],
  reversed: (rows, columns) => [-columns, -1],
  spread: (rows, columns) => [3 * columns + 1, 3],
  "a row repeated": () => [0, 1],
  "a column repeated": () => [1, 0],
} as const satisfies Record<string, (rows: number, columns: number) => readonly [row: number, column: number]>;

function lay(name: Name, layout: keyof typeof layouts, rows: number, columns: number, value: (i: number) => number = small): Laid {
  const [row, column] = layouts[layout](rows, columns);
  const spans = [row * Math.max(0, rows - 1), column * Math.max(0, columns - 1)];
  const before = 2 - Math.min(0, spans[0]) - Math.min(0, spans[1]);
  const length = before + Math.max(0, spans[0]) + Math.max(0, spans[1]) + 3;
  const storage = new storages[name](length);
  for (let i = 0; i < length; i++) storage[i] = value(i);
  return { storage, row, column, offset: before };
}

const at = (x: Laid, i: number, j: number): number => x.storage[x.offset + i * x.row + j * x.column];

/** Each sum from its first term to its last. */
function naive(m: number, n: number, k: number, a: Laid, b: Laid): number[] {
  return Array.from({ length: m * n }, (_, e) => {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += at(a, Math.floor(e / n), p) * at(b, p, e % n);
    return sum;
  });
}

/** `gemm` chooses between the two others by size. */
const routes = {
  gemm,
  plain,
  vector: (...[m, n, k, a, s, b, t, out, o]: Parameters<typeof gemm>): void => {
    expect(multiply(m, n, k, a, s, b, t, out as Float64Array, o)).toBe(true);
  },
  /** Operands and result lie in the module's memory. */
  inside: (...[m, n, k, a, s, b, t, out, o]: Parameters<typeof gemm>): void => {
    const bytes = out.BYTES_PER_ELEMENT;
    const first = (reserve(1 << 24) as number) / bytes;
    const { float32, float64 } = load(1 << 24) as Loaded;
    const memory = bytes === 4 ? float32 : float64;
    const places = [first, first + a.storage.length + 3, first + a.storage.length + b.storage.length + 7];
    [a.storage, b.storage, out].forEach((x, i) => memory.set(x, places[i]));
    const [x, y] = [a, b].map((matrix) => ({ ...matrix, storage: memory }));
    expect(multiply(m, n, k, x, s + places[0], y, t + places[1], memory, o + places[2])).toBe(true);
    out.set(memory.subarray(places[2], places[2] + out.length));
  },
};
type Route = keyof typeof routes;
const isByVectors = (route: Route): boolean => route === "vector" || route === "inside";
const everywhere = names.flatMap((name): [Name, Route][] =>
  (name === "int32" ? (["gemm", "plain"] as const) : (Object.keys(routes) as Route[])).map((route) => [name, route]),
);

/** The product, checking that nothing around it is written. */
function product(name: Name, m: number, n: number, k: number, a: Laid, b: Laid, route: Route = "gemm"): number[] {
  const out = new storages[name](m * n + 5).fill(77);
  routes[route](m, n, k, a, a.offset, b, b.offset, out, 3);
  same([...out.subarray(0, 3), ...out.subarray(3 + m * n)], [77, 77, 77, 77, 77], "around the product");
  return Array.from(out.subarray(3, 3 + m * n));
}

/** A matcher is asked only where numbers differ: there are hundreds of thousands of products, and it takes longer than they do. */
function same(found: readonly number[], expected: readonly number[], what: string): void {
  if (found.length !== expected.length || found.some((x, i) => !Object.is(x, expected[i]))) expect(found, what).toEqual(expected);
}

/** −0 and 0 are one. */
const plus = (values: readonly number[]): number[] => values.map((x) => x + 0);

describe.each(everywhere)("%s by %s", (name, route) => {
  const sizes = [1, 2, 3, 4, 5, 8, 9];
  test.each(Object.keys(layouts) as (keyof typeof layouts)[])("of a %s matrix, every small size", (layout) => {
    for (const m of sizes)
      for (const n of sizes)
        for (const k of isByVectors(route) ? [...sizes, 16] : [0, ...sizes, 16])
          for (const other of ["dense", "transposed"] as const) {
            const [a, b] = [lay(name, layout, m, k), lay(name, other, k, n)];
            same(plus(product(name, m, n, k, a, b, route)), plus(naive(m, n, k, a, b)), `${m} × ${k} times ${other} ${k} × ${n}`);
            const [c, d] = [lay(name, other, m, k), lay(name, layout, k, n)];
            same(plus(product(name, m, n, k, c, d, route)), plus(naive(m, n, k, c, d)), `${other} ${m} × ${k} times ${k} × ${n}`);
          }
  });

  // Around the sizes from which another way is taken, and several blocks of rows.
  test.each([
    [33, 33, 127],
    [34, 35, 128],
    [3, 50, 200],
    [32, 40, 129],
    [50, 3, 200],
    [40, 32, 129],
    [1, 70, 130],
    [70, 1, 130],
    [1, 1, 131],
    [21, 34, 1],
    [70, 35, 600],
    [15, 17, 257],
    [98, 31, 8],
    [3, 1030, 9],
    [1030, 3, 9],
    [17, 1030, 4],
    [1, 259, 257],
    [259, 1, 257],
  ])("%i × %i sums of %i", (m, n, k) => {
    for (const [first, second] of [
      ["dense", "dense"],
      ["transposed", "transposed"],
      ["reversed", "spread"],
      ["a row repeated", "a column repeated"],
    ] as const) {
      const [a, b] = [lay(name, first, m, k), lay(name, second, k, n)];
      same(plus(product(name, m, n, k, a, b, route)), plus(naive(m, n, k, a, b)), `${first}, ${second}`);
    }
  });

  test("without rows or columns writes nothing, without terms zeros", () => {
    const [a, b] = [lay(name, "dense", 3, 3), lay(name, "dense", 3, 3)];
    expect(product(name, 0, 3, 3, a, b, route)).toEqual([]);
    expect(product(name, 3, 0, 3, a, b, route)).toEqual([]);
    if (isByVectors(route)) return;
    expect(product(name, 3, 2, 0, a, b, route)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(product(name, 1, 1, 0, a, b, route)).toEqual([0]);
  });
});

// One size for each way that sums take.
const ways: readonly (readonly [m: number, n: number, k: number])[] = [
  [2, 2, 2],
  [1, 1, 9],
  [1, 6, 9],
  [6, 1, 9],
  [6, 5, 4],
  [5, 6, 4],
  [34, 35, 130],
];

test.each(ways)("float64 %i × %i sums of %i fractions, to their last digits", (m, n, k) => {
  const fraction = (): number => small() / 7 + small() / 1000;
  const [a, b] = [lay("float64", "dense", m, k, fraction), lay("float64", "transposed", k, n, fraction)];
  const expected = naive(m, n, k, a, b);
  const worst = Math.max(...product("float64", m, n, k, a, b).map((x, i) => Math.abs(x - expected[i])));
  expect(worst).toBeLessThanOrEqual(k * 2 ** -52);
});

test.each(ways)("float32 %i × %i sums of %i are rounded once", (m, n, k) => {
  const fraction = (): number => Math.fround(small() / 7);
  const [a, b] = [lay("float32", "dense", m, k, fraction), lay("float32", "dense", k, n, fraction)];
  expect(plus(product("float32", m, n, k, a, b, "plain"))).toEqual(plus(naive(m, n, k, a, b).map(Math.fround)));
});

test.each(ways)("float32 %i × %i sums of %i by vectors, to their last digits", (m, n, k) => {
  const fraction = (): number => Math.fround(small() / 7);
  const [a, b] = [lay("float32", "transposed", m, k, fraction), lay("float32", "dense", k, n, fraction)];
  const expected = naive(m, n, k, a, b);
  const worst = Math.max(...product("float32", m, n, k, a, b, "vector").map((x, i) => Math.abs(x - expected[i])));
  expect(worst).toBeLessThanOrEqual(k * 2 ** -23);
});

test("one size gives the same numbers again, whatever was computed between", () => {
  const fraction = (): number => small() / 7;
  const [a, b, c] = [
    lay("float32", "dense", 35, 300, fraction),
    lay("float32", "dense", 300, 33, fraction),
    lay("float64", "dense", 99, 99),
  ];
  const before = product("float32", 35, 33, 300, a, b);
  product("float64", 99, 99, 99, c, c);
  expect(product("float32", 35, 33, 300, a, b)).toEqual(before);
});

test("float32 keeps what a float32 sum would lose", () => {
  const a: Laid = { storage: Float32Array.of(2 ** 24, 1, 1, -(2 ** 24)), row: 0, column: 1, offset: 0 };
  const b: Laid = { storage: Float32Array.of(1), row: 0, column: 0, offset: 0 };
  for (const [m, n] of [
    [1, 1],
    [1, 3],
    [3, 1],
    [4, 4],
  ])
    expect(new Set(product("float32", m, n, 4, a, b))).toEqual(new Set([2]));
});

test.each(ways)("int32 %i × %i sums of %i wrap around", (m, n, k) => {
  const large = (): number => (Math.imul(small(), 123456789) + small()) | 0;
  const [a, b] = [lay("int32", "dense", m, k, large), lay("int32", "transposed", k, n, large)];
  const expected = Array.from({ length: m * n }, (_, e) => {
    let sum = 0n;
    for (let p = 0; p < k; p++) sum += BigInt(at(a, Math.floor(e / n), p)) * BigInt(at(b, p, e % n));
    return Number(BigInt.asIntN(32, sum));
  });
  expect(product("int32", m, n, k, a, b)).toEqual(expected);
});

test.each(ways)("bool %i × %i sums of %i count in int32", (m, n, k) => {
  const bits = (rows: number, columns: number): Laid => ({
    storage: Uint8Array.from({ length: rows * columns }, () => +(small() > 0)),
    row: columns,
    column: 1,
    offset: 0,
  });
  const [a, b] = [bits(m, k), bits(k, n)];
  expect(product("int32", m, n, k, a, b)).toEqual(naive(m, n, k, a, b));
});

describe.each(ways)("float64 %i × %i sums of %i", (m, n, k) => {
  // A last column of a tile that is not there must not change what is: zeros stand in for it.
  const [inf, nan] = [Infinity, Number.NaN];
  test.each([
    [0, inf, nan],
    [inf, 0, nan],
    [nan, 0, nan],
    [0, nan, nan],
    [inf, 1, inf],
    [-1, inf, -inf],
    [-inf, -inf, inf],
  ])("with a term %f · %f", (left, right, expected) => {
    const [a, b] = [lay("float64", "dense", m, k, () => 1), lay("float64", "dense", k, n, () => 1)];
    // In row 0 and the last column.
    a.storage[a.offset + (k - 1) * a.column] = left;
    b.storage[b.offset + (k - 1) * b.row + (n - 1) * b.column] = right;
    const got = product("float64", m, n, k, a, b);
    expect(got[n - 1]).toBe(expected);
    expect(got).toEqual(naive(m, n, k, a, b));
  });
});

describe.each(["float64", "float32"] as const)("%s operands that never change", (name) => {
  const products = (sizes: readonly (readonly [m: number, n: number, k: number])[], fixed: () => object | undefined): (() => number[])[] =>
    sizes.map(([m, n, k], i) => {
      seed = i + 1;
      const [a, b] = [lay(name, "dense", m, k), lay(name, i % 2 ? "dense" : "transposed", k, n)];
      const [p, q] = [
        { ...a, fixed: fixed() },
        { ...b, fixed: fixed() },
      ];
      return () => product(name, m, n, k, p, q);
    });

  test("give the same numbers, whatever else stays and is forgotten", () => {
    // Together they are more than there is room for; one is more than its share.
    const sizes = Array.from({ length: 20 }, (_, i) => [i % 3 ? 1 : 7, i % 4 ? 120 + i : 1, 120 + (i % 5)] as const);
    const all = [...sizes, [300, 1, 300] as const, [5, 400, 250] as const];
    const [plain, staying] = [products(all, () => undefined), products(all, () => ({}))];
    for (let round = 0; round < 3; round++)
      for (const [i, run] of staying.entries()) same(run(), plain[i](), `round ${round} of ${all[i]}`);
  });

  test("are told by what stands for them: one for two matrices is found out", () => {
    const one = {};
    const [first, second] = products([[4, 40, 40], [4, 40, 40]], () => one); // biome-ignore format: two of a size
    first();
    expect(() => same(second(), products([[1, 1, 1], [4, 40, 40]], () => undefined)[1](), "of another")).toThrow(); // biome-ignore format: two of a size
  });
});

describe("many small products at a time are each the product by itself, to the bit:", () => {
  const normal = (shape: readonly number[], dtype: "float64" | "float32"): NDArray => {
    const size = shape.reduce((a, b) => a * b);
    return array(
      Float64Array.from({ length: size }, (_, i) => Math.sin(7 * i)),
      { shape, dtype },
    );
  };
  const cases: readonly [name: string, x: readonly number[], y: readonly number[], turn: (x: NDArray) => NDArray][] = [
    ["dense", [30, 16, 5], [30, 5, 9], (x) => x],
    ["transposed", [30, 5, 16], [30, 9, 5], (x) => x.swapaxes(1, 2)],
    ["heads beside each other", [6, 16, 5, 9], [6, 9, 5, 16], (x) => x.swapaxes(1, 2)],
    ["one for all", [1, 17, 7], [40, 7, 11], (x) => x],
    ["reversed", [40, 17, 7], [40, 7, 11], (x) => x.flip(0)],
    ["parts of rows", [40, 17, 20], [40, 7, 30], (x) => x.slice("...", [0, 7])],
    ["more than there is room for", [9, 60, 50], [9, 50, 60], (x) => x],
    ["one column", [40, 17, 20], [40, 20, 1], (x) => x],
  ];
  for (const dtype of ["float64", "float32"] as const)
    test.each(cases)(`%s, ${dtype}`, (_, left, right, turn) => {
      const [x, y] = [turn(normal(left, dtype)), turn(normal(right, dtype))];
      const all = x.matmul(y);
      const lead = all.shape.slice(0, -2);
      const [rows, columns] = all.shape.slice(-2);
      const [xs, ys, alone] = [x, y, all].map((z) => z.broadcastTo([...lead, ...z.shape.slice(-2)]));
      const at = (i: number): number[] => (lead.length === 1 ? [i] : [Math.floor(i / lead[1]), i % lead[1]]);
      const count = lead.reduce((a, b) => a * b);
      for (let i = 0; i < count; i++) {
        const one = xs.slice(...at(i)).matmul(ys.slice(...at(i)));
        expect(one.shape).toEqual([rows, columns]);
        expect(alone.slice(...at(i)).data()).toEqual(one.data());
      }
    });
});
