// The micro benchmarks: pnpm --filter @ad/bench micro
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "mitata";
import { ready } from "../programs/ready.js";
import { type Case, groups } from "./cases.js";
import { ending, type Figures, header, row } from "./table.js";

const file = fileURLToPath(new URL("../../report/micro.json", import.meta.url));

async function figures({ run, operations = 1, flops, ceiling }: Case): Promise<Figures> {
  const { p50, min, p99 } = await measure(() => ready(run()), { min_cpu_time: 4e8 });
  return {
    nanoseconds: p50 / operations,
    fastest: min / operations,
    p99: p99 / operations,
    ...(flops === undefined ? {} : { gflops: flops / p50 }),
    ...(ceiling === undefined ? {} : { ceiling: ceiling * 1000 }),
  };
}

const results: { group: string; name: string; figures: Figures }[] = [];
for (const make of groups) {
  const { title, cases } = make();
  console.log(header(title));
  for (const one of cases) {
    const own = await figures(one);
    const other = results.find(({ group, name }) => group === title && name === one.against?.name);
    const measured =
      one.against && other ? { ...own, times: own.nanoseconds / other.figures.nanoseconds, timesCeiling: one.against.ceiling } : own;
    console.log(row(one.name, measured));
    results.push({ group: title, name: one.name, figures: measured });
  }
}
mkdirSync(dirname(file), { recursive: true });
writeFileSync(
  file,
  `${JSON.stringify({ node: process.versions.node, platform: process.platform, arch: process.arch, results }, null, 2)}\n`,
);
console.log(ending(relative(process.env.INIT_CWD ?? process.cwd(), file)));
