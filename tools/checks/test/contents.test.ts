import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { strays } from "../src/contents.mjs";
import { oldestTsc, published, readJson, root } from "../src/workspace.mjs";

function tarball(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "ad-contents-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, "package", name)), { recursive: true });
    writeFileSync(join(folder, "package", name), text);
  }
  execFileSync("tar", ["-czf", "sample.tgz", "package"], { cwd: folder });
  return join(folder, "sample.tgz");
}

const sound = {
  "package.json": JSON.stringify({ name: "sample", exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } } }),
  "README.md": "",
  LICENSE: "",
  "src/index.ts": "",
  "dist/index.js": "",
  "dist/index.d.ts": "",
  "dist/index.js.map": JSON.stringify({ sources: ["../src/index.ts"] }),
};

test("a sound tarball has nothing stray", () => expect(strays(tarball(sound))).toEqual([]));

test.each([
  ["a test", { "test/a.test.ts": "" }, "sample: test/a.test.ts is a stray file"],
  ["build information", { "dist/tsconfig.tsbuildinfo": "" }, "sample: dist/tsconfig.tsbuildinfo is a stray file"],
  ["an export of nothing", { "package.json": `{ "name": "sample", "exports": "./gone.js" }` }, "exports name ./gone.js"],
  ["a range of the workspace", { "package.json": `{ "name": "sample", "dependencies": { "a": "workspace:^" } }` }, "a workspace:^"],
  ["a map to nowhere", { "dist/index.js.map": `{ "sources": ["../src/gone.ts"] }` }, "maps to ../src/gone.ts"],
  ["a folder of the builder's", { "dist/index.js": `// ${root}` }, "dist/index.js names a folder of ours"],
])("%s is named", (_, files, problem) => {
  expect(strays(tarball({ ...sound, ...files }))).toContainEqual(expect.stringContaining(problem));
});

test.each([...published()])("%s gives its manifest away, and says what TypeScript it needs", (path, { exports }) => {
  expect(exports["./package.json"]).toBe("./package.json");
  const [major, minor] = readJson(join(dirname(oldestTsc), "../package.json")).version.split(".");
  expect(readFileSync(join(root, path, "README.md"), "utf8")).toContain(`TypeScript ${major}.${minor} or later.`);
});
