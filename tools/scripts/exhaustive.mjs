// npm run exhaustive: all tests, and all parts of the proofs of which npm test makes one part (tools/expect/src/turns.ts).
import { ensureBrowser } from "./chromium.mjs";
import { install, pnpm, run, succeeds } from "./run.mjs";

const ok =
  run("install the dependencies", install) &&
  ensureBrowser() &&
  // The tests of the site read its built pages.
  run("build the packages and apps", pnpm("exec", "turbo", "run", "build", "--output-logs=new-only")) &&
  run("install the packed packages into empty projects", ["node", "tools/checks/src/install.mjs"]) &&
  succeeds(["node", "node_modules/vitest/vitest.mjs", "run"], { AD_TURN: "all" });
process.exitCode = ok ? 0 : 1;
