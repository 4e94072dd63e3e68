// npm run release:publish: builds, packs, and publishes what npm does not have yet. For the release workflow; npm run release:dry tries all else.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pnpm, root, succeeds } from "./run.mjs";

/** Provenance ties a package to its repository, whose address the workflow knows. */
const repository = process.env.GITHUB_REPOSITORY && `git+https://github.com/${process.env.GITHUB_REPOSITORY}.git`;
const provenance = process.env.GITHUB_ACTIONS ? ["--provenance"] : [];

const packages = readdirSync(join(root, "packages"));
/** @param {string} name */
const fileOf = (name) => join(root, "packages", name, "package.json");
/** @param {string} name */
const manifestOf = (name) => JSON.parse(readFileSync(fileOf(name), "utf8"));

/** @param {string} spec */
const isPublished = (spec) => spawnSync("npm", ["view", spec, "version"], { encoding: "utf8" }).stdout.trim() !== "";

function publish() {
  if (!succeeds(pnpm("exec", "turbo", "run", "build", "--filter=./packages/*", "--output-logs=new-only"))) return false;
  const before = new Map(packages.map((name) => [name, readFileSync(fileOf(name), "utf8")]));
  try {
    for (const name of packages) {
      const directory = `packages/${name}`;
      const manifest = repository ? { ...manifestOf(name), repository: { type: "git", url: repository, directory } } : manifestOf(name);
      writeFileSync(fileOf(name), `${JSON.stringify(manifest, null, 2)}\n`);
    }
    if (!succeeds(["node", "tools/checks/src/pack.mjs"])) return false;
  } finally {
    for (const [name, text] of before) writeFileSync(fileOf(name), text);
  }
  // A package that others build on comes first, so that nobody can install a package whose sibling is not there.
  for (const short of ["core", ...packages.filter((name) => name !== "core" && name !== "functional"), "functional"]) {
    const { name, version } = manifestOf(short);
    if (isPublished(`${name}@${version}`)) {
      console.log(`${name}@${version} is published already`);
      continue;
    }
    const tarball = `tools/checks/dist/packed/${name.slice(1).replace("/", "-")}-${version}.tgz`;
    if (!succeeds(["npm", "publish", tarball, "--access", "public", ...provenance])) return false;
    execFileSync("git", ["tag", `${name}@${version}`], { cwd: root });
    // changesets/action reads these lines, pushes the tags, and makes releases of them.
    console.log(`New tag: ${name}@${version}`);
  }
  return true;
}

process.exitCode = publish() ? 0 : 1;
