import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { program } from "./program.js";

declare module "vitest" {
  interface ProvidedContext {
    browser: { executablePath: string | null; args: string[] };
  }
}

/** A script that counts the workers that came, and compares products and functions with and without them. */
const code = `import { linspace, setThreads } from "core"; import { threadPool } from "pool";
  const x = linspace(-1, 1, 90_000), matrix = x.reshape(300, 300);
  const compute = () => [matrix.matmul(matrix.T), x.exp(), x.div(0).sin()].map((y) => y.data().join());
  const alone = compute();
  setThreads(3);
  const end = Date.now() + WAIT;
  const workers = () => threadPool ? Atomics.load(threadPool.words, 48) : 0;
  while (workers() < 2 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  const there = workers();
  const same = String(compute()) === String(alone);
  const shared = threadPool ? Atomics.load(threadPool.words, 32) > 0 : false;
  setThreads(3);
  setThreads(0);
  const result = { workers: there, shared, same: same && String(compute()) === String(alone) };
  if (globalThis.document) document.title = JSON.stringify(result);
  else postMessage(result);`;

const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const policy = (workers: string) => ({ "Content-Security-Policy": `script-src 'self' 'wasm-unsafe-eval'; worker-src ${workers}` });

/** Folders of the server, and the headers that it sends with all in them. */
const folders: Readonly<Record<string, Record<string, string>>> = {
  isolated: isolation,
  open: {},
  allowed: { ...isolation, ...policy("blob:") },
  refused: { ...isolation, ...policy("'self'") },
};

let server: Server;
let browser: Browser;
let scripts: Readonly<Record<string, string>>;

beforeAll(async () => {
  const [patient, brief] = await Promise.all(["30_000", "1000"].map((wait) => program(code.replace("WAIT", wait))));
  scripts = {
    "patient.js": patient,
    "brief.js": brief,
    "worker.js": `new Worker("patient.js", { type: "module" }).onmessage = ({ data }) => { document.title = JSON.stringify(data); };`,
  };
  server = createServer(({ url = "" }, response) => {
    const [, folder, name] = url.split("/");
    const script = scripts[name];
    const type = script === undefined ? "text/html" : "text/javascript";
    response.writeHead(200, { "Content-Type": type, ...folders[folder] });
    response.end(script ?? `<!doctype html><script type="module" src="${name}.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { executablePath, args } = inject("browser");
  browser = await chromium.launch({ args, ...(executablePath === null ? {} : { executablePath }) });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function open(path: string): Promise<{ result: object; warnings: string[] }> {
  const page = await browser.newPage();
  const warnings: string[] = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/${path}`);
  await expect.poll(() => page.title(), { timeout: 50_000 }).toMatch(/^{/);
  const result = JSON.parse(await page.title());
  await page.close();
  return { result, warnings };
}

const threads = { workers: 2, shared: true, same: true };
const alone = { workers: 0, shared: false, same: true };

test("a page that is isolated has threads", async () => {
  expect(await open("isolated/patient")).toEqual({ result: threads, warnings: [] });
});

test("so has a worker of it", async () => {
  expect(await open("isolated/worker")).toEqual({ result: threads, warnings: [] });
});

test("and one with a policy that allows workers of its own making", async () => {
  expect(await open("allowed/patient")).toEqual({ result: threads, warnings: [] });
});

test("a page with a policy that does not says so once, and computes", async () => {
  const { result, warnings } = await open("refused/brief");
  expect(result).toEqual(alone);
  expect(warnings).toEqual([expect.stringMatching(/^setThreads: @ad\/core computes on one thread \(.*policy/)]);
});

test("so does a page that is not isolated", async () => {
  const { result, warnings } = await open("open/brief");
  expect(result).toEqual(alone);
  expect(warnings).toEqual([expect.stringMatching(/^setThreads: @ad\/core computes on one thread \(.*isolated\)\.$/)]);
});
