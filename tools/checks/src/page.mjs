// Pages without a bundler: the one that core's README shows, made by its commands, and one that loads every entry. No request may leave them.
// CHROMIUM_PATH names the browser (node tools/scripts/chromium.mjs prints one); without it Playwright's own is taken.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright";
import { pack } from "./pack.mjs";
import { each, execute, inProject, program, shortNames } from "./stranger.mjs";
import { isMain, published, root } from "./workspace.mjs";

const types = /** @type {Record<string, string>} */ ({ ".html": "text/html", ".js": "text/javascript", ".map": "application/json" });

/**
 * @param {string} markdown
 * @param {string} language
 */
const fence = (markdown, language) => new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(markdown)?.[1] ?? "";

/** What core's README says of pages: its commands, its page, and what that shows. */
export function fromReadme(markdown = readFileSync(join(root, "packages/core/README.md"), "utf8")) {
  const section = markdown.split(/^## Without a bundler$/m)[1]?.split(/^## /m)[0] ?? "";
  const html = fence(section, "html");
  return { commands: fence(section, "sh").trim().split("\n"), html, shows: /textContent = .*; \/\/ (.*)$/m.exec(html)?.[1] };
}

/** A page with every entry of every package in its import map. */
function everything() {
  const imports = Object.fromEntries(
    [...published().values()].flatMap(({ name, exports }) =>
      Object.entries(exports).map(([key, { default: file }]) => [name + key.slice(1), `./node_modules/${name}/${file.slice(2)}`]),
    ),
  );
  return `<!doctype html>
<script type="importmap">${JSON.stringify({ imports: { ndarray: "./ndarray.js", ...imports } })}</script>
<script type="module">
${program.code.replace("export const", "const")}
await Promise.all(${JSON.stringify(Object.keys(imports))}.map((entry) => import(entry)));
document.body.textContent = result;
</script>
`;
}

/**
 * Opens a page of a folder, and returns what it shows.
 * @param {import("playwright").Browser} browser
 * @param {string} folder
 * @param {string} file
 */
async function shown(browser, folder, file) {
  const server = createServer(({ url = "/" }, response) => {
    const path = join(folder, normalize(new URL(url, "http://localhost").pathname));
    if (!existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream" }).end(readFileSync(path));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const page = await browser.newPage();
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
    return await page.evaluate("document.body.textContent");
  } finally {
    await page.close();
    server.close();
  }
}

if (isMain(import.meta.url)) {
  const tarballs = pack();
  const readme = fromReadme();
  const pages = { "the page in core's README": [readme.html, readme.shows], "every entry": [everything(), program.prints] };
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH || undefined, args: ["--no-sandbox"] });
  await inProject(tarballs, shortNames(tarballs), { esbuild: "0" }, (folder) => {
    for (const command of readme.commands.filter((each) => !each.startsWith("npm install "))) {
      const [name, ...args] = command.split(" ");
      execute(folder, name, args);
    }
    return each(
      Object.entries(pages).map(([title, [html = "", expected]], i) => [
        title,
        async () => {
          writeFileSync(join(folder, `page${i}.html`), html);
          const text = await shown(browser, folder, `page${i}.html`);
          if (expected === undefined || text !== expected) throw new Error(`shows ${text}, not ${expected}`);
        },
      ]),
    );
  });
  await browser.close();
  console.log(`${Object.keys(pages).length} pages with import maps in Chromium ${browser.version()}`);
}
