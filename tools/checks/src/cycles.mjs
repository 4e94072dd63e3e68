// Import cycles inside a package: none at run time. Files whose types need each other are let be where they are one thing in several files,
// which are the folders of `entangled`.
import { isMain, readModule, report, sources, target, workspaces } from "./workspace.mjs";

/** Folders whose files may import each other's types: arrays and the engine that computes with them. */
const entangled = ["packages/core/src/engine/", "packages/core/src/array/"];

/**
 * One shortest cycle through each file that closes one and that no reported cycle has named yet.
 * @param {import("./workspace.mjs").Module[]} modules
 * @param {{ types?: boolean }} [options] whether imports of types count, which are nothing at run time
 * @returns {string[][]} each a list of paths, the first repeated at the end
 */
export function cycles(modules, { types = false } = {}) {
  const known = new Set(modules.map(({ path }) => path));
  /** @type {Map<string, string[]>} */
  const edges = new Map();
  for (const { path, imports } of modules) {
    const targets = imports
      .filter(({ specifier, typeOnly }) => specifier.startsWith(".") && (types || !typeOnly))
      .map(({ specifier }) => target(path, specifier));
    edges.set(
      path,
      targets.filter((each) => known.has(each)),
    );
  }
  /** @type {string[][]} */
  const found = [];
  const named = new Set();
  for (const start of edges.keys()) {
    if (named.has(start)) continue;
    const cycle = shortest(edges, start);
    if (!cycle) continue;
    found.push(cycle);
    for (const path of cycle) named.add(path);
  }
  return found;
}

/**
 * Breadth first from a file back to itself.
 * @param {Map<string, string[]>} edges
 * @param {string} start
 */
function shortest(edges, start) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map();
  const queue = [start];
  for (const path of queue) {
    for (const next of edges.get(path) ?? []) {
      if (next === start) {
        const cycle = [start];
        for (let at = path; at !== start; at = /** @type {string} */ (cameFrom.get(at))) cycle.unshift(at);
        return [start, ...cycle];
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return null;
}

/**
 * The cycles of types that leave the entangled folders. Through a file outside of them there is one if and only if there is one that names it.
 * @param {import("./workspace.mjs").Module[]} modules
 */
export const strayCycles = (modules) =>
  cycles(modules, { types: true }).filter((cycle) => !cycle.every((path) => entangled.some((folder) => path.startsWith(folder))));

if (isMain(import.meta.url)) {
  const packages = [...workspaces().keys()].map((path) => sources(`${path}/src`).map((file) => readModule(file)));
  /** @param {string[]} cycle */
  const show = (cycle) => cycle.join("\n  → ");
  report("import cycles", packages.flatMap((modules) => cycles(modules)).map(show));
  report("cycles of types outside of engine/ and array/", packages.flatMap(strayCycles).map(show));
}
