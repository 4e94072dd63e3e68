import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { serve } from "./server.js";
import { builtPages, dist } from "./site.js";

declare module "vitest" {
  interface ProvidedContext {
    browser: { executablePath: string | null; args: string[] };
    /** The part of the long proofs that this run makes (tools/scripts/turn.mjs); without it, the run makes all of them. */
    turn: number | null;
  }
}

const pages = builtPages().filter((page) => !page.startsWith("api/"));

let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
let context: BrowserContext;
let phone: BrowserContext;
const turn = inject("turn");
const isTurn = (k: number, turns: number): boolean => turn === null || (k + turn) % turns === 0;

beforeAll(async () => {
  server = await serve(dist);
  const { executablePath, args } = inject("browser");
  browser = await chromium.launch({ args: [...args, "--disable-gpu-compositing"], ...(executablePath === null ? {} : { executablePath }) });
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  phone = await browser.newContext({ viewport: { width: 375, height: 740 }, colorScheme: "dark", isMobile: true, hasTouch: true });
  // A test has a limit of its own; a page that comes late on a busy machine is no failure.
  for (const each of [context, phone]) {
    each.setDefaultTimeout(0);
    await each.addInitScript(bePatient);
  }
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Makes waits of a minute or more ten times as long: a page stops its examples after a minute, for which live.test.ts asks. Runs in the page. */
function bePatient(): void {
  const set = window.setTimeout;
  const patient = (run: () => void, ms = 0): number => set(run, ms < 60_000 ? ms : 10 * ms);
  window.setTimeout = patient as typeof window.setTimeout;
}

/** Collects the complaints of a page from now on, and its requests to others. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on(
    "request",
    (request) => /^(data|blob):/.test(request.url()) || request.url().startsWith(server.url) || complaints.push(`asks ${request.url()}`),
  );
  return complaints;
}

async function open(path: string, finished = onTestFinished, where = context): Promise<{ page: Page; complaints: string[] }> {
  const page = await where.newPage();
  finished(() => page.close());
  const complaints = complaintsOf(page);
  await page.goto(`${server.url}/${path}`, { waitUntil: "load" });
  return { page, complaints };
}

const widthOf = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);

const numbers = /(?<!\w)-?(?:Infinity|NaN|\d+\.?\d*(?:e[-+]?\d+)?)/g;

const numbersIn = (text: string): number[] => (text.match(numbers) ?? []).map(Number);

/** Whether a value as the page shows it is one as an example states it: the same form, and the numbers to the decimals that are written. */
function agrees(shown: string, stated: string): boolean {
  const form = (text: string): string => text.replace(numbers, "#").replace(/[\s"]/g, "");
  const decimals = Math.max(0, ...[...stated.matchAll(/\.(\d+)/g)].map(([, digits]) => digits.length));
  const [found, wanted] = [numbersIn(shown), numbersIn(stated)];
  const tolerance = decimals > 0 ? 0.51 * 10 ** -decimals : 1e-9;
  const close = (x: number, i: number): boolean => Object.is(x, wanted[i]) || Math.abs(x - wanted[i]) <= tolerance;
  return form(shown) === form(stated) && found.every(close);
}

/** The statements of an example that say what they give, in one line: `expression; // literal`. */
const stated = (code: string): (readonly [expression: string, literal: string])[] =>
  [...code.matchAll(/^(\S.*); \/\/ (-?[\d.]+(?:e-?\d+)?|-?Infinity|NaN|true|false|".*"|[[{].*[\]}])$/gm)]
    .filter(([, statement]) => !/^(const|let) /.test(statement) && statement.length <= 60)
    .map(([, expression, literal]) => [expression, literal]);

/** The examples as the page was built with them: an editor shows only those lines that are in sight. */
const codesOf = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const built = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    return [...built.querySelectorAll(".live-code pre code")].map(({ textContent }) => textContent ?? "");
  });

/** Until an example has come to its end, or to an error. */
const finish = async (page: Page, example: Locator): Promise<unknown> =>
  page.waitForFunction((element) => /done|failed/.test(element?.getAttribute("data-state") ?? ""), await example.elementHandle());

/** Returns the values that a page shows beside each expression, in order. */
const shownIn = (example: Locator): Promise<(readonly [expression: string, value: string])[]> =>
  example
    .locator(".live-row")
    .evaluateAll((rows) =>
      rows.map((row) => [row.querySelector("code")?.textContent ?? "", row.querySelector("pre")?.textContent ?? ""] as const),
    );

/** Texts of pictures that stand in each other's way, leave the picture, or are too small. */
const crowded = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    for (const picture of document.querySelectorAll(".live-figure svg, .bench-ticks, .arm svg, .cloth svg")) {
      const frame = picture.getBoundingClientRect();
      const texts = [...picture.querySelectorAll("text, span")].map(
        (each) => [each.textContent ?? "", each.getBoundingClientRect()] as const,
      );
      for (const [i, [text, box]] of texts.entries()) {
        if (text && box.height < 9) found.push(`"${text}" is too small to be read`);
        if (box.left < frame.left - 20 || box.right > frame.right + 20) found.push(`"${text}" leaves its picture`);
        for (const [other, { left, right, top, bottom }] of texts.slice(i + 1))
          if (Math.min(box.right, right) - Math.max(box.left, left) > 1 && Math.min(box.bottom, bottom) - Math.max(box.top, top) > 3)
            found.push(`"${text}" covers "${other}"`);
      }
    }
    return found;
  });

describe("at 1280 pixels", () => {
  test.each(pages.filter((page, i) => page.startsWith("from/") && isTurn(i, 3)))(
    "the tables of %s show all their columns",
    async (path) => {
      const { page } = await open(path);
      expect(
        await page.locator(".vp-doc table").evaluateAll((all) => all.map((each) => each.scrollWidth - each.clientWidth)),
      ).not.toContainEqual(expect.toSatisfy((beyond: number) => beyond > 0));
    },
  );

  test("the list of pages is scrolled to the page", async () => {
    const { page } = await open("reference/licence.html");
    const link = page.locator(".VPSidebar a.link.is-active, .VPSidebar .is-active > .item a").first();
    const inSight = (): Promise<boolean> =>
      link.evaluate((each) => each.getBoundingClientRect().bottom <= innerHeight && each.getBoundingClientRect().top >= 0);
    await expect.poll(inSight).toBe(true);
    expect(await page.evaluate(() => scrollY)).toBe(0);
  });
});

test("what an example states is found, and compared to the decimals written", () => {
  expect(stated("x; // [1, NaN]\nconst y = 1; // 1\nf(); // some words\n  z; // 2\n")).toEqual([["x", "[1, NaN]"]]);
  expect(agrees("[1.0001, NaN]", "[1, NaN]")).toBe(false);
  expect(agrees("[1.0001, NaN]", "[1.00, NaN]")).toBe(true);
  expect(agrees("{ a: [1] }", "{ b: [1] }")).toBe(false);
  expect(agrees("float64", '"float64"')).toBe(true);
});

/** The findings that the gallery claims, by the expression that shows them: numbers, and how far off they may be. */
const findings: Readonly<Record<string, readonly (readonly [expression: string, numbers: readonly number[], within: number])[]>> = {
  "curve-fit": [["fit.params", [2, 0.4, 3, 0.5, 1], 0.05]],
  "robot-arm": [["farthest", [0], 1e-3]],
  "lennard-jones": [
    ["values.slice([0, 3])", [0, 0, 0], 1e-6],
    ["values.slice(3)", [14.7953], 1e-3],
  ],
  sensitivity: [
    ["errors", [0.567, 0.019], 0.005],
    ["found.sub(wanted).abs().max()", [0], 0.1],
    ["slopesOff", [0], 0.1],
  ],
  heat: [
    ["place.slice(p.argmin().item() as number)", [0.583], 0.001],
    ["p.exp().sub(truth.exp()).abs().max()", [0], 0.15],
  ],
  bundle: [["rms", [4.4e-4], 0.2e-4]],
  rendering: [["scene.x", [-0.5, 0.45, 0.1, -0.3], 0.01]],
  laplace: [["w", [-2.45878, 1.2427], 1e-4]],
  newton: [["x.sub(1).abs().max()", [0], 1e-9]],
  stiff: [["ys.slice(-1)", [0.7158270687, 9.185534765e-6, 0.2841637457], 1e-5]],
  poisson: [["off.abs().max()", [0], 5e-3]],
  lyapunov: [
    ["exponents", [0.906, 0, -14.57], 0.15],
    ["exponents.sum()", [-41 / 3], 0.05],
  ],
};

test("what the gallery claims to find is on its pages", () => {
  expect(pages).toEqual(expect.arrayContaining(Object.keys(findings).map((name) => `gallery/${name}.html`)));
});

test("the page of examples leads to each of them, by a picture that is there", async () => {
  const { page, complaints } = await open("gallery/index.html");
  const links = await page
    .locator(".gallery a")
    .evaluateAll((all) => all.map((each) => new URL((each as HTMLAnchorElement).href).pathname));
  expect(links.map((link) => link.slice(1)).sort()).toEqual(pages.filter((path) => /^gallery\/(?!index)/.test(path)));
  const widths = (): Promise<number[]> =>
    page.locator(".gallery img").evaluateAll((all) => all.map((each) => (each as HTMLImageElement).naturalWidth));
  await expect.poll(widths).toEqual(links.map(() => expect.toSatisfy((width: number) => width > 0)));
  expect(complaints).toEqual([]);
});

/** The screens that a page is read on, and how wide they are. */
const screens = {
  "on a desk": { context: () => context, width: 1280, other: { width: 375, height: 740 } },
  "on a phone, in the dark": { context: () => phone, width: 375, other: { width: 1280, height: 800 } },
};

/** In two turns of twelve a page is opened, on another one of the screens each time. */
const reading = pages.flatMap((path, i) =>
  (Object.keys(screens) as (keyof typeof screens)[])
    .filter((_, screen) => isTurn(i + 6 * screen, 12))
    .map((screen) => [path, screen] as const),
);

describe("every example runs where it stands, gives what it says, and is no wider than the screen", () => {
  // Some pages at a time: much of each is waiting.
  test.concurrent.for(reading)("%s %s", { timeout: 240_000 }, async ([path, screen], { onTestFinished }) => {
    const { context, width, other } = screens[screen];
    const { page, complaints } = await open(path, onTestFinished, context());
    const examples = page.locator(".live");
    const codes = await codesOf(page);
    let shown: Awaited<ReturnType<typeof shownIn>> = [];
    expect(codes.length).toBe(await examples.count());
    for (const [i, code] of codes.entries()) {
      const example = examples.nth(i);
      await example.scrollIntoViewIfNeeded();
      await example.locator(".cm-editor").waitFor();
      // Some run by themselves when they are seen.
      if ((await example.getAttribute("data-state")) === "idle") await example.locator(".live-run").click();
      await finish(page, example);
      const error = example.locator(".live-error");
      expect((await error.count()) > 0 ? await error.textContent() : "").toBe("");
      shown = await shownIn(example);
      for (const [expression, literal] of stated(code)) {
        const row = shown.find(([of, value]) => of === expression && agrees(value, literal));
        expect(row, `${expression}; // ${literal} among ${JSON.stringify(shown)}`).toBeDefined();
      }
      expect(await example.locator(".live-figure svg, .live-figure canvas").count()).toBeGreaterThanOrEqual(code.includes("plot(") ? 1 : 0);
    }
    // The gallery finds what it claims to, in the last example of a page.
    const values = new Map(shown);
    for (const [expression, numbers, within] of findings[path.match(/^gallery\/(.*)\.html$/)?.[1] ?? ""] ?? []) {
      const found = numbersIn(values.get(expression) ?? "");
      expect(found.length, `${expression} in ${path}`).toBe(numbers.length);
      found.forEach((x, i) => expect(Math.abs(x - numbers[i]), `${expression}[${i}] is ${x}`).toBeLessThanOrEqual(within));
    }
    // Their output is no wider than the screen, however much of it there is; nor than the other one, to which it has to adapt.
    expect(await widthOf(page)).toBeLessThanOrEqual(width);
    expect(await crowded(page)).toEqual([]);
    await page.setViewportSize(other);
    expect(await widthOf(page)).toBeLessThanOrEqual(other.width);
    expect(complaints).toEqual([]);
  });
});

/** Of the API some pages: all are made alike. */
const apiPages = ["core/functions/einsum", "core/classes/NDArray", "functional/functions/jacobian", "gpu/index"].map(
  (name) => `api/@ad/${name}.html`,
);

test.each(apiPages.filter((_, i) => isTurn(i, 4)))("%s opens without an error", { timeout: 60_000 }, async (path) => {
  const { page, complaints } = await open(path);
  // Until the page has come to life, and for a while after it.
  await page.waitForLoadState("networkidle");
  expect(await page.locator("h1").textContent()).toContain(path.match(/(\w+)(\/index)?\.html$/)?.[1]);
  expect(complaints).toEqual([]);
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

test("what the library is for, and its example, are on the first screen", { timeout: 60_000 }, async () => {
  const { page } = await open("index.html");
  const bottom = (selector: string): Promise<number> =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => element.getBoundingClientRect().bottom);
  await page.locator(".live .cm-editor").first().waitFor();
  expect(await bottom("h1")).toBeLessThan(800);
  expect(await bottom(".live .cm-editor")).toBeLessThan(800);
});

test("search finds pages", { timeout: 60_000 }, async () => {
  const { page, complaints } = await open("index.html");
  // The page listens to keys once it has come to life, as its example shows.
  await page.locator(".live .cm-editor").first().waitFor();
  await page.keyboard.press("Control+k");
  await page.locator(".search-input, #localsearch-input").first().fill("interacting rows");
  await expect.poll(() => page.locator(".result").first().getAttribute("href")).toContain("guide/rows");
  await page.locator(".search-input, #localsearch-input").first().fill("vectorize");
  await expect.poll(() => page.locator(".result").first().getAttribute("href")).toContain("guide/jacobian");
  expect(complaints).toEqual([]);
});

test("the table of operations can be narrowed, and leads to the API", { timeout: 60_000 }, async () => {
  const { page } = await open("reference/operations.html");
  const names = page.locator(".capabilities tbody th");
  expect(await names.count()).toBeGreaterThan(100);
  // The last column says that the GPU leaves an operation to the host.
  const gpu = (name: string): Promise<string | null> =>
    page
      .locator(".capabilities tbody tr")
      .filter({ has: page.getByRole("rowheader", { name, exact: true }) })
      .locator("td")
      .last()
      .textContent();
  expect(await Promise.all(["sin", "matmul", "sort", "linalg.svd"].map(gpu))).toEqual(["✓", "✓", "host", "host"]);
  await page.locator(".capabilities input").fill("logsumexp");
  await expect.poll(() => names.allTextContents()).toEqual(["logsumexp"]);
  expect((await page.request.get(`${server.url}${await names.locator("a").first().getAttribute("href")}`)).status()).toBe(200);
});

test.each(apiPages.filter((_, i) => isTurn(i + 2, 4)))("%s is no wider than a phone", { timeout: 60_000 }, async (path) => {
  const { page, complaints } = await open(path, onTestFinished, phone);
  expect(await widthOf(page)).toBeLessThanOrEqual(375);
  expect(complaints).toEqual([]);
});

test("what is written stands out from what it is written on", { timeout: 60_000 }, async () => {
  for (const colorScheme of ["dark", "light"] as const) {
    const night = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
    onTestFinished(() => night.close());
    const page = await night.newPage();
    await page.goto(`${server.url}/gallery/laplace.html`);
    const example = page.locator(".live").last();
    await example.scrollIntoViewIfNeeded();
    await expect.poll(() => example.getAttribute("data-state"), { timeout: 50_000 }).toBe("done");
    expect(await page.evaluate(() => document.documentElement.classList.contains("dark"))).toBe(colorScheme === "dark");
    const tokens = await example
      .locator(".cm-line [class^=tok-]")
      .evaluateAll((spans) => [...new Set(spans.map(({ classList }) => `.cm-line .${classList[0]}`))]);
    expect(tokens.length).toBeGreaterThan(4);
    const texts = [".vp-doc p", ".vp-doc h1", ".live .cm-line", ".live-run", ".live-hint", ".live-row code", ".live-row pre"];
    for (const selector of ["body", ...texts, ...tokens]) {
      const ratio = await page.locator(selector).first().evaluate(contrast);
      expect(ratio, `${selector}, ${colorScheme}`).toBeGreaterThanOrEqual(4.5);
    }
    for (const text of await page.locator(".live-figure svg text").all())
      expect(await text.evaluate(contrast), `${await text.textContent()} in a picture, ${colorScheme}`).toBeGreaterThanOrEqual(4.5);
  }
});

/** The contrast of an element's text with the nearest background behind it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio. Runs in the page. */
function contrast(element: Element): number {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (canvas === null) throw new Error("no canvas");
  const parts = (color: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (rgb: number[]): number => {
    const [r, g, b] = rgb.slice(0, 3).map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(element);
  const text = parts(element instanceof SVGElement ? style.fill : style.color);
  let behind: number[] = [255, 255, 255, 255];
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const found = parts(getComputedStyle(at).backgroundColor);
    if (found[3] === 255) {
      behind = found;
      break;
    }
  }
  const [low, high] = [luminance(text), luminance(behind)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
