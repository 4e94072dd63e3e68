// The bench beside the peers: pnpm bench [--quick] [--compare] [--save] [--only text]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { importTimes, memory, sizes } from "./extras.js";
import { deviation } from "./numbers.js";
import { page } from "./page.js";
import { absence, Conversation, install, pythonVersions } from "./peers.js";
import { load, machine, type Report, targets } from "./report.js";
import { type Outcome, type Row, summary, tolerance, within } from "./results.js";
import { heading, judged, line, moved, showBytes, showTime, showVerdict } from "./table.js";
import { type Peer, peers, type Workload, workloads } from "./workloads.js";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean" }, compare: { type: "boolean" }, save: { type: "boolean" }, only: { type: "string" } },
});
const quick = options.quick ?? false;
const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const shown = (path: string): string => relative(process.env.INIT_CWD ?? process.cwd(), file(path));
const baseline = "baseline.json";

const begin = performance.now();
const before = load();
if (before > 1) console.log(`other processes are at work (load ${before.toFixed(1)}): these figures are noisy`);
const isInstalled = install(console.log);
const absent: Partial<Record<Peer, string>> = {};
for (const peer of peers) {
  const why = absence(peer, isInstalled);
  if (why !== undefined) absent[peer] = why;
}
const started = peers.filter((peer) => !(peer in absent)).map((peer) => new Conversation(peer));
for (const each of started) {
  const greeting = await each.hear();
  if ("error" in greeting) absent[each.peer] = greeting.error;
}
for (const [peer, why] of Object.entries(absent)) console.log(`without ${peer}: ${why}`);
const conversations = started.filter(({ peer }) => !(peer in absent));
const present = conversations.map(({ peer }) => peer);

const chosen = workloads.filter(({ id, group, quick: isQuick }) => (isQuick || !quick) && `${group} ${id}`.includes(options.only ?? ""));
const [rounds, milliseconds] = quick ? [2, 20] : [7, 50];
/** The milliseconds on a workload after which a peer is not asked again. */
const patience = 2000;

/** A workload of all peers: their results beside ours, then their times by turns. */
async function measured(workload: Workload): Promise<Row> {
  const outcomes: Partial<Record<Peer, Outcome>> = {};
  const able: { conversation: Conversation<Peer>; deviation: number; samples: number[] }[] = [];
  let own: readonly number[] = [];
  for (const conversation of conversations) {
    const { peer } = conversation;
    const reply = await conversation.prepare(workload);
    if ("digest" in reply) {
      if (peer === "ad") own = reply.digest;
      const differs = deviation(own, reply.digest);
      if (differs > tolerance[workload.dtype]) outcomes[peer] = { differs };
      else able.push({ conversation, deviation: differs, samples: [] });
    } else outcomes[peer] = "error" in reply ? reply : { missing: true };
  }
  for (let round = 0; round < rounds; round++)
    for (const { conversation, samples } of able) {
      if (samples.reduce((a, b) => a + b, 0) > patience) continue;
      const reply = await conversation.time(milliseconds);
      if ("samples" in reply) samples.push(...reply.samples);
      else if ("error" in reply) outcomes[conversation.peer] = reply;
    }
  for (const { conversation, samples, deviation } of able) outcomes[conversation.peer] ??= summary(samples, workload.operations, deviation);
  return { workload, outcomes };
}

const rows: Row[] = [];
for (const [i, workload] of chosen.entries()) {
  if (workload.group !== chosen[i - 1]?.group) console.log(heading(workload.group, present));
  const row = await measured(workload);
  rows.push(row);
  console.log(line(row, rows, present));
}
for (const each of conversations) each.end();
for (const { workload, outcomes } of rows)
  for (const [peer, outcome] of Object.entries(outcomes)) if ("error" in outcome) console.log(`${peer}, ${workload.id}: ${outcome.error}`);

const whole = !quick && options.only === undefined;
console.log("\nsizes and imports");
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  machine: machine(),
  python: pythonVersions(),
  load: before,
  quick,
  rows,
  absent,
  sizes: await sizes(isInstalled),
  imports: importTimes(quick ? 3 : 11),
  memory: whole ? memory() : [],
};
const show = (name: string, found: string, verdict = ""): void =>
  console.log(`  ${name.padEnd(60)}${found.padStart(9)}  ${verdict}`.trimEnd());
const judge = (found: number, ceiling: number | undefined, unit: "bytes" | "milliseconds"): string =>
  ceiling === undefined ? "" : `  ${showVerdict(within(found, ceiling, unit))}`;
for (const { name, bytes, ceiling } of report.sizes) show(name, showBytes(bytes), judge(bytes, ceiling, "bytes"));
for (const { name, minimum, median, ceiling } of report.imports)
  show(`import ${name}`, showTime(minimum), `(${showTime(median)})${judge(minimum, ceiling, "milliseconds")}`);
for (const { chunkSize, held, result, process } of report.memory)
  show(
    `4096 × 4096 Jacobian, chunkSize ${chunkSize}`,
    `${(held / result).toFixed(2)}×`,
    `the result in arrays, ${(process / result).toFixed(2)}× in the process`,
  );
console.log(`\n${judged(targets(report)).join("\n")}`);

if (options.compare) {
  if (!existsSync(file(baseline))) console.log(`\nThere is no ${shown(baseline)} to compare with; --save writes one.`);
  else {
    const changes = moved(rows, (JSON.parse(readFileSync(file(baseline), "utf8")) as Report).rows);
    console.log(["\nAgainst the baseline:", ...(changes.length > 0 ? changes : ["  nothing has moved by more than a fifth"])].join("\n"));
  }
}
mkdirSync(file("report"), { recursive: true });
// Four digits, so that a baseline is short and its changes are those of the times.
const json = `${JSON.stringify(report, (_, value) => (typeof value === "number" ? +value.toPrecision(4) : value), 2)}\n`;
const written = [["report/bench.json", json], ["report/bench.html", page(report)], ...(options.save ? [[baseline, json]] : [])];
for (const [path, text] of written) writeFileSync(file(path), text);
console.log(`\n${((performance.now() - begin) / 1000).toFixed(0)} s. Written: ${written.map(([path]) => shown(path)).join(", ")}`);
