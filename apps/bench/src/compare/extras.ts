import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import type { Case, Figures } from "../memory/cases.js";
import { median } from "../tour/timing.js";

const app = fileURLToPath(new URL("../../", import.meta.url));
const peers = fileURLToPath(new URL("../../peers/", import.meta.url));

export interface Size {
  readonly name: string;
  /** Bytes, minified and gzipped. */
  readonly bytes: number;
}

/** What a program bundles that uses a gradient, a Jacobian and 256 JVPs, as far as a library has them. */
const programs: readonly { readonly name: string; readonly folder: string; readonly code: string }[] = [
  {
    name: "ad: grad, jvp, vmap, jacobian, hessian, jvpMany",
    folder: app,
    code: `import { grad } from "@ad/core"; import { jvp } from "@ad/forward"; import { vmap } from "@ad/vmap"; import { hessian, jacobian, jvpMany } from "@ad/functional"; console.log(grad, jvp, vmap, hessian, jacobian, jvpMany);`,
  },
  { name: "ad: grad", folder: app, code: `import { grad } from "@ad/core"; console.log(grad);` },
  {
    name: "jax-js: grad, jvp, vmap, jacobian, hessian, jit",
    folder: peers,
    code: `import { grad, hessian, init, jacobian, jit, jvp, numpy, vmap } from "@jax-js/jax"; console.log(grad, jvp, vmap, hessian, jacobian, jit, numpy, init);`,
  },
  {
    name: "tfjs: grad, backend cpu",
    folder: peers,
    code: `import * as tf from "@tensorflow/tfjs-core"; import "@tensorflow/tfjs-core/dist/register_all_gradients.js"; import "@tensorflow/tfjs-backend-cpu"; console.log(tf);`,
  },
  {
    name: "tfjs: grad, backend wasm (without its .wasm files)",
    folder: peers,
    code: `import * as tf from "@tensorflow/tfjs-core"; import "@tensorflow/tfjs-core/dist/register_all_gradients.js"; import "@tensorflow/tfjs-backend-wasm"; console.log(tf);`,
  },
];

export async function sizes(): Promise<Size[]> {
  const found: Size[] = [];
  for (const { name, folder, code } of programs) {
    const entry = `${folder}entry.mjs`;
    const own = {
      name: "entry",
      resolveId: (id: string) => (id === entry ? id : null),
      load: (id: string) => (id === entry ? code : null),
    };
    try {
      const bundle = await rolldown({ input: entry, platform: "browser", logLevel: "silent", plugins: [own] });
      const { output } = await bundle.generate({ format: "esm", minify: true });
      await bundle.close();
      // Dynamic imports are files of their own: what loads at once counts.
      found.push({ name, bytes: gzipSync(output[0].code, { level: 9 }).length });
    } catch {
      // A peer that is not installed.
    }
  }
  return found;
}

export interface Import {
  readonly name: string;
  /** Milliseconds, the median and the fastest of fresh processes. */
  readonly median: number;
  readonly minimum: number;
}

const imports: readonly { readonly name: string; readonly folder: string; readonly specifier: string }[] = [
  { name: "@ad/core", folder: app, specifier: "@ad/core" },
  { name: "@ad/functional, with the other three", folder: app, specifier: "@ad/functional" },
  { name: "@jax-js/jax", folder: peers, specifier: "@jax-js/jax" },
  { name: "@tensorflow/tfjs-core", folder: peers, specifier: "@tensorflow/tfjs-core" },
];

/** How long a cold import takes within Node, all in processes of their own and by turns. */
export function importTimes(rounds: number): Import[] {
  const program = (specifier: string): string =>
    `const begin = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - begin);`;
  const times = imports.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    imports.forEach(({ folder, specifier }, i) => {
      const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program(specifier)], {
        cwd: folder,
        encoding: "utf8",
      });
      if (status === 0) times[i].push(Number(stdout));
    });
  return imports.flatMap(({ name }, i) =>
    times[i].length === 0 ? [] : [{ name, median: median(times[i]), minimum: Math.min(...times[i]) }],
  );
}

export interface Memory extends Figures {
  readonly chunkSize: number;
}

/** The peak of a 4096 × 4096 Jacobian by chunks, each in a process of its own. */
export function memory(): Memory[] {
  const file = fileURLToPath(new URL("../memory/index.js", import.meta.url));
  return [16, 64, 256].flatMap((chunkSize) => {
    const one: Case = { strategy: "forward", chunkSize };
    const { stdout, status } = spawnSync(process.execPath, ["--expose-gc", file, JSON.stringify(one)], { encoding: "utf8" });
    return status === 0 ? [{ chunkSize, ...(JSON.parse(stdout) as Figures) }] : [];
  });
}
