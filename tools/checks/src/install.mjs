// Installs the packed packages with plain npm into empty projects outside the repository, and uses them there as a stranger would.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "./pack.mjs";
import { isMain, tsc } from "./workspace.mjs";

/** What every project's script starts with. */
const preamble = `
const close = (actual, expected, what) => {
  const a = [actual].flat(9), b = [expected].flat(9);
  const same = a.length === b.length && a.every((each, i) => Math.abs(each - b[i]) <= 1e-12 * Math.max(1, Math.abs(b[i])));
  if (!same) throw new Error(what + ": expected " + JSON.stringify(expected) + ", got " + JSON.stringify(actual));
};
`;

/**
 * @typedef {object} Project
 * @property {string} title
 * @property {string[]} install the packages that the user names
 * @property {string[]} present what stands in node_modules/@ad afterwards
 * @property {string} script an ES module for node
 * @property {string} [types] a TypeScript module that must compile
 */

/** @type {Project[]} */
export const projects = [
  {
    title: "core alone: grad",
    install: ["core"],
    present: ["core"],
    script: `
import { array, grad } from "@ad/core";
const x = array([0.5, 1, 2]);
close(grad((x) => x.mul(x).sin().sum())(x).toArray(), [0.5, 1, 2].map((x) => 2 * x * Math.cos(x * x)), "grad");
`,
  },
  {
    title: "core and forward: jvp",
    install: ["core", "forward"],
    present: ["core", "forward"],
    script: `
import { array } from "@ad/core";
import { jvp } from "@ad/forward";
const [out, tangent] = jvp((x, y) => x.mul(y).exp(), [array([1, 2]), array([0.5, 0.25])], [array([1, 0]), array([0, 1])]);
close(out.toArray(), [Math.exp(0.5), Math.exp(0.5)], "primal");
close(tangent.toArray(), [0.5 * Math.exp(0.5), 2 * Math.exp(0.5)], "tangent");
`,
    types: `
import { array, type NDArray } from "@ad/core";
import { jvp } from "@ad/forward";
const [out, tangent] = jvp((x: NDArray) => x.sin(), [array([1, 2])], [array([1, 0])]);
export const both: readonly [NDArray, NDArray] = [out, tangent];
// @ts-expect-error: jvp's result is an array, not a number
export const wrong: number = tangent;
`,
  },
  {
    title: "functional: jacobian",
    install: ["core", "functional"],
    present: ["core", "forward", "functional", "vmap"],
    script: `
import { array, stack } from "@ad/core";
import { jacobian } from "@ad/functional";
const f = (x) => x.slice([0, 2]).mul(x.slice([1, 3])).sin();
const x = [0.5, 1, 2];
const expected = [0, 1].map((i) => x.map((_, j) => (j === i ? x[i + 1] : j === i + 1 ? x[i] : 0) * Math.cos(x[i] * x[i + 1])));
for (const vectorize of [true, false]) close(jacobian(f, { vectorize })(array(x)).toArray(), expected, "jacobian, vectorize " + vectorize);
`,
  },
];

/** @param {string} folder @param {string} command @param {string[]} args */
const execute = (folder, command, args) =>
  execFileSync(command, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    shell: process.platform === "win32" && command === "npm",
  });

/**
 * @param {Project} project
 * @param {Map<string, string>} tarballs
 */
export function tryOut(project, tarballs) {
  const folder = mkdtempSync(join(tmpdir(), "ad-install-"));
  try {
    // Until a release stands in the registry, npm must be told where the siblings are; it installs of them what is named or depended on.
    const overrides = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
    const dependencies = Object.fromEntries(project.install.map((name) => [`@ad/${name}`, overrides[`@ad/${name}`]]));
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ name: "stranger", version: "1.0.0", private: true, type: "module", dependencies, overrides }),
    );
    execute(folder, "npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]);

    const present = readdirSync(join(folder, "node_modules/@ad")).sort();
    if (present.join() !== project.present.join())
      throw new Error(`installed ${present.join(", ")} instead of ${project.present.join(", ")}`);
    for (const name of present) {
      if (existsSync(join(folder, "node_modules/@ad", name, "node_modules/@ad")))
        throw new Error(`@ad/${name} brings a second copy of its sibling`);
    }

    writeFileSync(join(folder, "index.js"), preamble + project.script);
    execute(folder, process.execPath, ["index.js"]);
    if (project.types === undefined) return;
    const compilerOptions = {
      strict: true,
      module: "NodeNext",
      target: "ES2022",
      lib: ["ES2022"],
      types: [],
      noEmit: true,
      skipLibCheck: false,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
    writeFileSync(join(folder, "index.ts"), project.types);
    execute(folder, process.execPath, [tsc, "-p", "."]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  const tarballs = pack();
  for (const project of projects) {
    try {
      tryOut(project, tarballs);
      console.log(`  ✔ ${project.title}`);
    } catch (error) {
      const { message, stdout = "", stderr = "" } = /** @type {any} */ (error);
      console.error(`  ✘ ${project.title}\n${message}\n${stdout}${stderr}`);
      process.exitCode = 1;
    }
  }
}
