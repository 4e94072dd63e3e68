// Pages in Chromium: without a bundler the one that core's README shows, one that loads every entry, and one with a worker; and what the console
// shows of a minified one. No request may leave them. CHROMIUM_PATH names the browser (node tools/scripts/chromium.mjs prints one); without it Playwright's own is taken.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { chromium } from "playwright";
import { pack } from "./pack.mjs";
import { each, execute, inProject, program, shortNames } from "./stranger.mjs";
import { entries, isMain, root } from "./workspace.mjs";

const types = /** @type {Record<string, string>} */ ({ ".html": "text/html", ".js": "text/javascript", ".map": "application/json" });

/**
 * @param {string} markdown
 * @param {string} language
 */
const fence = (markdown, language) => new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(markdown)?.[1] ?? "";

/** Returns the parts of core's README about pages: the page, the text that it shows, and the command that bundles a worker. */
export function fromReadme(markdown = readFileSync(join(root, "packages/core/README.md"), "utf8")) {
  const section = markdown.split(/^## Without a bundler$/m)[1]?.split(/^## /m)[0] ?? "";
  const html = fence(section, "html");
  return { html, shows: /textContent = .*; \/\/ (.*)$/m.exec(html)?.[1], worker: /`(npx esbuild [^`]*)`/.exec(section)?.[1] ?? "" };
}

/**
 * A page with every entry of every package in its import map.
 * @param {string} script a module's code
 */
export function page(script) {
  const imports = Object.fromEntries(entries().map(({ entry, file }) => [entry, `./node_modules/${file}`]));
  return `<!doctype html>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
${script}
</script>
`;
}

/** It loads every entry, and shows what the program of all packages prints. */
export const everything = () =>
  page(`${program.code.replace("export const", "const")}
const { imports } = JSON.parse(document.querySelector("script[type=importmap]").textContent);
await Promise.all(Object.keys(imports).map((entry) => import(entry)));
document.body.textContent = result;`);

/** It shows what the program prints in a worker. */
const inWorker = `<!doctype html>
<script type="module">
new Worker("worker.bundle.js", { type: "module" }).onmessage = ({ data }) => (document.body.textContent = data);
</script>
`;

/** A page whose console shows an array, in a list too. */
const logging = {
  code: `import { arange, array, installDisplay } from "@ad/core";
installDisplay();
console.log(array([1, 2.5]), arange(4).reshape(2, 2));
document.body.textContent = "logged";
`,
  html: `<!doctype html><script type="module" src="logging.bundle.js"></script>`,
  shows: [`["span",{},"array([1.0, 2.5])"]`, `["span",{},"array float64 [2, 2]"]`],
};

/**
 * Returns what the developer tools show of what a page logs, with custom formatters enabled.
 * @param {import("playwright").Page} page
 */
async function logs(page) {
  /** @type {(string | undefined)[]} */
  const headers = [];
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.enable");
  await session.send("Runtime.setCustomObjectFormatterEnabled", { enabled: true });
  session.on("Runtime.consoleAPICalled", ({ args }) => headers.push(...args.map(({ customPreview }) => customPreview?.header)));
  return headers;
}

/**
 * Serves a folder at a port of its own.
 * @param {string} folder
 * @param {(text: string) => void} said gets what a page posts
 */
export async function serve(folder, said = () => {}) {
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      let text = "";
      for await (const part of request) text += part;
      response.end();
      return said(text);
    }
    const path = join(folder, normalize(new URL(request.url ?? "/", "http://localhost").pathname));
    if (!existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream" }).end(readFileSync(path));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { port, close: () => server.close() };
}

/**
 * Opens a page of a folder, and returns what it shows, or what it logs.
 * @param {import("playwright").Browser} browser
 * @param {string} folder
 * @param {string} file
 * @param {(page: import("playwright").Page) => Promise<unknown>} [watch] from before it is opened
 */
async function shown(browser, folder, file, watch) {
  const { port, close } = await serve(folder);
  const page = await browser.newPage();
  const watched = await watch?.(page);
  try {
    /** @type {string[]} */
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) problems.push(message.text());
    });
    page.on("request", (request) => {
      if (new URL(request.url()).port !== String(port)) problems.push(`asks for ${request.url()}`);
    });
    page.on("response", (response) => {
      if (!response.ok() && !response.url().endsWith("/favicon.ico")) problems.push(`${response.url()}: ${response.status()}`);
    });
    await page.goto(`http://127.0.0.1:${port}/${file}`);
    await page.waitForFunction("document.body?.textContent", null, { timeout: 20_000 }).catch((error) => problems.push(String(error)));
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return watched ?? (await page.evaluate("document.body.textContent"));
  } finally {
    await page.close();
    close();
  }
}

if (isMain(import.meta.url)) {
  const tarballs = pack();
  const readme = fromReadme();
  /** @type {Record<string, [html?: string, expected?: unknown, watch?: typeof logs]>} */
  const pages = {
    "the page in core's README": [readme.html, readme.shows],
    "every entry": [everything(), program.prints],
    "a worker that esbuild has bundled": [inWorker, program.prints],
    "the console of a minified page": [logging.html, logging.shows, logs],
  };
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH || undefined, args: ["--no-sandbox"] });
  await inProject(tarballs, shortNames(tarballs), { esbuild: "0" }, (folder) => {
    writeFileSync(join(folder, "worker.js"), `${program.code}postMessage(result);\n`);
    const [command, ...args] = readme.worker.split(" ");
    execute(folder, command, args);
    writeFileSync(join(folder, "logging.js"), logging.code);
    execute(folder, "npx", ["esbuild", "logging.js", "--bundle", "--minify", "--format=esm", "--outfile=logging.bundle.js"]);
    return each(
      Object.entries(pages).map(([title, [html = "", expected, watch]], i) => [
        title,
        async () => {
          writeFileSync(join(folder, `page${i}.html`), html);
          const text = await shown(browser, folder, `page${i}.html`, watch);
          if (expected === undefined || !isDeepStrictEqual(text, expected)) throw new Error(`shows ${text}, not ${expected}`);
        },
      ]),
    );
  });
  await browser.close();
  console.log(`${Object.keys(pages).length} pages in Chromium ${browser.version()}`);
}
