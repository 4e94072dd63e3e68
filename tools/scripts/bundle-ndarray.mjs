// Makes dist/ndarray.js of the npm package ndarray, which is CommonJS: an ES module, which core imports in its place. A page needs no bundler for it, and Node loads it in a sixth of the time.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";

const require = createRequire(join(process.cwd(), "package.json"));
const ndarray = dirname(require.resolve("ndarray/package.json"));
const inside = [
  ndarray,
  ...["iota-array", "is-buffer"].map((name) => dirname(require.resolve(`${name}/package.json`, { paths: [ndarray] }))),
];

/** The notices that their licence wants in every copy. */
const notices = inside.map((folder) => {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return `${name} ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}`;
});

const bundle = await rolldown({ input: join(ndarray, "ndarray.js"), transform: { target: "es2022" } });
await bundle.write({ file: "dist/ndarray.js", format: "esm", minify: true, banner: `/*!\n${notices.join("\n\n")}\n*/` });
await bundle.close();
