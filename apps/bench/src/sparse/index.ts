// Sparse Jacobians and Hessians, beside the dense ones and CasADi's: pnpm --filter @ad/bench sparse [text]
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { NDArray } from "@ad/core";
import { jit } from "@ad/jit";
import { coloring, hessianSparsity, sparseHessian, sparseJacobian, sparsity } from "@ad/sparse";
import { timer } from "../compare/answer.js";
import { deviation, digest } from "../compare/numbers.js";
import { absence, Conversation } from "../compare/peers.js";
import { showRatio } from "../tour/format.js";
import { type Case, cases } from "./cases.js";
import { type Found, ways } from "./large.js";
import { header, largeHeader, largeRow, type Measured, row } from "./table.js";

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const [only = ""] = process.argv.slice(2);
const [rounds, milliseconds] = [7, 60];

const missing = absence("casadi", false);
const casadi = missing === undefined ? new Conversation("casadi") : undefined;
if (missing !== undefined) console.log(`without CasADi: ${missing}`);
await casadi?.hear();

const took = <T>(run: () => T): readonly [T, number] => {
  const begin = performance.now();
  const result = run();
  return [result, performance.now() - begin];
};

/** One matrix, by turns by each of the ways; a way is not timed if its entries are not ours. */
async function measured({ name, of, f, x }: Case): Promise<Measured> {
  const at = x();
  const [found, pattern] = took(() => (of === "jacobian" ? sparsity(f) : hessianSparsity(f))(at));
  const [colors, coloringTime] = took(() => coloring(found, { kind: of === "jacobian" ? "auto" : "symmetric" }));
  const given = { pattern: found, coloring: colors, flat: true } as const;
  const matrix = of === "jacobian" ? sparseJacobian(f, given) : sparseHessian(f, given);
  const entries = (y: NDArray): NDArray => matrix(y).values;
  const compiled = jit(entries);
  const own = digest(entries(at).data());
  if (deviation(own, digest(compiled(at).data())) > 1e-9) throw new Error(`${name}: jit gives other entries`);
  const reply = await casadi?.prepare({ kind: name, dtype: "float64" });
  if (reply && "error" in reply) console.log(`CasADi, ${name}: ${reply.error}`);
  const isSame = reply !== undefined && "digest" in reply && deviation(own, reply.digest) <= 1e-9;
  if (reply && "digest" in reply && !isSame) console.log(`CasADi, ${name}: other entries`);
  // One entry is asked for, so that all are computed; data() would copy them.
  const [eager, ours] = [entries, compiled].map((run) => timer({ run: () => run(at).slice(0).item(), read: () => [] }));
  // After so many calls that are alike a program of the entries is kept.
  for (let call = 0; call < 40; call++) entries(at);
  const times = { eager: Number.POSITIVE_INFINITY, jit: Number.POSITIVE_INFINITY, casadi: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    times.eager = Math.min(times.eager, ...(await eager(milliseconds)));
    times.jit = Math.min(times.jit, ...(await ours(milliseconds)));
    const theirs = isSame ? await casadi?.time(milliseconds) : undefined;
    if (theirs && "samples" in theirs) times.casadi = Math.min(times.casadi, ...theirs.samples);
  }
  const { casadi: peer, ...both } = times;
  return {
    name,
    unknowns: at.size,
    entries: found.rows.length,
    colors: colors.count,
    pattern,
    coloring: coloringTime,
    ...both,
    ...(Number.isFinite(peer) ? { casadi: peer } : {}),
  };
}

const results: Measured[] = [];
console.log(header());
for (const one of cases.filter(({ name }) => name.includes(only))) {
  const found = await measured(one);
  results.push(found);
  console.log(row(found));
}
casadi?.end();

const large: { readonly name: string; readonly unknowns: number; readonly found: Found }[] = [];
if (only === "" || "large".startsWith(only)) {
  console.log(largeHeader());
  ways.forEach(({ name, cells }, i) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--expose-gc", file("dist/sparse/large.js"), String(i)], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    const own = { name, unknowns: 2 * cells ** 2, found: JSON.parse(stdout) as Found };
    large.push(own);
    console.log(largeRow(own));
  });
  const [dense, sparse] = large.map(({ found }) => found);
  console.log(
    `\n  the dense Jacobian takes ${showRatio(dense.fastest / sparse.fastest)} the time of the sparse one, and ${showRatio(dense.one / sparse.one)} its memory`,
  );
}
console.log("\n  the aim: CasADi's time is at least that of jit, and a third of that of plain calls, which run the function each time");
const report = file("report/sparse.json");
mkdirSync(dirname(report), { recursive: true });
writeFileSync(report, `${JSON.stringify({ node: process.versions.node, cpu: cpus()[0]?.model, results, large }, null, 2)}\n`);
console.log(`\nWritten to ${relative(process.env.INIT_CWD ?? process.cwd(), report)}`);
