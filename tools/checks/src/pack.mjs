// Packs the published packages as a release would, workspace ranges replaced, into tools/checks/dist/packed.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isMain, published, readJson, root } from "./workspace.mjs";

const folder = join(root, "tools/checks/dist/packed");

/**
 * The tarball of each package, by the package's name. AD_PACKED=1 takes those that are there, for several checks in a row.
 * @returns {Map<string, string>}
 */
export function pack() {
  const packages = [...published().values()];
  if (!process.env.AD_PACKED) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const { packageManager } = readJson(join(root, "package.json"));
    const filters = packages.flatMap(({ name }) => ["--filter", name]);
    execFileSync("npx", ["--yes", packageManager, ...filters, "pack", "--pack-destination", folder], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32",
    });
  }
  const files = readdirSync(folder);
  return new Map(
    packages.map(({ name, version }) => {
      const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
      if (!files.includes(file)) throw new Error(`pnpm pack made no ${file}, but ${files.join(", ")}`);
      return [name, join(folder, file)];
    }),
  );
}

if (isMain(import.meta.url)) console.log([...pack().values()].map((file) => file.slice(folder.length + 1)).join(", "));
