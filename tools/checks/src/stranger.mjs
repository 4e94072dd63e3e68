// A stranger's project: a folder outside the repository, into which plain npm installs packed packages.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @param {string} folder @param {string} command @param {string[]} args */
export const execute = (folder, command, args) =>
  execFileSync(command, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    shell: process.platform === "win32" && /^np[mx]$/.test(command),
  });

/**
 * A project with the named packages of ours and others, for as long as `use` takes.
 * @template T
 * @param {Map<string, string>} tarballs
 * @param {string[]} names of ours: "core"
 * @param {Record<string, string>} others ranges by name
 * @param {(folder: string) => T | Promise<T>} use
 * @returns {Promise<T>}
 */
export async function inProject(tarballs, names, others, use) {
  const folder = mkdtempSync(join(tmpdir(), "ad-stranger-"));
  try {
    // Until a release stands in the registry, npm must be told where the siblings are; it installs of them what is named or depended on.
    const overrides = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
    const dependencies = { ...Object.fromEntries(names.map((name) => [`@ad/${name}`, overrides[`@ad/${name}`]])), ...others };
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name: "stranger", version: "1.0.0", private: true, type: "module", dependencies, overrides }),
    );
    execute(folder, "npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every published package by its short name. @param {Map<string, string>} tarballs */
export const shortNames = (tarballs) => [...tarballs.keys()].map((name) => name.replace("@ad/", ""));

/** All packages below a project's node_modules, as paths of their folders. @param {string} folder @returns {string[]} */
export const installed = (folder) =>
  readdirSync(join(folder, "node_modules"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === "package.json" && /node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+$/.test(entry.parentPath))
    .map((entry) => entry.parentPath);

/** A small program that uses every package, and what it prints. */
export const program = {
  code: `import { array, grad } from "@ad/core";
import { fft } from "@ad/fft";
import { jvp } from "@ad/forward";
import { jacobian } from "@ad/functional";
import { webgl } from "@ad/gpu";
import { jit } from "@ad/jit";
import { key, randint } from "@ad/random";
import { root } from "@ad/solve";
import { sparseJacobian } from "@ad/sparse";
import { vmap } from "@ad/vmap";
const x = array([1, 2]);
const square = (a) => a.square();
export const result = JSON.stringify([
  grad((a) => square(a).sum())(x).toArray(),
  jvp(square, [x], [array([1, 0])])[1].toArray(),
  jacobian(square)(x).toArray(),
  vmap(grad(square))(x).toArray(),
  jit(square)(x).toArray(),
  typeof webgl,
  randint(key(0), [3], 0, 10).toArray(),
  sparseJacobian(square)(x).values.toArray(),
  root((a) => a.sub(2), 0).x.toArray(),
  fft(x).re.toArray(),
]);
`,
  prints: `[[2,4],[2,0],[[2,0],[0,4]],[2,4],[1,4],"function",[9,0,2],[2,4],2,[3,-1]]`,
};

/**
 * Runs checks one after the other, says how each went, and sets the exit code.
 * @param {Iterable<readonly [title: string, check: () => unknown]>} checks a check may return what is worth saying
 */
export async function each(checks) {
  for (const [title, check] of checks) {
    try {
      const said = await check();
      console.log(`  ✔ ${title}${said ? `: ${said}` : ""}`);
    } catch (error) {
      const { message, stdout = "", stderr = "" } = /** @type {any} */ (error);
      console.error(`  ✘ ${title}\n${message}\n${stdout}${stderr}`);
      process.exitCode = 1;
    }
  }
}
