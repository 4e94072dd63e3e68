// Applies the pending changesets: node tools/scripts/version.mjs. Why not `changeset version` alone: docs/decisions/0004-versions.md.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, succeeds } from "./run.mjs";

const manifests = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name, "package.json"));

/** @param {string} range */
function writePeerRanges(range) {
  for (const file of manifests) {
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    for (const name in manifest.peerDependencies) manifest.peerDependencies[name] = range;
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

writePeerRanges("workspace:>=0.0.0");
let ok = false;
try {
  ok = succeeds(["node", "node_modules/@changesets/cli/bin.js", "version"]);
} finally {
  writePeerRanges("workspace:^");
}
ok &&= succeeds(["node_modules/.bin/biome", "format", "--write", ...manifests]);
process.exitCode = ok ? 0 : 1;
