import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { problemsOf } from "../src/packed.mjs";

/** Packs a package with one module and its types. */
function tarball(manifest: object): string {
  const folder = mkdtempSync(join(tmpdir(), "ad-packed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "package"));
  const write = (name: string, text: string) => writeFileSync(join(folder, "package", name), text);
  write("package.json", JSON.stringify({ name: "sample", version: "1.0.0", type: "module", license: "MIT", ...manifest }));
  write("index.js", "export const one = 1;\n");
  write("index.d.ts", "export declare const one = 1;\n");
  execFileSync("tar", ["-czf", "sample.tgz", "package"], { cwd: folder });
  return join(folder, "sample.tgz");
}

test("a well-formed package has no problems", async () => {
  expect(await problemsOf(tarball({ sideEffects: false, exports: { ".": { types: "./index.d.ts", default: "./index.js" } } }))).toEqual([]);
});

test("a missing file is found by publint, a missing declaration by attw", async () => {
  const missing = await problemsOf(tarball({ exports: { ".": { types: "./index.d.ts", default: "./gone.js" } } }));
  expect(missing).toContainEqual(expect.stringContaining("publint: sample"));
  const untyped = await problemsOf(tarball({ exports: { ".": { types: "./gone.d.ts", default: "./index.js" } } }));
  expect(untyped).toContainEqual(expect.stringContaining("attw: sample"));
});
