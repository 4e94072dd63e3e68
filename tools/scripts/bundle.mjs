// Makes a package's JavaScript of its sources: node bundle.mjs [folder of src ...]. It is few files, because each costs a program in Node half a
// millisecond to load; what a folder that is named here holds has a file of its own, which bundlers leave out whole where it is not used.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { rolldown } from "rolldown";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const entries = Object.values(manifest.exports).flatMap((conditions) => conditions["@ad/source"] ?? []);
const others = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
const folders = process.argv.slice(2).map((name) => ({ name, test: (/** @type {string} */ id) => id.includes(`/src/${name}/`) }));
const isOne = entries.length + folders.length === 1;

/** One letter beyond ASCII makes a file two bytes a letter to the engine, which then takes a twentieth longer to load it. @param {string} code */
const inAscii = (code) => code.replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

rmSync("dist", { recursive: true, force: true });
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((file) => [file.replace(/^\.\/src\/|\.ts$/g, ""), file])),
  external: (id) => others.some((name) => id === name || id.startsWith(`${name}/`)),
  // An entry's file may only pass on what others hold.
  preserveEntrySignatures: "allow-extension",
  transform: { target: "es2022" },
  resolve: { extensionAlias: { ".js": [".ts"] } },
});
const { output } = await bundle.write({
  dir: "dist",
  format: "esm",
  sourcemap: true,
  // A CommonJS package takes Node as long to load as all of ours, so core brings it along: bundle-ndarray.mjs.
  paths: { ndarray: "./ndarray.js" },
  chunkFileNames: "[name].js",
  // Names and lines stay, for stack traces and debuggers; of the comments, those that bundlers read.
  comments: { annotation: true, legal: false, jsdoc: false },
  codeSplitting: isOne || {
    includeDependenciesRecursively: false,
    groups: [...folders, { name: basename(process.cwd()), test: /\/src\// }],
  },
});
await bundle.close();
for (const part of output)
  if (part.type === "chunk") writeFileSync(`dist/${part.fileName}`, inAscii(readFileSync(`dist/${part.fileName}`, "utf8")));
