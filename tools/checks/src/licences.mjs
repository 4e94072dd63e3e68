// Licences: what comes with the published packages must be as free as they are; what they are made with must let them be.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "./pack.mjs";
import { inProject, installed, shortNames } from "./stranger.mjs";
import { isMain, readJson, report, root } from "./workspace.mjs";

/** A user of an MIT package may take these along without a second thought. */
const permissive = ["MIT", "MIT-0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0", "CC0-1.0", "Unlicense"];

/** Tools that are run, and never handed on: terms that bind only who changes or redistributes them. */
const forTools = [...permissive, "MPL-2.0", "Python-2.0", "CC-BY-3.0", "CC-BY-4.0", "Zlib", "Artistic-2.0"];

/**
 * Returns whether an SPDX expression offers a licence of the list: all parts of an AND, one of an OR.
 * @param {string} expression
 * @param {readonly string[]} list
 * @returns {boolean}
 */
export function allows(expression, list) {
  const bare = expression.trim().replace(/^\(([^()]*)\)$/, "$1");
  if (/\sOR\s/.test(bare)) return bare.split(/\sOR\s/).some((part) => allows(part, list));
  if (/\sAND\s/.test(bare)) return bare.split(/\sAND\s/).every((part) => allows(part, list));
  return list.includes(bare);
}

/** @typedef {{ name: string, version: string, licence: string }} Package */

/** The MIT license is known by its first and last clause. @param {string} folder @param {string} file */
const inText = (folder, file) => {
  const text = existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  return /permission is hereby granted, free of charge/i.test(text) && /the software is provided "as is"/i.test(text)
    ? "MIT"
    : `see ${file}`;
};

/** @param {string} folder @returns {Package} */
function packageIn(folder) {
  const { name, version, license, licenses } = readJson(join(folder, "package.json"));
  const licence = [license ?? licenses]
    .flat()
    .map((each) => String(each?.type ?? each ?? "none said").replace(/ \(http\S*\)$/, ""))
    .map((said) => (/^SEE LICEN[CS]E IN /.test(said) ? inText(folder, said.split(" ")[3]) : said));
  return { name, version, licence: licence.join(" OR ") };
}

/** @param {readonly Package[]} packages @param {readonly string[]} list @param {string} use */
export const unfit = (packages, list, use) =>
  packages.filter(({ licence }) => !allows(licence, list)).map(({ name, version, licence }) => `${name}@${version}: ${licence}, ${use}`);

/** Everything that pnpm has installed for this repository. @returns {Package[]} */
function tools() {
  const store = join(root, "node_modules/.pnpm");
  /** @param {string} folder @returns {string[]} */
  const packages = (folder) =>
    readdirSync(folder).flatMap((name) => (name.startsWith("@") ? packages(join(folder, name)) : [join(folder, name)]));
  const folders = readdirSync(store)
    .map((name) => join(store, name, "node_modules"))
    .filter((folder) => existsSync(folder))
    .flatMap(packages)
    .filter((folder) => existsSync(join(folder, "package.json")));
  const found = new Map(folders.map(packageIn).map((each) => [`${each.name}@${each.version}`, each]));
  return [...found.values()].filter(({ name }) => name && !name.startsWith("@ad/"));
}

/** @param {readonly Package[]} packages */
const summary = (packages) => {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { licence } of packages) counts[licence] = (counts[licence] ?? 0) + 1;
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([licence, count]) => `${count} ${licence}`)
    .join(", ");
};

if (isMain(import.meta.url)) {
  const tarballs = pack();
  const shipped = await inProject(tarballs, shortNames(tarballs), {}, (folder) => installed(folder).map(packageIn));
  const used = tools();
  console.log(`  an installation of all packages: ${shipped.map(({ name }) => name).join(", ")}: ${summary(shipped)}`);
  console.log(`  tools, which are not handed on: ${summary(used)}`);
  report(`licences that do not fit, of ${shipped.length} packages handed on and ${used.length} tools`, [
    ...unfit(shipped, permissive, "which users of MIT packages do not expect"),
    ...unfit(used, forTools, "which does not fit a tool of an MIT project, or was not thought about yet"),
  ]);
}
