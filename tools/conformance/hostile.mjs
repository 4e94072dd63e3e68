// Makes many calls with arguments that are wrong: AD_HOSTILE_RUNS of them (100000), from AD_HOSTILE_SEED (a new one each time).
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const runs = process.env.AD_HOSTILE_RUNS ?? "100000";
const seed = process.env.AD_HOSTILE_SEED ?? String(Math.floor(Math.random() * 1e9));
console.log(`${runs} calls; to repeat: AD_HOSTILE_RUNS=${runs} AD_HOSTILE_SEED=${seed} npm run hostile`);

const root = fileURLToPath(new URL("../..", import.meta.url));
const { status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--project", "conformance", "hostile"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, AD_HOSTILE_RUNS: runs, AD_HOSTILE_SEED: seed },
});
process.exitCode = status ?? 1;
