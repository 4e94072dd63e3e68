import { type Browser, type BrowserContext, chromium, type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { serve } from "./server.js";
import { builtPages, dist } from "./site.js";

declare module "vitest" {
  interface ProvidedContext {
    browser: { executablePath: string | null; args: string[] };
  }
}

const pages = builtPages().filter((page) => !page.startsWith("api/"));

let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  server = await serve(dist);
  const { executablePath, args } = inject("browser");
  browser = await chromium.launch({ args, ...(executablePath === null ? {} : { executablePath }) });
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Opens a page; what it complains about, and whom else it asks for something, is collected. */
async function open(path: string, of: BrowserContext = context): Promise<{ page: Page; complaints: string[] }> {
  const page = await of.newPage();
  onTestFinished(() => page.close());
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on(
    "request",
    (request) => /^(data|blob):/.test(request.url()) || request.url().startsWith(server.url) || complaints.push(`asks ${request.url()}`),
  );
  await page.goto(`${server.url}/${path}`, { waitUntil: "load" });
  return { page, complaints };
}

describe("every example runs where it stands", () => {
  test.each(pages)("%s", { timeout: 60_000 }, async (path) => {
    const { page, complaints } = await open(path);
    const examples = page.locator(".live");
    for (let i = 0; i < (await examples.count()); i++) {
      const example = examples.nth(i);
      await example.scrollIntoViewIfNeeded();
      await example.locator(".cm-editor").waitFor();
      // Some run by themselves when they are seen.
      if ((await example.getAttribute("data-state")) === "idle") await example.locator(".live-run").click();
      await page.waitForFunction((element) => /done|failed/.test(element?.getAttribute("data-state") ?? ""), await example.elementHandle());
      const error = example.locator(".live-error");
      expect((await error.count()) > 0 ? await error.textContent() : "").toBe("");
      const code = (await example.locator(".cm-content").textContent()) ?? "";
      expect(await example.locator(".live-figure svg, .live-figure canvas").count()).toBeGreaterThanOrEqual(code.includes("plot(") ? 1 : 0);
    }
    expect(complaints).toEqual([]);
  });
});

test("an example can be edited; an error is shown at its line; Reset brings it back", { timeout: 60_000 }, async () => {
  const { page } = await open("guide/start.html");
  const example = page.locator(".live").first();
  await example.scrollIntoViewIfNeeded();
  const content = example.locator(".cm-content");
  await content.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type('import { eye } from "@ad/core";\neye(2).sum();\neye(2).add([1, 2, 3]);\n');
  await page.keyboard.press("Control+Enter");
  const error = example.locator(".live-error");
  await error.waitFor();
  expect(await error.textContent()).toMatch(/^line 3: ShapeError: add: shapes \[2, 2\] and \[3\]/);
  expect(await example.locator(".live-row pre").first().textContent()).toBe("array(2.)");
  await expect.poll(() => example.locator(".cm-lintRange-error").count()).toBe(1);

  await example.locator(".live-reset").click();
  await expect.poll(() => error.count()).toBe(0);
  expect(await content.textContent()).not.toContain("eye");
});

test("the keyboard leads to the examples and runs them", { timeout: 60_000 }, async () => {
  const { page } = await open("guide/trees.html");
  const example = page.locator(".live").first();
  await example.locator(".cm-editor").waitFor();
  await example.locator(".cm-content").focus();
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.className)).toBe("live-run");
  await page.keyboard.press("Enter");
  await expect.poll(() => example.getAttribute("data-state")).toBe("done");
});

test("search finds pages", { timeout: 60_000 }, async () => {
  const { page, complaints } = await open("index.html");
  await page.keyboard.press("Control+k");
  await page.locator(".search-input, #localsearch-input").first().fill("interacting rows");
  await expect.poll(() => page.locator(".result").first().getAttribute("href")).toContain("guide/rows");
  expect(complaints).toEqual([]);
});

test("the table of operations can be narrowed, and leads to the API", { timeout: 60_000 }, async () => {
  const { page } = await open("reference/operations.html");
  const names = page.locator(".capabilities tbody th");
  expect(await names.count()).toBeGreaterThan(100);
  await page.locator(".capabilities input").fill("logsumexp");
  await expect.poll(() => names.allTextContents()).toEqual(["logsumexp"]);
  expect((await page.request.get(`${server.url}${await names.locator("a").first().getAttribute("href")}`)).status()).toBe(200);
});

describe("on a phone, in the dark", () => {
  test("no page is wider than the screen", { timeout: 120_000 }, async () => {
    const phone = await browser.newContext({ viewport: { width: 375, height: 740 }, colorScheme: "dark", isMobile: true, hasTouch: true });
    onTestFinished(() => phone.close());
    const page = await phone.newPage();
    const wide = [];
    for (const path of pages) {
      await page.goto(`${server.url}/${path}`, { waitUntil: "domcontentloaded" });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 375) wide.push(`${path}: ${width}`);
    }
    expect(wide).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.classList.contains("dark"))).toBe(true);
  });
});
