// Compiled programs beside the same functions without jit, and beside JAX's: pnpm --filter @ad/bench jit [text]
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { jit } from "@ad/jit";
import { timer } from "../compare/answer.js";
import { deviation, digest } from "../compare/numbers.js";
import { absence, Conversation, python } from "../compare/peers.js";
import type { DType } from "../compare/workloads.js";
import { type Case, cases } from "./cases.js";
import { header, type Measured, row } from "./table.js";

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const [only = ""] = process.argv.slice(2);
const [rounds, milliseconds] = [7, 60];
const tolerance: Readonly<Record<DType, number>> = { float64: 1e-9, float32: 1e-3 };

const missing = absence("jax jit", false);
const jax = missing === undefined ? new Conversation("jax jit", [python, file("peers/jax_jit.py")]) : undefined;
if (missing !== undefined) console.log(`without JAX: ${missing}`);
await jax?.hear();

/** One function three ways, by turns; a way is not timed if its result is not ours. */
async function measured({ name, make }: Case, dtype: DType): Promise<Measured> {
  const { f, args } = make(dtype);
  const compiled = jit(f);
  const begin = performance.now();
  const first = compiled(...args);
  first.data();
  const compiling = performance.now() - begin;
  const own = digest(f(...args).data());
  const isOff = (found: readonly number[]): boolean => deviation(own, found) > tolerance[dtype];
  if (isOff(digest(first.data()))) throw new Error(`${name}, ${dtype}: jit gives another result`);
  const reply = await jax?.prepare({ kind: name, dtype });
  if (reply && "error" in reply) console.log(`JAX, ${name}: ${reply.error}`);
  const isSame = reply !== undefined && "digest" in reply && !isOff(reply.digest);
  if (reply && "digest" in reply && !isSame) console.log(`JAX, ${name}, ${dtype}: another result`);

  const [eager, ours] = [f, compiled].map((run) => timer({ run: () => run(...args), read: () => [] }));
  const times = { eager: Number.POSITIVE_INFINITY, jit: Number.POSITIVE_INFINITY, jax: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    times.eager = Math.min(times.eager, ...(await eager(milliseconds)));
    times.jit = Math.min(times.jit, ...(await ours(milliseconds)));
    const theirs = isSame ? await jax?.time(milliseconds) : undefined;
    if (theirs && "samples" in theirs) times.jax = Math.min(times.jax, ...theirs.samples);
  }
  const { jax: peer, ...both } = times;
  return { name, dtype, compiling, ...both, ...(Number.isFinite(peer) ? { jax: peer } : {}) };
}

const results: Measured[] = [];
for (const dtype of ["float64", "float32"] as const) {
  console.log(header(dtype));
  for (const one of cases.filter((one) => one.name.includes(only) && (one.dtype ?? dtype) === dtype)) {
    const found = await measured(one, dtype);
    results.push(found);
    console.log(row(found));
  }
}
jax?.end();
const report = file("report/jit.json");
mkdirSync(dirname(report), { recursive: true });
writeFileSync(report, `${JSON.stringify({ node: process.versions.node, cpu: cpus()[0]?.model, results }, null, 2)}\n`);
console.log(`\nWritten to ${relative(process.env.INIT_CWD ?? process.cwd(), report)}`);
