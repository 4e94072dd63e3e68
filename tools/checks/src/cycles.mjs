// Import cycles inside a package. Type-only imports do not count: nothing of them is left at run time.
import { isMain, readModule, report, sources, target, workspaces } from "./workspace.mjs";

/**
 * One shortest cycle through each file that closes one and that no reported cycle has named yet.
 * @param {import("./workspace.mjs").Module[]} modules
 * @returns {string[][]} each a list of paths, the first repeated at the end
 */
export function cycles(modules) {
  const known = new Set(modules.map(({ path }) => path));
  /** @type {Map<string, string[]>} */
  const edges = new Map();
  for (const { path, imports } of modules) {
    const targets = imports
      .filter(({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly)
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

if (isMain(import.meta.url)) {
  report(
    "import cycles",
    [...workspaces().keys()]
      .flatMap((path) => cycles(sources(`${path}/src`).map((file) => readModule(file))))
      .map((cycle) => cycle.join("\n  → ")),
  );
}
