import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A program that imports `core` and, from `pool`, what its threads say of themselves, as one minified script. */
export async function program(code: string): Promise<string> {
  const entry = file("entry.mjs");
  const bundle = await rolldown({
    input: entry,
    platform: "browser",
    logLevel: "silent",
    resolve: {
      extensionAlias: { ".js": [".ts"] },
      alias: { core: file("../../../src/index.ts"), pool: file("../../../src/cpu/wasm/module.ts") },
    },
    plugins: [{ name: "entry", resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) }],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return output[0].code;
}
