// What a Jacobian of 4096 × 4096 takes at its peak: pnpm --filter @ad/bench memory
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Case, cases, type Figures, measure, size } from "./cases.js";

const own = fileURLToPath(import.meta.url);
const file = fileURLToPath(new URL("../../report/memory.json", import.meta.url));

const [, , given] = process.argv;
const { gc } = globalThis as { gc?: () => void };
if (given !== undefined && gc !== undefined) console.log(JSON.stringify(measure(JSON.parse(given) as Case, gc)));
else report();

function inOwnProcess(one: Case): Figures {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--expose-gc", own, JSON.stringify(one)], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Figures;
}

function report(): void {
  const columns = (...texts: readonly string[]): string =>
    `  ${texts.map((text, i) => (i === 0 ? text.padEnd(28) : text.padStart(14))).join("")}`;
  console.log(`Jacobian of ${size} × ${size}, peaks as multiples of the result`);
  console.log(columns("", "one batch", "held", "process"));
  const results = cases.map((one) => {
    const figures = inOwnProcess(one);
    const { result, batch, held, process } = figures;
    const ceiling = 1.3 * result + batch;
    const name = `${one.strategy}, ${one.chunkSize === undefined ? "all at once" : `chunkSize ${one.chunkSize}`}`;
    const shares = [batch, held, process].map((part) => (part / result).toFixed(2));
    console.log(`${columns(name, ...shares)}  ${held <= ceiling ? "within" : "above"} 1.3 + one batch`);
    return { ...one, ...figures, ceiling };
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ node: process.versions.node, platform: process.platform, arch: process.arch, results }, null, 2)}\n`,
  );
  console.log(`\nWritten to ${relative(process.env.INIT_CWD ?? process.cwd(), file)}`);
}
