// Runs turbo through pnpm, which it needs and which a machine with Node and npm alone does not have: node tools/scripts/turbo.mjs build
import { pnpm, succeeds } from "./run.mjs";

process.exitCode = succeeds(pnpm("exec", "turbo", "run", ...process.argv.slice(2))) ? 0 : 1;
