// npm run pack: the packages as files that npm installs in any project, for as long as no registry has them.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { install, pnpm, root, run } from "./run.mjs";

const folder = join(root, "tools/checks/dist/packed");
/** @type {[title: string, command: string[]][]} */
const steps = [
  ["install the dependencies", install],
  ["build the packages", pnpm("exec", "turbo", "run", "build", "--filter=./packages/*", "--output-logs=errors-only")],
  ["pack them", ["node", "tools/checks/src/pack.mjs"]],
];

if (steps.every(([title, command]) => run(title, command))) {
  console.log(`\n${readdirSync(folder).length} packages are in ${folder}. In your project, all of them or those that you name:\n`);
  console.log(`npm install ${join(folder, "*.tgz")}`);
} else process.exitCode = 1;
