// npm run release:dry: all that a release does but publishing, in a clone that is thrown away; then everything that can be known of the packages
// before strangers have them. Options: --allow-missing-node where npm has no Node 22 or 24 for this machine, --keep to look at the clone.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pnpm, quiet, root, since } from "./run.mjs";

const options = process.argv.slice(2);
const unknown = options.find((option) => !["--allow-missing-node", "--keep"].includes(option));
if (unknown) {
  console.error(`release: there is no option ${unknown}; there are --allow-missing-node and --keep.`);
  process.exit(2);
}

/** @typedef {{ title: string, command: string[], detail?: (output: string) => string }} Step */

const clone = mkdtempSync(join(tmpdir(), "ad-release-"));
const check = (/** @type {string} */ name, /** @type {string[]} */ ...args) => ["node", `tools/checks/src/${name}.mjs`, ...args];

/** The path of the browser, once it is known. */
let browser = process.env.CHROMIUM_PATH ?? "";

/** Returns the last line of a check, which says its result. @param {string} output */
const lastLine = (output) => output.trim().split("\n").at(-1)?.trim() ?? "";

const manifest = (/** @type {string} */ name) => JSON.parse(readFileSync(join(clone, "packages", name, "package.json"), "utf8"));

function versions() {
  const names = readdirSync(join(clone, "packages"));
  const found = [...new Set(names.map((name) => manifest(name).version))];
  if (found.length > 1) throw new Error(`the packages have different versions: ${found.join(", ")}`);
  const changed = git("status", "--porcelain").split("\n").filter(Boolean);
  if (changed.length === 0) return `no changesets are pending: ${found[0]} as it stands`;
  const stray = changed.filter((line) => !/ (packages\/[^/]+\/(package\.json|CHANGELOG\.md)|\.changeset\/[^/]+\.md)$/.test(line));
  if (stray.length > 0) throw new Error(`versioning has changed more than versions and changelogs:\n${stray.join("\n")}`);
  return `${found[0]}, ${changed.filter((line) => line.endsWith("CHANGELOG.md")).length} changelogs`;
}

/** @param {string[]} args */
const git = (...args) => spawnSync("git", ["-C", clone, ...args], { encoding: "utf8" }).stdout;

/** Each needs the one before it. @type {Step[]} */
const release = [
  {
    title: "clone what is committed",
    command: ["git", "clone", "--quiet", root, clone],
    detail: () => git("log", "-1", "--format=%h %s").trim(),
  },
  { title: "install", command: pnpm("install", "--frozen-lockfile"), detail: () => "from the lockfile" },
  { title: "version", command: ["node", "tools/scripts/version.mjs"], detail: versions },
  { title: "build", command: pnpm("exec", "turbo", "run", "build", "--filter=./packages/*", "--output-logs=new-only") },
  { title: "pack", command: check("pack"), detail: lastLine },
];

/** Each stands for itself, but for the page, which needs the browser. @type {Step[]} */
const checks = [
  { title: "boundaries", command: check("boundaries"), detail: lastLine },
  { title: "contents", command: check("contents"), detail: lastLine },
  { title: "publint, attw", command: check("packed"), detail: lastLine },
  { title: "sizes", command: check("sizes"), detail: lastLine },
  { title: "licences", command: check("licences"), detail: lastLine },
  { title: "exports on Node", command: check("nodes", ...options.filter((option) => option === "--allow-missing-node")), detail: lastLine },
  { title: "bundlers", command: check("bundlers"), detail: lastLine },
  { title: "browser", command: ["node", "tools/scripts/chromium.mjs"], detail: (output) => (browser = output.split("\n").at(-2) ?? "") },
  { title: "page", command: check("page"), detail: lastLine },
  { title: "Firefox", command: check("firefox"), detail: lastLine },
  { title: "other runtimes", command: check("runtimes"), detail: lastLine },
  { title: "selective installs", command: check("install"), detail: lastLine },
];

/**
 * One line: whether it went well, what there is to say, how long it took. The output of a failed step comes before it.
 * @param {Step} step
 */
async function take({ title, command, detail = () => "" }) {
  const begin = performance.now();
  let output = "";
  const child = spawn(command[0], command.slice(1), {
    cwd: title.startsWith("clone") ? root : clone,
    env: { ...process.env, ...quiet, CI: "true", CHROMIUM_PATH: browser, AD_PACKED: title === "pack" ? "" : "1" },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const status = await new Promise((resolve) => child.on("error", (error) => resolve((output += error.message))).on("close", resolve));
  let ok = status === 0;
  let said = "";
  try {
    if (ok) said = detail(output);
  } catch (error) {
    ok = false;
    output += error instanceof Error ? error.message : error;
  }
  if (!ok) console.log(output.trimEnd());
  console.log(`${ok ? "✔" : "✘"} ${title.padEnd(24)}${since(begin).padStart(8)}  ${said}`.trimEnd());
  return ok;
}

const begin = performance.now();
/** @type {string[]} */
const failed = [];
for (const step of release) {
  if (await take(step)) continue;
  failed.push(step.title);
  break;
}
if (failed.length === 0) for (const step of checks) if (!(await take(step))) failed.push(step.title);

if (options.includes("--keep")) console.log(`the clone: ${clone}`);
else rmSync(clone, { recursive: true, force: true });
console.log(failed.length === 0 ? `ready to publish (${since(begin)})` : `not ready: ${failed.join(", ")} (${since(begin)})`);
process.exitCode = failed.length === 0 ? 0 : 1;
