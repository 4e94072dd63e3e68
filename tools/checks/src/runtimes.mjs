// The packed packages where a program is neither a module of Node nor a page: in Deno and Bun (both come from npm), in CommonJS, JavaScript and
// TypeScript, and in Jest's tests, as the guide says.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { preamble, projects } from "./install.mjs";
import { pack } from "./pack.mjs";
import { each, execute, inProject, shortNames } from "./stranger.mjs";
import { isMain, root, tsc } from "./workspace.mjs";

/** Each as its users install it today. */
const others = { deno: "2", bun: "1", jest: "30", "@babel/preset-env": "7", "@types/node": "20" };

/** Returns the files that the guide tells users of Jest to write, by their names, which are the first lines. */
export function fromGuide(markdown = readFileSync(join(root, "apps/docs/guide/browsers.md"), "utf8")) {
  const blocks = [...markdown.matchAll(/^```js no-run\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)];
  return Object.fromEntries(blocks.map(([, name, text]) => [name, text]));
}

const typed = `import { array, grad, type NDArray } from "@ad/core";
export const slope: number = grad((x: NDArray) => x.square().sum())(array(3)).item();
if (slope !== 6) throw new Error(String(slope));
`;

const cell = `import { array, installDisplay, toHTML } from "@ad/core";
installDisplay();
const x = array([[1, 2], [3, 4]]);
const { "text/html": html, "text/plain": text } = x[Symbol.for("Jupyter.display")]();
if (html !== toHTML(x) || text !== x.toString() || Deno.inspect(x) !== text) throw new Error(html + text + Deno.inspect(x));
`;

const tested = (/** @type {string} */ imports) => `${imports}
test("a gradient", () => {
  expect(grad((x) => x.square().sum())(array([1, 2])).toArray()).toEqual([2, 4]);
  expect(jacobian((x) => x.square())(array([1, 2]))).toEqual(array([[2, 0], [0, 4]]));
});
`;

/** @param {string} folder @param {string} name */
const bin = (folder, name) => join(folder, "node_modules", ".bin", name);

/** @type {Record<string, (folder: string) => void>} */
const checks = {
  ...Object.fromEntries(
    [
      ["Deno", "deno", "run", "--allow-read"],
      ["Bun", "bun", "run"],
    ].map(([title, command, ...args]) => [
      title,
      (folder) => {
        for (const project of projects) {
          writeFileSync(join(folder, "index.js"), preamble + project.script);
          execute(folder, bin(folder, command), [...args, "index.js"]);
        }
      },
    ]),
  ),
  "a value of a cell, as Deno's kernel for Jupyter asks for it": (folder) => {
    writeFileSync(join(folder, "cell.js"), cell);
    execute(folder, bin(folder, "deno"), ["run", "--allow-read", "cell.js"]);
  },
  "CommonJS, from Node 20.19 on": (folder) => {
    writeFileSync(
      join(folder, "index.cjs"),
      `const { array, grad } = require("@ad/core");\nif (grad((x) => x.square().sum())(array(3)).item() !== 6) throw new Error("grad");\n`,
    );
    execute(folder, process.execPath, ["index.cjs"]);
  },
  "CommonJS in TypeScript": (folder) => {
    writeFileSync(join(folder, "index.cts"), typed);
    const compilerOptions = { strict: true, module: "NodeNext", target: "ES2023", lib: ["ES2023"], types: ["node"], outDir: "out" };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.cts"] }));
    execute(folder, process.execPath, [tsc, "-p", "."]);
    execute(folder, process.execPath, ["out/index.cjs"]);
  },
  "Jest, with Node's modules": (folder) => {
    writeFileSync(join(folder, "jest.config.js"), fromGuide()["jest.config.js"]);
    writeFileSync(
      join(folder, "modules.test.js"),
      tested(`import { array, grad } from "@ad/core";\nimport { jacobian } from "@ad/functional";`),
    );
    execute(folder, process.execPath, ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "modules.test.js"]);
  },
  "Jest, with modules made CommonJS": (folder) => {
    for (const name of ["jest.config.cjs", "babel.config.cjs"]) writeFileSync(join(folder, name), fromGuide()[name]);
    execute(folder, bin(folder, "jest"), ["--config", "jest.config.cjs", "modules.test.js"]);
  },
};

if (isMain(import.meta.url)) {
  const tarballs = pack();
  await inProject(tarballs, shortNames(tarballs), others, (folder) =>
    each(Object.entries(checks).map(([title, check]) => [title, () => check(folder)])),
  );
  console.log(`${projects.length} programs in Deno and Bun; CommonJS; Jest`);
}
