import { expect, test } from "vitest";
import { groups } from "../src/micro/cases.js";
import { row } from "../src/micro/table.js";

test("every case of every group runs, under a name of its own", () => {
  const names = groups.flatMap((make) => {
    const { title, cases } = make();
    for (const { run } of cases) expect(run()).toBeDefined();
    return cases.map(({ name }) => `${title}: ${name}`);
  });
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(125);
});

test("a row says what the figures are", () => {
  const times = { nanoseconds: 2_000_000, fastest: 1_500_000, p99: 4_000_000 };
  expect(row("matmul", { ...times, gflops: 8.123 })).toMatch(/^ {2}matmul +2\.00 ms +1\.50 ms +4\.00 ms {2}8\.12 GFLOP\/s$/);
  expect(row("vmap", { ...times, times: 1.25, timesCeiling: 1.5 })).toMatch(/4\.00 ms {2}1\.25 ×, within 1\.5 ×$/);
  expect(row("one", { nanoseconds: 700, fastest: 650, p99: 900, ceiling: 2000 })).toMatch(/700 ns +650 ns +900 ns {2}within 2\.00 µs$/);
});
