// Empties a package's output folder, so that a deleted source leaves no stale file behind: node clean.mjs dist
import { rmSync } from "node:fs";

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true });
