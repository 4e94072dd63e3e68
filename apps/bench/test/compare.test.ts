import { describe, expect, test } from "vitest";
import { prepare } from "../src/compare/ad.js";
import { deviation, digest, numbers } from "../src/compare/numbers.js";
import { page } from "../src/compare/page.js";
import type { Report } from "../src/compare/report.js";
import { type Outcome, type Row, summary, tolerance, verdicts } from "../src/compare/results.js";
import { judged, line, moved, showTime } from "../src/compare/table.js";
import { type DType, type Kind, type Workload, workloads } from "../src/compare/workloads.js";

const result = (kind: Kind, dtype: DType, n: number, operations = 1): number[] => {
  const { run, read } = prepare({ kind, dtype, n, operations });
  return Array.from(read(run() as never) as ArrayLike<number>);
};

describe("the inputs", () => {
  test("are what every language makes of the same formula", () => {
    expect(numbers(1, 3)).toEqual(Float64Array.of(39208 / 65521 - 0.5, 47158 / 65521 - 0.5, 55170 / 65521 - 0.5));
    expect(Math.max(...numbers(3, 1000, 4).map(Math.abs))).toBeLessThanOrEqual(2);
  });

  test("their digests tell what differs", () => {
    const own = digest([1, 2, 3, 4]);
    expect(own).toEqual([4, 10, 10, 1, 1, 1, 2, 2, 3, 3, 4]);
    expect(deviation(own, own)).toBe(0);
    expect(deviation(own, digest([1, 2, 3, 4.001]))).toBeGreaterThan(1e-4);
    expect(deviation(own, digest([1, 2, 3]))).toBe(Number.POSITIVE_INFINITY);
    expect(deviation(own, digest([1, 2, Number.NaN, 4]))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("our programs", () => {
  const kinds = [...new Map(workloads.map((w) => [w.kind, w])).values()];

  test.each(kinds)("$kind is the same in float32 and in float64", ({ kind, n, operations }) => {
    const size = kind === "matmul" ? 64 : Math.min(n, 16);
    expect(deviation(digest(result(kind, "float64", size, operations)), digest(result(kind, "float32", size, operations)))).toBeLessThan(
      tolerance.float32,
    );
  });

  test("a product is the sum of its terms", () => {
    const [x, y] = [numbers(1, 4096), numbers(2, 4096)];
    const expected = Array.from({ length: 64 }, (_, k) => x[64 + k] * y[64 * k + 5]).reduce((a, b) => a + b);
    expect(result("matmul", "float64", 64)[64 + 5]).toBeCloseTo(expected, 12);
  });

  test("the chain and its gradient", () => {
    const f = (x: number): number => Math.tanh(Math.sin(x) * x + Math.exp(-x * x));
    const x = numbers(1, 1e6, 4)[777];
    expect(result("chain", "float64", 0)[777]).toBeCloseTo(f(x), 14);
    expect(result("chain gradient", "float64", 0)[777]).toBeCloseTo((f(x + 1e-5) - f(x - 1e-5)) / 2e-5, 8);
  });

  test("sums go along the axis that they say", () => {
    const x = numbers(1, 1e6);
    const sum = (at: (k: number) => number): number => Array.from({ length: 1000 }, (_, k) => x[at(k)]).reduce((a, b) => a + b);
    expect(result("sum axis 0", "float64", 0)[3]).toBeCloseTo(
      sum((k) => 1000 * k + 3),
      10,
    );
    expect(result("sum axis 1", "float64", 0)[3]).toBeCloseTo(
      sum((k) => 3000 + k),
      10,
    );
  });

  test("many JVPs are those of the loop, and the Jacobian's products", () => {
    const [many, loop, jacobian] = [result("jvps", "float64", 4), result("jvps loop", "float64", 4), result("jacobian", "float64", 0)];
    expect(deviation(digest(many), digest(loop))).toBeLessThan(1e-14);
    const v = numbers(6, 200).subarray(150);
    const product = Array.from(v, (value, j) => jacobian[50 * 7 + j] * value).reduce((a, b) => a + b);
    expect(many[150 + 7]).toBeCloseTo(product, 12);
    expect(deviation(digest(jacobian), digest(result("jacobian loop", "float64", 0)))).toBeLessThan(1e-14);
  });
});

describe("the report", () => {
  const workload = workloads.find(({ id }) => id === "jacobian f32") as Workload;
  const loop = workloads.find(({ id }) => id === "jacobian loop f32") as Workload;
  const at = (time: number): Outcome => summary([time, 2 * time], 1, 0);
  const rows: Row[] = [
    {
      workload,
      outcomes: { ad: at(0.1), torch: at(0.25), "jax-js jit": at(0.3), "tfjs cpu": { missing: true }, "jax-js": { differs: 0.02 } },
    },
    { workload: loop, outcomes: { ad: at(2) } },
  ];

  test("judges by the fastest runs, against peers that have a figure", () => {
    expect(verdicts(rows[0], rows)).toEqual([
      { against: "jax-js jit", wanted: 4, found: 0.3 / 0.1, isMet: false },
      { against: "torch", wanted: 2, found: 2.5, isMet: true },
      { against: "its own loop", wanted: 15, found: 20, isMet: true },
    ]);
    expect(judged(rows)[0]).toContain("2 of 3 met");
  });

  test("every workload has a name of its own, and every target a peer", () => {
    expect(new Set(workloads.map(({ id }) => id)).size).toBe(workloads.length);
    expect(workloads.filter(({ quick }) => quick).length).toBeGreaterThan(15);
  });

  test("a line shows our median, the others' ratios, and what there is not", () => {
    const text = line(rows[0], ["ad", "torch", "tfjs cpu", "jax-js"]);
    expect(text).toContain("100 µs (150 µs)");
    expect(text).toContain("250 µs    2.5×");
    expect(text).toMatch(/– +≠ 2e-2$/);
    expect([5e-5, 0.0123, 1.5, 123.4].map(showTime)).toEqual(["50 ns", "12.3 µs", "1.50 ms", "123 ms"]);
  });

  test("what moved is told against the fastest peer, so that a slower machine is no change", () => {
    const slower = rows.map((row) => ({
      ...row,
      outcomes: Object.fromEntries(
        Object.entries(row.outcomes).map(([peer, o]) => [peer, "minimum" in o ? { ...o, minimum: 3 * o.minimum } : o]),
      ),
    }));
    expect(moved([slower[0]], [rows[0]])).toEqual([]);
    const [change] = moved([{ workload, outcomes: { ...rows[0].outcomes, ad: at(0.2) } }], [rows[0]]);
    expect(change).toContain("slower by 2.0×, against the fastest peer");
  });

  test("is one page that asks for nothing else", () => {
    const report: Report = {
      date: "2000-01-01",
      machine: "a machine",
      quick: true,
      rows,
      absent: { torch: "no <python>" },
      sizes: [{ name: "ad", bytes: 48_000 }],
      imports: [{ name: "@ad/core", median: 15, minimum: 14 }],
      memory: [{ chunkSize: 16, result: 100, batch: 10, held: 105, process: 108 }],
    };
    const html = page(report);
    expect(html).not.toMatch(/(?:src|href)=|https?:|@import|<script/);
    expect(html).toContain("no &#60;python&#62;");
    expect(html).toContain("arrays 1.05 × the result");
    expect(html).toContain("48.0 kB");
  });
});
