// Import boundaries: who may depend on whom, what a package may reach of another, and that rules stay in array operations.
import { isMain, lineOf, readModule, report, sources, target, walk, workspaces } from "./workspace.mjs";

/** The dependency graph: what each package's sources may import. Everything else is refused, Node's own modules too. */
const graph = {
  core: ["ndarray"],
  forward: ["@ad/core"],
  vmap: ["@ad/core"],
  functional: ["@ad/core", "@ad/forward", "@ad/vmap"],
  gpu: ["@ad/core"],
  random: ["@ad/core"],
  jit: ["@ad/core"],
  fft: ["@ad/core"],
  sparse: ["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional"],
  solve: ["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional"],
  "eslint-plugin": ["eslint"],
};

/** The one instance that a program may hold: a second copy would not know the first one's arrays. So it is a peer everywhere. */
const peer = "@ad/core";

/** These entries of core are for its siblings and the tools that check them, not for users' code, which apps/ stands for. */
const internals = "@ad/core/internals/";

/** Files in which every rule must be written in array operations only, never in raw data. */
const ruleFiles = /^packages\/((forward|vmap|functional)\/src\/|core\/src\/((.*\/)?(rules|primitives)[^/]*(\.ts$|\/)))/;

const rawData = new Set([
  ..."Int8 Uint8 Uint8Clamped Int16 Uint16 Int32 Uint32 Float32 Float64 BigInt64 BigUint64".split(" ").map((name) => `${name}Array`),
  "ArrayBuffer",
  "SharedArrayBuffer",
  "DataView",
  "ndarray",
]);

const arraysOnly = "a rule is written in array operations, not in raw data";

/** @param {string} specifier */
const packageOf = (specifier) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/**
 * @param {import("./workspace.mjs").Module} module
 * @param {Map<string, import("./workspace.mjs").Manifest>} all every workspace by its path
 * @returns {string[]}
 */
export function problemsOf(module, all) {
  const { path, text, imports, program } = module;
  const [group, name, part] = path.split("/");
  const home = `${group}/${name}`;
  const library = group === "packages" && part === "src";
  const allowed = graph[/** @type {keyof typeof graph} */ (name)] ?? [];
  const entries = new Set(
    [...all.values()].flatMap((manifest) => Object.keys(manifest.exports ?? {}).map((key) => manifest.name + key.slice(1))),
  );
  const names = new Set([...all.values()].map((manifest) => manifest.name));
  /** @type {string[]} */
  const problems = [];
  /** @param {number} line @param {string} message */
  const refuse = (line, message) => problems.push(`${path}:${line}: ${message}`);

  for (const { specifier, line } of imports) {
    if (specifier.startsWith(".")) {
      const file = target(path, specifier);
      if (!file.startsWith(`${home}/`)) refuse(line, `${specifier} leaves ${home}; import the other package by its name`);
      else if (library && !file.startsWith(`${home}/src/`)) refuse(line, `${specifier} leaves src, which is all that is built`);
      if (ruleFiles.test(path) && /^packages\/core\/src\/cpu\//.test(file))
        refuse(line, `${specifier}: a rule is written in array operations, not in CPU kernels`);
      continue;
    }
    const wanted = packageOf(specifier);
    if (library && !allowed.includes(wanted)) refuse(line, `${specifier}: @ad/${name} may import ${allowed.join(", ")} and nothing else`);
    if (names.has(wanted) && !entries.has(specifier)) refuse(line, `${specifier} is not an entry that ${wanted} declares`);
    if (group === "apps" && specifier.startsWith(internals)) refuse(line, `${specifier} is not for users`);
  }

  if (ruleFiles.test(path)) {
    walk(program, (node) => {
      if (node.type === "Identifier" && rawData.has(node.name)) refuse(lineOf(text, node.start), `${node.name}: ${arraysOnly}`);
      const keys =
        node.type === "MemberExpression"
          ? [node.property]
          : node.type === "ObjectPattern"
            ? node.properties.map((/** @type {any} */ each) => each.key)
            : [];
      for (const key of keys) if ((key?.name ?? key?.value) === "data") refuse(lineOf(text, key.start), `.data: ${arraysOnly}`);
    });
  }
  return problems;
}

/**
 * A manifest must say what the graph says, or an installation would not be the one that the sources expect.
 * @param {string} path
 * @param {import("./workspace.mjs").Manifest} manifest
 * @returns {string[]}
 */
export function manifestProblems(path, manifest) {
  if (!path.startsWith("packages/")) return [];
  const problems = [];
  const allowed = graph[/** @type {keyof typeof graph} */ (path.split("/")[1])] ?? [];
  const runtime = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
  for (const name of Object.keys(runtime)) {
    if (!allowed.includes(name.replace("@types/", ""))) problems.push(`${path}/package.json: ${name} is not in the dependency graph`);
  }
  if (manifest.dependencies?.[peer])
    problems.push(`${path}/package.json: ${peer} must be a peer dependency, so that a program holds one copy`);
  if (allowed.includes(peer) && !manifest.peerDependencies?.[peer])
    problems.push(`${path}/package.json: ${peer} is missing in peerDependencies`);
  if (manifest.sideEffects !== false) problems.push(`${path}/package.json: "sideEffects" must be false`);
  return problems;
}

if (isMain(import.meta.url)) {
  const all = workspaces();
  const files = [...all.keys()].flatMap((path) => sources(path));
  report(`boundary violations in ${files.length} files`, [
    ...[...all].flatMap(([path, manifest]) => manifestProblems(path, manifest)),
    ...files.flatMap((path) => problemsOf(readModule(path), all)),
  ]);
}
