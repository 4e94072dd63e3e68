import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { program } from "./program.js";

const folder = mkdtempSync(join(tmpdir(), "threads-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** Runs a program in a Node of its own: what it wrote and how it ended. A minute is long enough. */
async function run(code: string, ...options: string[]): Promise<{ out: string; code: number | null }> {
  const path = join(folder, `${count++}.mjs`);
  writeFileSync(path, await program(`import { ones, setThreads } from "core"; import { threadPool } from "pool"; ${code}`));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...options, path], { timeout: 60_000, env: {} });
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (out += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ out: out.trim(), code }));
  });
}

const product = `const product = () => { const x = ones([200, 200]); return x.matmul(x).sum().item() === 200 ** 3; };`;
const joined = `const joined = async () => { while (Atomics.load(threadPool.words, 48) < 2) await new Promise((resolve) => setTimeout(resolve, 5)); };`;

test.each([
  ["as soon as threads are on", `setThreads(3); console.log("done");`],
  ["while workers come up", `setThreads(3); console.log(product() ? "done" : "wrong");`],
  ["when they have worked", `setThreads(3); await joined(); console.log(product() ? "done" : "wrong");`],
  ["after threads were off again", `setThreads(3); await joined(); product(); setThreads(0); console.log(product() ? "done" : "wrong");`],
  ["when it computes at its end", `setThreads(3); await joined(); process.on("exit", () => console.log(product() ? "done" : "wrong"));`],
  ["when it says so", `setThreads(3); await joined(); console.log(product() ? "done" : "wrong"); process.exit(0);`],
  ["when it counts all threads at once", `for (let n = 0; n < 40; n++) setThreads(n % 6); console.log(product() ? "done" : "wrong");`],
])("a program ends by itself: %s", async (_, code) => {
  expect(await run(product + joined + code)).toEqual({ out: "done", code: 0 });
});

test("so does a worker of a program that has threads of its own", async () => {
  const code = `import { isMainThread, Worker } from "node:worker_threads";
    ${product} ${joined}
    if (isMainThread) new Worker(new URL(import.meta.url)).on("exit", (code) => console.log("exit", code));
    else { setThreads(3); await joined(); console.log(product()); }`;
  expect(await run(code)).toEqual({ out: "true\nexit 0", code: 0 });
});

test("a program that throws ends with its error", async () => {
  const { out, code } = await run(`setThreads(2); ones([2]).add(ones([3]));`);
  expect(code).toBe(1);
  expect(out).toMatch(/\[ShapeError\]: add: shapes/);
});

const permission = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";

test("where Node forbids workers there is a warning and one thread", async () => {
  const { out, code } = await run(`${product} setThreads(2); console.log(product());`, permission, "--allow-fs-read=*");
  expect(out).toMatch(/setThreads: @ad\/core computes on one thread \(.*\)\.\n/);
  expect(out).toMatch(/^true$/m);
  expect(code).toBe(0);
});
