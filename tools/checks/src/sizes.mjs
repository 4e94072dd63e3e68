// The size of a user's bundle: minified and gzipped, measured on the built packages, held under ceilings.json. With --ceilings it writes them anew.
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { isMain, published, readJson, report, root } from "./workspace.mjs";

const file = `${root}/tools/checks/src/ceilings.json`;
/** @type {Record<string, number>} */
const ceilings = readJson(file);

/**
 * Bytes of a bundle as Vite makes it (rolldown is its bundler), minified and gzipped.
 * @param {string} code the entry
 * @param {string[]} [external]
 * @param {string} [folder] where it looks for packages
 */
export async function sizeOf(code, external = [], folder = `${root}/tools/checks`) {
  const entry = `${folder}/entry.mjs`;
  const bundle = await rolldown({
    input: entry,
    // The package ndarray is a file of core.
    external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`) || id.endsWith(`/${name}.js`)),
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
  // Vite leaves comments on licences out of the code.
  const { output } = await bundle.generate({ format: "esm", minify: true, comments: { legal: false } });
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

const compiled = `import { grad } from "@ad/core"; import { jit } from "@ad/jit"; export const g = jit(grad((x) => x.mul(x).sin().sum()));`;

/** The differences in size between a bundle and another one, by their names. @type {Record<string, [bundle: string, than: string]>} */
const differences = { "jit around grad": ["jit(grad)", "grad"] };

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
  "jit(grad)": [compiled, ["ndarray"]],
  random: [all(["@ad/random"]), ["@ad/core", "ndarray"]],
  fft: [all(["@ad/fft"]), ["@ad/core", "ndarray"]],
  sparse: [all(["@ad/sparse"]), ["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional", "ndarray"]],
  solve: [all(["@ad/solve"]), ["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional", "ndarray"]],
  "minimize alone": [`export { minimize } from "@ad/solve";`, ["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional", "ndarray"]],
  "leastSquares alone": [`export { leastSquares } from "@ad/solve";`, ["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional", "ndarray"]],
  "curveFit alone": [`export { curveFit } from "@ad/solve";`, ["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional", "ndarray"]],
  "odeSolve alone": [`export { odeSolve } from "@ad/solve";`, ["@ad/core", "@ad/forward", "@ad/vmap", "@ad/functional", "ndarray"]],
  "some of random": [`export { bernoulli, gamma, key, normal, randint, split, uniform } from "@ad/random";`, ["@ad/core", "ndarray"]],
};

/**
 * The ceiling of a bundle, which leaves room: where core is in it, and with it each primitive, for one operation of each kind; elsewhere for a fix.
 * @param {string} name @param {number} bytes what it weighs
 */
export const ceilingOf = (name, bytes) => {
  const hasCore = name in bundles && !bundles[name][1]?.includes("@ad/core");
  return 100 * Math.ceil((bytes + (hasCore ? 400 : 100)) / 100);
};

/** @param {Record<string, number>} measured @param {Record<string, number>} limits */
export const overweight = (measured, limits) =>
  Object.keys(measured)
    .filter((name) => !(measured[name] <= limits[name]))
    .map((name) => `${name}: ${measured[name]} bytes, over its ceiling of ${limits[name]}`);

/** The sizes in the README: each package's in its row, and three bundles' in sentences. @type {Record<string, RegExp>} */
const statements = {
  grad: /`grad` alone is ([\d.]+) kB/,
  "jit around grad": /`jit` around it adds ([\d.]+) kB/,
  "all four packages": /one or two functions of each[^.]*? is ([\d.]+) kB/,
};

/**
 * Returns the sizes in the README that differ from what was measured by more than a fiftieth, or are above their ceilings.
 * @param {string} markdown
 * @param {Record<string, number>} measured bytes, by package and by bundle
 * @param {Record<string, number>} limits
 */
export function stale(markdown, measured, limits) {
  return Object.keys(measured).flatMap((name) => {
    const statement = statements[name] ?? new RegExp(`^\\| \\[\`${name}\`\\].*\\| ([\\d.]+) kB \\|$`, "m");
    const stated = Number(statement.exec(markdown)?.[1]) * 1000;
    return Math.abs(stated - measured[name]) <= measured[name] / 50 + 100 && !(stated > limits[name])
      ? []
      : [
          `README.md says ${Number.isNaN(stated) ? "nothing" : `${stated / 1000} kB`} of ${name}, which is ${(measured[name] / 1000).toFixed(1)} kB`,
        ];
  });
}

if (isMain(import.meta.url)) {
  const kB = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1).padStart(7)} kB`;
  console.log("each package alone, its dependencies left out");
  // A package that no program carries, such as rules for a linter, stands on nothing of ours.
  const names = [...published().values()]
    .filter(({ name, peerDependencies }) => name === "@ad/core" || peerDependencies?.["@ad/core"])
    .map(({ name }) => name);
  /** @type {Record<string, number>} */
  const alone = {};
  for (const name of names) {
    const others = names.filter((other) => other !== name);
    alone[name] = await sizeOf(all([name]), [...others, "ndarray"]);
    console.log(`  ${name.padEnd(18)}${kB(alone[name])}`);
  }
  console.log("bundles");
  /** @type {Record<string, number>} */
  const measured = {};
  for (const [name, [code, external]] of Object.entries(bundles)) {
    measured[name] = await sizeOf(code, external);
    console.log(`  ${name.padEnd(18)}${kB(measured[name])}   ceiling ${kB(ceilings[name])}`);
  }
  for (const [name, [bundle, than]] of Object.entries(differences)) {
    measured[name] = measured[bundle] - measured[than];
    console.log(`  ${name.padEnd(18)}${kB(measured[name])}   ceiling ${kB(ceilings[name])}`);
  }
  if (process.argv.includes("--ceilings")) {
    for (const name of Object.keys(measured)) ceilings[name] = ceilingOf(name, measured[name]);
    writeFileSync(file, `${JSON.stringify(ceilings, null, 2)}\n`);
  }
  const readme = readFileSync(`${root}/README.md`, "utf8");
  const stated = Object.fromEntries(Object.keys(statements).map((name) => [name, measured[name]]));
  report("bundles over their ceiling, and sizes in the README that are not so", [
    ...overweight(measured, ceilings),
    ...stale(readme, { ...alone, ...stated }, ceilings),
  ]);
}
