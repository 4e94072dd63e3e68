// Checks many random programs: AD_FUZZ_RUNS of them (20000), from AD_FUZZ_SEED (a new one each time). A failure shows the shortest program that fails.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const runs = process.env.AD_FUZZ_RUNS ?? "20000";
const seed = process.env.AD_FUZZ_SEED ?? String(Math.floor(Math.random() * 1e9));
console.log(`${runs} programs; to repeat: AD_FUZZ_RUNS=${runs} AD_FUZZ_SEED=${seed} pnpm fuzz`);

const root = fileURLToPath(new URL("../..", import.meta.url));
const { status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--project", "conformance", "programs"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, AD_FUZZ_RUNS: runs, AD_FUZZ_SEED: seed },
});
process.exitCode = status ?? 1;
