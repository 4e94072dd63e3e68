// Measures the memory that stays: of loops, step by step, beside PyTorch and JAX, and of Jacobians in chunks: pnpm --filter @ad/bench memory
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Case, cases, type Figures, measure, size } from "./cases.js";
import { peakOfPeer, type Side, sides } from "./peers.js";
import { type Found, heldBy, type Peak, type Program, peakOf, programs } from "./programs.js";
import { judged, page, type Row, showMegabytes, showPerStep } from "./report.js";

const own = fileURLToPath(import.meta.url);
const folder = fileURLToPath(new URL("../../report/", import.meta.url));

/** The question to a process of our own. */
type Question = { readonly jacobian: Case } | { readonly peak: Program } | { readonly held: Program };

const [, , given] = process.argv;
if (given === undefined) report();
else console.log(JSON.stringify(answer(JSON.parse(given) as Question, (globalThis as unknown as { gc: () => void }).gc)));

function answer(question: Question, collect: () => void): Figures | Peak | number {
  if ("jacobian" in question) return measure(question.jacobian, collect);
  return "peak" in question ? peakOf(question.peak) : heldBy(question.held, collect);
}

function inOwnProcess<T>(question: Question): T {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--expose-gc", own, JSON.stringify(question)], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

function report(): void {
  const columns = (width: number, ...texts: readonly string[]): string =>
    `  ${texts.map((text, i) => (i === 0 ? text.padEnd(28) : text.padStart(width))).join("")}`;
  const rows: Row[] = [];
  programs.forEach((program, i) => {
    if (program.group !== programs[i - 1]?.group)
      console.log(`\n${program.group}\n${columns(20, "peak above the start, MB", "held", ...sides)}`);
    const peaks: Partial<Record<Side, Found>> = { ad: inOwnProcess<Peak>({ peak: program }) };
    for (const side of sides) if (side !== "ad") peaks[side] = peakOfPeer(side, program, peaks.ad);
    const row: Row = { program, held: inOwnProcess<number>({ held: program }), peaks };
    rows.push(row);
    const cells = sides.map((side) => showMegabytes(peaks[side]));
    console.log(
      `${columns(20, program.name, showPerStep(row), ...cells)}  ${judged(row, rows)
        .map(({ text }) => text)
        .join(", ")}`.trimEnd(),
    );
  });

  console.log(`\nJacobian of ${size} × ${size}, peaks as multiples of the result`);
  console.log(columns(14, "", "one batch", "held", "process"));
  const results = cases.map((one) => {
    const figures = inOwnProcess<Figures>({ jacobian: one });
    const { result, batch, held, process } = figures;
    const ceiling = 1.3 * result + batch;
    const name = `${one.strategy}, ${one.chunkSize === undefined ? "all at once" : `chunkSize ${one.chunkSize}`}`;
    const shares = [batch, held, process].map((part) => (part / result).toFixed(2));
    console.log(`${columns(14, name, ...shares)}  ${held <= ceiling ? "within" : "above"} 1.3 + one batch`);
    return { ...one, ...figures, ceiling };
  });
  const { node } = process.versions;
  const machine = { node, platform: process.platform, arch: process.arch };
  mkdirSync(dirname(`${folder}memory.json`), { recursive: true });
  writeFileSync(`${folder}memory.json`, `${JSON.stringify({ ...machine, programs: rows, results }, null, 2)}\n`);
  writeFileSync(`${folder}memory.html`, page(rows, `Node ${node}, ${machine.platform} ${machine.arch}`));
  const written = ["memory.json", "memory.html"].map((name) => relative(process.env.INIT_CWD ?? process.cwd(), `${folder}${name}`));
  console.log(`\nWritten: ${written.join(", ")}`);
}
