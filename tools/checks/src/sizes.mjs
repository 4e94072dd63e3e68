// What a user's bundle weighs: minified and gzipped, measured on the built packages, held under ceilings.json.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { isMain, published, readJson, report, root } from "./workspace.mjs";

/** @type {Record<string, number>} */
const ceilings = readJson(`${root}/tools/checks/src/ceilings.json`);

/**
 * Bytes of a bundle, minified and gzipped.
 * @param {string} code the entry
 * @param {string[]} [external]
 */
export async function sizeOf(code, external = []) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: `${root}/tools/checks`, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external,
    logLevel: "error",
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

/** @param {string[]} names */
const all = (names) => names.map((name, i) => `export * as p${i} from "${name}";`).join("\n");

/** The bundles that have a ceiling. */
export const bundles = {
  everything: all(["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional"]),
  grad: `import { grad } from "@ad/core"; export const g = grad((x) => x.mul(x).sin().sum());`,
};

/** @param {Record<string, number>} measured @param {Record<string, number>} limits */
export const overweight = (measured, limits) =>
  Object.keys(measured)
    .filter((name) => !(measured[name] <= limits[name]))
    .map((name) => `${name}: ${measured[name]} bytes, over its ceiling of ${limits[name]}`);

if (isMain(import.meta.url)) {
  const kB = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1).padStart(7)} kB`;
  console.log("each package alone, its dependencies left out");
  const names = [...published().values()].map(({ name }) => name);
  for (const name of names) {
    const others = names.filter((other) => other !== name).flatMap((other) => [other, `${other}/*`]);
    console.log(`  ${name.padEnd(16)}${kB(await sizeOf(all([name]), [...others, "ndarray"]))}`);
  }
  console.log("bundles");
  /** @type {Record<string, number>} */
  const measured = {};
  for (const [name, code] of Object.entries(bundles)) {
    measured[name] = await sizeOf(code);
    console.log(`  ${name.padEnd(16)}${kB(measured[name])}   ceiling ${kB(ceilings[name])}`);
  }
  report("bundles over their ceiling", overweight(measured, ceilings));
}
