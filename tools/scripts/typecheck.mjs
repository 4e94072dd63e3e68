// npm run typecheck: the strict type check of every package and its tests. Workspaces with the same options are one program: most of them read
// each other's sources, which are checked once then.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, succeeds } from "./run.mjs";

/** The workspaces' folders by the options of their tsconfig.json. @type {Map<string, string[]>} */
const alike = new Map();
const read = (/** @type {string} */ folder) => JSON.parse(readFileSync(join(folder, "tsconfig.json"), "utf8"));
for (const group of ["packages", "apps", "tools"])
  for (const name of readdirSync(join(root, group))) {
    const folder = join(root, group, name);
    if (!existsSync(join(folder, "tsconfig.json"))) continue;
    const { include: _, ...options } = read(folder);
    const key = JSON.stringify(options);
    alike.set(key, [...(alike.get(key) ?? []), folder]);
  }

const programs = [...alike].map(([key, folders], i) => {
  if (folders.length === 1) return folders[0];
  const options = JSON.parse(key);
  const include = folders.flatMap((folder) => read(folder).include.map((/** @type {string} */ path) => join(folder, path)));
  const config = JSON.stringify({ ...options, extends: join(folders[0], options.extends), include });
  const place = join(root, "node_modules/.cache/ad-typecheck", `${i}`);
  const file = join(place, "tsconfig.json");
  mkdirSync(place, { recursive: true });
  // A file that is written anew would be compiled anew.
  if (!existsSync(file) || readFileSync(file, "utf8") !== config) writeFileSync(file, config);
  return place;
});
// Each of several threads would find out many types anew, and npm test has other work for the second core.
process.exitCode = succeeds(["node", "node_modules/typescript/bin/tsc", "--build", "--singleThreaded", ...programs]) ? 0 : 1;
