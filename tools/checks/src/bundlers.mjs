// A program that uses every package, bundled by Vite, esbuild and webpack as a user would have it, and run.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "./pack.mjs";
import { each, execute, inProject, program, shortNames } from "./stranger.mjs";
import { isMain } from "./workspace.mjs";

/** The newest of the major that people have: what they install today. */
const bundlers = { vite: "8", esbuild: "0", webpack: "5" };

/** Each a module that bundles main.js into a module of its own under out/ for browsers, and throws what the bundler warns of. */
const scripts = {
  vite: `
import { build } from "vite";
const warnings = [];
await build({
  configFile: false,
  logLevel: "silent",
  build: {
    outDir: "out",
    emptyOutDir: false,
    modulePreload: false,
    rollupOptions: {
      input: "main.js",
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "vite.mjs" },
      onwarn: (warning) => warnings.push(warning.message),
    },
  },
});
if (warnings.length > 0) throw new Error(warnings.join("; "));
`,
  esbuild: `
import { build } from "esbuild";
const { warnings } = await build({ entryPoints: ["main.js"], bundle: true, minify: true, format: "esm", platform: "browser", outfile: "out/esbuild.mjs" });
if (warnings.length > 0) throw new Error(JSON.stringify(warnings));
`,
  webpack: `
import webpack from "webpack";
const stats = await new Promise((resolve, reject) => webpack({
  mode: "production",
  target: ["web", "es2022"],
  entry: "./main.js",
  experiments: { outputModule: true },
  performance: { hints: false },
  output: { path: process.cwd() + "/out", filename: "webpack.mjs", library: { type: "module" } },
}, (error, stats) => (error ? reject(error) : resolve(stats))));
if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
`,
};

if (isMain(import.meta.url)) {
  const tarballs = pack();
  await inProject(tarballs, shortNames(tarballs), bundlers, (folder) => {
    writeFileSync(join(folder, "main.js"), program.code);
    return each(
      Object.entries(scripts).map(([name, script]) => [
        name,
        () => {
          writeFileSync(join(folder, `${name}.mjs`), script);
          execute(folder, process.execPath, [`${name}.mjs`]);
          writeFileSync(join(folder, "run.mjs"), `import { result } from "./out/${name}.mjs"; console.log(result);`);
          const result = execute(folder, process.execPath, ["run.mjs"]).trim();
          if (result !== program.prints) throw new Error(`gives ${result}`);
        },
      ]),
    );
  });
  console.log(`one program by ${Object.keys(scripts).join(", ")}`);
}
