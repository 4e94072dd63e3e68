// npm test: installs what is missing, runs every check, then every test. The last line counts the tests; a failed check counts as a failed test.
import { ensureBrowser } from "./chromium.mjs";
import { install, pnpm, run, runBeside, since, succeeds } from "./run.mjs";
import { turn } from "./turn.mjs";

/** Builds workspaces. @param {string[]} names which: folders, names, and those that are left out */
const build = (...names) => {
  const filters = names.map((name) => `--filter=${name}`);
  return pnpm("exec", "turbo", "run", "build", ...filters, "--continue=dependencies-successful", "--output-logs=new-only");
};

const checksOfSources = [
  { title: "format and lint", command: pnpm("exec", "biome", "ci", "--colors=off", "--error-on-warnings", ".") },
  { title: "import boundaries", command: ["node", "tools/checks/src/boundaries.mjs"] },
  { title: "import cycles", command: ["node", "tools/checks/src/cycles.mjs"] },
  { title: "names and sentences in comments", command: ["node", "tools/checks/src/comments.mjs"] },
];
const now = turn();
const typecheck = { title: "typecheck", command: ["node", "tools/scripts/typecheck.mjs"] };
const packages = { title: "build the packages", command: build("./packages/*") };
const apps = { title: "build the apps", command: build("./apps/*", "!@ad/docs") };
/** It reads the packages' sources, and waits for no build. */
const site = { title: "build the site", command: build("@ad/docs") };
const packed = { title: "pack the packages", command: ["node", "tools/checks/src/pack.mjs"] };
/** They read what is built and packed. */
const checksOfPackages = [
  { title: "bundle sizes", command: ["node", "tools/checks/src/sizes.mjs"] },
  { title: "packed packages: publint, attw", command: ["node", "tools/checks/src/packed.mjs"] },
  {
    title: "install the packed packages into empty projects",
    command: ["node", "tools/checks/src/install.mjs", ...(now === null ? [] : [`${now}`])],
  },
];

/** @type {string[]} */
const failed = [];
const begin = performance.now();

/**
 * Runs checks one after the other, notes those that fail, and returns whether all passed.
 * @param {{ title: string, command: string[] }[]} checks
 */
async function all(checks) {
  let ok = true;
  for (const { title, command } of checks)
    if (!(await runBeside(title, command))) {
      failed.push(title);
      ok = false;
    }
  return ok;
}

/** @param {{ title: string }} reason @param {{ title: string }[]} checks */
const notRun = (reason, checks) => failed.push(...checks.map(({ title }) => `${title} (not run: ${reason.title} failed)`));

async function buildAndCheck() {
  if (!(await all([packages]))) return notRun(packages, [apps, packed, ...checksOfPackages]);
  await all([apps]);
  if (!(await all([packed]))) return notRun(packed, checksOfPackages);
  process.env.AD_PACKED = "1";
  return all(checksOfPackages);
}

if (!run("install the dependencies", install)) {
  console.log("0 passed, 1 failed, 0 skipped");
  process.exit(1);
}
if (!ensureBrowser()) failed.push("a browser");
// The site takes about as long to build as all else takes: they run side by side.
await Promise.all([
  all([site]),
  all(checksOfSources)
    .then(buildAndCheck)
    .then(() => all([typecheck])),
]);

console.log(`\nchecks: ${failed.length === 0 ? "all passed" : `failed: ${failed.join(", ")}`} (${since(begin)})\n\n▶ tests`);
const ok = succeeds(["node", "node_modules/vitest/vitest.mjs", "run"], { AD_FAILED_CHECKS: failed.join("\n") });
process.exitCode = ok && failed.length === 0 ? 0 : 1;
