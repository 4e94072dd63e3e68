import { expect, it } from "vitest";
import { lines, page } from "../src/gpu/report.js";
import { crossover, type Report, type Row, timing } from "../src/gpu/results.js";
import { comparisons, programs } from "../src/gpu/workloads.js";

const row = (n: number, cpu: number, gpu: number): Row => ({
  workload: { kind: "chain", title: `chain ${n}`, n, sides: ["cpu", "gpu"] },
  times: { cpu: timing([cpu]), gpu: timing([gpu]) },
});

it("a crossover lies between the sizes where the faster device changes for the last time", () => {
  expect(crossover([row(10, 1, 10), row(1000, 10, 1)])).toBeCloseTo(100, 9);
  expect(crossover([row(10, 2, 1), row(100, 1, 2), row(1000, 4, 1)])).toBeGreaterThan(100);
  expect(crossover([row(10, 2, 1), row(100, 3, 1)])).toBe(10);
  expect(crossover([row(10, 1, 2), row(100, 1, 2)])).toBeUndefined();
});

it("the report says what is met, and asks for nothing from elsewhere", () => {
  const times = { gpu: timing([1, 3, 2]), tfjs: timing([2.5]), loop: timing([2]), "jax-js": timing([8]) };
  const runs = [
    {
      renderer: "SwiftShader",
      name: "<a renderer>",
      browser: "1",
      comparisons: comparisons.map((workload) => ({ workload, times })),
      crossovers: [row(10, 1, 10), row(1000, 10, 1)],
      programs: programs.map((workload) => ({
        workload,
        times: { gpu: timing([3]), jit: timing([2]) },
        submitted: { gpu: timing([1]), jit: timing([0.25]) },
      })),
    },
  ];
  const report: Report = { date: "2000-01-01", machine: "a machine", tfjs: "4", jaxJs: "0", runs };
  const text = [...lines(report)].join("\n");
  expect(text).toMatch(/matmul 256 .* 2\.5× .* 8\.0× +1\.3× met/);
  expect(text).toMatch(/beside a loop .* 2\.0× .* 8\.0× +3× missed/);
  expect(text).toContain("from 100");
  expect(text).toMatch(/training step of a 16-16-10 .* 1\.5× .* 4\.0× +2× missed/);
  expect(text).toMatch(/training step of a 512-512-10 .* 1\.5× .* 4\.0× +1× met/);
  const [{ comparisons: rows }] = runs;
  const { "jax-js": _, ...rest } = times;
  const without = { ...report, runs: [{ ...runs[0], comparisons: rows.map(({ workload }) => ({ workload, times: rest })) }] };
  expect([...lines(without)].join("\n")).toMatch(/matmul 256 .* 2\.5× +– +– +1\.3× met/);
  const html = page(report);
  expect(html).toContain("&#60;a renderer&#62;");
  expect(html).not.toMatch(/src=|href=|url\(/);
});
