// npm run exhaustive: all parts of the proofs of which npm test makes one part. It takes a quarter of an hour on two cores.
import { ensureBrowser } from "./chromium.mjs";
import { install, run, succeeds } from "./run.mjs";

const projects = ["conformance", "gpu"].flatMap((name) => ["--project", name]);
const ok =
  run("install the dependencies", install) &&
  ensureBrowser() &&
  succeeds(["node", "node_modules/vitest/vitest.mjs", "run", ...projects], { AD_TURN: "all" });
process.exitCode = ok ? 0 : 1;
