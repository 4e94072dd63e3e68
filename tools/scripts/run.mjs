// Shared by the scripts beside it: runs one command of a list, and says what it is, how it ended and how long it took.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** pnpm itself comes through npx, in the version that package.json names: Node and npm are all a machine needs. */
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** @param {string[]} args */
export const pnpm = (...args) => ["npx", "--yes", packageManager, ...args];

export const install = pnpm("install", "--frozen-lockfile");

/** Prefers npm's and pnpm's caches to the network. */
export const quiet = {
  npm_config_prefer_offline: "true",
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  NPM_CONFIG_UPDATE_NOTIFIER: "false",
};

/**
 * Runs a command in the repository's root and returns whether it succeeded.
 * @param {string[]} command
 * @param {Record<string, string>} [extraEnv]
 */
export function succeeds(command, extraEnv = {}) {
  const shell = process.platform === "win32";
  const { status, error } = spawnSync(command[0], command.slice(1), {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...quiet, ...extraEnv },
    shell,
  });
  if (error) console.error(error.message);
  return status === 0;
}

/** @param {number} begin */
export const since = (begin) => `${((performance.now() - begin) / 1000).toFixed(1)} s`;

/**
 * The same, with a line before it and one after it.
 * @param {string} title
 * @param {string[]} command
 */
export function run(title, command) {
  const begin = performance.now();
  console.log(`\n▶ ${title}`);
  const ok = succeeds(command);
  console.log(`${ok ? "✔" : "✘"} ${title} (${since(begin)})`);
  return ok;
}

/**
 * The same for a command that runs beside others: its output is shown whole when it has ended.
 * @param {string} title
 * @param {string[]} command
 * @returns {Promise<boolean>}
 */
export function runBeside(title, command) {
  const begin = performance.now();
  const shell = process.platform === "win32";
  const child = spawn(command[0], command.slice(1), {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...quiet },
    shell,
  });
  /** @type {Buffer[]} */
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => output.push(part));
  child.on("error", (error) => output.push(Buffer.from(`${error.message}\n`)));
  return new Promise((resolve) =>
    child.on("close", (status) => {
      const ok = status === 0;
      console.log(`\n▶ ${title}\n${Buffer.concat(output)}${ok ? "✔" : "✘"} ${title} (${since(begin)})`);
      resolve(ok);
    }),
  );
}
