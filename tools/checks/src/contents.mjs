// The contents of a tarball: all that a user needs, and nothing else.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { pack } from "./pack.mjs";
import { execute } from "./stranger.mjs";
import { isMain, readJson, report, root } from "./workspace.mjs";

const expected = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.*\.(js|js\.map|d\.ts|d\.ts\.map)|src\/.*\.ts)$/;
const required = ["package.json", "README.md", "LICENSE"];

/** @param {unknown} value @returns {string[]} the files that an entry of `exports` names */
const files = (value) => (typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(files));

/**
 * @param {string} tarball
 * @returns {string[]}
 */
export function strays(tarball) {
  const folder = mkdtempSync(join(tmpdir(), "ad-contents-"));
  try {
    execute(folder, "tar", ["-xzf", tarball]);
    const base = join(folder, "package");
    const paths = readdirSync(base, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(base, join(entry.parentPath, entry.name)).split(sep).join("/"));
    const manifest = readJson(join(base, "package.json"));
    /** @param {string} what */
    const named = (what) => `${manifest.name}: ${what}`;
    return [
      ...paths.filter((path) => !expected.test(path)).map((path) => named(`${path} is a stray file`)),
      ...required.filter((path) => !paths.includes(path)).map((path) => named(`${path} is missing`)),
      ...files(manifest.exports)
        .filter((path) => !existsSync(join(base, path)))
        .map((path) => named(`exports name ${path}, which is not there`)),
      ...Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
        .filter(([, range]) => /^(workspace|catalog|file|link):/.test(String(range)))
        .map(([name, range]) => named(`depends on ${name} ${range}, which means nothing outside`)),
      ...paths
        .filter((path) => path.endsWith(".map"))
        .flatMap((path) =>
          readJson(join(base, path))
            .sources.filter((/** @type {string} */ source) => !existsSync(join(base, dirname(path), source)))
            .map((/** @type {string} */ source) => named(`${path} maps to ${source}, which is not there`)),
        ),
      ...paths
        .filter((path) => readFileSync(join(base, path), "utf8").includes(root))
        .map((path) => named(`${path} names a folder of ours`)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  const tarballs = [...pack().values()];
  report(`stray, missing or misleading files in ${tarballs.length} tarballs`, tarballs.flatMap(strays));
}
