// Our GPU beside our CPU over sizes, and beside tfjs and jax-js on WebGL: npm run gpu. AD_RENDERERS names some of the renderers, AD_PART=programs measures our programs of jit alone, AD_ROUNDS says how often each side has its turn.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { deviation } from "../compare/numbers.js";
import { install } from "../compare/peers.js";
import { Bench, type Renderer, renderers, versionOf } from "./browser.js";
import { lines, page } from "./report.js";
import { type Report, type Row, type Run, timing } from "./results.js";
import { comparisons, crossovers, programs, type Side, type Workload } from "./workloads.js";

const rounds = Number(process.env.AD_ROUNDS ?? 4);
const turn = 150;
/** A side whose runs take long has fewer turns: none once they have taken so many milliseconds. */
const enough = 3000;
const tolerance = 1e-3;
const isPart = process.env.AD_PART === "programs";

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

/** All sides of a workload by turns, once they agree. */
async function measure(bench: Bench, workload: Workload): Promise<Row> {
  const { kind, n, title } = workload;
  const sides = workload.sides.filter((side) => bench.sides.includes(side));
  let first: readonly number[] | undefined;
  for (const side of sides) {
    const digest = await bench.prepare(side, kind, n);
    const off = deviation((first ??= digest), digest);
    if (!(off <= tolerance)) throw new Error(`${title}: ${side} gives something else than ${sides[0]}, by ${off}`);
  }
  const times = await byTurns(sides, (side) => bench.time(side, turn));
  say(`  ${title}`);
  return sides.includes("jit")
    ? { workload, times, submitted: await byTurns(sides, (side) => bench.submit(side, turn)) }
    : { workload, times };
}

/** The times of sides, each of which has its turns. */
async function byTurns(sides: readonly Side[], time: (side: Side) => Promise<number[]>): Promise<Row["times"]> {
  const samples = new Map(sides.map((side) => [side, { all: [] as number[], spent: 0 }]));
  for (let round = 0; round < rounds; round++)
    for (const [side, own] of samples) {
      if (own.spent > enough) continue;
      const begin = performance.now();
      own.all.push(...(await time(side)));
      own.spent += performance.now() - begin;
    }
  return Object.fromEntries([...samples].map(([side, { all }]) => [side, timing(all)]));
}

async function run(renderer: Renderer): Promise<Run | undefined> {
  let bench: Bench;
  try {
    bench = await Bench.open(renderer, !isPart);
  } catch (error) {
    say(`${renderer} does not start: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
  say(`${renderer}: ${bench.name}`);
  for (const why of bench.missing) say(`  not measured: ${why}`);
  try {
    const rows = async (list: readonly Workload[]): Promise<Row[]> => {
      const done: Row[] = [];
      for (const workload of list) done.push(await measure(bench, workload));
      return done;
    };
    return {
      renderer,
      name: bench.name,
      browser: bench.version,
      comparisons: isPart ? [] : await rows(comparisons),
      crossovers: isPart ? [] : await rows(crossovers),
      programs: await rows(programs),
    };
  } finally {
    await bench.close();
  }
}

if (!isPart && !install(say)) throw new Error("the peers could not be installed");
const wanted = (process.env.AD_RENDERERS?.split(",") ?? Object.keys(renderers)) as Renderer[];
const runs: Run[] = [];
for (const renderer of wanted) {
  const own = await run(renderer);
  if (own) runs.push(own);
}
if (runs.length === 0) throw new Error("no renderer has started");
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} cores of ${cpus()[0]?.model.trim()}`,
  tfjs: isPart ? "" : versionOf("@tensorflow/tfjs"),
  jaxJs: isPart ? "" : versionOf("@jax-js/jax"),
  runs,
};
for (const line of lines(report)) console.log(line);
const folder = fileURLToPath(new URL("../../report/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}gpu.json`, `${JSON.stringify(report, undefined, 1)}\n`);
writeFileSync(`${folder}gpu.html`, page(report));
console.log(`report/gpu.json, report/gpu.html`);
