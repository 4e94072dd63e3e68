import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Case, Figures } from "../memory/cases.js";
import { median } from "../tour/timing.js";

const app = fileURLToPath(new URL("../..", import.meta.url));
const peers = fileURLToPath(new URL("../../peers", import.meta.url));
const root = new URL("../../../../", import.meta.url).href;

export interface Size {
  readonly name: string;
  /** Bytes, minified and gzipped. */
  readonly bytes: number;
  readonly ceiling?: number;
}

/** The functions by which the checks measure bundles, so that these figures are those which they hold under their ceilings. */
interface Scales {
  readonly bundles: Readonly<Record<string, readonly [code: string, external?: string[]]>>;
  readonly sizeOf: (code: string, external?: string[], folder?: string) => Promise<number>;
}

const tfjs = `import * as tf from "@tensorflow/tfjs-core"; import "@tensorflow/tfjs-core/dist/register_all_gradients.js"; console.log(tf);`;

/** Programs that differentiate, with as much as their library offers for it. */
const others: Readonly<Record<string, string>> = {
  "jax-js: grad, jvp, vmap, jacobian, hessian, jit": `import { grad, hessian, init, jacobian, jit, jvp, numpy, vmap } from "@jax-js/jax"; console.log(grad, jvp, vmap, hessian, jacobian, jit, numpy, init);`,
  "tfjs: grad, backend cpu": `${tfjs} import "@tensorflow/tfjs-backend-cpu";`,
  "tfjs: grad, backend wasm, without its .wasm files": `${tfjs} import "@tensorflow/tfjs-backend-wasm";`,
};

/** Our bundles, by the names that the checks hold them under their ceilings by. */
const ours: Readonly<Record<string, string>> = {
  "all four packages": "ad: grad, jvp, vmap, jacobian, hessian, jvpMany",
  everything: "ad: all that core, forward, vmap and functional export",
  "grad with ndarray": "ad: grad",
};

export async function sizes(isInstalled: boolean): Promise<Size[]> {
  const { bundles, sizeOf } = (await import(`${root}tools/checks/src/sizes.mjs`)) as Scales;
  const ceilings: Readonly<Record<string, number>> = JSON.parse(readFileSync(new URL(`${root}tools/checks/src/ceilings.json`), "utf8"));
  const found: Size[] = [];
  for (const [bundle, name] of Object.entries(ours))
    found.push({ name, bytes: await sizeOf(bundles[bundle][0]), ceiling: ceilings[bundle] });
  if (isInstalled) for (const [name, code] of Object.entries(others)) found.push({ name, bytes: await sizeOf(code, [], peers) });
  return found;
}

export interface Import {
  readonly name: string;
  /** Milliseconds, the median and the fastest of fresh processes. */
  readonly median: number;
  readonly minimum: number;
  readonly ceiling?: number;
}

const imports: readonly (Pick<Import, "name" | "ceiling"> & { readonly folder: string })[] = [
  { name: "@ad/core", folder: app, ceiling: 15 },
  { name: "@ad/functional", folder: app },
  { name: "@jax-js/jax", folder: peers },
  { name: "@tensorflow/tfjs-core", folder: peers },
  { name: "@tensorflow/tfjs", folder: peers },
];

/** Measures the time of a cold import within Node, all in processes of their own and by turns. */
export function importTimes(rounds: number): Import[] {
  const program = (specifier: string): string =>
    `const begin = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - begin);`;
  const times = imports.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    imports.forEach(({ folder, name }, i) => {
      const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program(name)], {
        cwd: folder,
        encoding: "utf8",
      });
      if (status === 0) times[i].push(Number(stdout));
    });
  return imports.flatMap(({ folder, ...each }, i) =>
    times[i].length === 0 ? [] : [{ ...each, median: median(times[i]), minimum: Math.min(...times[i]) }],
  );
}

export interface Memory extends Figures {
  readonly chunkSize: number;
}

/** The peak of a 4096 × 4096 Jacobian by chunks, each in a process of its own. */
export function memory(): Memory[] {
  const file = fileURLToPath(new URL("../memory/index.js", import.meta.url));
  return [16, 64, 256].flatMap((chunkSize) => {
    const jacobian: Case = { strategy: "forward", chunkSize };
    const { stdout, status } = spawnSync(process.execPath, ["--expose-gc", file, JSON.stringify({ jacobian })], { encoding: "utf8" });
    return status === 0 ? [{ chunkSize, ...(JSON.parse(stdout) as Figures) }] : [];
  });
}
