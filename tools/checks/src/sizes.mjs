// What a user's bundle weighs: minified and gzipped, measured on the built packages, held under ceilings.json.
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { isMain, published, readJson, report, root } from "./workspace.mjs";

/** @type {Record<string, number>} */
const ceilings = readJson(`${root}/tools/checks/src/ceilings.json`);

/**
 * Bytes of a bundle as Vite makes it (rolldown is its bundler), minified and gzipped.
 * @param {string} code the entry
 * @param {string[]} [external]
 */
export async function sizeOf(code, external = []) {
  const entry = `${root}/tools/checks/entry.mjs`;
  const bundle = await rolldown({
    input: entry,
    external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
    platform: "browser",
    logLevel: "silent",
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return gzipSync(output[0].code, { level: 9 }).length;
}

/** @param {string[]} names */
const all = (names) => names.map((name, i) => `export * as p${i} from "${name}";`).join("\n");

/** One program that uses the main function of each package. */
const main = `import { array, grad } from "@ad/core";
import { jvp } from "@ad/forward";
import { hessian, jacobian, jvpMany } from "@ad/functional";
import { vmap } from "@ad/vmap";
const f = (x) => x.mul(x).sin();
export const all = (x, v, vs) => [grad((y) => f(y).sum())(x), jvp(f, [x], [v]), jacobian(f)(x), hessian((y) => f(y).sum())(x), vmap(f)(vs), jvpMany(f, [array(x)], [vs])];`;

const grad = `import { grad } from "@ad/core"; export const g = grad((x) => x.mul(x).sin().sum());`;

/**
 * The bundles that have a ceiling, as entry and externals. A single function of core is measured without the ndarray package, which is
 * another project's code and often there already; docs/decisions/0009 says why.
 * @type {Record<string, [code: string, external?: string[]]>}
 */
export const bundles = {
  "all four packages": [main],
  everything: [all(["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional"])],
  grad: [grad, ["ndarray"]],
  "grad with ndarray": [grad],
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
    const others = names.filter((other) => other !== name);
    console.log(`  ${name.padEnd(18)}${kB(await sizeOf(all([name]), [...others, "ndarray"]))}`);
  }
  console.log("bundles");
  /** @type {Record<string, number>} */
  const measured = {};
  for (const [name, [code, external]] of Object.entries(bundles)) {
    measured[name] = await sizeOf(code, external);
    console.log(`  ${name.padEnd(18)}${kB(measured[name])}   ceiling ${kB(ceilings[name])}`);
  }
  report("bundles over their ceiling", overweight(measured, ceilings));
}
