import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { serve } from "./server.js";
import { dist } from "./site.js";

let server: Awaited<ReturnType<typeof serve>>;
let browser: Browser;
let context: BrowserContext;
/** The first example of a page, for tests that leave nothing behind. */
let bench: ReturnType<typeof exampleOf>;

beforeAll(async () => {
  server = await serve(dist);
  const { executablePath, args } = inject("browser");
  browser = await chromium.launch({ args: [...args, "--disable-gpu-compositing"], ...(executablePath === null ? {} : { executablePath }) });
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  await page.goto(`${server.url}/guide/trees.html`);
  bench = exampleOf(page);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** A page, and its first example. */
async function open(path: string, from = context) {
  const page = await from.newPage();
  onTestFinished(() => page.close());
  await page.goto(`${server.url}/${path}`, { waitUntil: "load" });
  return { page, ...exampleOf(page) };
}

function exampleOf(page: Page) {
  const example = page.locator(".live").first();
  const button = (name: string): Locator => example.locator(`.live-${name}`);
  const text = async (): Promise<string> => (await example.locator(".cm-line").allTextContents()).join("\n");
  const state = (): Promise<string | null> => example.getAttribute("data-state");
  const edit = async (code: string): Promise<void> => {
    await example.locator(".cm-content").fill(code);
  };
  const run = async (code: string): Promise<string> => {
    await edit(code);
    await button("run").click();
    await expect.poll(state).toMatch(/done|failed/);
    return (await example.locator(".live-output > *").allInnerTexts()).join("\n");
  };
  return { example, button, text, state, edit, run };
}

const endless = 'import { array, greater } from "@ad/core";\nconst x = array(0);\nwhile (greater(x, 1)) x.exp();';

test("an example that never ends leaves the page alive, and is stopped", async () => {
  const { page, edit, button, state, run, example } = await open("guide/trees.html");
  await edit(endless);
  await button("run").click();
  await button("stop").waitFor();
  expect(await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve("alive"))))).toBe("alive");
  expect(await state()).toBe("running");
  await button("stop").click();
  await expect.poll(state).toBe("failed");
  expect(await example.locator(".live-error").textContent()).toBe("Stopped.");
  expect(await run('import { ones } from "@ad/core";\nones([2]).sum();')).toContain("array(2.)");
});

test("an example that never ends is stopped after a minute, with what may be wrong", async () => {
  const page = await context.newPage();
  onTestFinished(() => page.close());
  await page.clock.install();
  await page.goto(`${server.url}/guide/trees.html`);
  const { edit, button, state, example } = exampleOf(page);
  await edit(endless);
  await button("run").click();
  await button("stop").waitFor();
  // The time limit starts with the worker.
  await expect.poll(() => page.workers().length).toBe(1);
  await page.clock.fastForward(61_000);
  await expect.poll(state).toBe("failed");
  expect(await example.locator(".live-error").textContent()).toMatch(/^Stopped after 60 s\. A loop whose condition is an array never ends/);
  // A browser gives a worker some seconds to end by itself.
  await expect.poll(() => page.workers().length, { timeout: 10_000 }).toBe(0);
});

test("an example is TypeScript as everyone writes it", async () => {
  const code = [
    "import * as ad from '@ad/core'",
    "import type { ArrayLike, DType } from '@ad/core';",
    "import { type NDArray, grad as slopeOf, Shape } from '@ad/core';",
    "enum Kind { Square = 2 }",
    "interface Model<T extends object> { readonly w: T; b?: Shape }",
    "const f = <T extends NDArray>(x: T): NDArray => x.pow(Kind.Square).sum() satisfies NDArray;",
    "const model: Model<NDArray> = { w: ad.array([1, 2]) };",
    "const { vmap } = await import('@ad/vmap');",
    "slopeOf(f)(model.w!).toArray() as number[];",
    "vmap((x: NDArray) => x.add(1))(model.w).data();",
  ];
  expect(await bench.run(code.join("\n"))).toMatch(/\[2, 4\].*Float64Array \[2, 3\]/s);
});

test.each([
  ["import { gradd } from '@ad/core';\ngradd(1);", "line 1: @ad/core exports no gradd. Did you mean grad?"],
  ["import {\n  array,\n  vmpa as v,\n} from '@ad/vmap';\nv(array);", "line 2: @ad/vmap exports no array."],
  ["import * as ad from '@ad/core';\n\nad.arrray([1]);", "line 3: @ad/core exports no arrray. Did you mean array?"],
  ["import ad from '@ad/core';\nad.array([1]);", "line 1: @ad/core has no default export."],
  ["import { f } from '@ad/cores';", "line 1: There is no @ad/cores here. Did you mean @ad/core?"],
  ["import { lineZ } from '@observablehq/plot';\nlineZ([1]);", "line 1: @observablehq/plot exports no lineZ. Did you mean line"],
  ["const x = ;", "line 1: Unexpected token"],
])("%j is told what is wrong", async (code, message) => {
  expect(await bench.run(code)).toContain(message);
});

test("a console's values stand side by side; a function without a name says so", async () => {
  const shown = await bench.run('console.log("x is", 1, [2]);\n(() => 1);\nconsole.log("a\\nb", 3);');
  expect(shown.split("\n").map((line) => line.trim())).toEqual(["x is 1 [2]", "(() => 1)", "function (anonymous)", "a", "b", "3"]);
});

test("what the last run gave is faded while the next one has nothing to show yet", async () => {
  const { edit, button, run, state, example } = bench;
  const output = example.locator(".live-output");
  expect(await run("41 + 1;")).toContain("42");
  expect(await output.getAttribute("data-stale")).toBe("false");
  await edit(endless);
  await button("run").click();
  await expect.poll(() => output.getAttribute("data-stale")).toBe("true");
  await button("stop").click();
  await expect.poll(state).toBe("failed");
  expect(await output.getAttribute("data-stale")).toBe("false");
});

test("a picture gets functions of its data, and refuses others", async () => {
  const { run, example } = bench;
  const code = 'import * as Plot from "@observablehq/plot";\nconst rows = [{ a: 1 }, { a: 3 }];\n';
  await run(
    `${code}Plot.plot({ marks: [Plot.barY(rows, { x: (_, i) => "row" + i, y: (row) => row.a * 2, fill: (row) => (row.a > 2 ? "red" : "blue") })] });`,
  );
  const bars = example.locator(".live-figure rect[fill]");
  expect(await bars.evaluateAll((all) => all.map((bar) => bar.getAttribute("fill")))).toEqual(["blue", "red"]);
  expect(await run(`${code}Plot.plot({ marks: [() => null] });`)).toMatch(/TypeError: A picture is drawn outside/);
});

test("an edited example is kept while the tab lives, copied, and carried by a link that runs nothing", async () => {
  const { page, edit, button, text, run, example } = await open("guide/start.html");
  await example.locator(".cm-editor").waitFor();
  const original = await text();
  const code = "const π = [1, 2, 3];\nπ.length + 39;";
  expect(await run(code)).toContain("42");
  await page.reload();
  await expect.poll(text).toBe(code);
  await button("copy").click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
  await button("link").click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await button("reset").click();
  await expect.poll(text).toBe(original);
  await page.reload();
  await expect.poll(text).toBe(original);

  const other = await open("index.html");
  await other.page.goto(link);
  await expect.poll(other.text).toBe(code);
  expect(await other.state()).toBe("idle");
  expect(await other.example.locator(".live-hint").textContent()).toContain("Read it before you run it");
  expect(new URL(other.page.url()).hash).toBe("");
  // The page's own bar does not hide the code that is to be read.
  const below = (): Promise<boolean> =>
    other.example.evaluate(
      (each) => each.getBoundingClientRect().top >= (document.querySelector(".VPNav")?.getBoundingClientRect().bottom ?? 0),
    );
  await expect.poll(below).toBe(true);
  await edit("1;");
});

test("the arm's hand follows its target, by pointer and by key, and then rests", async () => {
  const page = await context.newPage();
  onTestFinished(() => page.close());
  await page.goto(`${server.url}/gallery/play.html`);
  const apart = (): Promise<number> =>
    page.evaluate(() => {
      const [hand, target] = [[...document.querySelectorAll(".arm-joint")].at(-1), document.querySelector(".arm-target")];
      if (!hand || !target) return Number.POSITIVE_INFINITY;
      const [dx, dy] = ["cx", "cy"].map((name) => Number(hand.getAttribute(name)) - Number(target.getAttribute(name)));
      return Math.hypot(dx, dy);
    });
  await expect.poll(apart, { timeout: 20_000 }).toBeLessThan(0.01);
  const box = await page.locator(".arm svg").boundingBox();
  if (!box) throw new Error("no picture");
  const target = page.locator(".arm-target");
  const before = await target.getAttribute("aria-valuetext");
  await page.mouse.click(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
  // A fast machine is there before anybody looks: what tells is where it went.
  expect(await target.getAttribute("aria-valuetext")).not.toBe(before);
  await expect.poll(apart, { timeout: 20_000 }).toBeLessThan(0.01);
  await target.press("ArrowRight");
  expect(await target.getAttribute("aria-valuetext")).toBe("-1.1, 0.8");
  await expect.poll(apart, { timeout: 20_000 }).toBeLessThan(0.01);
});

test("the cloth hangs, is pulled at a knot by keys and by a pointer, and on the GPU", async () => {
  const page = await context.newPage();
  onTestFinished(() => page.close());
  await page.goto(`${server.url}/gallery/cloth.html`);
  const hand = page.locator(".cloth-hand");
  const down = async (): Promise<number> => Number(await hand.getAttribute("cy"));
  const caption = page.locator(".cloth figcaption");
  const [long, hangs] = [{ timeout: 60_000 }, 1.6];
  await expect.poll(() => caption.textContent(), long).toMatch(/on the CPU: \d+\.\d ms/);
  await expect.poll(down, long).toBeGreaterThan(hangs);
  for (let times = 0; times < 5; times++) await hand.press("ArrowUp");
  await expect.poll(down, long).toBeLessThan(hangs);
  await hand.press("Escape");
  await expect.poll(down, long).toBeGreaterThan(hangs);
  const [picture, at] = [await page.locator(".cloth svg").boundingBox(), await hand.boundingBox()];
  if (!picture || !at) throw new Error("no picture");
  await page.mouse.move(at.x + at.width / 2, at.y + at.height / 2);
  await page.mouse.down();
  await page.mouse.move(picture.x + 0.9 * picture.width, picture.y + 0.5 * picture.height, { steps: 3 });
  await expect.poll(down, long).toBeLessThan(hangs - 0.3);
  await page.mouse.up();
  await page.locator(".cloth-gpu").focus();
  await page.keyboard.press("Enter");
  // Once a frame was computed there, a pull moves the threads; in software a frame may take a second.
  await expect.poll(() => caption.textContent(), { timeout: 120_000 }).toMatch(/on the GPU: (?!0\.0)\d+\.\d ms/);
  const threads = (): Promise<string | null> => page.locator(".cloth-threads").getAttribute("d");
  const before = await threads();
  await hand.press("ArrowUp");
  await expect.poll(threads, { timeout: 60_000 }).not.toBe(before);
  expect(await threads()).not.toContain("NaN");
  expect(await page.locator(".cloth-gpu").getAttribute("aria-pressed")).toBe("true");
}, 240_000);

test("a training in a worker says how far it is, is cancelled, and begins anew", async () => {
  const page = await context.newPage();
  onTestFinished(() => page.close());
  await page.goto(`${server.url}/guide/workers.html`);
  const words = (): Promise<string | null> => page.locator(".train-words").textContent();
  await expect.poll(words).toBe("Not begun");
  for (let times = 0; times < 2; times++) {
    await page.locator(".train-start").click();
    await expect.poll(words, { timeout: 20_000 }).toMatch(/^running: step \d+, loss \d/);
    await page.locator(".train-cancel").click();
    await expect.poll(words).toMatch(/^cancelled: step \d+/);
  }
});

test("an example that is long says so and waits", async () => {
  const { state, example } = await open("gallery/pattern.html");
  await example.locator(".cm-editor").waitFor();
  expect(await example.locator(".live-hint").textContent()).toBe("Run it: it takes about 5 s");
  expect(await state()).toBe("idle");
});

test("paper has the whole of an example, and no buttons", async () => {
  const { page, example } = await open("gallery/heat.html");
  await example.locator(".cm-editor").waitFor();
  await page.emulateMedia({ media: "print" });
  const paper = (await example.locator(".live-print").textContent())?.trim();
  expect(paper).toMatch(/^import \{ array, concatenate/);
  expect(paper).toMatch(/"pixelated" \}\)\] \}\);$/);
  expect(await example.locator(".live-run").isVisible()).toBe(false);
  expect(await example.locator(".cm-editor").isVisible()).toBe(false);
});
