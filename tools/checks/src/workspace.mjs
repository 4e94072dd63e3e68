// The repository as the checks know it: its packages, their sources, and the imports of each source.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** @typedef {{ specifier: string, typeOnly: boolean, line: number }} Import */
/** @typedef {{ path: string, text: string, imports: Import[], program: import("oxc-parser").Program }} Module */
/** @typedef {Record<string, any>} Manifest */

/** @param {string} file @returns {any} */
export const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/**
 * Every workspace folder with its manifest, by path relative to the root: "packages/core".
 * @param {string} [base]
 * @returns {Map<string, Manifest>}
 */
export function workspaces(base = root) {
  const found = new Map();
  for (const group of ["packages", "apps", "tools"]) {
    if (!existsSync(join(base, group))) continue;
    for (const name of readdirSync(join(base, group)).sort()) {
      const manifest = join(base, group, name, "package.json");
      if (existsSync(manifest)) found.set(`${group}/${name}`, readJson(manifest));
    }
  }
  return found;
}

/** The packages that are published. @returns {Map<string, Manifest>} */
export const published = () => new Map([...workspaces()].filter(([path, manifest]) => path.startsWith("packages/") && !manifest.private));

/** The modules that users import: of each its name and its file, below node_modules. */
export const entries = () =>
  [...published().values()].flatMap(({ name, exports }) =>
    Object.entries(exports).flatMap(([key, { default: file }]) =>
      file ? [{ entry: name + key.slice(1), file: `${name}/${file.slice(2)}` }] : [],
    ),
  );

/**
 * TypeScript and JavaScript sources below a folder, as paths relative to the base with forward slashes.
 * @param {string} folder
 * @param {string} [base]
 * @returns {string[]}
 */
export function sources(folder, base = root) {
  // Files under kernels are AssemblyScript.
  const skipped = /(^|\/)(node_modules|dist|api|\.vitepress\/(cache|\.temp))\/|^packages\/[^/]+\/kernels\/.*\.ts$/;
  if (!existsSync(join(base, folder))) return [];
  return readdirSync(join(base, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(m?ts|m?js)$/.test(entry.name))
    .map((entry) => relative(base, join(entry.parentPath, entry.name)).split(sep).join(posix.sep))
    .filter((path) => !skipped.test(path))
    .sort();
}

/**
 * @param {any} node
 * @param {(node: any) => void} visit
 */
export function walk(node, visit) {
  if (Array.isArray(node)) for (const each of node) walk(each, visit);
  else if (node !== null && typeof node === "object") {
    if (typeof node.type === "string") visit(node);
    for (const key in node) walk(node[key], visit);
  }
}

/** @param {string} text @param {number} offset */
export const lineOf = (text, offset) => text.slice(0, offset).split("\n").length;

/**
 * @param {string} path
 * @param {string} text
 * @returns {Module}
 */
export function parse(path, text) {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  /** @type {Import[]} */
  const imports = [];
  walk(program, (node) => {
    const source = node.source ?? (node.type === "TSExternalModuleReference" ? node.expression : null);
    if (typeof source?.value !== "string") return;
    // Only `import type` and `export type` leave nothing behind: under verbatimModuleSyntax `import { type A }` still loads its module.
    const typeOnly = node.type === "TSImportType" || (node.importKind ?? node.exportKind) === "type";
    imports.push({ specifier: source.value, typeOnly, line: lineOf(text, source.start) });
  });
  return { path, text, imports, program };
}

/** @param {string} path @param {string} [base] */
export const readModule = (path, base = root) => parse(path, readFileSync(join(base, path), "utf8"));

/** The file, relative to the root, that a relative specifier means; sources are imported by the names of what they become, with .js. @param {string} from @param {string} specifier */
export const target = (from, specifier) => posix.join(posix.dirname(from), specifier).replace(/\.(m?)js$/, ".$1ts");

/**
 * Prints what a check found and sets the exit code.
 * @param {string} what
 * @param {string[]} problems
 */
export function report(what, problems) {
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? `${what}: none` : `${what}: ${problems.length}`);
  if (problems.length > 0) process.exitCode = 1;
}

/** @param {string} name the package of a compiler */
function compiler(name) {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return join(dirname(manifest), readJson(manifest).bin.tsc);
}
/** The compiler's command line, to be run by node. */
export const tsc = compiler("typescript");
/** The same of the smallest version that the packages' types are promised to compile with. */
export const oldestTsc = compiler("typescript-5.4");

/** Returns whether a module is the one that node was started with. @param {string} url */
export const isMain = (url) => process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(url);
