// Compiled programs beside the same functions without jit, and beside JAX's and jax-js's: pnpm --filter @ad/bench jit [text]
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { jit } from "@ad/jit";
import { timer } from "../compare/answer.js";
import { deviation, digest } from "../compare/numbers.js";
import { absence, Conversation, install, python } from "../compare/peers.js";
import type { DType } from "../compare/workloads.js";
import { ready } from "../programs/ready.js";
import { type Case, cases } from "./cases.js";
import { header, type Measured, row } from "./table.js";

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const [only = ""] = process.argv.slice(2);
const [rounds, milliseconds] = [7, 60];
const tolerance: Readonly<Record<DType, number>> = { float64: 1e-9, float32: 1e-3 };

const isInstalled = install(console.log);
/** Each peer at work, by the name of its figure. */
const peers: Partial<Record<"jax" | "jaxJs", Conversation>> = {};
for (const [key, peer, command] of [
  ["jax", "jax jit", [python, file("peers/jax_jit.py")]],
  ["jaxJs", "jax-js programs", undefined],
] as const) {
  const missing = absence(peer, isInstalled);
  if (missing !== undefined) console.log(`without ${peer}: ${missing}`);
  else await (peers[key] = new Conversation(peer, command)).hear();
}

/** One function each way, by turns; a way is not timed if its result is not ours. */
async function measured({ name, make }: Case, dtype: DType): Promise<Measured> {
  const { f, args } = make(dtype);
  const compiled = jit(f);
  const begin = performance.now();
  await compiled.compile(...args);
  const before = performance.now();
  const result = compiled(...args);
  result.data();
  const first = performance.now() - before;
  const own = digest(f(...args).data());
  const isOff = (found: readonly number[]): boolean => deviation(own, found) > tolerance[dtype];
  if (isOff(digest(result.data()))) throw new Error(`${name}, ${dtype}: jit gives another result`);

  const ways = Object.entries({ eager: f, jit: compiled }).map(
    ([key, run]) =>
      [key, timer({ run: () => ready(run(...args)), read: () => [] })] as [string, (milliseconds: number) => Promise<readonly number[]>],
  );
  for (const [key, peer] of Object.entries(peers)) {
    // Its functions of float64 have the accuracy of float32.
    if (key === "jaxJs" && dtype === "float64") continue;
    const reply = await peer.prepare({ kind: name, dtype });
    if ("error" in reply) console.log(`${peer.peer}, ${name}: ${reply.error}`);
    else if (!("digest" in reply)) continue;
    else if (isOff(reply.digest)) console.log(`${peer.peer}, ${name}, ${dtype}: another result`);
    else
      ways.push([
        key,
        async (milliseconds) => {
          const found = await peer.time(milliseconds);
          return "samples" in found ? found.samples : [];
        },
      ]);
  }
  const times: Record<string, number> = {};
  for (let round = 0; round < rounds; round++)
    for (const [key, time] of ways) times[key] = Math.min(times[key] ?? Number.POSITIVE_INFINITY, ...(await time(milliseconds)));
  return { name, dtype, compiling: before - begin, first, ...(times as Pick<Measured, "eager" | "jit" | "jax" | "jaxJs">) };
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
for (const peer of Object.values(peers)) peer.end();
const report = file("report/jit.json");
mkdirSync(dirname(report), { recursive: true });
writeFileSync(report, `${JSON.stringify({ node: process.versions.node, cpu: cpus()[0]?.model, results }, null, 2)}\n`);
console.log(`\nWritten to ${relative(process.env.INIT_CWD ?? process.cwd(), report)}`);
