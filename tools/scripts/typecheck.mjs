// npm run typecheck: the strict type check of every package and its tests. One run of the compiler makes it: a source that many packages import is read once.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root, succeeds } from "./run.mjs";

const projects = ["packages", "apps", "tools"]
  .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}/tsconfig.json`))
  .filter((file) => existsSync(join(root, file)));
process.exitCode = succeeds(["node", "node_modules/typescript/bin/tsc", "--build", ...projects]) ? 0 : 1;
