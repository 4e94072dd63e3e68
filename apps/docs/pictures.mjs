// Takes the pictures on the page of examples, gallery/pictures/*.webp, from the pages that they lead to.
// npm run pictures in apps/docs, after npm run build.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { serve } from "vitepress";
import { flags, chromium as installed } from "../../tools/scripts/chromium.mjs";

/** The figure that is taken of each page, counted from 0; a page with a picture of its own has a selector. @type {Record<string, number | string>} */
const figures = {
  bundle: 0,
  certified: 0,
  cloth: ".cloth svg",
  "curve-fit": 0,
  heat: 2,
  laplace: 0,
  "lennard-jones": 0,
  lyapunov: 2,
  newton: 0,
  pattern: 2,
  "per-sample": 0,
  play: ".arm svg",
  poisson: 1,
  rendering: 2,
  "robot-arm": 0,
  sensitivity: 1,
  stiff: 0,
};

/** The time that a cloth swings, or an arm reaches, before its picture is taken, in milliseconds. */
const toRest = 4000;
const width = 480;
const folder = fileURLToPath(new URL("gallery/pictures", import.meta.url));

/** Runs all examples of a page, and returns the figure. @param {import("playwright").Page} page @param {number | string} figure */
async function figureOf(page, figure) {
  for (const example of await page.locator(".live").all()) {
    await example.scrollIntoViewIfNeeded();
    await example.locator(".cm-editor").waitFor();
    if ((await example.getAttribute("data-state")) === "idle") await example.locator(".live-run").click();
    await page.waitForFunction((each) => each?.getAttribute("data-state") === "done", await example.elementHandle(), { timeout: 120_000 });
  }
  if (typeof figure === "number") return page.locator(".live-figure").nth(figure).locator("svg, canvas").last();
  await page.waitForTimeout(toRest);
  return page.locator(figure);
}

/** A PNG as a WebP of the width of a card, as base64; runs in the page. @param {[png: string, width: number]} picture */
async function toWebP([png, width]) {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.min(width, image.width);
  canvas.height = Math.round((image.height * canvas.width) / image.width);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/webp", 0.85).replace(/^.*,/, "");
}

const { server } = await serve({ root: fileURLToPath(new URL(".", import.meta.url)), port: 4181 });
const browser = await chromium.launch({ args: flags, executablePath: installed() });
mkdirSync(folder, { recursive: true });
for (const [name, figure] of Object.entries(figures)) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`http://localhost:4181/gallery/${name}.html`);
  const png = await (await figureOf(page, figure)).screenshot();
  const webp = Buffer.from(await page.evaluate(toWebP, [png.toString("base64"), width]), "base64");
  writeFileSync(`${folder}/${name}.webp`, webp);
  console.log(`${name}: ${(webp.length / 1000).toFixed(1)} kB`);
  await page.close();
}
await browser.close();
server?.close();
