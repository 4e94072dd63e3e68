// npm test: installs what is missing, runs every check, then every test. The last line counts the tests; a failed check counts as a failed test.
import { ensureBrowser } from "./chromium.mjs";
import { install, pnpm, run, since, succeeds } from "./run.mjs";

const checks = [
  { title: "format and lint", command: pnpm("exec", "biome", "ci", "--colors=off", "--error-on-warnings", ".") },
  { title: "import boundaries", command: ["node", "tools/checks/src/boundaries.mjs"] },
  { title: "import cycles", command: ["node", "tools/checks/src/cycles.mjs"] },
  { title: "names in comments", command: ["node", "tools/checks/src/comments.mjs"] },
  {
    title: "typecheck",
    command: pnpm("exec", "turbo", "run", "typecheck", "--continue=dependencies-successful", "--output-logs=new-only"),
  },
];
const checksOfBuild = [
  { title: "bundle sizes", command: ["node", "tools/checks/src/sizes.mjs"] },
  { title: "packed packages: publint, attw", command: ["node", "tools/checks/src/packed.mjs"] },
  { title: "install the packed packages into empty projects", command: ["node", "tools/checks/src/install.mjs"] },
];

/** @type {string[]} */
const failed = [];
const begin = performance.now();

if (!run("install the dependencies", install)) {
  console.log("0 passed, 1 failed, 0 skipped");
  process.exit(1);
}
if (!ensureBrowser()) failed.push("a browser");
for (const { title, command } of checks) if (!run(title, command)) failed.push(title);
if (
  run("build the packages and apps", pnpm("exec", "turbo", "run", "build", "--continue=dependencies-successful", "--output-logs=new-only"))
) {
  for (const { title, command } of checksOfBuild) if (!run(title, command)) failed.push(title);
} else {
  failed.push("build", ...checksOfBuild.map(({ title }) => `${title} (not run: the build failed)`));
}

console.log(`\nchecks: ${failed.length === 0 ? "all passed" : `failed: ${failed.join(", ")}`} (${since(begin)})\n\n▶ tests`);
const ok = succeeds(["node", "node_modules/vitest/vitest.mjs", "run"], { AD_FAILED_CHECKS: failed.join("\n") });
process.exitCode = ok && failed.length === 0 ? 0 : 1;
