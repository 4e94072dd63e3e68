import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { program } from "./threads/program.js";

const folder = mkdtempSync(join(tmpdir(), "memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The number that a program prints in a Node of its own, which has not many megabytes for objects. */
async function printed(code: string): Promise<number> {
  const path = join(folder, `${code.length}.mjs`);
  writeFileSync(path, await program(`import { grad, ones } from "core"; ${code}`));
  return Number(execFileSync(process.execPath, ["--max-old-space-size=64", path], { timeout: 60_000, encoding: "utf8" }));
}

/** The most megabytes that it holds while it runs `step` so many thousand times. */
const most = (setUp: string, step: string, thousands: number): Promise<number> =>
  printed(`
    ${setUp}
    let most = 0;
    for (let i = 0; i < ${thousands}; i++) {
      for (let k = 0; k < 1000; k++) { ${step} }
      most = Math.max(most, process.memoryUsage.rss());
    }
    console.log(most / 2 ** 20);`);

// 100 000 results of 1000 elements are 800 MB; 200 000 of 10 elements are 16 MB, and their objects more than there is room for. Nothing is
// freed but by the garbage collector.
test.each([
  ["of 1000 elements", `let x = ones([1000]); const y = ones([1000]);`, `x = x.add(y);`, 100],
  ["of 1000 elements, in JavaScript and in another order", `const x = ones([40, 25]); let y = x;`, `y = x.T.hypot(x.T).T;`, 100],
  ["of 10 elements", `let x = ones([10]); const y = ones([10]);`, `x = x.add(y);`, 200],
])("a synchronous loop of operations on arrays %s runs in bounded memory", async (_, setUp, step, thousands) => {
  expect(await most(setUp, step, thousands)).toBeLessThan(400);
});

test("so does one of gradients", async () => {
  const setUp = `let x = ones([1000]); const f = (x) => x.sin().mul(x).sum(); const g = grad(f);`;
  expect(await most(setUp, `if (k % 10 === 0) x = g(x);`, 200)).toBeLessThan(400);
});

const { glibcVersionRuntime } = (process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }).header;

// A page that the process has touched before is no fault. A result of 4 MB has 1024 pages.
test.runIf(glibcVersionRuntime)("large results come to lie where the garbage collector has freed others", async () => {
  const faults = await printed(`
    const x = ones([2 ** 19]);
    const step = () => x.add(x).square();
    for (let i = 0; i < 50; i++) step();
    const before = process.resourceUsage().minorPageFault;
    for (let i = 0; i < 100; i++) step();
    console.log((process.resourceUsage().minorPageFault - before) / 200);`);
  expect(faults).toBeLessThan(100);
});
